"""Figures of responses: what is drawn is what the record holds, and captions say it."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np
import pytest

from twophoton_decode.figures.responses.clock_shift import clock_shift
from twophoton_decode.figures.responses.correlations import correlations
from twophoton_decode.figures.responses.reliability import reliability
from twophoton_decode.figures.responses.responsive_maps import responsive_maps
from twophoton_decode.figures.responses.responsiveness import responsiveness
from twophoton_decode.figures.responses.session_effects import session_effects
from twophoton_decode.pipeline.results.responses_summary import brief, summary_of
from twophoton_decode.responses.responsive.responsiveness import visually_responsive
from twophoton_decode.responses.shown import with_shown
from twophoton_decode.responses.statistics.statistics import population_statistics


def changed(responses, **fields):
    """Responses with other fields, and what follows from them."""
    return with_shown(dataclasses.replace(responses, **fields))


@pytest.fixture(scope="module")
def described():
    """The invented responses with the statistics that the program computes."""
    shown = invented.responses()
    rng = np.random.default_rng(0)
    place = np.stack([np.zeros(90), *rng.uniform(0, 100, (2, 90))], axis=1)
    statistics = population_statistics(
        shown.response,
        shown.image,
        onset_s=shown.onset_s,
        previous=np.r_[-1, shown.image[:-1]],
        place=place,
        responsive=shown.responsive,
        visual=visually_responsive(shown.response, shown.image, 0.05),
        seed=0,
    )
    return changed(shown, **vars(statistics))


def bars(axes):
    return np.array([patch.get_height() for patch in axes.patches])


def test_histograms_count_every_image_cell_and_pair(described):
    panels = responsiveness(described).figure.axes
    assert bars(panels[0]).sum() == invented.IMAGES
    assert bars(panels[1]).sum() == invented.CELLS
    assert bars(panels[3]).sum() == pytest.approx(100)
    assert panels[3].lines[0].get_label() == f"mean {100 * np.mean(described.overlap):.1f}"


def test_overlap_of_few_images_is_never_below_none(described):
    few = changed(described, overlap_ci95=(-0.008, 0.036), overlap_ratio_ci95=(-0.08, 0.48))
    caption = responsiveness(few).caption
    assert "in per cent: 0.0 to 3.6, cut at 0: too few images)" in caption
    assert "sizes (0.00 to 0.48, cut at 0: too few images)" in caption


def test_overlap_and_sparseness_are_in_the_caption_and_the_table(described):
    drawing = responsiveness(described)
    assert f"have {100 * described.overlap.mean():.1f} % of their responsive" in drawing.caption
    assert f"{described.overlap_ratio:.2f} times as many cells as independent" in drawing.caption
    curve = described.sparseness_of_averages
    assert f"from {curve[0]:.2f} for single" in drawing.caption
    assert f"to {curve[-1]:.2f} for averages of 6" in drawing.caption
    np.testing.assert_array_equal(drawing.table["overlap"], described.overlap)
    np.testing.assert_array_equal(drawing.more["averaged"]["sparseness"], curve)


def test_the_detectable_response_is_drawn_and_said(described):
    level = np.linspace(0.05, 0.15, invented.CELLS)
    could = changed(described, detectable_response=level, detectable_response_sd=1.1)
    drawing = responsiveness(could)
    lines = {line.get_label(): line for line in drawing.figure.axes[2].lines}
    assert lines["detectable"].get_ydata()[0] == pytest.approx(0.1)
    assert "(detectable with 6 repeats: 0.1 ΔF/F (1.1 SD of trial noise))" in drawing.caption
    np.testing.assert_array_equal(drawing.more["cells"]["detectable_response"], level)


def test_no_responsive_pair_never_stands_without_its_reason(described):
    nothing = np.zeros_like(described.responsive)
    none = changed(described, responsive=nothing)
    by_t = responsiveness(none).caption
    assert "An image drives 0.0 %" in by_t
    assert "(by one-sided t test, which finds little with few repeats)" in by_t
    hopeless = changed(none, detectable_response=np.full(invented.CELLS, np.inf))
    drawing = responsiveness(hopeless)
    assert "with 6 repeats no response could pass, however large" in drawing.caption
    assert "detectable" not in [line.get_label() for line in drawing.figure.axes[2].lines]
    maps = responsive_maps(invented.traces(), hopeless).caption
    assert "no response could pass, however large" in maps


def test_cells_that_never_vary_have_no_reliability_and_no_detectable_response(described):
    nothing = np.zeros_like(described.responsive)
    unknown = np.full(invented.CELLS, np.nan)
    alike = changed(
        described,
        response=np.ones_like(described.response),
        responsive=nothing,
        detectable_response=unknown,
        reliability=unknown,
        explainable_variance=unknown,
        oracle=unknown,
    )
    made = reliability(alike)
    assert made.caption == "Reliability is unavailable: no cell's responses vary."
    assert [axes.texts[0].get_text() for axes in made.figure.axes] == [
        "unavailable: no cell's responses\nvary"
    ] * 3
    drawing = responsiveness(alike)
    assert "(repeats never differ, so no smallest detectable" in drawing.caption
    for axes in drawing.figure.axes[:2]:
        assert axes.texts[0].get_text() == "no cell responds to an image"
        assert axes.get_legend() is None


def test_reliability_draws_every_cell_by_the_test(described):
    drawing = reliability(described)
    for axes in drawing.figure.axes:
        assert bars(axes).max() >= 1
    visual = described.visually_responsive.sum()
    assert drawing.caption.startswith(f"{visual} of 90 cells")
    assert f"oracle score {np.median(described.oracle):.2f}" in drawing.caption
    once = reliability(invented.responses(repeats=1))
    assert once.caption == "Reliability is unavailable: every image was shown once."
    shown_once = changed(
        invented.responses(repeats=1),
        responsiveness_test="undefined: every image was shown once, and a test needs repeats",
    )
    for drawing in (responsiveness(shown_once), responsive_maps(invented.traces(), shown_once)):
        assert "every image was shown once" in drawing.caption
        assert "undefined" not in drawing.caption
    once.figure.draw_without_rendering()


def test_correlations_of_all_pairs_and_their_distance(described):
    drawing = correlations(described)
    assert len(drawing.figure.axes) == 3
    assert f"are {described.noise_correlation.mean():.3f} on".replace("-", "−") in drawing.caption
    assert "noise correlation and distance at" in drawing.caption
    assert drawing.table["noise_pairs"].sum() == 90 * 89 / 2
    flat = changed(
        described,
        distance_edge=np.zeros(1),
        noise_by_distance=np.zeros(0),
        signal_by_distance=np.zeros(0),
    )
    assert len(correlations(flat).figure.axes) == 2
    assert "distance" not in correlations(flat).caption


def test_bins_with_few_pairs_are_not_drawn(described):
    line = correlations(described).figure.axes[1].lines[-1]
    counted = described.signal_pairs.reshape(-1, 5).sum(axis=1)
    assert len(line.get_xdata()) == (counted >= 20).sum()
    weights = np.nan_to_num(described.noise_by_signal) * described.signal_pairs
    expected = weights.reshape(-1, 5).sum(axis=1)[counted >= 20] / counted[counted >= 20]
    np.testing.assert_allclose(line.get_ydata(), expected)


def test_without_repeats_correlations_are_unavailable():
    drawing = correlations(invented.responses(repeats=1))
    assert drawing.caption.startswith("Correlations are unavailable: noise correlations need")


def test_session_effects_draw_time_and_every_cell(described):
    drawing = session_effects(described)
    assert bars(drawing.figure.axes[1]).sum() == bars(drawing.figure.axes[2]).sum() == 90
    assert f"with time at {described.drift_all:.2f}".replace("-", "−") in drawing.caption
    assert f"{described.carry_over_all:.3f}".replace("-", "−") in drawing.caption
    assert abs(drawing.table["mean_residual"].mean()) < 1e-12
    unknown = session_effects(invented.responses())
    assert unknown.caption.startswith("Session effects are unavailable")
    half = session_effects(changed(described, carry_over=np.full(90, np.nan)))
    assert half.figure.axes[2].texts[0].get_text() == "unavailable: not\nknown"


def test_the_shift_of_the_clock_is_drawn_with_its_parts(described):
    part_s = np.linspace(30, 570, 10)
    shift_s = -0.001 * (part_s - 300)
    moved = changed(
        described,
        clock_part_s=part_s,
        clock_part_shift_s=shift_s,
        clock_part_error_s=np.full(10, 0.02),
        clock_shift_s_per_min=-0.06,
        clock_shift_ci95=(-0.07, -0.05),
    )
    drawing = clock_shift(moved)
    np.testing.assert_allclose(drawing.table["shift_s"], shift_s)
    assert "-0.06 s per minute (95 % interval -0.07 to -0.05)" in drawing.caption
    lines = drawing.figure.axes[0].lines
    slope = [np.ptp(line.get_ydata()) / np.ptp(line.get_xdata()) for line in lines[1:]]
    assert np.isclose(slope, 0.06).any()


def test_maps_show_images_with_many_and_few_cells(described):
    traces = invented.traces()
    drawing = responsive_maps(traces, described)
    images = described.map_image
    count = described.responsive.sum(axis=0)
    assert count[images[0]] >= count[images[1]] >= count[images[2]] > 0
    assert f"photo{images[0]:03d}.png {count[images[0]]} cells" in drawing.caption
    first = np.asarray(drawing.figure.axes[3].images[0].get_array().filled(np.nan))
    drawn = np.flatnonzero(described.responsive[:, images[0]])
    strongest = described.averages()[images[0], drawn].max()
    assert np.nanmax(first) == pytest.approx(strongest)
    responds = drawing.table[f"responds_to_image_{images[0]}"]
    np.testing.assert_array_equal(np.flatnonzero(responds), drawn)


def test_maps_of_two_planes_and_of_no_responses(described):
    traces = invented.traces()
    planes = dataclasses.replace(
        traces,
        mean_image=np.repeat(traces.mean_image, 2, axis=0),
        motion_y=np.zeros((2, 10)),
        motion_x=np.zeros((2, 10)),
        plane=np.arange(traces.plane.size) % 2,
        plane_delay_s=np.zeros(2),
    )
    drawing = responsive_maps(planes, described)
    assert [axes.get_ylabel() for axes in drawing.figure.axes[3:9:3]] == ["plane 1", "plane 2"]
    nothing = responsive_maps(traces, invented.responses(responsive=False))
    assert "no cell is found to respond to any image" in nothing.caption


def test_caption_and_terminal_round_the_driven_share_alike():
    """19.25 % lies between two roundings: both start from the same number."""
    made = invented.responses()
    responsive = np.zeros((invented.CELLS, invented.IMAGES), dtype=bool)
    responsive.flat[: round(0.1925 * responsive.size)] = True
    shown = changed(made, responsive=responsive, responding_share=responsive.mean(axis=0))
    for mean in (0.1925, np.nextafter(0.1925, 1), np.nextafter(0.1925, 0)):
        means = shown.means | {"responding_share": mean}
        one = dataclasses.replace(shown, means=means)
        told = brief(summary_of(one)).partition("an image drives ")[2].split(" of")[0]
        assert told in {"19.2 %", "19.3 %"}
        assert f"An image drives {told} of the" in responsiveness(one).caption
