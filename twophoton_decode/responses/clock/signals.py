"""The cells' signals laid on one even time axis, for comparing them around onsets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from twophoton_decode.records.traces import Traces

STEP_S = 0.1
MOST_CELLS = 500
"""Cells that are compared, those whose signal stands out most from its noise [ours]."""

_SMOOTHED_S = 0.15
_DRIFT_S = 30.0


@dataclass(frozen=True)
class EvenSignals:
    """Signals every `STEP_S` seconds from the movie's beginning on.

    Attributes
    ----------
    value : ndarray, shape (time, cell), float32
        Drift of half a minute and longer taken out, smoothed, standard deviation 1.
    slope : ndarray, shape (time, cell), float32
        Its derivative, per s.
    """

    value: np.ndarray
    slope: np.ndarray

    @property
    def end_s(self) -> float:
        """The last moment that is known."""
        return STEP_S * (len(self.value) - 1)

    def around(self, onset_s: np.ndarray, lag_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Signal and slope at each lag after each onset, both (onset, lag, cell).

        The signal is counted from its mean over the lags, and so is the slope.
        """
        place = np.clip((onset_s[:, None] + lag_s) / STEP_S, 0, len(self.value) - 1.001)
        before = place.astype(np.int64)
        share = (place - before).astype(np.float32)[..., None]
        return _centred(self.value, before, share), _centred(self.slope, before, share)

    def near(self, onset_s: np.ndarray, lag_s: np.ndarray) -> np.ndarray:
        """As the first of `around`, to the nearest step."""
        place = np.rint((onset_s[:, None] + lag_s) / STEP_S).astype(np.int64)
        found: np.ndarray = self.value[np.clip(place, 0, len(self.value) - 1)]
        return found - found.mean(axis=1, keepdims=True)


def _centred(values: np.ndarray, before: np.ndarray, share: np.ndarray) -> np.ndarray:
    found = values[before] * (1 - share) + values[before + 1] * share
    return np.asarray(found - found.mean(axis=1, keepdims=True))


@dataclass
class SignalCollector:
    """Takes the signals of blocks of cells and keeps the clearest ones, on one time axis.

    Parameters
    ----------
    traces : Traces
        Only frame times are read.
    """

    traces: Traces
    _value: list[np.ndarray] = field(default_factory=list)
    _clarity: list[float] = field(default_factory=list)

    def add(self, signal: np.ndarray, plane: int) -> None:
        """Signals of cells of one plane, (cell, frame), finite."""
        time = self.traces.frame_time(plane, np.arange(signal.shape[1]))
        even = STEP_S * np.arange(max(2, int(self.traces.duration_s / STEP_S)))
        for row in signal:
            smooth, clarity = _flat_and_smooth(row, self.traces.frame_rate_hz)
            if clarity > 0:
                self._value.append(np.interp(even, time, smooth).astype(np.float32))
                self._clarity.append(clarity)
        if len(self._value) > MOST_CELLS:
            best = np.sort(np.argsort(self._clarity)[-MOST_CELLS:])
            self._value = [self._value[cell] for cell in best]
            self._clarity = [self._clarity[cell] for cell in best]

    def signals(self) -> EvenSignals | None:
        """What was kept; None if no cell ever changes."""
        if not self._value:
            return None
        value = np.stack(self._value, axis=1)
        return EvenSignals(value, np.gradient(value, STEP_S, axis=0).astype(np.float32))


def _flat_and_smooth(row: np.ndarray, rate_hz: float) -> tuple[np.ndarray, float]:
    """A signal without drift and fast noise, of SD 1, and its variance as a share of the whole."""
    around = max(3, round(_DRIFT_S * rate_hz))
    flat = row - uniform_filter1d(row.astype(float), around, mode="nearest")
    smooth = gaussian_filter1d(flat, _SMOOTHED_S * rate_hz)
    spread, whole = smooth.std(), flat.std()
    if not spread > 1e-9 * (np.abs(row).max() + whole):
        return smooth, 0.0
    return smooth / spread, float(spread / whole)
