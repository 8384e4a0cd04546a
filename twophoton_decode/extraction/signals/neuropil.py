"""How much of the neuropil around a ROI leaks into it, estimated from the ROI's quiet moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.extraction.signals.noise import frame_noise

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
_LARGEST_ERROR = 0.15
_STEP = 0.3
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
    error : ndarray, shape (rois,)
        Standard error of an estimated c before it is cut; NaN for others.
    origin : ndarray of str, shape (rois,)
        `FIXED`; `NOT_USED` for deconvolved activity, which has suite2p's; `ESTIMATED`;
        `AT_BOUND`, estimated and cut to 0 or `LARGEST`; or `NOT_ESTIMABLE`, then c is
        `DEFAULT`.
    """

    value: np.ndarray
    error: np.ndarray
    origin: np.ndarray

    @classmethod
    def given(cls, value: float, origin: str, rois: int) -> NeuropilCoefficients:
        """The same c for all, which was not estimated."""
        return cls(np.full(rois, value), np.full(rois, np.nan), np.full(rois, origin))

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
                f"{middle:.2f}, quartiles {low:.2f} and {high:.2f}, median standard error "
                f"{np.median(self.error[fitted]):.2f}."
            )
        if (self.origin == AT_BOUND).any():
            zero = int((self.value[self.origin == AT_BOUND] == 0).sum())
            largest = int((self.origin == AT_BOUND).sum()) - zero
            said.append(f"Of these, {zero} were cut to 0 and {largest} to {LARGEST:g}.")
        if unknown:
            said.append(
                f"The neuropil coefficient of {unknown} cells cannot be estimated to within "
                f"{_LARGEST_ERROR:g}, since they are too active or noisy or their neuropil hardly "
                f"changes; it is {DEFAULT:g}."
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

    The standard error is that of the regression, divided by 1 - p. p says how far c follows
    when quiet bins are found anew from a c that lies 0.3 off: little in silent cells, nearly
    all the way in busy ones, whose bins seem quiet wherever c lies.

    c is not estimable, and 0.7 stands in its place, where its standard error exceeds 0.15,
    where fits that begin at 0.3 and at 0.9 end more than 0.1 apart, where it comes out above
    1.4, where fewer than 30 bins are quiet, or where a trace is constant. Busy cells end
    there.

    Parameters
    ----------
    fluorescence, neuropil : ndarray, shape (rois, frames)
        In one unit.
    frame_rate_hz : float
    """
    signal = _Binned.of(fluorescence, neuropil, frame_rate_hz)
    fits = np.array([_fit(signal, start) for start in _STARTS])
    c, error, pull = fits.mean(axis=0)
    error /= np.where(pull < 1, 1 - np.maximum(pull, 0), np.nan)
    apart = np.ptp(fits[:, 0], axis=0)
    known = (apart <= _LARGEST_DISAGREEMENT) & (error <= _LARGEST_ERROR)
    known &= (np.ptp(signal.cell, axis=1) > 0) & (signal.noise[:, 0] > 0)
    known &= c <= _IMPLAUSIBLE
    origin = np.where((c < 0) | (c > LARGEST), AT_BOUND, ESTIMATED)
    return NeuropilCoefficients(
        np.where(known, np.clip(c, 0, LARGEST), DEFAULT),
        np.where(known, error, np.nan),
        np.where(known, origin, NOT_ESTIMABLE),
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


@dataclass(frozen=True, eq=False)
class _Fit:
    """c by regression over quiet bins, and what it was found from, less levels and slopes."""

    c: np.ndarray
    cell: np.ndarray
    around: np.ndarray
    quiet: np.ndarray

    @classmethod
    def over_quiet(cls, signal: _Binned, residual: np.ndarray) -> _Fit:
        """c, (rois,), from the bins where `residual` is noise; NaN where they are too few."""
        quiet = signal.quiet(residual)
        cell, around = (signal.steadied(each, quiet) for each in (signal.cell, signal.around))
        spread = (around**2 * quiet).sum(axis=1)
        usable = (spread > 0) & (quiet.sum(axis=1) >= _FEWEST_QUIET)
        c = np.full(spread.size, np.nan)
        np.divide((cell * around * quiet).sum(axis=1), spread, out=c, where=usable)
        return cls(c, cell, around, quiet)

    def residual(self, beside: float = 0.0) -> np.ndarray:
        """F - c Fneu above its level, with c that lies `beside` the one that was found."""
        return self.cell - (np.nan_to_num(self.c) + beside)[:, np.newaxis] * self.around


def _fit(signal: _Binned, start: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """c found from `start`, its standard error if bins stay quiet, and `_pull`, (rois,) each."""
    fit = _Fit.over_quiet(signal, _above_low_level(signal, start))
    for _ in range(_ROUNDS - 1):
        fit = _Fit.over_quiet(signal, fit.residual())
    return fit.c, _error_of_noise(signal, fit), _pull(signal, fit)


def _pull(signal: _Binned, fit: _Fit) -> np.ndarray:
    """How much of a step in c comes back when quiet bins are found again, (rois,).

    0: bins are quiet whatever c was; 1: c stays wherever it begins.
    """
    up, down = (_Fit.over_quiet(signal, fit.residual(step)).c for step in (_STEP, -_STEP))
    return np.asarray((up - down) / (2 * _STEP))


def _error_of_noise(signal: _Binned, fit: _Fit) -> np.ndarray:
    """Standard error of c if all that is left is noise, (rois,)."""
    spread = (fit.around**2 * fit.quiet).sum(axis=1)
    return np.asarray(signal.noise[:, 0] / np.sqrt(np.where(spread > 0, spread, np.nan)))


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
