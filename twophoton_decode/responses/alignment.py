"""The log laid on the movie: which frames lie in the windows of each presentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.records.recording import Presentations
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.outside_movie import advice_on_outside
from twophoton_decode.settings import ResponseSettings, Window

# Rounding must not decide whether a frame that begins with the window belongs to it.
_EDGE_FRAMES = 1e-6
BAD_MOTION = "bad motion"
"""How the reason for leaving a presentation out begins, where it was the animal's motion."""


@dataclass(frozen=True)
class FrameWindow:
    """Frames ``start[plane, presentation]`` up to, but not with, ``stop`` of the same."""

    start: np.ndarray
    stop: np.ndarray

    def only(self, presentations: np.ndarray) -> FrameWindow:
        """The windows of some presentations."""
        return FrameWindow(self.start[:, presentations], self.stop[:, presentations])


@dataclass(frozen=True)
class Alignment:
    """The presentations that can be used, and why the others cannot.

    Attributes
    ----------
    kept : ndarray of int, shape (kept,)
        Rows of the presentations.
    baseline, response : FrameWindow
        Frames of the kept presentations, shape (planes, kept).
    excluded_line, excluded_reason : ndarray, shape (exclusion,)
        Line of the log, and why it was left out.
    bad_motion_kept : int
        Kept presentations with bad motion in a window: none, unless the settings say so.
    """

    kept: np.ndarray
    baseline: FrameWindow
    response: FrameWindow
    excluded_line: np.ndarray
    excluded_reason: np.ndarray
    bad_motion_kept: int = 0


def align(
    presentations: Presentations,
    traces: Traces,
    settings: ResponseSettings,
    *,
    log_name: str = "stimulus log",
) -> Alignment:
    """Frames whose mid-time lies in each presentation's windows, plane by plane [field].

    A presentation is left out, with its reason, when a window runs off the movie or holds
    no frame, or when a frame in its windows has bad motion (with
    ``settings.exclude_bad_motion``). What ``settings.exclude`` names was left out when the log
    was read.

    Raises
    ------
    AlignmentError
        An onset outside the movie, or no presentation left.
    """
    _refuse_onsets_outside(presentations, traces, log_name)
    baseline = frames_in_window(presentations.onset_s, settings.baseline_window_s, traces)
    response = frames_in_window(presentations.onset_s, settings.response_window_s, traces)
    reason = np.full(presentations.onset_s.size, "", dtype=object)
    moved = np.zeros(reason.size, dtype=bool)
    for name, frames in (("baseline", baseline), ("response", response)):
        window: Window = getattr(settings, f"{name}_window_s")
        _mark_unusable_windows(reason, name, frames, presentations.onset_s, window, traces)
        bad = _moves(frames, traces)
        moved |= bad
        if settings.exclude_bad_motion:
            reason[bad & (reason == "")] = f"{BAD_MOTION} in the {name} window"
    kept = np.flatnonzero(reason == "")
    if not kept.size:
        raise AlignmentError(_nothing_left(reason, traces.frame_rate_hz, log_name))
    return Alignment(
        kept,
        baseline.only(kept),
        response.only(kept),
        presentations.log_line[reason != ""],
        reason[reason != ""].astype(str),
        int(moved[kept].sum()),
    )


def frames_in_window(onset_s: np.ndarray, window_s: Window, traces: Traces) -> FrameWindow:
    """Frames with onset + start <= mid-time < onset + stop, shape (planes, presentations)."""
    frames = np.arange(traces.fluorescence.shape[1])
    tolerance = _EDGE_FRAMES / traces.frame_rate_hz
    edges = [
        np.stack(
            [
                np.searchsorted(traces.frame_time(plane, frames), onset_s + edge - tolerance)
                for plane in range(traces.plane_delay_s.size)
            ]
        )
        for edge in window_s
    ]
    return FrameWindow(*edges)


def _refuse_onsets_outside(presentations: Presentations, traces: Traces, log_name: str) -> None:
    frames = traces.fluorescence.shape[1]
    end = frames / traces.frame_rate_hz
    outside = (presentations.onset_s < 0) | (presentations.onset_s >= end)
    if not outside.any():
        return
    row = int(np.flatnonzero(outside)[0])
    onset, line = presentations.onset_s[row], presentations.log_line[row]
    if onset < 0:
        fact = "but the movie begins at 0 s"
    else:
        fact = f"but the movie ends at {end:.1f} s ({frames} frames at {traces.frame_rate_hz} Hz)"
    advice = advice_on_outside(presentations.onset_s, end)
    more = f" So are {outside.sum() - 1} later ones." if outside.sum() > 1 else ""
    raise AlignmentError(
        f"{log_name}, line {line}: the image is shown at {onset:.1f} s, {fact}.{more} {advice}"
    )


def _mark_unusable_windows(
    reason: np.ndarray,
    name: str,
    frames: FrameWindow,
    onset_s: np.ndarray,
    window_s: Window,
    traces: Traces,
) -> None:
    """Give a reason to the presentations whose window cannot be averaged."""
    frame_s = 1 / traces.frame_rate_hz
    tolerance = _EDGE_FRAMES * frame_s
    end = traces.fluorescence.shape[1] * frame_s
    unusable = [
        (onset_s + window_s[0] < -tolerance, f"{name} window begins before the movie"),
        (onset_s + window_s[1] > end + tolerance, f"{name} window runs off the movie's end"),
        ((frames.stop == frames.start).any(axis=0), f"no frame in the {name} window"),
    ]
    for where, why in unusable:
        reason[where & (reason == "")] = why


def _moves(frames: FrameWindow, traces: Traces) -> np.ndarray:
    """Whether a frame of bad motion lies in the window, of any plane, per presentation."""
    before = np.concatenate([[0], np.cumsum(traces.bad_frame)])
    return np.asarray((before[frames.stop] > before[frames.start]).any(axis=0))


def _nothing_left(reason: np.ndarray, frame_rate_hz: float, log_name: str) -> str:
    counts = ", ".join(f"{count} × {why}" for why, count in Counter(reason).most_common())
    return (
        f"{log_name}: none of the {reason.size} presentations can be used ({counts}). Check the "
        f"windows and exclude under [responses] in session.toml; a frame lasts "
        f"{1 / frame_rate_hz:.3g} s."
    )
