"""Frames per second by time stamps, against what was asked for."""

from __future__ import annotations

import numpy as np

from twophoton_decode.recording.tiff.imagej import rate_from_interval
from twophoton_decode.records.movie.frame_times import FrameTimes, even_steps

_RATES_AGREE = 0.02
_MOST_UNTIMED = 0.1


def measured_rate(stamp: np.ndarray, times: FrameTimes) -> float:
    """Frames per second, gaps left out; 0 where the stamps do not say, or no microscope has it.

    Parameters
    ----------
    stamp : array (frame,)
        Time stamps, s, NaN where there is none: of some use even where `times` are not known.
    times : FrameTimes
        What was made of them.
    """
    rate = times.rate_hz() or _of_those_said(stamp)
    return rate_from_interval(1 / rate) if rate else 0.0


def _of_those_said(stamp: np.ndarray) -> float:
    """By the steps between frames that have a stamp, where nearly all of them rise."""
    said = np.flatnonzero(np.isfinite(stamp))
    seconds = np.diff(stamp[said]) / np.diff(said)
    even = even_steps(seconds)
    if not even.any() or (seconds <= 0).mean() > _MOST_UNTIMED:
        return 0.0
    return float(1 / seconds[even].mean())


def doubt_about_asked(asked_hz: float, name: str, measured_hz: float, by: str) -> list[str]:
    """Whether a rate that was asked for is another than the measured one, which is taken."""
    if not asked_hz or not measured_hz or abs(measured_hz / asked_hz - 1) <= _RATES_AGREE:
        return []
    return [f"{name} says {asked_hz:.4g} Hz, but {by} {measured_hz:.4g} Hz, which is used"]
