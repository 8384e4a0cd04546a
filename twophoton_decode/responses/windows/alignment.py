"""The log laid on the movie: which frames lie in the windows of each presentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.windows.outside_movie import advice_on_outside
from twophoton_decode.responses.windows.pauses import CutWindows, cut_windows, pause_advice
from twophoton_decode.responses.windows.windows import EDGE_FRAMES, FrameWindow, frames_in_window
from twophoton_decode.settings import ResponseSettings, Window

BAD_MOTION = "bad motion"
"""How the reason for leaving a presentation out begins, where it was the animal's motion."""
PAUSE = "the recording pauses there"
"""How it ends, where it was a gap between frames."""


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
    pause_notes : tuple of str
        In how many kept presentations a pause leaves a window with fewer frames.
    """

    kept: np.ndarray
    baseline: FrameWindow
    response: FrameWindow
    excluded_line: np.ndarray
    excluded_reason: np.ndarray
    bad_motion_kept: int = 0
    pause_notes: tuple[str, ...] = ()


def align(
    presentations: Presentations,
    traces: Traces,
    settings: ResponseSettings,
    *,
    log_name: str = "stimulus log",
) -> Alignment:
    """Frames whose mid-time lies in each presentation's windows, plane by plane [field].

    A presentation is left out, with its reason, when a window runs off the movie or holds
    no frame, be it for a pause in the recording, or when a frame in its windows has bad motion
    (with ``settings.exclude_bad_motion``). What ``settings.exclude`` names was left out when the
    log was read.

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
    cut: dict[str, CutWindows] = {}
    for name, frames in (("baseline", baseline), ("response", response)):
        window: Window = getattr(settings, f"{name}_window_s")
        cut[name] = cut_windows(frames, presentations.onset_s, window, traces)
        _mark_unusable_windows(reason, name, cut[name], presentations.onset_s, window, traces)
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
        tuple(note for name, each in cut.items() for note in each.note(name, kept)),
    )


def _refuse_onsets_outside(presentations: Presentations, traces: Traces, log_name: str) -> None:
    frames, end = traces.bad_frame.size, traces.duration_s
    outside = _outside(presentations.onset_s, end)
    if not outside.any():
        return
    row = int(np.flatnonzero(outside)[0])
    onset, line = presentations.onset_s[row], presentations.log_line[row]
    if onset < 0:
        fact = "but the movie begins at 0 s"
    else:
        pauses = "" if traces.frame_time_s is None else ", timed by the microscope's stamps"
        fact = (
            f"but the movie ends at {end:.1f} s ({frames} frames at {traces.frame_rate_hz} Hz"
            f"{pauses})"
        )
    advice = _other_clock(presentations.onset_s, traces) or advice_on_outside(
        presentations.onset_s, end
    )
    later = int(outside.sum()) - 1
    others = "1 later presentation is" if later == 1 else f"{later} later presentations are"
    more = f" {others} outside as well." if later else ""
    raise AlignmentError(
        f"{log_name}, line {line}: the image is shown at {onset:.1f} s, {fact}.{more} {advice}"
    )


def _outside(onset_s: np.ndarray, end_s: float) -> np.ndarray:
    return np.asarray((onset_s < 0) | (onset_s >= end_s))


def _other_clock(onset_s: np.ndarray, traces: Traces) -> str:
    """Advice where onsets fit the movie when they are read in the microscope's clock."""
    first = traces.first_stamp_s
    if not first or _outside(onset_s - first, traces.duration_s).any():
        return ""
    return (
        "Every onset fits if the log counts in the microscope's clock, in which the first frame "
        f'began at {first:.6g} s: then set onset_clock = "microscope" in [recording].'
    )


def _mark_unusable_windows(
    reason: np.ndarray,
    name: str,
    cut: CutWindows,
    onset_s: np.ndarray,
    window_s: Window,
    traces: Traces,
) -> None:
    """Give a reason to the presentations whose window cannot be averaged."""
    tolerance = EDGE_FRAMES / traces.frame_rate_hz
    end = traces.duration_s
    unusable = [
        (onset_s + window_s[0] < -tolerance, f"{name} window begins before the movie"),
        (onset_s + window_s[1] > end + tolerance, f"{name} window runs past the movie's end"),
        (
            (cut.held == 0) & cut.paused,
            f"no frame in the {name} window: {PAUSE}",
        ),
        (cut.held == 0, f"no frame in the {name} window"),
    ]
    for where, why in unusable:
        reason[where & (reason == "")] = why


def _moves(frames: FrameWindow, traces: Traces) -> np.ndarray:
    """Whether a frame of bad motion lies in the window, of any plane, per presentation."""
    before = np.concatenate([[0], np.cumsum(traces.bad_frame)])
    return np.asarray((before[frames.stop] > before[frames.start]).any(axis=0))


def _nothing_left(reason: np.ndarray, frame_rate_hz: float, log_name: str) -> str:
    counts = ", ".join(f"{count} × {why}" for why, count in Counter(reason).most_common())
    paused = sum(why.endswith(PAUSE) for why in reason.tolist())
    return (
        f"{log_name}: none of the {reason.size} presentations can be used ({counts}). Check the "
        "windows and exclude under [responses] in session.toml; a frame lasts "
        f"{1 / frame_rate_hz:.3g} s.{pause_advice(paused, reason.size)}"
    )
