"""The signal at frames of clips: interpolated, averaged, and missing where nothing was recorded."""

import dataclasses

import numpy as np
import pytest
from planted_traces import traces_of_signal

from twophoton_decode.responses.frame_by_frame import at_frames, recorded


def traces(frames=100, rate=10.0, **changed):
    made = traces_of_signal(np.zeros((3, frames), np.float32), rate)
    return dataclasses.replace(made, **changed) if changed else made


def taken(signal, made, frame_s, clip_rate, plane=None):
    shown = np.isfinite(frame_s)
    cells = len(signal)
    where = np.zeros(cells, int) if plane is None else plane
    return at_frames(lambda cell: signal[cell], where, frame_s, shown, clip_rate, made)


def test_a_signal_that_rises_evenly_is_what_it_is_at_each_time():
    made = traces()
    slope = np.array([1.0, -2.0, 0.5])
    signal = slope[:, None] * made.frame_time(0, np.arange(100))
    frame_s = np.array([[1.03, 1.13, np.nan], [4.47, 4.57, 4.67]])
    found = taken(signal, made, frame_s, 10.0)
    np.testing.assert_allclose(found, frame_s[..., None] * slope, rtol=1e-5)


def test_planes_are_taken_at_their_own_times():
    made = dataclasses.replace(
        traces(), plane_delay_s=np.array([0.0, 0.05]), motion_y=np.zeros((2, 100)),
        motion_x=np.zeros((2, 100)), mean_image=np.ones((2, 8, 8)), plane=np.array([0, 1, 1]),
    )  # fmt: skip
    ramp = np.arange(100.0)
    found = taken(np.stack([ramp] * 3), made, np.array([[5.0]]), 10.0, made.plane)
    np.testing.assert_allclose(found[0, 0], [50.0, 49.5, 49.5], rtol=1e-5)


def test_a_fast_recording_is_averaged_over_each_frame():
    made = traces(frames=300, rate=30.0)
    signal = np.random.default_rng(0).normal(size=(3, 300))
    middle = made.frame_time(0, np.arange(300))
    # A frame of 0.1 s centred on every third one holds three frames of the recording.
    found = taken(signal, made, middle[[[31, 34, 37]]], 10.0)
    wanted = np.stack([signal[:, k - 1 : k + 2].mean(axis=1) for k in (31, 34, 37)])
    np.testing.assert_allclose(found[0], wanted, rtol=1e-5)


def test_times_outside_the_recording_and_in_gaps_are_not_recorded():
    began = np.arange(100) / 10.0
    began[60:] += 5.0
    made = dataclasses.replace(traces(), frame_time_s=began)
    times = np.array([[-1.0, 0.0, 5.85, 7.0, 12.0, 30.0, np.nan]])
    found = recorded(times, made, without_bad_motion=False)
    assert found.tolist() == [[False, True, True, False, True, False, False]]


def test_beside_a_pause_of_unknown_length_nothing_is_interpolated():
    made = dataclasses.replace(traces(), unknown_pause=np.array([50]))
    times = np.array([[4.85, 4.95, 5.05]])
    assert recorded(times, made, without_bad_motion=False).tolist() == [[True, False, True]]


@pytest.mark.parametrize(("without", "kept"), [(True, False), (False, True)])
def test_frames_beside_bad_motion_are_left_out_where_asked(without, kept):
    bad = np.zeros(100, bool)
    bad[20] = True
    made = dataclasses.replace(traces(), bad_frame=bad)
    times = np.array([[1.95, 2.05, 2.55]])
    assert recorded(times, made, without_bad_motion=without).tolist() == [[kept, kept, True]]
