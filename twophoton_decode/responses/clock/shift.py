"""How far responses move against the onsets over a session: a shift per minute, with interval.

Two presentations of one image, at t and u, evoke the same response. If the log's clock runs
wrong by b, one is later than the other by b (t - u). Over all pairs of presentations, b is the
stretch with which their signals agree best [ours]. What only changes the size of responses
moves no pair to either side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.stats import t as student

from twophoton_decode.records.responses import Responses
from twophoton_decode.responses.clock.pairs import Pairs
from twophoton_decode.responses.clock.signals import EvenSignals
from twophoton_decode.settings import ResponseSettings

FEWEST_PRESENTATIONS = 40
PARTS = 10
"""Parts of the session whose shifts are shown."""

_LAG_STEP_S = 0.1
_ROUGH_LAG_STEP_S = 0.3
_AFTER_S = 0.5
_WIDEST = 0.01
_STEP_AT_END_S = 0.3
_CLEAR_T = 4.5
_ROUNDS = 10
_LARGEST_STEP_S = 0.3
_TOLERANCE_S = 1e-4


@dataclass(frozen=True)
class ClockShift:
    """Responses come later by `stretch` seconds in every second of the log.

    Attributes
    ----------
    stretch, error : float
        With its standard error; NaN where it cannot be told.
    freedom : int
        Degrees of freedom of the error.
    part_s, part_shift_s, part_error_s : ndarray, shape (part,)
        Middle of each part of the session, how much later its responses come than the
        session's on average, and the standard error of that.
    """

    stretch: float = math.nan
    error: float = math.nan
    freedom: int = 1
    part_s: np.ndarray | None = None
    part_shift_s: np.ndarray | None = None
    part_error_s: np.ndarray | None = None

    @property
    def per_min(self) -> float:
        """Seconds by which responses come later in every minute."""
        return float(60 * self.stretch)

    @property
    def ci95(self) -> tuple[float, float]:
        """Its 95 % interval."""
        half = 60 * self.error * float(student.ppf(0.975, self.freedom))
        return float(self.per_min - half), float(self.per_min + half)


def with_clock_shift(responses: Responses, shift: ClockShift) -> Responses:
    """The record with the shift in it."""
    return replace(
        responses,
        clock_shift_s_per_min=shift.per_min,
        clock_shift_ci95=shift.ci95,
        clock_part_s=shift.part_s,
        clock_part_shift_s=shift.part_shift_s,
        clock_part_error_s=shift.part_error_s,
    )


@dataclass(frozen=True)
class _Compared:
    """Signals around onsets, and the pairs of presentations to compare."""

    signals: EvenSignals
    image: np.ndarray
    onset_s: np.ndarray
    lag_s: np.ndarray

    @cached_property
    def pairs(self) -> Pairs:
        return self._among(np.arange(self.image.size))

    @property
    def halves(self) -> list[np.ndarray]:
        """Presentations of either half: every second one of each image."""
        _, kind = np.unique(self.image, return_inverse=True)
        order = np.argsort(kind, kind="stable")
        second = np.empty(kind.size, dtype=bool)
        second[order] = np.arange(kind.size) % 2 == 1
        return [np.flatnonzero(~second), np.flatnonzero(second)]

    @property
    def half_pairs(self) -> list[Pairs]:
        return [self._among(half) for half in self.halves]

    @property
    def centred_s(self) -> np.ndarray:
        return self.onset_s - self.onset_s.mean()

    def _among(self, chosen: np.ndarray) -> Pairs:
        window_s = self.lag_s[-1] - self.lag_s[0]
        return Pairs.of(self.image[chosen], self.onset_s[chosen], window_s)


@dataclass(frozen=True)
class _Fit:
    """Sums over each presentation's pairs at one stretch, all (presentation,).

    `pull` and `force` say how strongly its partners pull the stretch and the presentation
    itself to later times; `grip` and `weight` what a unit of either would give.
    """

    pull: np.ndarray
    grip: np.ndarray
    force: np.ndarray
    weight: np.ndarray


def clock_shift(
    signals: EvenSignals | None,
    image: np.ndarray,
    onset_s: np.ndarray,
    settings: ResponseSettings,
) -> ClockShift:
    """The shift of responses over the session, from signals and onsets.

    Parameters
    ----------
    signals : EvenSignals or None
    image : ndarray of int, shape (presentation,)
    onset_s : ndarray, shape (presentation,), s
        In order.
    settings : ResponseSettings
        The windows.

    Returns
    -------
    ClockShift
        NaN where there are fewer than 40 presentations, or responses do not repeat.
    """
    if signals is None or onset_s.size < FEWEST_PRESENTATIONS:
        return ClockShift()
    first = min(settings.baseline_window_s[0], 0.0)
    last = max(settings.response_window_s[1], 0.0) + _AFTER_S
    lag_s = np.arange(first, last + _LAG_STEP_S / 2, _LAG_STEP_S)
    compared = _Compared(signals, image, onset_s, lag_s)
    return _refined(compared, _rough_stretch(compared))


def _rough_stretch(compared: _Compared) -> float:
    """The best stretch of a grid, if responses repeat far better with it; else 0."""
    step = _STEP_AT_END_S / max(compared.onset_s[-1], 1.0)
    reach = int(_WIDEST / step)
    grid = step * np.arange(-reach, reach + 1)
    lag_s = np.arange(compared.lag_s[0], compared.lag_s[-1], _ROUGH_LAG_STEP_S)
    found = np.stack([_agreement(compared, lag_s, stretch) for stretch in grid])
    best = int(found.sum(axis=1).argmax())
    return float(grid[best]) if _t_of(found[best] - found[reach]) > _CLEAR_T else 0.0


def _agreement(compared: _Compared, lag_s: np.ndarray, stretch: float) -> np.ndarray:
    signal = compared.signals.near(compared.onset_s * (1 + stretch), lag_s)
    return np.asarray(compared.pairs.agreement(signal).sum(axis=1))


def _t_of(values: np.ndarray) -> float:
    """t of the mean of successive values, over 20 parts, since neighbours resemble each other."""
    parts = np.array([part.mean() for part in np.array_split(values, 20)])
    spread = parts.std(ddof=1)
    return float(parts.mean() / spread * math.sqrt(parts.size)) if spread > 0 else 0.0


def _refined(compared: _Compared, stretch: float) -> ClockShift:
    """Newton's steps from a stretch to the best one, its error, and the shift of each part."""
    length = float(np.ptp(compared.onset_s))
    for _ in range(_ROUNDS):
        fit = _fit(compared, stretch)
        if not fit.grip.sum() > 0:
            return ClockShift()
        step = fit.pull.sum() / fit.grip.sum()
        stretch += float(np.clip(step * length, -_LARGEST_STEP_S, _LARGEST_STEP_S)) / length
        if abs(step) * length < _TOLERANCE_S:
            break
    if not _steady(fit.grip) or not _repeat(compared, stretch):
        return ClockShift()
    left = fit.pull - step * fit.grip
    error = 2 * math.sqrt((left**2).sum()) / fit.grip.sum()
    count = compared.onset_s.size
    return ClockShift(stretch, error, count - 2, *_parts(compared, fit, stretch))


