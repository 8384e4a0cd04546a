import dataclasses

import numpy as np
import pytest

from twophoton_decode.encoding.models import with_shown
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.encoding.prediction import prediction_against_ceiling
from twophoton_decode.figures.encoding.receptive_fields import (
    receptive_field_gallery,
    receptive_field_map,
)
from twophoton_decode.records import Encoding

CELLS, SIDE = 40, 12


def encoding(**changes):
    rng = np.random.default_rng(0)
    fields = rng.standard_normal((CELLS, SIDE, SIDE))
    has = np.arange(CELLS) % 4 > 0
    place = np.where(has, rng.uniform(0, SIDE - 1, (4, CELLS)), np.nan)
    r = np.linspace(0.8, -0.1, CELLS)
    made = Encoding(
        selected=np.ones((CELLS, SIDE**2)),
        weight=fields.reshape(CELLS, -1),
        receptive_field=fields,
        centre_x=place[0],
        centre_y=place[1],
        centre_sd=place[2] / 10,
        area=place[3] * 4,
        has_field=has,
        prediction_r=r,
        prediction_p=np.full(CELLS, 0.01),
        noise_ceiling_r=np.full(CELLS, 0.8),
        prediction_normalised=r / 0.8,
        prediction_r_ci95=(0.2, 0.4),
        chance_r=rng.normal(0, 0.1, 200),
        strength=np.ones(CELLS),
        fold_strength=np.ones(5),
        position_x=rng.uniform(0, 100, CELLS),
        position_y=rng.uniform(0, 100, CELLS),
        plane=np.zeros(CELLS),
        features="pixels",
        notes=[],
    )
    return with_shown(dataclasses.replace(made, **changes))


def nothing(**changes):
    gone = np.full(CELLS, np.nan)
    places = {"centre_x": gone, "centre_y": gone, "centre_sd": gone, "area": gone}
    return encoding(has_field=np.zeros(CELLS), **places, **changes)


def test_the_gallery_shows_the_best_cells_with_a_field_best_first():
    drawing = receptive_field_gallery(encoding())
    has = [cell for cell in range(CELLS) if cell % 4]
    assert drawing.table["cell"].tolist() == has[:24]
    assert "24 cells" in drawing.caption
    assert "30 of 40 cells have a field" in drawing.caption
    assert any("Circle: 2 SD" in text.get_text() for text in drawing.figure.texts)
    circles = [patch for axes in drawing.figure.axes for patch in axes.patches]
    assert len(circles) == 24
    assert circles[0].radius == pytest.approx(np.sqrt(drawing.table["area"][0] / np.pi))


def test_without_any_field_the_gallery_says_that_none_is_above_chance():
    drawing = receptive_field_gallery(nothing())
    assert drawing.table["cell"].tolist() == list(range(24))
    assert drawing.caption.startswith(
        "No cell of 40 has a receptive field: none is predicted above"
    )
    assert "of the 24 cells predicted best, which may be noise" in drawing.caption
    assert not any("Circle" in text.get_text() for text in drawing.figure.texts)
    assert any("none above chance" in text.get_text() for text in drawing.figure.texts)
    assert not [patch for axes in drawing.figure.axes for patch in axes.patches]


def test_without_any_feature_the_gallery_says_why_it_is_empty():
    drawing = receptive_field_gallery(nothing(selected=np.zeros((CELLS, SIDE**2))))
    assert "no cell has a feature" in drawing.caption


def test_the_map_has_every_field_and_its_place():
    drawing = receptive_field_map(encoding())
    assert len(drawing.table["cell"]) == 30
    assert "30 receptive fields" in drawing.caption
    assert "no field of view" not in drawing.caption
    shown = drawing.figure.axes[1].collections[0].get_array()
    np.testing.assert_allclose(shown, drawing.table["centre_x"])


def test_the_map_of_imported_cells_says_that_there_is_no_field_of_view():
    gone = np.full(CELLS, np.nan)
    drawing = receptive_field_map(encoding(position_x=gone, position_y=gone))
    assert "no field of view" in drawing.caption
    (panel,) = drawing.figure.axes
    assert panel.get_title(loc="left") == "Centres on the picture"
    assert panel.get_xlabel() == "Column of the picture (px)"


def test_the_map_is_in_degrees_where_the_width_of_the_picture_is_known():
    drawing = receptive_field_map(encoding(), 30.0)
    on_picture, columns, *_ = drawing.figure.axes
    assert on_picture.get_xlabel() == "Column of the picture (°)"
    assert columns.get_title(loc="left") == "Preferred column (°)"
    shown = columns.collections[0].get_array()
    np.testing.assert_allclose(shown, drawing.table["centre_x"] * 30 / SIDE)


def test_the_map_without_fields_is_unavailable():
    assert "no cell predicts images" in receptive_field_map(nothing()).caption


def test_predictions_stand_beside_ceiling_and_chance():
    drawing = prediction_against_ceiling(encoding())
    assert "median r of 0.35 over 40 cells (95 % interval 0.20 to 0.40;" in drawing.caption
    assert "30 of 40 are predicted above chance" in drawing.caption
    np.testing.assert_array_equal(drawing.table["prediction_r"], encoding().prediction_r)
    assert len(drawing.more["chance"]["chance_r"]) == 200


def test_without_a_noise_ceiling_no_share_of_it_is_told():
    unknown = np.full(CELLS, np.nan)
    made = encoding(noise_ceiling_r=unknown, prediction_normalised=unknown)
    caption = prediction_against_ceiling(made).caption
    assert "the noise ceiling (median of" not in caption
    assert "beside no noise ceiling: no cell has one of 0.3 or more; " in caption


def test_predictions_without_repeats_and_chance_are_drawn_without_them():
    gone = np.full(CELLS, np.nan)
    drawing = prediction_against_ceiling(
        encoding(noise_ceiling_r=gone, prediction_normalised=gone, chance_r=np.empty(0))
    )
    texts = " ".join(text.get_text() for axes in drawing.figure.axes for text in axes.texts)
    assert texts.count("unavailable") == 2
    assert "– with images permuted" in drawing.caption


@pytest.mark.parametrize(
    "draw", [receptive_field_gallery, receptive_field_map, prediction_against_ceiling]
)
def test_the_figures_can_be_written(draw):
    assert render(draw(encoding()))["png"][:4] == b"\x89PNG"
