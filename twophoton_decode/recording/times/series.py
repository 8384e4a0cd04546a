"""When the frames of one or more NWB series were taken: timestamps, or a start and a rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import h5py
import numpy as np

from twophoton_decode.files.hdf5_dataset import item_at
from twophoton_decode.recording.tiff.imagej import rate_from_interval
from twophoton_decode.recording.times.rates import doubt_about_asked, measured_rate
from twophoton_decode.recording.times.stamps import times_of_stamps
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.words import decoded

_STAMPS, _RATE = "NWB timestamps", "NWB rate"
_CLOCKS = ("timestamps_reference_time", "session_start_time")


@dataclass(frozen=True)
class SeriesTimes:
    """What one series says of its time.

    Attributes
    ----------
    frames : int
    rate_hz : float
        `rate` of its `starting_time`; 0 if there is none.
    start_s : float
        `starting_time`; NaN if there is none.
    stamps : array (frame,) or None
        `timestamps`, s.
    clock : str
        The moment from which times count.
    warnings : tuple of str
    """

    frames: int
    rate_hz: float = 0.0
    start_s: float = math.nan
    stamps: np.ndarray | None = None
    clock: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimedSeries:
    """Frames per second and who says so, times of all frames, and what is odd."""

    rate_hz: float
    rate_by: str
    frames: FrameTimes
    warnings: tuple[str, ...]


def read_times(group: h5py.Group, frames: int) -> SeriesTimes:
    """What the series `group` of `frames` frames says of its time."""
    start = item_at(group.file, f"{group.name}/starting_time")
    stamps = item_at(group.file, f"{group.name}/timestamps")
    rate, first = 0.0, math.nan
    if isinstance(start, h5py.Dataset) and start.size == 1 and "rate" in start.attrs:
        rate, first = _number(start.attrs["rate"]), _number(start[()])
    clock = next(filter(None, (_moment(group.file, name) for name in _CLOCKS)), "")
    found = SeriesTimes(
        frames, rate_from_interval(1 / rate) if rate > 0 else 0.0, first, None, clock
    )
    if not isinstance(stamps, h5py.Dataset):
        return found
    # Compared before it is read: a header could announce any number.
    if stamps.shape != (frames,):
        odd = f"timestamps are {stamps.size}, but frames {frames}: they are not used"
        return SeriesTimes(frames, found.rate_hz, first, None, clock, (odd,))
    seconds = np.asarray(stamps[()], dtype=float)
    return SeriesTimes(frames, found.rate_hz, first, seconds, clock)


def _number(value: object) -> float:
    try:
        return float(np.ravel(np.asarray(value))[0])
    except (ValueError, TypeError, IndexError):
        return math.nan


def _moment(file: h5py.File, name: str) -> str:
    found = item_at(file, name)
    if not isinstance(found, h5py.Dataset) or found.size != 1:
        return ""
    return decoded(np.ravel(found[()])[0])


def times_of_series(series: Sequence[SeriesTimes]) -> TimedSeries:
    """The times of series that follow each other; of plain HDF5 files there are none.

    Timestamps count more than a rate. One series with a rate is evenly spaced. The pause
    between series of one clock is known; between files with clocks of their own it is not.
    """
    if not series:
        return TimedSeries(0.0, "", FrameTimes(), ())
    rates = {each.rate_hz for each in series}
    stated = rates.pop() if len(rates) == 1 else 0.0
    said = [warning for each in series for warning in each.warnings]
    stamped = all(each.stamps is not None for each in series)
    if len(series) == 1 and not stamped:
        start = series[0].start_s
        first = start if math.isfinite(start) else None
        return TimedSeries(stated, _RATE if stated else "", FrameTimes(None, first), tuple(said))
    stamp = np.concatenate([_stamps(each) for each in series])
    begins = np.cumsum([0, *(each.frames for each in series)])[:-1]
    anew = len({each.clock for each in series}) > 1
    by = _STAMPS if stamped else "NWB rate and starting_time"
    times, unused = times_of_stamps(stamp, begins, by=by, anew=anew)
    measured = measured_rate(stamp, times)
    doubt = doubt_about_asked(stated, "rate", measured, "timestamps") if stamped else []
    source = by if measured else _RATE if stated else ""
    return TimedSeries(measured or stated, source, times, (*said, *unused, *doubt))


def _stamps(series: SeriesTimes) -> np.ndarray:
    if series.stamps is not None:
        return series.stamps
    if not series.rate_hz or not math.isfinite(series.start_s):
        return np.full(series.frames, np.nan)
    return series.start_s + np.arange(series.frames) / series.rate_hz