def _steady(grip: np.ndarray) -> bool:
    """Whether the sum over presentations is more than twice its error."""
    return bool(grip.sum() > 4 * math.sqrt(((grip - grip.mean()) ** 2).sum()))


def _repeat(compared: _Compared, stretch: float) -> bool:
    """Whether responses repeat at all: weights of cells from half of the presentations, judged
    on the other half.
    """
    signal, _ = compared.signals.around(compared.onset_s * (1 + stretch), compared.lag_s)
    found = [
        pairs.agreement(signal[half])
        for half, pairs in zip(compared.halves, compared.half_pairs, strict=True)
    ]
    t = [_t_of(one @ np.maximum(other.mean(axis=0), 0)) for one, other in (found, found[::-1])]
    return sum(t) / math.sqrt(2) > _CLEAR_T


def _fit(compared: _Compared, stretch: float) -> _Fit:
    """The sums at one stretch, cells weighted by how well they repeat."""
    pairs, time = compared.pairs, compared.centred_s[:, None, None].astype(np.float32)
    signal, slope = compared.signals.around(compared.onset_s * (1 + stretch), compared.lag_s)
    agreement = pairs.agreement(signal)
    weight = np.maximum(agreement.sum(axis=0), 0) / np.maximum((signal**2).sum(axis=(0, 1)), 1e-9)
    scaled = slope * weight
    of_signal, of_slope = pairs.others(signal), pairs.others(slope)
    timed, timed_slope = pairs.others(time * signal), pairs.others(time * slope)
    force = (of_signal * scaled - of_slope * signal * weight).sum(axis=(1, 2)) / 2
    pull = time[:, 0, 0] * force
    pull -= (timed * scaled - timed_slope * signal * weight).sum(axis=(1, 2)) / 2
    squared = time**2 * of_slope - 2 * time * timed_slope + pairs.others(time**2 * slope)
    grip = (squared * scaled).sum(axis=(1, 2))
    return _Fit(pull, grip, force, (of_slope * scaled).sum(axis=(1, 2)))


def _parts(
    compared: _Compared, fit: _Fit, stretch: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle, shift and its error in successive parts, those without responses left out."""
    rows = []
    for part in np.array_split(np.arange(compared.onset_s.size), PARTS):
        weight = fit.weight[part].sum()
        if weight > 0:
            shift = stretch * compared.centred_s[part].mean() + fit.force[part].sum() / weight
            error = math.sqrt((fit.force[part] ** 2).sum()) / weight
            rows.append((compared.onset_s[part].mean(), shift, error))
    middle, shift_s, error_s = np.array(rows).reshape(-1, 3).T
    return middle, shift_s, error_s
