"""Gaps in time between frames, in words and numbers."""

from __future__ import annotations

from typing import Any

from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.words import counted


def gap_notes(times: FrameTimes) -> list[str]:
    """What is odd about the steps from frame to frame; frames count from 0."""
    notes = []
    if times.gaps().known.any():
        notes.append(f"{_known(times)}: pauses or dropped frames. Frames are timed by {times.by}")
    if times.unknown_pause.size:
        notes.append(
            f"{_unknown(times)}: frames are timed as if it did not, and no window reaches over "
            "such a pause"
        )
    return notes


def gaps_in_words(times: FrameTimes) -> str:
    """All gaps in one line; empty without any."""
    said = [_known(times)] if times.gaps().known.any() else []
    said += [_unknown(times)] if times.unknown_pause.size else []
    return "; ".join(said)


def gap_facts(times: FrameTimes) -> dict[str, Any]:
    """The gaps as numbers, for JSON; frames count from 0."""
    gaps = times.gaps()
    known = gaps.seconds[gaps.known]
    first = int(gaps.frame[0]) - 1 if gaps.frame.size else None
    return {
        "count": int(gaps.frame.size),
        "of_unknown_length": int((~gaps.known).sum()),
        "longest_s": float(known.max()) if known.size else None,
        "total_s": float(known.sum()),
        "first_after_frame": first,
        "first_after_s": None
        if first is None or times.began_s is None
        else float(times.began_s[first]),
        "timed_by": times.by or None,
        "first_stamp_s": times.first_stamp_s,
    }


def _known(times: FrameTimes) -> str:
    gaps = times.gaps()
    frame, seconds = gaps.frame[gaps.known], gaps.seconds[gaps.known]
    assert times.began_s is not None
    where = f"after frame {frame[0] - 1}, at {times.began_s[frame[0] - 1]:.4g} s"
    if frame.size == 1:
        return f"1 gap between frames (of {seconds[0]:.3g} s {where})"
    size = f"{seconds.sum():.4g} s in all and {seconds.max():.3g} s at most"
    return f"{counted(frame.size, 'gap')} between frames ({size}, the first {where})"


def _unknown(times: FrameTimes) -> str:
    frame = times.unknown_pause
    more = f" and {counted(frame.size - 1, 'later one')}" if frame.size > 1 else ""
    return f"the recording pauses for an unknown time before frame {frame[0]}{more}"
