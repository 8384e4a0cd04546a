"""The signal of every cell at every frame of the clips that were shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.traces import Traces

_VALUES_AT_ONCE = 25_000_000
_LONG_STEP = 1.5
"""Recording frames further apart than so many usual steps have a gap between them."""


def recorded(frame_s: np.ndarray, traces: Traces, *, without_bad_motion: bool) -> np.ndarray:
    """Whether every plane was recorded at these times, shape of `frame_s`.

    A time counts from half a step before the first frame's middle to half a step after the last
    one's, and not inside gaps, nor beside a frame flagged for bad motion where these are left out.
    """
    inside = np.isfinite(frame_s)
    for plane in range(traces.plane_delay_s.size):
        time_s = traces.frame_time(plane, np.arange(traces.bad_frame.size))
        step = 1 / traces.frame_rate_hz
        found = np.searchsorted(time_s, frame_s)
        before, after = np.clip(found - 1, 0, None), np.clip(found, None, len(time_s) - 1)
        inside &= (frame_s >= time_s[0] - step / 2) & (frame_s <= time_s[-1] + step / 2)
        inside &= time_s[after] - time_s[before] <= _LONG_STEP * step
        pause = np.zeros(len(time_s) + 1, bool)
        pause[traces.times.unknown_pause] = True
        inside &= ~(pause[after] & (before < after))
        if without_bad_motion:
            inside &= ~(traces.bad_frame[before] | traces.bad_frame[after])
    return np.asarray(inside)


def at_frames(
    signal: Callable[[np.ndarray], np.ndarray],
    plane: np.ndarray,
    frame_s: np.ndarray,
    shown: np.ndarray,
    clip_rate_hz: float,
    traces: Traces,
    progress: Progress = silent,
) -> np.ndarray:
    """The signal at each frame, interpolated between recording frames, (showing, frame, cell).

    Where the recording has more frames than clips, it is interpolated at several times evenly
    spread over the clip's frame, and averaged: nothing is skipped.

    Parameters
    ----------
    signal : callable
        ``signal(cells)`` gives the signal (cells, recording frames) of some cells, by index.
    plane : ndarray of int, shape (cells,)
    frame_s : ndarray, shape (showing, frame)
        Middle of each frame of a clip, s.
    shown : ndarray of bool, shape (showing, frame)
        The others get NaN.
    clip_rate_hz : float
    traces : Traces
        Opened, not loaded: frame times are read.

    Returns
    -------
    ndarray, float32
    """
    many = max(1, round(traces.frame_rate_hz / clip_rate_hz))
    within = (np.arange(many) + 0.5) / many - 0.5
    wanted = frame_s[shown][:, None] + within / clip_rate_hz
    made = np.full((*shown.shape, len(plane)), np.nan, np.float32)
    frames = np.arange(traces.bad_frame.size)
    step = max(1, _VALUES_AT_ONCE // max(frames.size, 1))
    for start in range(0, len(plane), step):
        cells = np.arange(start, min(start + step, len(plane)))
        for cell, values in zip(cells, signal(cells), strict=True):
            time_s = traces.frame_time(int(plane[cell]), frames)
            made[shown, cell] = np.interp(wanted, time_s, values).mean(axis=1)
        progress(int(cells[-1]) + 1, len(plane), "cells at frames of clips")
    return made
