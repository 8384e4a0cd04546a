"""The figures of a recording's quality repeat its numbers, whatever the recording is like."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from quality_recordings import SETTINGS, measured, traces

from twophoton_decode.extraction.quality.shown import with_shown
from twophoton_decode.figures.quality.bleaching import bleaching
from twophoton_decode.figures.quality.images import images_with_rois
from twophoton_decode.figures.quality.motion import motion
from twophoton_decode.figures.quality.neuropil import neuropil
from twophoton_decode.figures.quality.noise import noise
from twophoton_decode.figures.quality.traces import example_traces
from twophoton_decode.report.headline import headline

BAD = (100, 101, 102, 700)


def examples(found):
    """The ROI of each rank, by its name."""
    return dict(zip(found.example_rank.tolist(), found.example_roi.tolist(), strict=True))


def every_figure(shown):
    found = measured(shown)
    return [
        images_with_rois(shown),
        motion(shown, found),
        example_traces(shown, found),
        noise(shown, found),
        neuropil(shown, found),
        bleaching(shown, found),
    ]


@pytest.mark.parametrize(
    "shown",
    [
        traces(planes=3, bad=BAD),
        traces(planes=5),
        traces(rois=1, cells=1),
        traces(cells=0),
        traces(old=True),
        traces(frames=12),
        replace(traces(), fluorescence=np.full((20, 1200), -3.0, dtype=np.float32)),
        replace(traces(), bad_frame=np.ones(1200)),
        replace(traces(), correlation_image=np.full((1, 48, 48), np.nan)),
    ],
    ids=["planes", "many planes", "one", "no cell", "old", "short", "dark", "all bad", "blank"],
)
def test_every_figure_is_drawn_of_every_kind_of_recording(shown):
    for drawing in every_figure(shown):
        # Arranging the axes takes longer than drawing them.
        drawing.figure.set_layout_engine(None)
        drawing.figure.draw_without_rendering()
        assert drawing.caption.endswith(".")
        assert "nan" not in drawing.caption


def test_rois_take_the_colour_of_their_probability_in_both_images():
    shown = traces(planes=3)
    drawing = images_with_rois(shown)
    panels = [axes for axes in drawing.figure.axes if axes.images]
    assert [axes.get_title(loc="left") for axes in panels[:2]] == [
        "Mean image, plane 1",
        "Correlation image, plane 1",
    ]
    for plane in range(3):
        expected = np.sort(shown.cell_probability[shown.plane == plane])
        for axes in panels[2 * plane : 2 * plane + 2]:
            np.testing.assert_allclose(axes.collections[0].get_array(), expected)
    assert drawing.caption.startswith(
        "Outlines of 20 ROIs in the colour of the classifier's probability, thick for the 8 cells, "
        "faint for the 12 others (60 %); 4 are unsure"
    )
    assert "; 4 are unsure (0.4 to 0.6)." in drawing.caption


def test_without_a_correlation_image_the_panel_says_so():
    drawing = images_with_rois(traces(old=True))
    assert "unavailable" in drawing.figure.axes[1].texts[0].get_text()
    assert "correlation image" not in drawing.caption


def test_motion_is_drawn_by_plane_with_bad_frames_marked():
    shown = traces(planes=3, bad=BAD)
    drawing = motion(shown, measured(shown))
    panels = drawing.figure.axes
    assert [axes.get_title(loc="left") for axes in panels[:3]] == ["Plane 1", "Plane 2", "Plane 3"]
    for plane, axes in enumerate(panels[:3]):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), shown.motion_y[plane])
        np.testing.assert_array_equal(axes.lines[1].get_ydata(), shown.motion_x[plane])
    # Two runs of bad frames.
    assert [len(axes.collections[0].get_paths()) for axes in panels] == [2] * 5
    assert np.flatnonzero(drawing.table["bad_frame"]).tolist() == list(BAD)
    assert drawing.caption.startswith("4 of 1200 frames (0.3 %) are flagged for bad motion.")
    good = ~shown.bad_frame
    largest = np.hypot(shown.motion_y, shown.motion_x)[:, good].max()
    assert f"displacement outside them is {largest:.1f} px" in drawing.caption


def test_the_step_between_frames_is_one_of_place_not_of_distance():
    shown = traces(frames=300)
    there_and_back = np.where(np.arange(300) % 2, 3.0, -3.0)[None]
    # Between bad frames, and to and from them, nothing is known to have moved.
    bad = np.arange(300) >= 100
    moved = there_and_back * np.where(bad, 10.0, 1.0)
    shown = replace(shown, motion_x=moved, motion_y=np.zeros((1, 300)), bad_frame=bad)
    assert "the median step between frames 6.0 px" in motion(shown, measured(shown)).caption


def test_of_many_planes_those_that_move_most_are_drawn():
    shown = traces(planes=5)
    drawing = motion(shown, measured(shown))
    titles = [axes.get_title(loc="left") for axes in drawing.figure.axes[:3]]
    assert titles == ["Plane 3", "Plane 4", "Plane 5"]
    assert drawing.caption.endswith("Drawn are the 3 of 5 planes that move most.")


def test_a_long_recording_is_drawn_with_all_its_peaks():
    shown = traces(rois=2, cells=2, frames=20_000)
    moved = np.array(shown.motion_y)
    moved[0, 12_345] = -30
    shown = replace(shown, motion_y=moved)
    drawing = motion(shown, measured(shown))
    line = drawing.figure.axes[0].lines[0]
    assert line.get_ydata().size <= 1600
    assert line.get_ydata().min() == -30
    middle = drawing.figure.axes[0].lines[1]
    assert middle.get_ydata()[0] == pytest.approx(moved[0, :100].mean())
    assert "means of 200 stretches" in drawing.caption
    assert line.get_xdata()[np.argmin(line.get_ydata())] == pytest.approx(1234.5 / 60)
    assert 12_345 in drawing.table["frame"]
    assert drawing.figure.axes[-1].get_xlabel() == "Time (min)"


def test_examples_are_the_ranks_of_signal_to_noise_among_cells():
    shown = traces(rois=12, cells=9)
    found = measured(shown)
    order = np.argsort(found.snr[:9])
    assert examples(found) == {
        "best": order[8], "upper quartile": order[6], "median": order[4],
        "lower quartile": order[2], "worst": order[0],
    }  # fmt: skip
    assert list(examples(measured(traces(cells=1)))) == ["best"]


def test_example_traces_show_the_excerpt_around_the_largest_response():
    shown = traces(bad=BAD)
    found = measured(shown)
    drawing = example_traces(shown, found)
    roi = examples(found)["best"]
    time = drawing.table[f"roi_{roi}_excerpt_time_s"]
    assert time.size == 200
    rows = (time * 10).round().astype(int)
    np.testing.assert_allclose(drawing.table[f"roi_{roi}_f"], shown.fluorescence[roi][rows])
    np.testing.assert_allclose(
        drawing.table[f"roi_{roi}_scaled_neuropil"], 0.7 * shown.neuropil[roi][rows], rtol=1e-6
    )
    dff = drawing.table[f"roi_{roi}_dff"]
    assert dff[rows].max() == pytest.approx(found.peak[roi])
    first = drawing.figure.axes[0].get_title(loc="left")
    assert first.startswith(f"ROI {roi}, best: SNR {found.snr[roi]:.1f}")


def test_the_excerpt_avoids_bad_frames():
    shown = traces()
    signal = np.array(shown.fluorescence)
    signal[:, 1100] = 1e4
    shown = replace(shown, fluorescence=signal, bad_frame=np.arange(1200) == 1100)
    found = measured(shown)
    roi = examples(found)["best"]
    time = example_traces(shown, found).table[f"roi_{roi}_excerpt_time_s"]
    signal[:, 1100] = 0
    assert time[0] <= np.argmax(signal[roi]) / 10 <= time[-1]


def test_noise_repeats_the_record_and_its_medians():
    shown = traces()
    found = measured(shown)
    drawing = noise(shown, found)
    np.testing.assert_array_equal(drawing.table["noise_level_percent"], found.noise_level)
    middle = np.median(found.noise_level[:8])
    assert drawing.caption.startswith(
        f"Medians and quartiles of 8 cells: noise level {middle:.1f} ("
    )
    assert "Over all 20 ROIs the ratio goes with the classifier's probability at" in drawing.caption
    bars = [patch.get_height() for patch in drawing.figure.axes[0].patches]
    assert sum(bars) == 20
    single = noise(traces(cells=1), measured(traces(cells=1)))
    assert single.caption.startswith("The one cell: noise level ")


def test_rois_without_a_baseline_are_counted_in_the_caption():
    shown = traces()
    signal = np.array(shown.fluorescence)
    signal[[0, 15]] -= 300
    shown = replace(shown, fluorescence=signal)
    caption = noise(shown, measured(shown)).caption
    assert "of 7 cells" in caption
    assert "2 ROIs without a safe F0 left out." in caption


def test_neuropil_names_the_share_that_was_subtracted():
    shown = traces()
    found = measured(shown)
    caption = neuropil(shown, found).caption
    assert "(c = 0.70)" in caption
    before = np.median(found.neuropil_correlation[:8])
    assert f"is {before:.2f} before" in caption
    mixed = with_shown(replace(found, coefficient=np.linspace(0.3, 0.9, 20)), shown, SETTINGS)
    assert "(c = 0.30 to 0.52 by cell)" in neuropil(shown, mixed).caption


def test_bleaching_shows_the_fit_from_its_start():
    shown = traces(planes=3)
    found = measured(shown)
    drawing = bleaching(shown, found)
    left = drawing.figure.axes[0]
    fits = [line for line in left.lines if line.get_linestyle() == "-"]
    assert len(fits) == 3
    for line in fits:
        np.testing.assert_allclose(
            line.get_ydata(), 100 * np.exp(-0.2 * found.segment_time_s / 120), rtol=2e-3
        )
    # exp(-0.2) of the start is left.
    assert found.frame_bleaching == pytest.approx(100 * (1 - np.exp(-0.2)), abs=0.1)
    assert "whole frames of plane" in drawing.caption
    assert f"the median cell loses {found.cell_bleaching:.1f} %" in drawing.caption
    table = drawing.table
    assert (table["cells_lower_quartile"] <= table["cells_median"]).all()


@pytest.mark.parametrize("planes", [1, 3])
@pytest.mark.parametrize("level", [0.0, -5.0, np.nan])
def test_no_plane_is_named_where_whole_frames_cannot_be_fitted(planes, level):
    shown = traces(planes=planes)
    shown = replace(shown, frame_mean=np.full_like(np.asarray(shown.frame_mean), level))
    found = measured(shown)
    assert np.isnan(found.frame_bleaching).all()
    assert found.bleached_plane == -1
    caption = bleaching(shown, found).caption
    assert "; the brightness of whole frames cannot be fitted." in caption
    assert "of plane" not in caption


def test_the_plane_that_loses_most_is_one_that_was_fitted():
    shown = traces(planes=3)
    mean = np.array(shown.frame_mean)
    mean[0] = -5
    mean[1] *= np.exp(-0.1 * np.arange(mean.shape[1]) / mean.shape[1])
    found = measured(replace(shown, frame_mean=mean))
    assert found.bleached_plane == 1
    # exp(-0.2) of the start was left, and of that exp(-0.1).
    caption = bleaching(shown, found).caption
    lost = re.search(r"whole frames of plane 2, which lose most, ([\d.]+) %", caption)[1]
    assert float(lost) == pytest.approx(100 * (1 - np.exp(-0.3)), abs=0.1)
    assert measured(replace(shown, frame_mean=None)).bleached_plane == -1


def test_jumps_of_brightness_are_in_the_caption():
    shown = traces()
    mean = np.array(shown.frame_mean)
    mean[0, 600] = 0
    shown = replace(shown, frame_mean=mean)
    assert bleaching(shown, measured(shown)).caption.endswith("Frames jump in brightness 2 times.")


def test_the_headline_has_a_tile_of_quality():
    numbers = {
        "noise_level_percent": 2.57, "snr": 6.36, "bad_frames": 12,
        "largest_motion_px": 7.07, "bleaching_percent": 2.5,
    }  # fmt: skip
    (tile,) = headline({"quality": numbers}, "r_average").facts
    assert (tile.label, tile.value) == ("noise level of the cells", "2.6 %/√Hz")
    assert tile.detail.replace("\u00a0", " ") == (
        "signal-to-noise 6.4 · 12 bad frames · motion up to 7.1 px · 2 % bleached"
    )
    (unknown,) = headline({"quality": numbers | {"noise_level_percent": None}}, "r_average").facts
    assert unknown.value == "–"


def test_long_recordings_show_the_means_of_stretches():
    shown = traces(frames=2000)
    found = measured(shown)
    edges = np.linspace(0, 2000, found.stretch_frame.size + 1).astype(int)
    middle = [shown.motion_y[0, a:b].mean() for a, b in itertools.pairwise(edges)]
    np.testing.assert_allclose(found.stretch_motion_y[0], middle)
    assert found.stretch_frame[:2].tolist() == [5, 15]
    assert measured(traces()).stretch_frame.size == 0
