"""What is said about responses that move against the onsets."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from twophoton_decode.settings.log import LogSettings

Interval = tuple[float, float]

WORTH_S = 0.1
"""A shift below this over the whole session changes responses too little to warn of [ours]."""

_OFFSET_MATTERS_S = 0.01


def is_worth_a_warning(per_min: float, ci95: Interval, onset_s: np.ndarray) -> bool:
    """Whether the interval holds no zero, and the shift over the session exceeds 0.1 s.

    Parameters
    ----------
    per_min : float
        Seconds by which responses come later every minute, and `ci95` its interval.
    onset_s : ndarray, shape (presentation,)
    """
    low, high = ci95
    if not math.isfinite(low) or low <= 0 <= high:
        return False
    return bool(abs(per_min) / 60 * np.ptp(onset_s) > WORTH_S)


def said_of_shift(
    per_min: float, ci95: Interval, onset_s: np.ndarray, remedy: Callable[[float], str]
) -> list[str]:
    """Whether responses move against the onsets, and what to do.

    Parameters
    ----------
    per_min, ci95, onset_s
        As `is_worth_a_warning`.
    remedy : callable
        What would help against responses that come later by so many seconds a second.
    """
    low, high = ci95
    if not math.isfinite(low):
        return [
            "responses do not repeat clearly enough to tell whether they shift relative to the "
            "onsets over the session, as they would with a wrong clock."
        ]
    if is_worth_a_warning(per_min, ci95, onset_s):
        return [_warning(per_min, ci95, onset_s, remedy)]
    return [
        "responses keep their delay after the onsets throughout the session: they shift by "
        f"{per_min:.2g} s per minute (95 % interval {low:.2g} to {high:.2g})."
    ]


def _warning(
    per_min: float, ci95: Interval, onset_s: np.ndarray, remedy: Callable[[float], str]
) -> str:
    near, far = sorted(abs(end) for end in ci95)
    over_all = abs(per_min) / 60 * float(np.ptp(onset_s))
    return (
        f"warning: responses come {abs(per_min):.3g} s {'later' if per_min > 0 else 'earlier'} "
        f"after the onsets every minute (95 % interval {near:.3g} to {far:.3g} s), {over_all:.2g} "
        f"s over the session. {remedy(per_min / 60)}"
    )


def remedy_in_log(
    stretch: float, log: LogSettings, *, in_frames: bool, zero_s: float, rate_hz: float
) -> str:
    """The settings with which onsets would follow responses that come later by `stretch`.

    Parameters
    ----------
    log : LogSettings
        Those with which the onsets were read.
    in_frames : bool
        The log counts frames.
    zero_s : float
        When the movie began in the clock of the onsets, once read, s.
    rate_hz : float
        The frame rate by which alone frames are timed; 0 where files time them.
    """
    if in_frames:
        return (
            "The log counts frames, so its clock cannot be wrong: look for frames missing from "
            "the movie or the count."
        )
    percent = f"{100 * abs(stretch):.2g} %"
    direction = "slow" if stretch > 0 else "fast"
    return (
        f"The stimulus clock runs {percent} {direction} against the movie's: "
        f"{_settings(stretch, log, zero_s)} under [log] in session.toml would fit."
        f"{_other_rate(stretch, rate_hz)}"
    )


def _settings(stretch: float, log: LogSettings, zero_s: float) -> str:
    """``clock_factor = 0.999001``, with what else depends on it."""
    named = [f"clock_factor = {log.clock_factor * (1 + stretch):.7g}"]
    offset = (log.onset_offset_s - zero_s) * (1 + stretch) + zero_s
    if abs(offset - log.onset_offset_s) > _OFFSET_MATTERS_S:
        named.append(f"onset_offset_s = {offset:.10g}")
    if log.order == "blocks" and log.block_starts_s:
        starts = ", ".join(f"{start * (1 + stretch):.7g}" for start in log.block_starts_s)
        named.append(f"block_starts_s = [{starts}]")
    return " and ".join(named)


def _other_rate(stretch: float, rate_hz: float) -> str:
    if not rate_hz:
        return ""
    return (
        f" Frames are timed by frame_rate_hz = {rate_hz:.6g} alone, which may be wrong: then set "
        f"it to {rate_hz * (1 + stretch):.6g} in [recording] instead."
    )
