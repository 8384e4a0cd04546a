"""Presentations around pauses: which frames count, what is left out, what is said."""

import dataclasses

import numpy as np
import pytest
from test_alignment import WINDOWS, make_presentations, make_traces

from twophoton_decode.errors import AlignmentError
from twophoton_decode.responses.windows.alignment import align
from twophoton_decode.responses.windows.pauses import timing_notes
from twophoton_decode.responses.windows.windows import frames_in_window


def paused(trials=5, each=40, rate=8.0, pause_s=60.0, first_stamp_s=None, **more):
    """Trials of so many frames with a pause after each, timed by stamps."""
    trial = np.repeat(np.arange(trials), each)
    times = np.arange(trials * each) / rate + trial * pause_s
    traces = make_traces(frames=trials * each, rate=rate, delays=(0.5 / rate,), **more)
    return dataclasses.replace(traces, frame_time_s=times, first_stamp_s=first_stamp_s)


def interrupted(at=50, **more):
    """The same with one pause of unknown length, before frame `at`."""
    return dataclasses.replace(make_traces(**more), unknown_pause=[at])


def test_no_frame_from_before_a_pause_is_in_a_baseline():
    """The picture comes with frame 1 of each trial: one frame of baseline is of this trial."""
    traces = paused()
    onsets = traces.frame_time_s[np.arange(5) * 40 + 1]
    alignment = align(make_presentations(onsets), traces, WINDOWS)
    assert alignment.kept.tolist() == [1, 2, 3, 4]
    assert alignment.baseline.start[0].tolist() == [40, 80, 120, 160]
    assert alignment.baseline.stop[0].tolist() == [41, 81, 121, 161]
    assert (alignment.response.stop - alignment.response.start).tolist() == [[8] * 4]
    assert alignment.excluded_reason.tolist() == ["baseline window begins before the movie"]
    assert alignment.pause_notes == (
        "in 4 of 4 presentations a pause in the recording, or dropped frames, lie in the baseline "
        "window, so it holds 1 frame instead of 4.",
    )


def test_a_window_without_a_frame_says_that_the_recording_pauses():
    traces = paused()
    onsets = [2.0, *traces.frame_time_s[[40, 80]]]
    alignment = align(make_presentations(onsets), traces, WINDOWS)
    assert alignment.kept.tolist() == [0]
    assert set(alignment.excluded_reason.tolist()) == {
        "no frame in the baseline window: the recording pauses there"
    }


def test_one_dropped_frame_leaves_one_frame_less():
    kept = np.array([n for n in range(100) if n != 43])
    traces = dataclasses.replace(make_traces(frames=99), frame_time_s=kept / 10)
    alignment = align(make_presentations([2.0, 4.0, 8.0]), traces, WINDOWS)
    assert (alignment.response.stop - alignment.response.start).tolist() == [[10, 9, 10]]
    assert alignment.pause_notes == (
        "in 1 of 3 presentations a pause in the recording, or dropped frames, lie in the response "
        "window, so it holds 9 frames instead of 10.",
    )
    # The onset after the gap meets the frame that was taken then, not the one counted so far.
    assert alignment.response.start[0, 2] == 79


def test_stamps_that_are_even_change_no_window():
    onsets = np.arange(6, 80) * 0.1
    even = make_traces()
    stamped = dataclasses.replace(even, frame_time_s=np.arange(100) / 10)
    for window in ((-0.5, 0.0), (0.0, 1.0)):
        found = [frames_in_window(onsets, window, each) for each in (even, stamped)]
        assert np.array_equal(found[0].start, found[1].start)
        assert np.array_equal(found[0].stop, found[1].stop)
    assert align(make_presentations(onsets), stamped, WINDOWS).pause_notes == ()


@pytest.mark.parametrize(
    ("onset_s", "baseline", "response"),
    [(4.0, (35, 40), (40, 50)), (4.5, (40, 45), (45, 50)), (5.2, (50, 52), (52, 62))],
    ids=["well before", "the response would reach over", "the baseline would reach back over"],
)
def test_no_window_reaches_over_a_pause_of_unknown_length(onset_s, baseline, response):
    alignment = align(make_presentations([onset_s]), interrupted(), WINDOWS)
    assert (alignment.baseline.start[0, 0], alignment.baseline.stop[0, 0]) == baseline
    assert (alignment.response.start[0, 0], alignment.response.stop[0, 0]) == response


def test_windows_cut_by_a_pause_of_unknown_length_are_counted():
    presentations = make_presentations([2.0, 4.5, 4.8, 5.2, 8.0])
    alignment = align(presentations, interrupted(), WINDOWS)
    assert alignment.kept.tolist() == [0, 1, 2, 3, 4]
    assert alignment.pause_notes == (
        "in 1 of 5 presentations a pause in the recording, or dropped frames, lie in the baseline "
        "window, so it holds 2 frames instead of 5.",
        "in 2 of 5 presentations a pause in the recording, or dropped frames, lie in the response "
        "window, so it holds 2 to 5 frames instead of 10.",
    )


def test_an_onset_with_the_first_frame_after_a_pause_of_unknown_length_has_no_baseline():
    alignment = align(make_presentations([2.0, 5.0]), interrupted(), WINDOWS)
    assert alignment.excluded_reason.tolist() == [
        "no frame in the baseline window: the recording pauses there"
    ]


def test_a_log_that_leaves_the_pauses_out_is_pointed_to_the_setting():
    """Onsets counted as if trials followed each other fall into the pauses."""
    with pytest.raises(AlignmentError, match='set frame_times = "even" in'):
        align(make_presentations(10.0 + 5 * np.arange(4)), paused(), WINDOWS)


def test_the_end_of_the_movie_counts_the_pauses():
    traces = paused(trials=2)
    assert traces.duration_s == 70.0
    assert align(make_presentations([66.0]), traces, WINDOWS).kept.tolist() == [0]
    with pytest.raises(AlignmentError, match=r"ends at 70\.0 s \(80 frames at 8\.0 Hz, timed by"):
        align(make_presentations([71.0]), traces, WINDOWS)


def test_onsets_that_fit_in_the_microscopes_clock_are_pointed_to_the_setting():
    traces = paused(trials=1, each=100, first_stamp_s=300.0)
    with pytest.raises(AlignmentError, match='began at 300 s: then set onset_clock = "microscope"'):
        align(make_presentations([302.0, 309.0]), traces, WINDOWS)
    with pytest.raises(AlignmentError, match="Check frame_rate_hz"):
        align(make_presentations([302.0, 909.0]), traces, WINDOWS)


def test_evenly_timed_frames_leave_pauses_out_but_no_window_reaches_over_one():
    traces = paused().evenly_timed()
    assert traces.duration_s == 25.0
    onsets = np.arange(1, 5) * 5.0 + 0.125
    alignment = align(make_presentations(onsets), traces, WINDOWS)
    assert alignment.baseline.start[0].tolist() == [40, 80, 120, 160]
    assert alignment.baseline.stop[0].tolist() == [41, 81, 121, 161]


def test_pauses_are_said_whether_they_count_as_time_or_not():
    (known,) = timing_notes(paused())
    assert "4 pauses or gaps of dropped frames, 240 s in all, count as time" in known
    (unknown,) = timing_notes(paused().evenly_timed())
    assert "the pause before frame 40 and 3 more is not counted as time" in unknown
    assert timing_notes(make_traces()) == []
