"""Cell-count figures: pictures obey the order of cells, captions repeat the record."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np
import pytest

from twophoton_decode.analyses.cell_count.shown import pictures
from twophoton_decode.figures.cell_count.curve import cell_count_curve
from twophoton_decode.figures.cell_count.gallery import cells_gallery
from twophoton_decode.figures.cell_count.how_many_cells import how_many_cells


def from_strongest(responses, made, presentation, cells, omitted="mean"):
    """The picture that the `cells` first cells of one presentation give."""
    deviation = pictures._deviation(responses, made, presentation, cells, omitted)
    return pictures._picture(made, int(made.fold[made.image[presentation]]), deviation)


def test_every_cell_gives_the_reconstruction_of_the_record():
    made = invented.reconstruction()
    for t in (0, 100):
        picture = from_strongest(invented.responses(), made, t, invented.CELLS)
        np.testing.assert_allclose(picture, made.single[t], atol=1e-5)


def test_no_cell_gives_the_mean_training_image():
    made = invented.reconstruction()
    fold = made.fold[made.image[5]]
    np.testing.assert_array_equal(
        from_strongest(invented.responses(), made, 5, 0), made.mean_picture[fold]
    )


def test_responsive_cells_enter_first_and_the_strongest_of_them_before_others():
    shown, made = invented.responses(), invented.reconstruction()
    t = 30
    fold = made.fold[made.image[t]]
    responsive = np.flatnonzero(shown.responsive_others[t])
    first = responsive[shown.response[t, responsive].argmax()]
    deviation = shown.response[t, first] - made.mean_response[fold, first]
    added = from_strongest(shown, made, t, 1) - made.mean_picture[fold]
    np.testing.assert_allclose(
        added.ravel(), deviation * made.reverse_filter[fold, first], atol=1e-5
    )


def test_omitted_cells_at_zero_give_the_intercept():
    made = invented.reconstruction()
    fold = made.fold[made.image[5]]
    expected = (
        made.mean_picture[fold].ravel() - made.mean_response[fold] @ made.reverse_filter[fold]
    )
    picture = from_strongest(invented.responses(), made, 5, 0, "zero")
    np.testing.assert_allclose(picture.ravel(), expected, atol=1e-4)


def test_the_gallery_scores_what_it_shows():
    made, curves = invented.reconstruction(), invented.curves()
    drawing = cells_gallery(made, curves)
    chosen = drawing.table["image"]
    np.testing.assert_allclose(drawing.table["r_all"], made.r_average[chosen], atol=1e-5)
    assert set(drawing.table["cells_few"]) == {curves.cells_95}
    np.testing.assert_allclose(drawing.table["cells_responsive"], curves.responsive_cells[chosen])
    counts = curves.responsive_cells[chosen]
    assert (np.diff(counts) <= 0).all(), "from most to fewest responsive cells"
    assert counts[[0, -1]].tolist() == [
        curves.responsive_cells.max(),
        curves.responsive_cells.min(),
    ]
    on_average = f"{np.mean(drawing.table['cells_responsive']):.1f} on average)"
    assert f"from the responsive cells ({on_average}" in drawing.caption
    assert (
        f"{np.mean(drawing.table['r_all']):.2f} from all {invented.CELLS} cells." in drawing.caption
    )


def test_the_gallery_says_where_trial_averages_are_read_with_other_weights():
    shown, made, curves = invented.responses(), invented.reconstruction(), invented.curves()
    assert "with other weights" not in cells_gallery(made, curves).caption
    other = dataclasses.replace(made, r_average=made.r_average - 0.02)
    caption = cells_gallery(other, invented.with_pictures(curves, other, shown)).caption
    assert "mean over the reconstructions of single trials" in caption
    assert f"{made.decoder} reads the mean of several trials" in caption
    assert "R differs by up to 0.02 from that of trial averages" in caption


def test_one_image_is_an_image():
    curves = invented.curves()
    used = np.arange(invented.IMAGES) == 3
    one = cell_count_curve(invented.changed_counts(curves, used=used))
    labels = [line.get_label() for line in one.figure.axes[0].lines]
    assert "1 image with ≥ 10 responsive cells" in labels


@pytest.mark.parametrize("cells_95", [np.nan, 54.0])
def test_at_most_twenty_cells_are_few(cells_95):
    made, shown = invented.reconstruction(), invented.responses()
    curves = dataclasses.replace(invented.curves(), cells_95=cells_95)
    drawing = cells_gallery(made, invented.with_pictures(curves, made, shown))
    assert set(drawing.table["cells_few"]) == {20}


def test_without_responsive_cells_the_gallery_leaves_their_row_out():
    drawing = cells_gallery(
        invented.reconstruction(responsive=False), invented.curves(responsive=False)
    )
    assert "r_responsive" not in drawing.table
    assert "cells (strongest first)" in drawing.caption
    assert "responsive" not in drawing.caption


def test_the_curve_caption_repeats_the_record():
    curves = invented.curves()
    caption = cell_count_curve(curves).caption
    low, high = curves.cells_95_ci95
    assert caption.startswith(how_many_cells(curves))
    assert (
        "In the paper's order, omitted cells at their mean, the first "
        f"{curves.cells_95:.0f} of {invented.CELLS} cells (8 %; 95 % interval {low:.0f} to "
        f"{high:.0f} cells) reach 95 % of the score of all cells, R = {curves.r_all.mean():.2f};"
    ) in caption
    assert "Do few suffice? 20 cells in that order" in caption
    assert "+0.010, test that this is above 0 p = 0.04." in caption
    assert f"In {curves.used.sum()} images" in caption
    gain, wrong = (
        f"{x:+.3f}".replace("-", "−") for x in (curves.max_gain, curves.max_gain_wrong.mean())
    )
    assert (
        f"differs from all cells by {gain}, and by {wrong} for wrong images (p = 0.004)" in caption
    )


def test_the_curve_draws_the_mean_over_images_from_no_cell_to_all():
    curves = invented.curves()
    lines = {line.get_label(): line for line in cell_count_curve(curves).figure.axes[0].lines}
    for label, values in (
        ("paper's order, others at their mean (40 images)", curves.r),
        ("wrong images", curves.r_wrong),
        ("strongest cells, others known to respond less", curves.r_strong),
    ):
        np.testing.assert_allclose(lines[label].get_ydata(), values.mean(0), atol=1e-6)
        np.testing.assert_array_equal(lines[label].get_xdata(), np.arange(invented.CELLS + 1))


def test_bands_are_widened_standard_errors():
    curves = invented.curves()
    table = cell_count_curve(curves).table
    error = curves.r.std(axis=0, ddof=1) / np.sqrt(invented.IMAGES)
    np.testing.assert_allclose(table["r_se"], 1.3 * error, rtol=1e-4)


def test_both_answers_are_marked_with_their_intervals():
    strip = cell_count_curve(invented.curves()).figure.axes[2]
    said = [text.get_text() for text in strip.texts]
    assert said[:2] == [
        "15 can be shown to carry the picture",
        "6 strongest give 95 % of all cells' R",
    ]
    assert [list(line.get_xdata()) for line in strip.lines[:4]] == [[12, 16], [15], [5, 7], [6]]


def test_held_out_counts_that_differ_over_images_are_told_with_their_range():
    counts = np.r_[13.0, 62.0, 102.0, np.full(invented.IMAGES - 3, 62.0)]
    r = np.full(invented.IMAGES, 0.04)
    drawing = cell_count_curve(
        invented.changed_counts(invented.curves(), cells_heldout=counts, r_heldout=r)
    )
    assert "is 62 cells (median; 13 to 102); mean R at each image's own count is 0.04" in (
        drawing.caption
    )
    said = [text.get_text() for text in drawing.figure.axes[2].texts]
    assert "62 paper's order: held-out count (median; 13 to 102)" in said


def test_conditions_of_some_images_say_of_how_many():
    curves = invented.curves()
    assert not curves.used.all()
    labels = [each.get_label() for each in cell_count_curve(curves).figure.axes[0].containers]
    images = int(curves.used.sum())
    assert labels == [f"{name}, {images} images" for name in ("All", "Resp.", "Max.")]


def test_a_curve_that_falls_again_is_said():
    curves = dataclasses.replace(invented.curves(), cells_95_stays=76.0)
    assert (
        "; the curve falls below again and is above for good only from 76"
        in cell_count_curve(curves).caption
    )


def test_selected_results_that_are_unavailable_say_why_in_figure_and_caption():
    drawing = cell_count_curve(invented.curves(responsive=False))
    reason = "unavailable: 0 images have 10 or more responsive cells."
    (written,) = drawing.figure.axes[1].texts
    assert " ".join(written.get_text().split()) == reason
    assert drawing.caption.endswith(reason)


def test_an_undefined_95_percent_count_is_said():
    curves = dataclasses.replace(
        invented.curves(), cells_95=np.nan, cells_95_ci95=(np.nan, np.nan), r_all_ci95=(-0.1, 0.2)
    )
    caption = cell_count_curve(curves).caption
    assert "(95 % interval −0.10 to 0.20), so the 95 % count is undefined" in caption


def test_undefined_values_are_drawn_around():
    fields = ("r", "r_wrong", "r_all", "r_max", "cells_heldout")
    nothing = {
        name: np.full_like(getattr(invented.curves(), name), np.nan, dtype=float) for name in fields
    }
    drawing = cell_count_curve(invented.changed_counts(invented.curves(), **nothing))
    assert "R = –" in drawing.caption
    drawing.figure.draw_without_rendering()


def test_few_cells_that_are_all_cells_are_said_to_be_unavailable():
    made, curves = invented.reconstruction(), invented.curves()
    cells = curves.choice_cells.copy()
    cells[0] = cells[-1]
    pictures = len([axes for axes in cells_gallery(made, curves).figure.axes if axes.images])
    drawing = cells_gallery(made, dataclasses.replace(curves, choice_cells=cells))
    left = len([axes for axes in drawing.figure.axes if axes.images])
    assert pictures - left == len(curves.example_image)
    assert "few cells" not in {text.get_text() for text in drawing.figure.texts}
    assert drawing.caption.endswith("are unavailable: the few would be all cells.")
    assert f" and {np.mean(drawing.table['r_all']):.2f} from all" in drawing.caption
