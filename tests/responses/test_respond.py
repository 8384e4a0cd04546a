import dataclasses

import numpy as np
import pytest

from twophoton_decode.errors import AlignmentError, ResponseError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses import respond as respond_module
from twophoton_decode.responses.respond import respond
from twophoton_decode.responses.statistics.session_effects import carry_over
from twophoton_decode.settings import ResponseSettings

RATE, PERIOD, IMAGES, REPEATS = 10.0, 3.0, 6, 5
SETTINGS = ResponseSettings(baseline_window_s=(-1.0, 0.0), response_window_s=(0.0, 1.0))


def recording(seed=0, rois=9, planes=1, noise=0.05):
    """ROI r answers image r % IMAGES with 1 + r for a second; a third of the ROIs is no cell."""
    rng = np.random.default_rng(seed)
    image = np.concatenate([rng.permutation(IMAGES) for _ in range(REPEATS)])
    onset_s = 2.0 + PERIOD * np.arange(image.size)
    frames = int(RATE * (onset_s[-1] + PERIOD))
    delay_s = np.arange(planes) / (RATE * planes)
    plane = np.arange(rois) % planes
    signal = 20 + noise * rng.standard_normal((rois, frames))
    for roi in range(rois):
        mid_s = np.arange(frames) / RATE + delay_s[plane[roi]] + 0.001
        for onset in onset_s[image == roi % IMAGES]:
            signal[roi, (mid_s >= onset) & (mid_s < onset + 1)] += 1 + roi
    traces = Traces(
        fluorescence=signal,
        neuropil=np.zeros_like(signal),
        deconvolved=np.zeros_like(signal),
        is_cell=np.arange(rois) % 3 != 2,
        cell_probability=np.ones(rois),
        plane=plane,
        center_y=np.zeros(rois),
        center_x=np.zeros(rois),
        pixel_offset=np.arange(rois + 1),
        pixel_y=np.zeros(rois),
        pixel_x=np.zeros(rois),
        pixel_weight=np.ones(rois),
        mean_image=np.zeros((planes, 2, 2)),
        motion_y=np.zeros((planes, frames)),
        motion_x=np.zeros((planes, frames)),
        bad_frame=np.zeros(frames, dtype=bool),
        plane_delay_s=delay_s + 0.001,
        frame_rate_hz=RATE,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )
    presentations = Presentations(
        image=image,
        repeat=np.arange(image.size) // IMAGES,
        onset_s=onset_s,
        duration_s=np.full(image.size, np.nan),
        log_line=np.arange(image.size) + 2,
        image_name=[f"{i}.png" for i in range(IMAGES)],
        columns={},
        sorted_rows=0,
    )
    return presentations, traces


def run(presentations, traces, unusable=(), **options):
    def signal(rois):
        return np.asarray(traces.fluorescence[rois], dtype=float), ~np.isin(rois, unusable)

    return respond(
        presentations,
        np.zeros((IMAGES, 4, 4)),
        presentations.image_name,
        **{"signal": signal, "traces": traces, "unit": "ΔF/F", "settings": SETTINGS} | options,
    )


@pytest.mark.parametrize("planes", [1, 2])
def test_what_was_put_in_comes_back(planes):
    presentations, traces = recording(planes=planes, noise=0.0)
    responses = run(presentations, traces)
    assert responses.roi.tolist() == [0, 1, 3, 4, 6, 7]
    expected = np.where(
        presentations.image[:, None] == responses.roi % IMAGES, 1.0 + responses.roi, 0.0
    )
    np.testing.assert_allclose(responses.response, expected, atol=1e-5)
    assert responses.has_baseline
    assert responses.response_unit == "ΔF/F"
    np.testing.assert_array_equal(responses.onset_s, presentations.onset_s)
    np.testing.assert_array_equal(responses.repeat, presentations.repeat)


def test_each_plane_is_read_at_its_own_times():
    """A response of a tenth of a second, one frame long, between two frames of either plane."""
    presentations, traces = recording(planes=2, noise=0.0)
    delay_s = np.array([0.02, 0.07])
    onset_s = presentations.onset_s + 0.05
    signal = np.zeros(traces.fluorescence.shape)
    for roi, plane in enumerate(traces.plane):
        mid_s = np.arange(signal.shape[1]) / RATE + delay_s[plane]
        for onset in onset_s:
            signal[roi, (mid_s >= onset) & (mid_s < onset + 0.1)] = 1 + roi
    # The same onset falls before frame k of plane 1 and before frame k + 1 of plane 0.
    first = [np.flatnonzero(signal[roi])[0] for roi in (0, 1)]
    assert first == [21, 20]
    windows = ResponseSettings(baseline_window_s=(-0.5, 0.0), response_window_s=(0.0, 0.1))
    responses = run(
        dataclasses.replace(presentations, onset_s=onset_s),
        dataclasses.replace(traces, fluorescence=signal, plane_delay_s=delay_s),
        settings=windows,
    )
    assert set(traces.plane[responses.roi]) == {0, 1}
    np.testing.assert_allclose(
        responses.response, np.broadcast_to(1.0 + responses.roi, responses.response.shape)
    )


