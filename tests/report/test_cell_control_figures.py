"""Figures of controls, contributions and refits: drawn from the record, said as it stands."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np
import pytest

from twophoton_decode.figures.cell_count.contributions import cell_contributions
from twophoton_decode.figures.cell_count.controls import cell_controls, cell_refits
from twophoton_decode.figures.cell_count.curve import cell_count_curve


def test_controls_are_drawn_from_the_record():
    curves = invented.curves()
    drawing = cell_controls(curves)
    lines = {line.get_label(): line for line in drawing.figure.axes[0].lines}
    for label, values in (
        ("responsive first, strongest first", curves.r),
        ("random cells", curves.r_random),
        ("the reverse order", curves.r_weakest),
        ("largest contribution first", curves.r_contribution),
    ):
        np.testing.assert_allclose(lines[label].get_ydata(), values.mean(0)[1:], atol=1e-6)
    np.testing.assert_array_equal(
        drawing.more["comparisons"]["compared_p_holm"], curves.compared_p_holm
    )
    draws = np.quantile(curves.r_random_draw, 0.975, axis=0)
    np.testing.assert_allclose(drawing.table["r_random_high"], draws)


def test_the_controls_caption_repeats_the_comparisons_at_20_cells():
    curves = invented.curves()
    caption = cell_controls(curves).caption
    row = np.flatnonzero((curves.compared_with == "random") & (curves.compared_cells == 20))[0]
    assert f"random cells by +{curves.compared_gain[row]:.3f} (95 % interval" in caption
    assert "20 draws of random cells" in caption
    assert "p corrected after Holm for 16 comparisons, intervals not" in caption


def test_without_comparisons_the_controls_are_still_drawn():
    names = [name for name, _ in invented.curves().arrays() if name.startswith("compared_")]
    none = {name: getattr(invented.curves(), name)[:0] for name in names}
    drawing = cell_controls(dataclasses.replace(invented.curves(), **none))
    reason = "unavailable: no number in compared_counts lies on the curves"
    assert reason in drawing.caption
    assert " ".join(drawing.figure.axes[1].texts[0].get_text().split()) == reason
    drawing.figure.draw_without_rendering()


@pytest.mark.parametrize("cells", [2, 7, 90])
def test_counts_of_cells_are_written_as_numbers(cells):
    """Matplotlib labels a short logarithmic axis by powers of its own."""
    drawing = cell_controls(invented.first_cells(cells))
    drawing.figure.draw_without_rendering()
    axis = drawing.figure.axes[0].xaxis
    labels = [
        text.get_text() for text in (*axis.get_majorticklabels(), *axis.get_minorticklabels())
    ]
    assert not any("$" in label for label in labels)
    assert "2" in labels if cells < 10 else "10" in labels


def test_one_cell_leaves_no_choice():
    drawing = cell_controls(invented.first_cells(1))
    assert drawing.caption.endswith("is unavailable: a single cell leaves no choice of cells.")
    assert drawing.table == {}


def test_contributions_add_up_to_the_reconstruction_of_all_cells(monkeypatch):
    monkeypatch.setattr(
        "twophoton_decode.analyses.cell_count.shown.contributions.STRONGEST", invented.CELLS
    )
    made, shown = invented.reconstruction(), invented.responses()
    curves = invented.with_pictures(invented.curves(), made, shown)
    drawing = cell_contributions(made, curves)
    assert len(drawing.table["cell"]) == invented.CELLS
    assert np.sum(drawing.table["share_of_reconstruction"]) == pytest.approx(1, abs=1e-4)


def test_one_presentation_cannot_tell_which_cells_respond():
    made, shown = invented.reconstruction(repeats=1), invented.responses(repeats=1)
    curves = invented.with_pictures(invented.curves(responsive=False), made, shown)
    once = cell_contributions(made, curves)
    assert "Whether they respond to it is not tested" in once.caption
    assert "0 of the 16" not in once.caption


def test_without_responsive_cells_the_order_is_strongest_first():
    none = invented.curves(responsive=False)
    drawing = cell_controls(none)
    assert "strongest first: by the response of the scored trial" in drawing.caption
    assert "responsive" not in drawing.caption
    labels = [line.get_label() for line in drawing.figure.axes[0].lines]
    assert "strongest first" in labels
    assert "responsive first" not in cell_refits(none).figure.axes[0].get_xlabel()


def test_the_sixteen_strongest_of_all_cells_are_shown_strongest_first():
    shown, made = invented.responses(), invented.reconstruction()
    drawing = cell_contributions(made, invented.curves())
    assert len(drawing.table["cell"]) == 16
    image = int(invented.curves().responsive_cells.argmax())
    assert str(shown.image_name[image]) in drawing.caption
    trials = np.flatnonzero(shown.image == image)
    cells, response = drawing.table["cell"], drawing.table["response"]
    (trial,) = [t for t in trials if np.array_equal(shown.response[t, cells], response)]
    np.testing.assert_array_equal(response, np.sort(shown.response[trial])[:-17:-1])
    responsive = shown.responsive_others[trial, cells]
    np.testing.assert_array_equal(drawing.table["responsive"], responsive)
    assert 0 < responsive.sum() < 16
    assert f"{responsive.sum()} of the 16 respond to it" in drawing.caption
    framed = [axes.spines["top"].get_visible() for axes in drawing.figure.axes[3:]]
    np.testing.assert_array_equal(framed, responsive)
    fold = made.fold[image]
    norm = np.linalg.norm(made.reverse_filter[fold][cells], axis=1)
    amplitude = np.abs(response - made.mean_response[fold][cells])
    np.testing.assert_allclose(drawing.table["norm"], norm * amplitude, rtol=1e-4)


def test_refits_are_drawn_beside_the_fixed_weights():
    curves = invented.curves()
    drawing = cell_refits(curves)
    lines = {line.get_label(): line for line in drawing.figure.axes[0].lines}
    refitted = lines["refitted to these cells"].get_ydata()
    np.testing.assert_allclose(refitted, curves.r_refitted.mean(0), atol=1e-6)
    fixed = lines["weights of all cells"].get_ydata()
    np.testing.assert_allclose(fixed, curves.r.mean(0)[:31], atol=1e-6)
    assert f"R = {curves.r_refitted[:, 20].mean():.2f}" in drawing.caption
    assert "after 8 training images" in drawing.caption


def test_refits_that_were_not_made_say_why():
    nothing = np.empty((invented.IMAGES, 0))
    curves = invented.changed_counts(
        invented.curves(),
        refitted_cells=[],
        r_refitted=nothing,
        cd_refitted=nothing,
        learning_images=[],
        learning_repeats=[],
        r_learning=nothing,
        not_refitted="because.",
    )
    drawing = cell_refits(curves)
    assert drawing.caption.endswith("unavailable: because.")
    assert "because." in drawing.figure.axes[0].texts[0].get_text()


def test_curves_that_end_before_all_cells_say_so():
    whole = invented.curves()
    kept = [*range(4), invented.CELLS]
    names = [name for name, spec in whole.arrays() if "count" in spec.axes and not spec.later]
    short = {name: getattr(whole, name)[..., kept] for name in names}
    curves = invented.changed_counts(whole, **short, cells_95=float(invented.CELLS))
    drawing = cell_count_curve(curves)
    assert (
        f"In the paper's order, more than 3 of {invented.CELLS} cells are needed" in drawing.caption
    )
    lines = {line.get_label(): line for line in drawing.figure.axes[0].lines}
    np.testing.assert_array_equal(
        lines["paper's order, others at their mean (40 images)"].get_xdata(), [0, 1, 2, 3]
    )
    assert f"all {invented.CELLS} cells" in lines


def test_the_caption_gives_the_tests_of_both_conditions():
    caption = cell_count_curve(invented.curves()).caption
    curves = invented.curves()
    less = (curves.r_responsive - curves.r_all)[curves.used].mean()
    told = f"Resp. differs by {less:+.3f} (p = 0.2); Max. p < 0.001, which flatters"
    assert told.replace("-", "−") in caption
    assert f"(R = {curves.r_all[curves.used].mean():.2f} over these images)" in caption
    assert "(against all cells p = 0.3)" in caption
    zero = dataclasses.replace(invented.curves(), omitted="zero")
    assert "Omitted cells stand at zero" in cell_count_curve(zero).caption


def test_the_same_number_of_training_images_is_told_once():
    curves = invented.curves()
    one = invented.changed_counts(
        curves,
        learning_images=curves.learning_images[:1],
        learning_repeats=curves.learning_repeats[:1],
        r_learning=curves.r_learning[:, :1],
    )
    assert cell_refits(one).caption.count(f" after {curves.learning_images[0]:.0f}") == 1
    assert cell_refits(curves).caption.count(" after ") == 2


def test_panel_letters_lie_on_no_label():
    figure = cell_controls(invented.curves()).figure
    figure.canvas.draw()
    labels = [axes.yaxis.label.get_window_extent() for axes in figure.axes]
    letters = [text for text in figure.texts if text.get_text() in "ab"]
    assert len(letters) == 2
    for letter in letters:
        assert not any(letter.get_window_extent().overlaps(label) for label in labels)
