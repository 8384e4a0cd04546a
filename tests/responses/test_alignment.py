import numpy as np
import pytest

from twophoton_decode.errors import AlignmentError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.windows.alignment import align
from twophoton_decode.responses.windows.windows import frames_in_window
from twophoton_decode.settings import ResponseSettings

WINDOWS = ResponseSettings(baseline_window_s=(-0.5, 0.0), response_window_s=(0.0, 1.0))


def make_traces(frames=100, rate=10.0, delays=(0.05,), bad=()):
    bad_frame = np.zeros(frames, dtype=bool)
    bad_frame[list(bad)] = True
    planes, signal = len(delays), np.zeros((1, frames), np.float32)
    return Traces(
        fluorescence=signal,
        neuropil=signal,
        deconvolved=signal,
        is_cell=[True],
        cell_probability=[1.0],
        plane=[0],
        center_y=[0.0],
        center_x=[0.0],
        pixel_offset=[0, 1],
        pixel_y=[0],
        pixel_x=[0],
        pixel_weight=[1.0],
        mean_image=np.zeros((planes, 2, 2)),
        motion_y=np.zeros((planes, frames)),
        motion_x=np.zeros((planes, frames)),
        bad_frame=bad_frame,
        plane_delay_s=delays,
        frame_rate_hz=rate,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def make_presentations(onset_s):
    count = len(onset_s)
    return Presentations(
        image=np.zeros(count, dtype=int),
        repeat=np.arange(count),
        onset_s=onset_s,
        duration_s=np.full(count, np.nan),
        log_line=np.arange(count) + 2,
        image_name=["owl.png"],
        columns={},
        sorted_rows=0,
    )


def test_frames_whose_mid_time_lies_in_the_window_count():
    alignment = align(make_presentations([2.0, 3.07]), make_traces(), WINDOWS)
    # Mid-times are 0.05, 0.15, …: the frame at 3.05 s comes before the onset at 3.07 s.
    assert alignment.response.start.tolist() == [[20, 31]]
    assert alignment.response.stop.tolist() == [[30, 41]]
    assert alignment.baseline.start.tolist() == [[15, 26]]
    assert alignment.baseline.stop.tolist() == [[20, 31]]
    assert alignment.kept.tolist() == [0, 1]
    assert alignment.excluded_line.size == 0


def test_rounding_does_not_move_a_window():
    # Mid-times exactly on the window's edges: with 0.1 + 0.2 > 0.3 a comparison would slip.
    traces = make_traces(rate=10.0, delays=(0.0,))
    onsets = np.arange(5, 80) * 0.1
    window = frames_in_window(onsets, (0.0, 0.3), traces)
    assert window.start[0].tolist() == list(range(5, 80))
    assert window.stop[0].tolist() == list(range(8, 83))


def test_planes_have_their_own_frames():
    window = frames_in_window(np.array([2.0]), (0.0, 0.5), make_traces(delays=(0.01, 0.09)))
    assert window.start.tolist() == [[20], [20]]
    window = frames_in_window(np.array([2.05]), (0.0, 0.5), make_traces(delays=(0.01, 0.09)))
    assert (window.start.tolist(), window.stop.tolist()) == ([[21], [20]], [[26], [25]])


def test_every_exclusion_has_its_reason():
    presentations = make_presentations([0.3, 2.0, 4.0, 6.0, 8.0, 9.5])
    alignment = align(presentations, make_traces(bad=[58, 89]), WINDOWS)
    assert alignment.kept.tolist() == [1, 2]
    assert alignment.excluded_line.tolist() == [2, 5, 6, 7]
    assert alignment.excluded_reason.tolist() == [
        "baseline window begins before the movie",
        "bad motion in the baseline window",
        "bad motion in the response window",
        "response window runs past the movie's end",
    ]
    assert alignment.response.start.shape == (1, 2)


def test_bad_motion_is_kept_only_where_asked_for():
    presentations, traces = make_presentations([2.0, 4.0, 6.0, 8.0]), make_traces(bad=[38, 62])
    excluded = align(presentations, traces, WINDOWS)
    assert (excluded.kept.tolist(), excluded.bad_motion_kept) == ([0, 3], 0)
    kept = align(presentations, traces, WINDOWS.model_copy(update={"exclude_bad_motion": False}))
    assert (kept.kept.tolist(), kept.bad_motion_kept) == ([0, 1, 2, 3], 2)


def test_bad_motion_counts_up_to_the_edges_of_a_window():
    # Windows of the onset at 4 s: frames 35 up to 50 of the first plane, 36 up to 51 of the second.
    for bad, excluded in ((34, []), (35, [2]), (49, [2]), (50, [2]), (51, [])):
        traces = make_traces(bad=[bad], delays=(0.05, -0.001))
        alignment = align(make_presentations([4.0, 8.0]), traces, WINDOWS)
        assert alignment.excluded_line.tolist() == excluded, bad


def test_the_last_window_may_end_with_the_movie():
    assert align(make_presentations([9.0]), make_traces(), WINDOWS).kept.tolist() == [0]


def test_a_window_shorter_than_a_frame_can_be_empty():
    settings = ResponseSettings(baseline_window_s=(-1.0, 0.0), response_window_s=(0.0, 0.06))
    alignment = align(make_presentations([2.0, 3.06]), make_traces(), settings)
    assert alignment.kept.tolist() == [0]
    assert alignment.excluded_reason.tolist() == ["no frame in the response window"]


def test_an_onset_after_the_movie_is_an_error_with_its_line():
    traces = make_traces(frames=27000, rate=30.0)
    with pytest.raises(AlignmentError) as caught:
        align(make_presentations([10.0, 912.4, 950.0]), traces, WINDOWS, log_name="log.csv")
    assert str(caught.value) == (
        "log.csv, line 3: the image is shown at 912.4 s, but the movie ends at 900.0 s (27000 "
        "frames at 30.0 Hz). 1 later presentation is outside as well. Check frame_rate_hz in "
        "session.toml. If the log "
        'goes on after the movie, set beyond_movie = "trim" under [log].'
    )
    assert caught.value.exit_code == 1


def test_an_onset_before_the_movie_is_an_error():
    with pytest.raises(AlignmentError, match=r"line 2: .* at -1\.0 s, but the movie begins at 0"):
        align(make_presentations([-1.0]), make_traces(), WINDOWS)


def test_nothing_left_counts_the_reasons():
    message = r"none of the 2 presentations can be used \(2 × bad motion in the baseline window\)"
    with pytest.raises(AlignmentError, match=message):
        align(make_presentations([2.0, 4.0]), make_traces(bad=range(100)), WINDOWS)
