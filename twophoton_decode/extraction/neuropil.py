"""How much of the neuropil around a ROI leaks into it, estimated from the ROI's quiet moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.extraction.noise_level import frame_noise

DEFAULT = 0.7
"""c where it cannot be estimated [field]."""
LARGEST = 1.2
FIXED, NOT_USED = "fixed", "not used"
ESTIMATED, AT_BOUND, NOT_ESTIMABLE = "estimated", "at a bound", "not estimable"

# Settings of the estimate; docs/methods/extraction.md says how they were chosen.
_BIN_S = 0.3
_DRIFT_S = 60.0
_QUIET_NOISES = 1.5
_AFTER_S, _BEFORE_S = 1.0, 0.3
_ROUNDS = 12
_STARTS = (0.3, 0.9)
_LARGEST_DISAGREEMENT = 0.1
_LARGEST_ERROR = 0.2
_IMPLAUSIBLE = 1.4
_FEWEST_QUIET = 30

# The 20th percentile of noise with standard deviation 1.
_LOW, _LOW_NOISES = 20, -0.84


@dataclass(frozen=True, eq=False)
class NeuropilCoefficients:
    """c of each ROI, and where it comes from.

    Attributes
    ----------
    value : ndarray, shape (rois,)
        NaN where it is not used.
    origin : ndarray of str, shape (rois,)
        `FIXED`; `NOT_USED` for deconvolved activity, which has suite2p's; `ESTIMATED`;
        `AT_BOUND`, estimated and cut to 0 or `LARGEST`; or `NOT_ESTIMABLE`, then c is
        `DEFAULT`.
    """

    value: np.ndarray
    origin: np.ndarray

    @property
    def notes(self) -> list[str]:
        """How many could not be estimated, or were cut, and the range of the others."""
        fitted = np.isin(self.origin, (ESTIMATED, AT_BOUND))
        unknown = int((self.origin == NOT_ESTIMABLE).sum())
        said = []
        if fitted.any():
            low, middle, high = np.percentile(self.value[fitted], [25, 50, 75])
            said.append(
                f"The neuropil coefficient was estimated for {fitted.sum()} cells: median "
                f"{middle:.2f}, quartiles {low:.2f} and {high:.2f}."
            )
        if (self.origin == AT_BOUND).any():
            zero = int((self.value[self.origin == AT_BOUND] == 0).sum())
            largest = int((self.origin == AT_BOUND).sum()) - zero
            said.append(f"Of these, {zero} were cut to 0 and {largest} to {LARGEST:g}.")
        if unknown:
            said.append(
                f"The neuropil coefficient of {unknown} cells cannot be estimated, since they are "
                f"never quiet or their neuropil hardly changes; it is {DEFAULT:g}."
            )
        return said


def estimate_coefficients(
    fluorescence: np.ndarray, neuropil: np.ndarray, frame_rate_hz: float
) -> NeuropilCoefficients:
    """c in F = cell + c Fneu + noise, by regression over moments without activity [ours].

    The cell's own activity goes along with its neighbours' and so with the neuropil, and
    regression over all frames takes it for leakage. So c is fitted to quiet moments alone:
    bins of 0.3 s whose residual F - c Fneu lies within 1.5 standard deviations of noise
    around its level, none above it in the second before or in the bin after. Which bins
    are quiet depends on c and is found again after each of 12 fits. A level for every
    minute and a slope within all of them are fitted along, so that bleaching is not taken
    for leakage. Noise is the median step between bins. c is cut to 0 … 1.2.

    c is not estimable, and 0.7 stands in its place, where fits that begin at 0.3 and at
    0.9 end more than 0.1 apart, where its standard error exceeds 0.2, where it comes out
    above 1.4, where fewer than 30 bins are quiet, or where a trace is constant. Cells
    that are never quiet end there.

    Parameters
    ----------
    fluorescence, neuropil : ndarray, shape (rois, frames)
        In one unit.
    frame_rate_hz : float
    """
    signal = _Binned.of(fluorescence, neuropil, frame_rate_hz)
    fits = [_fit(signal, start) for start in _STARTS]
    c = (fits[0][0] + fits[1][0]) / 2
    error = np.maximum(fits[0][1], fits[1][1])
    apart = np.abs(fits[0][0] - fits[1][0])
    known = (apart <= _LARGEST_DISAGREEMENT) & (error <= _LARGEST_ERROR)
    known &= (np.ptp(signal.cell, axis=1) > 0) & (signal.noise[:, 0] > 0)
    known &= c <= _IMPLAUSIBLE
    origin = np.where((c < 0) | (c > LARGEST), AT_BOUND, ESTIMATED)
    return NeuropilCoefficients(
        np.where(known, np.clip(c, 0, LARGEST), DEFAULT), np.where(known, origin, NOT_ESTIMABLE)
    )


@dataclass(frozen=True, eq=False)
class _Binned:
    """Both traces (rois, bins), the first bin of each stretch of one level, and noise of F."""

    cell: np.ndarray
    around: np.ndarray
    starts: np.ndarray
    rate_hz: float
    noise: np.ndarray

    @classmethod
    def of(cls, fluorescence: np.ndarray, neuropil: np.ndarray, rate: float) -> _Binned:
        longest = fluorescence.shape[1] // _FEWEST_QUIET
        width = max(1, min(round(_BIN_S * rate), longest))
        cell, around = _averaged(fluorescence, width), _averaged(neuropil, width)
        bins = cell.shape[1]
        stretches = max(1, round(bins * width / rate / _DRIFT_S))
        starts = np.linspace(0, bins, stretches, endpoint=False).astype(int)
        noise = frame_noise(cell - DEFAULT * around)[:, np.newaxis]
        return cls(cell, around, starts, rate / width, noise)

    def spread(self, levels: np.ndarray) -> np.ndarray:
        """The level of each stretch, (rois, stretches), at each of its bins."""
        return np.repeat(levels, np.diff(self.starts, append=self.cell.shape[1]), axis=1)

    def steadied(self, values: np.ndarray, quiet: np.ndarray) -> np.ndarray:
        """`values` less their level in each stretch and one slope within all stretches.

        Both are fitted to the quiet bins.
        """
        time = self.centred(np.arange(values.shape[1], dtype=float)[np.newaxis], quiet)
        values = self.centred(values, quiet)
        slope = (values * time * quiet).sum(axis=1) / np.maximum((time**2 * quiet).sum(axis=1), 1)
        return values - slope[:, np.newaxis] * time

    def centred(self, values: np.ndarray, quiet: np.ndarray) -> np.ndarray:
        """`values` less their mean over the quiet bins of each stretch."""
        count = np.add.reduceat(quiet, self.starts, axis=1, dtype=float)
        total = np.add.reduceat(values * quiet, self.starts, axis=1)
        return values - self.spread(total / np.maximum(count, 1))

    def quiet(self, residual: np.ndarray) -> np.ndarray:
        """Bins whose residual is noise, far enough from activity."""
        limit = _QUIET_NOISES * self.noise
        after, before = (round(seconds * self.rate_hz) for seconds in (_AFTER_S, _BEFORE_S))
        return (residual >= -limit) & ~_widened(residual > limit, before, after)


def _fit(signal: _Binned, start: float) -> tuple[np.ndarray, np.ndarray]:
    """c and its standard error, found from `start`, (rois,) each."""
    residual = _above_low_level(signal, start)
    for _ in range(_ROUNDS):
        quiet = signal.quiet(residual)
        cell, around = (signal.steadied(each, quiet) for each in (signal.cell, signal.around))
        spread = (around**2 * quiet).sum(axis=1)
        usable = (spread > 0) & (quiet.sum(axis=1) >= _FEWEST_QUIET)
        safe = np.where(usable, spread, 1.0)
        c = np.where(usable, (cell * around * quiet).sum(axis=1) / safe, np.nan)
        residual = cell - np.nan_to_num(c)[:, np.newaxis] * around
    return c, np.where(usable, signal.noise[:, 0] / np.sqrt(safe), np.inf)


def _above_low_level(signal: _Binned, c: float) -> np.ndarray:
    """F - c Fneu above a first guess of its level, from its 20th percentile."""
    residual = signal.cell - c * signal.around
    parts = np.split(residual, signal.starts[1:], axis=1)
    low = np.stack([np.percentile(part, _LOW, axis=1) for part in parts], axis=1)
    return residual - signal.spread(low) + _LOW_NOISES * signal.noise


def _averaged(values: np.ndarray, width: int) -> np.ndarray:
    """Means of `width` frames; what is left over at the end is dropped."""
    bins = values.shape[1] // width
    whole = np.asarray(values[:, : bins * width], dtype=np.float64)
    return whole.reshape(len(values), bins, width).mean(axis=2)


def _widened(active: np.ndarray, before: int, after: int) -> np.ndarray:
    """Active bins, with `before` bins ahead of each and `after` bins behind it."""
    padded = np.pad(active, ((0, 0), (after + 1, before)))
    count = np.cumsum(padded, axis=1, dtype=np.int64)
    width = before + after + 1
    return np.asarray(count[:, width:] > count[:, :-width])
