"""Galleries of reconstructions and the comparison of decoders say what the records say."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np
import pytest

from twophoton_decode.analyses.sessions.decoders import best_decoder, images_by_score
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.figures.reconstruction.reconstructions import (
    decoder_comparison,
    picture_gallery,
)


def gallery_of(made, score="r_average"):
    """The gallery with the images and the best decoder that the report stage chooses."""
    return picture_gallery(made, *images_by_score(made), best_decoder(made, score))


def comparison_of(made, score="r_average"):
    """The comparison, with the best decoder as the report stage chooses it."""
    return decoder_comparison(made, best_decoder(made, score), score)


def texts(drawing) -> list[str]:
    """Everything written in a figure."""
    axes = [text.get_text() for ax in drawing.figure.axes for text in ax.texts]
    return axes + [text.get_text() for text in drawing.figure.texts]


def test_the_gallery_shows_every_decoder_with_the_score_of_the_record():
    made = invented.by_decoder()
    drawing = gallery_of(made)
    chosen = drawing.table["image"]
    written = texts(drawing)
    for name, reconstruction in made.items():
        assert name in written
        np.testing.assert_array_equal(
            drawing.table[f"r_average_{name}"], reconstruction.r_average[chosen]
        )
        for r in reconstruction.r_average[chosen]:
            assert f"R = {r:.2f}" in written


def test_the_gallery_draws_the_pictures_of_the_record():
    made = {"ridge": invented.reconstruction()}
    drawing = gallery_of(made)
    drawn = [axes.images[0].get_array() for axes in drawing.figure.axes if axes.images]
    chosen = drawing.table["image"]
    np.testing.assert_array_equal(drawn[: len(chosen)], invented.pictures()[chosen])
    np.testing.assert_array_equal(drawn[len(chosen) :], made["ridge"].average[chosen])


def test_the_gallery_states_the_subtracted_mean_and_the_grey_range():
    note = texts(gallery_of(invented.by_decoder()))[-1]
    assert "mean training image m subtracted" in note
    assert "grey range" in note


def test_the_gallery_caption_speaks_of_best_median_and_worst():
    r = invented.reconstruction().r_average
    caption = gallery_of({"ridge": invented.reconstruction()}).caption
    assert "9 of 40 images" in caption
    assert f"R = {r.max():.2f} for the best" in caption
    assert f"{r.min():.2f} for the worst" in caption


def test_the_comparison_names_the_best_decoder_and_its_numbers():
    made = invented.by_decoder()
    best = made[max(made, key=lambda name: made[name].r_average.mean())]
    caption = comparison_of(made).caption
    assert caption.startswith(f"{best.decoder}, best of 3 decoders by r_average")
    low, high = best.r_average_ci95
    assert f"R = {best.r_average.mean():.2f} (95 % interval {low:.2f} to {high:.2f})" in caption
    assert f"feature ceiling is {best.feature_ceiling_r.mean():.2f}" in caption
    told = f"infinitely many trials this decoder would reach {best.r_infinite_trials:.2f}"
    assert told in caption


def test_the_primary_score_decides_which_decoder_is_best():
    ridge = invented.reconstruction()
    other = invented.changed_scores(ridge, decoder="other", r_single=ridge.r_single + 0.1)
    other = invented.changed_scores(other, r_average=ridge.r_average - 0.1)
    made = {"ridge": ridge, "other": other}
    assert best_decoder(made) == "ridge"
    assert best_decoder(made, "r_single") == "other"
    assert comparison_of(made, "r_single").caption.startswith("other, best of 2")


def test_the_comparison_table_holds_the_means_of_the_record():
    made = invented.by_decoder()
    table = comparison_of(made).table
    assert table["decoder"] == list(made)
    assert table["r_average"] == [m.r_average.mean() for m in made.values()]
    assert table["chance_r_single"] == [m.chance_r_single.mean() for m in made.values()]
    assert table["r_average_ci95_low"] == [m.r_average_ci95[0] for m in made.values()]


def test_the_box_of_chance_holds_the_middle_of_the_permutations():
    chance = np.linspace(-0.1, 0.1, 41)
    made = invented.changed_scores(
        invented.reconstruction(), chance_r=chance, chance_r_single=chance
    )
    (box,) = comparison_of({"ridge": made}).figure.axes[0].patches
    # Ranks 1 and 39 of 0 to 40: a step of 0.005 inside the extremes.
    assert [box.get_x(), box.get_x() + box.get_width()] == pytest.approx([-0.095, 0.095])


@pytest.mark.parametrize(
    ("low", "p", "told"), [(-0.05, 0.006, True), (0.02, 0.006, False), (-0.05, 0.4, False)]
)
def test_a_small_p_beside_an_interval_that_reaches_zero_is_explained(low, p, told):
    made = dataclasses.replace(invented.reconstruction(), r_average_ci95=(low, 0.3), p_value=p)
    caption = comparison_of({"ridge": made}).caption
    assert ("The small p says that the responses tell these images apart" in caption) == told


def test_one_decoder_is_not_called_the_best():
    caption = comparison_of({"ridge": invented.reconstruction()}).caption
    assert caption.startswith("ridge reconstructs with R")


def test_undefined_scores_show_as_dashes():
    nothing = np.full(invented.IMAGES, np.nan)
    made = invented.changed_scores(
        invented.reconstruction(),
        r_average=nothing,
        r_single=nothing,
        chance_r=np.empty(0),
        chance_r_single=np.empty(0),
        r_average_ci95=(np.nan, np.nan),
        r_single_ci95=(np.nan, np.nan),
        p_value=np.nan,
    )
    gallery = gallery_of({"ridge": made})
    comparison = comparison_of({"ridge": made})
    assert "R = –" in texts(gallery)
    assert "R = – (95 % interval –)" in comparison.caption
    comparison.figure.draw_without_rendering()
    assert table_csv(comparison.table).decode().splitlines()[1].startswith("ridge,,,")


@pytest.mark.parametrize("name", ["$x$ & <b>.png", "写真.png"])
def test_odd_file_names_are_shown_as_they_are(name):
    names = np.array([name] * invented.IMAGES)
    made = dataclasses.replace(invented.reconstruction(), image_name=names)
    drawing = gallery_of({"ridge": made})
    assert f"best\n{name.removesuffix('.png')}" in texts(drawing)
