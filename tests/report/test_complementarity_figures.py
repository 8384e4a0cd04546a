"""The four panels of complementarity: what is drawn, what the caption says, what is missing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from twophoton_decode.analyses.complementarity.shown import with_shown
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.complementarity import complementarity_panels
from twophoton_decode.records import Complementarity

IMAGES, REFERENCES, ADDED = 30, 25, 6
DERIVED = (
    "local_median", "local_distant_median", "fitting_complete", "fitting_means",
    "fitting_quartiles",
)  # fmt: skip


def changed(found, **fields):
    """The record with other fields, and what the figure shows of it then."""
    gone = dict.fromkeys(DERIVED)
    return with_shown(dataclasses.replace(found, **gone | fields))


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    near = 0.5 / np.sqrt(np.arange(1, ADDED + 2)) * rng.uniform(0.8, 1.2, (REFERENCES, 1))
    covered = np.sort(rng.integers(5, 60, IMAGES))
    overlap = np.append(rng.uniform(0.1, 0.2, IMAGES - 1), np.nan)
    made = Complementarity(
        overlap=overlap,
        overlap_share=1.5 * overlap,
        overlap_random_sets=0.8 * overlap,
        overlap_cells=rng.integers(1, 9, IMAGES),
        overlap_edge=np.linspace(0, 1, 11),
        overlap_together=[10, 40, 20, 4, 0, 0, 0, 0, 0, 0],
        overlap_apart=[30, 50, 10, 0, 0, 0, 0, 0, 0, 0],
        overlap_by_chance=0.11,
        overlap_p=0.002,
        overlap_superiority=0.64,
        reference=np.arange(REFERENCES),
        overlapping_cells=np.full(REFERENCES, 9),
        added=np.arange(ADDED + 1),
        local_variability=near,
        local_variability_distant=near[:, :1] + np.zeros(ADDED + 1),
        local_variability_all=0.7 * near[:, -1],
        local_ci95=np.stack([0.9 * near[0], 1.1 * near[0]], axis=1),
        local_distant_ci95=np.stack([0.9 * near[0], 1.1 * near[0]], axis=1),
        local_ratio_alone=0.38,
        local_ratio_alone_ci95=(0.3, 0.41),
        local_ratio_alone_p=1e-6,
        local_ratio_distant=0.39,
        local_ratio_distant_ci95=(0.31, 0.44),
        local_ratio_distant_p=0.02,
        coverage_order=np.arange(IMAGES),
        new_cells=np.diff(covered, prepend=0),
        covered=covered,
        covered_random=np.linspace(4, 60, IMAGES),
        covered_random_band=np.linspace(4, 60, IMAGES)[:, None] + np.array([-3, 3]),
        coverage_p=0.3,
        fitting_error=np.linspace(20, 40, IMAGES),
        fitting_error_random=np.linspace(36, 50, IMAGES),
        fitting_error_all=np.full(IMAGES, 8.0),
        fitting_cells=np.full(IMAGES, 7),
        fitting_gain=12.5,
        fitting_gain_ci95=(11.0, 14.2),
        fitting_p=1e-5,
        decoder="ridge",
        features="gabor",
        unavailable={},
        notes=[],
    )
    return with_shown(made)


def lines(axes):
    return {line.get_label(): line for line in axes.lines}


def test_every_panel_draws_its_part(found):
    overlap, local, covered, fitting = complementarity_panels(found).figure.axes
    means = lines(overlap)
    assert means["mean over images"].get_xdata()[0] == pytest.approx(np.nanmean(found.overlap))
    assert means["as their sizes bring"].get_xdata()[0] == 0.11
    heights = [patch.get_data().values for patch in overlap.patches]
    np.testing.assert_allclose(heights[0][:3], 100 * np.array([10, 40, 20]) / 74)
    curves = lines(local)
    np.testing.assert_allclose(
        curves["fields overlap"].get_ydata(), np.median(found.local_variability, axis=0)
    )
    assert local.get_legend().get_title().get_text() == "25 reference cells"
    np.testing.assert_array_equal(
        lines(covered)["best reconstructed first"].get_ydata(), found.covered
    )
    middles = [line.get_ydata()[0] for line in fitting.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(middles, [30, 43, 8])


def test_the_caption_says_the_numbers_beside_their_controls(found):
    caption = complementarity_panels(found).caption
    mean = np.nanmean(found.overlap)
    assert f"share {mean:.2f} of their features (Jaccard index; 0.11 is what" in caption
    assert "p = 0.002 for the rest exchanged among cells). Sets and responses" in caption
    assert "A pair with a common image overlaps more than one without" in caption
    assert "6 overlapping cells change the variability over trials by a factor of 0.38" in caption
    assert "(95 % interval 0.30 to 0.41, p < 0.001), which any cells do" in caption
    assert "it is 0.39 (0.31 to 0.44, p = 0.02) of what as many distant cells leave" in caption
    assert "leave 30 % of a test image's features unfitted (means over images; bars:" in caption
    assert "as many other cells 43 %" in caption
    assert "difference 12.5, 95 % interval 11.0 to 14.2, p < 0.001), all cells 8 %" in caption


def test_dots_and_caption_are_means_where_values_are_skewed(found):
    errors = np.r_[np.full(IMAGES - 3, 10.0), 100.0, 100.0, np.nan]
    everyone = np.r_[np.full(IMAGES - 1, 8.0), 99.0]
    skewed = changed(
        found, fitting_error=errors, fitting_error_random=errors, fitting_error_all=everyone
    )
    drawing = complementarity_panels(skewed)
    dots = [
        line.get_ydata()[0] for line in drawing.figure.axes[3].lines if line.get_marker() == "o"
    ]
    own = (27 * 10 + 2 * 100) / 29
    np.testing.assert_allclose(dots, [own, own, 8])
    assert "leave 16 % of a test image's features unfitted (means over images" in drawing.caption
    assert "all cells 8 %" in drawing.caption


def test_the_ratio_of_the_curves_stands_beside_that_of_single_cells(found):
    near, far = found.local_variability, found.local_variability_distant
    ratio = np.median(near[:, -1]) / np.median(far[:, -1])
    caption = complementarity_panels(found).caption
    assert f"those of their ends have a ratio of {ratio:.2f}" in caption
    assert "medians over reference cells of each one's own ratio" in caption


def test_half_of_the_cells_are_counted_in_images(found):
    covered = np.minimum(np.arange(1, IMAGES + 1) * 5, 60)
    drawing = complementarity_panels(changed(found, covered=covered, covered_random=covered * 0.5))
    assert "Half of the 60 responsive cells are reached by the 6 images" in drawing.caption
    assert "(12 in random order, p = 0.3" in drawing.caption


def test_the_table_holds_what_is_drawn(found):
    drawing = complementarity_panels(found)
    np.testing.assert_array_equal(drawing.table["fitting_error"], found.fitting_error)
    np.testing.assert_allclose(
        drawing.more["local"]["variability"], np.median(found.local_variability, axis=0)
    )
    assert drawing.name == "complementarity_ridge"


def test_a_missing_part_says_why_and_the_others_are_drawn(found):
    missing = (
        "overlap overlap_share overlap_random_sets overlap_cells overlap_edge overlap_together "
        "overlap_apart reference overlapping_cells added local_variability "
        "local_variability_distant local_variability_all local_ci95 local_distant_ci95"
    )
    nothing = dict.fromkeys(missing.split())
    partial = changed(found, **nothing, unavailable={"overlap": "no pairs.", "local": "no fields."})
    drawing = complementarity_panels(partial)
    texts = [axes.texts[0].get_text() if axes.texts else "" for axes in drawing.figure.axes]
    assert texts == ["unavailable: no pairs.", "unavailable: no fields.", "", ""]
    assert "Overlap is unavailable: no pairs. Local is unavailable: no fields." in drawing.caption
    assert "overlap" not in drawing.table
    assert len(render(drawing)["png"]) > 10_000


def test_a_few_pairs_are_told_in_words(found):
    few = changed(
        found,
        overlap_together=np.array([1, 5, 0, 0, 0, 0, 0, 0, 0, 0]),
        overlap_apart=np.zeros(10, int),
        overlap_superiority=np.nan,
    )
    drawing = complementarity_panels(few)
    overlap = drawing.figure.axes[0]
    assert not overlap.patches
    (told,) = (" ".join(text.get_text().split()) for text in overlap.texts)
    assert told.startswith("6 pairs of cells with a common image and 0 without: too few")
    assert "probability" not in drawing.caption
    assert "cannot be compared with those without: there are 6 and 0." in drawing.caption
