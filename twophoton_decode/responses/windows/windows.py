"""The frames of a window around each onset, none of them beyond a pause of unknown length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.traces import Traces
from twophoton_decode.settings import Window

# Rounding must not decide whether a frame that begins with the window belongs to it.
EDGE_FRAMES = 1e-6


@dataclass(frozen=True)
class FrameWindow:
    """Frames ``start[plane, presentation]`` up to, but not with, ``stop`` of the same."""

    start: np.ndarray
    stop: np.ndarray

    def only(self, presentations: np.ndarray) -> FrameWindow:
        """The windows of some presentations."""
        return FrameWindow(self.start[:, presentations], self.stop[:, presentations])


def frames_in_window(onset_s: np.ndarray, window_s: Window, traces: Traces) -> FrameWindow:
    """Frames with onset + start <= mid-time < onset + stop, shape (planes, presentations).

    Where the recording paused for an unknown time, only frames on the onset's side count.
    """
    frames = np.arange(traces.bad_frame.size)
    tolerance = EDGE_FRAMES / traces.frame_rate_hz
    edges = [
        np.stack(
            [
                np.searchsorted(traces.frame_time(plane, frames), onset_s + edge - tolerance)
                for plane in range(traces.plane_delay_s.size)
            ]
        )
        for edge in window_s
    ]
    first, end = frames_of_run(onset_s, traces)
    return FrameWindow(*(np.clip(edge, first, end) for edge in edges))


def frames_of_run(onset_s: np.ndarray, traces: Traces) -> tuple[np.ndarray, np.ndarray]:
    """First frame, and the one past the last, between the pauses of unknown length around each
    onset, both (presentation,).
    """
    borders = traces.times.unknown_pause
    tolerance = EDGE_FRAMES / traces.frame_rate_hz
    run = np.searchsorted(traces.began_s(borders) - tolerance, onset_s, side="right")
    return np.array([0, *borders])[run], np.array([*borders, traces.bad_frame.size])[run]