def test_a_list_of_rois_wins_over_the_classifier():
    presentations, traces = recording(noise=0.0)
    responses = run(presentations, traces, rois=np.array([2, 4, 8]))
    assert not traces.is_cell[[2, 8]].any()
    assert responses.roi.tolist() == [2, 4, 8]
    np.testing.assert_allclose(responses.response.max(axis=0), [3.0, 5.0, 9.0])
    none_classified = dataclasses.replace(traces, is_cell=np.zeros(9, dtype=bool))
    assert run(presentations, none_classified, rois=np.array([4])).roi.tolist() == [4]
    visual = SETTINGS.model_copy(update={"cells": "visually-responsive"})
    _, noisy = recording(noise=0.05)
    still = np.array(noisy.fluorescence)
    still[2] = 20 + 0.05 * np.random.default_rng(1).standard_normal(still.shape[1])
    noisy = dataclasses.replace(noisy, fluorescence=still)
    assert run(presentations, noisy, rois=np.array([2, 4, 8]), settings=visual).roi.tolist() == [
        *(4, 8)
    ]


def test_bad_motion_that_is_kept_is_counted():
    presentations, traces = recording()
    bad = np.array(traces.bad_frame)
    bad[[25, 55]] = True
    traces = dataclasses.replace(traces, bad_frame=bad)
    kept = run(
        presentations, traces, settings=SETTINGS.model_copy(update={"exclude_bad_motion": False})
    )
    assert kept.presentations == IMAGES * REPEATS
    assert kept.excluded_line.size == 0
    assert any(n.startswith("2 presentations with frames of bad motion") for n in kept.notes)
    left_out = run(presentations, traces)
    assert left_out.excluded_line.tolist() == [2, 3]
    assert not any("all the same" in note for note in left_out.notes)


def test_responsive_pairs_are_those_put_in():
    floor = SETTINGS.model_copy(update={"amplitude_floor": 0.5})
    responses = run(*recording(), settings=floor)
    expected = responses.roi[:, None] % IMAGES == np.arange(IMAGES)
    np.testing.assert_array_equal(responses.responsive, expected)
    np.testing.assert_array_equal(responses.responsive_others, expected.T[responses.image])


def test_cells_without_a_usable_baseline_are_dropped_and_named():
    responses = run(*recording(), unusable=[3, 5, 7])
    assert responses.roi.tolist() == [0, 1, 4, 6]
    assert (responses.dropped_cells, responses.dropped_rois) == (2, [3, 7])
    assert any("2 of 6 cells are left out" in n and "ROIs 3, 7." in n for n in responses.notes)
    assert responses.response.shape[1] == 4


def test_blocks_change_nothing_and_progress_is_told(monkeypatch):
    presentations, traces = recording(rois=14)
    whole = run(presentations, traces, unusable=[4])
    told = []
    monkeypatch.setattr(respond_module, "_VALUES_AT_ONCE", 3 * traces.fluorescence.shape[1])
    blocks = run(presentations, traces, unusable=[4], progress=lambda *step: told.append(step))
    np.testing.assert_array_equal(blocks.response, whole.response)
    assert blocks.dropped_rois == [4]
    assert told == [(3, 10, "cells"), (6, 10, "cells"), (9, 10, "cells"), (10, 10, "cells")]


def test_exclusions_and_sorting_are_kept():
    presentations, traces = recording()
    bad = np.array(traces.bad_frame)
    bad[25] = True
    traces = dataclasses.replace(traces, bad_frame=bad)
    presentations = dataclasses.replace(presentations, sorted_rows=3)
    responses = run(presentations, traces, notes=["a note"])
    assert responses.presentations == IMAGES * REPEATS - 1
    assert responses.excluded_line.tolist() == [2]
    assert responses.excluded_reason.tolist() == ["bad motion in the response window"]
    left_out = f"1 of {responses.presentations + 1} presentations are left out: 1 × bad motion"
    assert any(note.startswith(left_out) for note in responses.notes)
    assert responses.notes[:2] == [
        "a note",
        "3 rows of the log were out of order and were sorted.",
    ]
    previous = np.roll(presentations.image, 1)
    kept = np.arange(IMAGES * REPEATS) != 0
    carried = carry_over(
        responses.response, presentations.image[kept], previous[kept], np.random.default_rng([0, 3])
    )
    assert responses.carry_over_all == carried.over_all
    assert responses.carry_over_p == carried.p
    np.testing.assert_array_equal(responses.carry_over, carried.by_cell)


