"""The field of view and the responsiveness of its cells."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np

from twophoton_decode.figures.canvas.rois import roi_border
from twophoton_decode.figures.quality.field_of_view import field_of_view
from twophoton_decode.figures.responses.responsiveness import responsiveness
from twophoton_decode.responses.shown import with_shown


def test_the_border_of_one_pixel_is_its_four_sides():
    segments = roi_border(np.array([3]), np.array([7]))
    sides = {tuple(sorted(map(tuple, segment.tolist()))) for segment in segments}
    assert sides == {
        ((6.5, 2.5), (7.5, 2.5)),
        ((6.5, 3.5), (7.5, 3.5)),
        ((6.5, 2.5), (6.5, 3.5)),
        ((7.5, 2.5), (7.5, 3.5)),
    }


def test_the_border_of_a_ring_includes_its_hole():
    y, x = np.nonzero(np.pad(np.zeros((1, 1), dtype=bool), 1, constant_values=True))
    assert len(roi_border(y, x)) == 12 + 4


def test_the_field_of_view_counts_and_outlines_cells_and_other_rois():
    drawing = field_of_view(invented.traces())
    labels = [line.get_label() for line in drawing.figure.axes[0].lines]
    assert labels == ["90 cells", "40 other ROIs"]
    assert drawing.caption == (
        "90 ROIs of 130 on the mean image (96 × 128 px) are classified as cells."
    )
    np.testing.assert_array_equal(drawing.table["is_cell"], invented.traces().is_cell)


def test_cells_take_the_colour_of_the_images_they_respond_to():
    drawing = field_of_view(invented.traces(), invented.responses())
    share = invented.responses().responsive.mean(1)
    np.testing.assert_array_equal(drawing.table["share_of_images_responded_to"][:90], share)
    assert np.isnan(drawing.table["share_of_images_responded_to"][90:]).all()
    assert f"{(share > 0).sum()} of 90 respond to at least one image" in drawing.caption


def changed(responses, **fields):
    """Responses with other fields, and what follows from them."""
    return with_shown(dataclasses.replace(responses, **fields))


def test_neuropil_coefficients_stand_in_table_and_caption():
    origin = np.array(["estimated"] * 88 + ["at a bound", "not estimable"])
    value = np.concatenate([np.linspace(0.4, 0.8, 88), [1.2, 0.7]])
    found = changed(invented.responses(), neuropil_coefficient=value, neuropil_origin=origin)
    drawing = field_of_view(invented.traces(), found)
    np.testing.assert_array_equal(drawing.table["neuropil_coefficient"][:90], value)
    assert np.isnan(drawing.table["neuropil_coefficient"][90:]).all()
    assert drawing.table["neuropil_origin"][88:91].tolist() == ["at a bound", "not estimable", ""]
    assert "subtracted 0.60 times (median over cells, quartiles 0.50 and 0.70, 1 of them not" in (
        drawing.caption
    )
    fixed = changed(
        found, neuropil_coefficient=np.full(90, 0.7), neuropil_origin=np.full(90, "fixed")
    )
    assert field_of_view(invented.traces(), fixed).caption.endswith("is subtracted 0.7 times.")
    unused = changed(
        found, neuropil_coefficient=np.full(90, np.nan), neuropil_origin=np.full(90, "not used")
    )
    assert "neuropil" not in field_of_view(invented.traces(), unused).caption


def test_responses_without_rois_or_repeats_leave_the_second_panel_out():
    imported = dataclasses.replace(invented.responses(), roi=np.full(invented.CELLS, -1))
    for shown in (imported, invented.responses(repeats=1)):
        assert "share_of_images_responded_to" not in field_of_view(invented.traces(), shown).table


def test_curated_and_empty_fields_of_view():
    nobody = dataclasses.replace(invented.traces(), is_cell=np.zeros(130, dtype=bool), curated=True)
    drawing = field_of_view(nobody)
    assert drawing.caption.startswith("0 ROIs of 130")
    assert "after curation by hand" in drawing.caption
    drawing.figure.draw_without_rendering()


def test_responsiveness_repeats_the_record():
    shown = invented.responses()
    drawing = responsiveness(shown)
    np.testing.assert_allclose(drawing.table["percent_responding"], 100 * shown.responsive.mean(0))
    assert f"drives {100 * shown.responsive.mean():.1f} % of the 90 cells" in drawing.caption
    assert f"{shown.responsive.any(1).sum()} cells" in drawing.caption
    assert f"sparseness is {shown.population_sparseness.mean():.2f}" in drawing.caption


def test_sorted_responses_are_quartiles_over_images_of_sorted_averages():
    drawing = responsiveness(invented.responses())
    averages = np.sort(invented.responses().averages(), axis=1)[:, ::-1]
    np.testing.assert_allclose(
        drawing.more["ranks"]["response_median"], np.median(averages, axis=0)
    )


def test_one_repeat_leaves_responsiveness_undefined():
    drawing = responsiveness(invented.responses(repeats=1))
    assert drawing.caption.startswith("Responsiveness is unavailable (one repeat only)")
    assert np.isnan(drawing.table["percent_responding"]).all()
    assert drawing.figure.axes[0].texts[0].get_text() == "unavailable: one repeat only"


def test_no_responsive_cell_is_zero_per_cent():
    drawing = responsiveness(invented.responses(responsive=False))
    assert "drives 0.0 % of the 90 cells" in drawing.caption
    drawing.figure.draw_without_rendering()
