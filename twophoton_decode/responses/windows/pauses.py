"""Windows that hold fewer frames because the recording pauses in them, or frames were dropped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.windows.windows import EDGE_FRAMES, FrameWindow, frames_of_run
from twophoton_decode.settings import Window


@dataclass(frozen=True)
class CutWindows:
    """Windows of one kind, (presentation,).

    Attributes
    ----------
    paused : array of bool
        Whether a gap between frames lies in the window.
    held, whole : array of int
        Frames in the window, and as many as there would be without gaps: of the plane that
        has the fewest.
    """

    paused: np.ndarray
    held: np.ndarray
    whole: np.ndarray

    def note(self, name: str, kept: np.ndarray) -> list[str]:
        """How many of the `kept` presentations have fewer frames in the `name` window."""
        cut = kept[(self.paused & (self.held < self.whole))[kept]]
        if not cut.size:
            return []
        held, whole = self.held[cut], self.whole[cut]
        frames = f"{_span(held)} frame{'' if held.max() == 1 else 's'}"
        return [
            f"in {cut.size} of {kept.size} presentations a pause in the recording, or dropped "
            f"frames, lie in the {name} window, so it holds {frames} instead of {_span(whole)}."
        ]


def _span(counts: np.ndarray) -> str:
    low, high = int(counts.min()), int(counts.max())
    return str(low) if low == high else f"{low} to {high}"


def cut_windows(
    frames: FrameWindow, onset_s: np.ndarray, window_s: Window, traces: Traces
) -> CutWindows:
    """Which windows hold a gap, and how many frames each has and would have."""
    held = frames.stop - frames.start
    plane = np.argmin(held, axis=0)
    each = np.arange(onset_s.size)
    held, start = held[plane, each], frames.start[plane, each]
    rate = 1 / _period(traces)
    mid = traces.began_s(np.minimum(start, traces.bad_frame.size - 1)) + traces.plane_delay_s[plane]
    edges = [np.ceil((onset_s + edge - mid) * rate - EDGE_FRAMES) for edge in window_s]
    paused = _paused(onset_s, window_s, traces)
    return CutWindows(paused, held, np.where(held > 0, edges[1] - edges[0], 0).astype(int))


def _paused(onset_s: np.ndarray, window_s: Window, traces: Traces) -> np.ndarray:
    """Whether a gap lies within each window, (presentation,)."""
    gaps = traces.times.gaps()
    period = _period(traces)
    tolerance = EDGE_FRAMES * period
    opens = onset_s + window_s[0] + tolerance
    closes = onset_s + window_s[1] - tolerance
    after = gaps.frame[gaps.known]
    begins, ends = traces.began_s(after - 1) + period, traces.began_s(after)
    next_gap = np.searchsorted(ends, opens, side="right")
    known = np.append(begins, np.inf)[next_gap] < closes
    first, end = frames_of_run(onset_s, traces)
    late = (first > 0) & (traces.began_s(first) > opens)
    last = np.minimum(end, traces.bad_frame.size) - 1
    early = (end < traces.bad_frame.size) & (traces.began_s(last) + period < closes)
    return np.asarray(known | late | early)


def _period(traces: Traces) -> float:
    return 1 / (traces.times.rate_hz() or traces.frame_rate_hz)


def timing_notes(traces: Traces) -> list[str]:
    """How pauses count where onsets are laid on frames."""
    gaps = traces.times.gaps()
    known, unknown = gaps.seconds[gaps.known], gaps.frame[~gaps.known]
    notes = []
    if known.size:
        notes.append(
            f"frames are timed by the microscope: {known.size} pauses or gaps of dropped frames, "
            f"{known.sum():.4g} s in all, count as time. If the onsets in the log leave them out, "
            'set frame_times = "even" in [recording] of session.toml.'
        )
    if unknown.size:
        more = f" and {unknown.size - 1} more" if unknown.size > 1 else ""
        notes.append(
            f"the length of the pause before frame {unknown[0]}{more} is not counted as time: "
            "onsets after it must leave it out too. No window reaches over it."
        )
    return notes


def pause_advice(paused: int, presentations: int) -> str:
    """What to do where most presentations fall into pauses; empty where few do."""
    if 2 * paused <= presentations:
        return ""
    return (
        ' If the onsets in the log leave the pauses out, set frame_times = "even" in [recording] '
        "of session.toml."
    )