def test_no_cells_says_what_to_do():
    presentations, traces = recording()
    traces = dataclasses.replace(traces, is_cell=np.zeros(9, dtype=bool))
    with pytest.raises(ResponseError, match=r"none of the 9 ROIs .* Lower cell_probability") as e:
        run(presentations, traces)
    assert e.value.exit_code == 1


def test_no_usable_cell_says_what_to_do():
    with pytest.raises(ResponseError, match="all 6 cells have a baseline that is not safely"):
        run(*recording(), unusable=range(9))


def test_nan_in_the_signal_names_the_roi():
    presentations, traces = recording()
    broken = np.array(traces.fluorescence)
    broken[4, 12:15] = np.nan
    traces = dataclasses.replace(traces, fluorescence=broken)
    message = r"ROI 4 is NaN or infinite in 3 frames, the first being frame 12"
    with pytest.raises(ResponseError, match=message):
        run(presentations, traces)
    assert 4 not in run(presentations, traces, unusable=[4]).roi


def test_onsets_outside_name_the_log():
    presentations, traces = recording()
    late = dataclasses.replace(presentations, onset_s=presentations.onset_s + 100)
    with pytest.raises(AlignmentError, match=r"^shown\.csv, line 2: "):
        run(late, traces, log_name="shown.csv")


def test_blanks_are_averaged_over_the_same_windows_and_enter_no_statistics():
    presentations, traces = recording(noise=0.0)
    plain = run(presentations, traces)
    onset_s = presentations.onset_s
    blanks = dataclasses.replace(
        presentations, blank_onset_s=[onset_s[0], onset_s[4], 1e6], blank_line=[90, 91, 92]
    )
    responses = run(blanks, traces)
    np.testing.assert_array_equal(responses.response, plain.response)
    # A blank at the moment of a presentation finds what the presentation finds.
    np.testing.assert_array_equal(responses.blank_response, plain.response[[0, 4]])
    assert responses.blank_onset_s.tolist() == [onset_s[0], onset_s[4]]
    assert responses.excluded_line.tolist() == plain.excluded_line.tolist()
    inside, shown = plain.response[[0, 4]].mean(), plain.response.mean()
    assert responses.notes[-1] == (
        "2 of 3 blanks can be used: the mean evoked response is "
        f"{inside:.3g} ΔF/F in blanks, {shown:.3g} in presentations."
    )
    assert plain.blank_response is None


def test_blanks_of_the_cells_that_are_kept():
    presentations, traces = recording(noise=0.0)
    blanks = dataclasses.replace(presentations, blank_onset_s=presentations.onset_s[:3])
    responses = run(blanks, traces, unusable=[1])
    assert responses.roi.tolist() == [0, 3, 4, 6, 7]
    np.testing.assert_array_equal(responses.blank_response, responses.response[:3])


def test_blanks_that_cannot_be_used_are_counted():
    presentations, traces = recording(noise=0.0)
    responses = run(dataclasses.replace(presentations, blank_onset_s=[1e6, -3.0]), traces)
    assert responses.blank_response is None
    assert responses.notes[-1] == "0 of 2 blanks can be used."


def test_rows_left_out_when_the_log_was_read_are_kept_with_their_reasons():
    presentations, traces = recording(noise=0.0)
    notes = ("Log: picture from column image, onset from column onset_s (s).",)
    presentations = dataclasses.replace(
        presentations, left_out_line=[50, 60], left_out_reason=["eye = 1", "no onset"], notes=notes
    )
    responses = run(presentations, traces)
    assert responses.excluded_line.tolist() == [50, 60]
    assert responses.excluded_reason.tolist() == ["eye = 1", "no onset"]
    total = presentations.image.size + 2
    assert responses.notes[:2] == [
        *notes,
        f"2 of {total} presentations are left out: 1 × eye = 1, 1 × no onset.",
    ]


def test_the_preceding_image_is_the_one_of_the_log_not_of_the_rows_that_are_left():
    presentations, traces = recording(noise=0.05)
    rows = np.arange(presentations.image.size)
    everything = dataclasses.replace(
        presentations, previous=np.where(rows > 0, presentations.image[rows - 1], -1)
    )
    known = run(presentations, traces).carry_over
    np.testing.assert_array_equal(run(everything, traces).carry_over, known)
    unknown = dataclasses.replace(presentations, previous=np.full(rows.size, -1))
    assert not np.array_equal(run(unknown, traces).carry_over, known)


def test_a_remedy_stands_where_cells_are_left_out():
    presentations, traces = recording()
    offered = {"remedy": "set dark_level = -130 in [recording]"}
    some = run(presentations, traces, unusable=[0], **offered)
    assert any(
        note.endswith("ROIs 0: set dark_level = -130 in [recording].") for note in some.notes
    )
    with pytest.raises(
        ResponseError, match=r"above zero: set dark_level = -130 in \[recording\]\. Or"
    ):
        run(presentations, traces, unusable=range(9), **offered)
