"""How many grey levels one photon adds, from how noise grows with brightness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import read_chosen
from twophoton_decode.records import Recording

PAIRS = 200
"""Pairs of successive frames that are looked at."""
_BINS = 20
_QUIET_SHARE = 0.5
"""Pairs that change least: those without jerks of the tissue."""
_CHUNK = 50
CORRELATED = 0.1


@dataclass(frozen=True)
class Light:
    """How photons became the grey levels of a movie.

    Attributes
    ----------
    gain : float
        Grey levels that one photon adds.
    dark : float
        Grey level without light.
    read_noise : float
        SD of noise that is there without light, photons.
    photons : float
        Mean of the movie, photons per pixel and frame.
    brightest : float
        99.9th percentile of the mean image, photons.
    correlation : float
        Of the noise of neighbouring pixels of a line; 0 where pixels are independent.
    line_r2 : float
        Share of the variances' variance over brightness that the line explains.
    fitted : bool
        Whether noise grows with brightness; else gain is that of photons alone at the mean.
    """

    gain: float
    dark: float
    read_noise: float
    photons: float
    brightest: float
    correlation: float
    line_r2: float
    fitted: bool

    def in_photons(self, grey: np.ndarray) -> np.ndarray:
        """Grey levels as photons, float32, same shape."""
        return ((grey - np.float32(self.dark)) / np.float32(self.gain)).astype(np.float32)

    def in_grey(self, photons: np.ndarray) -> np.ndarray:
        """Photons as grey levels, float32, same shape."""
        return np.asarray(photons * np.float32(self.gain) + np.float32(self.dark), np.float32)

    def notes(self) -> list[str]:
        """What about the noise makes restoration less sure, in words."""
        found = []
        if not self.fitted:
            found.append(
                "noise does not grow with brightness, as that of photons would: the gain is a "
                "guess from the mean. The movie may have been filtered or rescaled."
            )
        if abs(self.correlation) > CORRELATED:
            found.append(
                f"the noise of neighbouring pixels is correlated ({self.correlation:.2f}), while "
                "training adds independent noise: restoration leaves part of it, and may shape "
                "it. Movies that were filtered, resampled or motion-corrected are like that."
            )
        return found


def measure_light(recording: Recording, dark: float | None = None) -> Light:
    """Fit variance = gain x (mean - dark) to the pixels of a movie [photon transfer].

    The variance is half the mean square of what changes from a frame to the next, over the half
    of the pairs of frames that change least; the line goes through its median in twenty classes
    of brightness.

    Parameters
    ----------
    recording : Recording
        Of one plane and channel.
    dark : float, optional
        Grey level without light; what lies beyond the line is then noise without light. Without
        it, the level at which the line has no noise, too low by read noise² / gain.

    Raises
    ------
    MovieError
        Fewer than two frames, frames that are not finite, or that are all the same.
    """
    mean, variance, correlation = _moments(recording)
    gain, dark_found, r2 = _line(mean, variance)
    fitted = gain > 0
    level = float(mean.mean())
    if not fitted:
        dark_found = float(np.percentile(mean, 1)) if dark is None else dark
        dark_found = min(dark_found, level - 1e-6 * max(abs(level), 1.0))
        gain = float(variance.mean()) / (level - dark_found)
    used = min(dark_found, float(np.percentile(mean, 1))) if dark is None else dark
    if not used < level:
        raise MovieError(
            f"the level without light, {used:g}, lies above the movie's mean, {level:g}: give "
            "another --dark-level, or none."
        )
    read = np.sqrt(max(gain * (used - dark_found), 0.0)) / gain
    return Light(
        gain=gain,
        dark=used,
        read_noise=float(read),
        photons=(level - used) / gain,
        brightest=float((np.percentile(mean, 99.9) - used) / gain),
        correlation=correlation,
        line_r2=r2,
        fitted=fitted,
    )


def _moments(recording: Recording) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and variance of every pixel, flat, and the correlation of neighbours' noise."""
    if recording.frames < 2:
        raise MovieError("the movie has one frame: restoration needs to see noise change.")
    starts = np.unique(np.linspace(0, recording.frames - 2, PAIRS).astype(np.int64))
    total: np.ndarray | float = 0.0
    change = _pair_changes(recording, starts)
    if not change.max() > 0:
        raise MovieError("the frames looked at are all the same: there is no noise to restore.")
    quiet = starts[change <= np.quantile(change, _QUIET_SHARE)]
    square: np.ndarray | float = 0.0
    beside, each = 0.0, 0.0
    for first, second in _pairs(recording, quiet):
        step = (second - first).astype(np.float64)
        step -= step.mean(axis=(1, 2), keepdims=True)
        total = total + (first + second).sum(axis=0, dtype=np.float64)
        square = square + (step**2).sum(axis=0)
        beside += float((step[:, :, 1:] * step[:, :, :-1]).sum())
        each += float((step[:, :, 1:] ** 2).sum() + (step[:, :, :-1] ** 2).sum()) / 2
    mean, variance = np.ravel(total) / (2 * quiet.size), np.ravel(square) / (2 * quiet.size)
    return mean, variance, beside / each


def _pair_changes(recording: Recording, starts: np.ndarray) -> np.ndarray:
    """Mean square of what changes in each pair of frames."""
    found = [((b - a) ** 2).mean(axis=(1, 2)) for a, b in _pairs(recording, starts)]
    return np.concatenate(found)


def _pairs(recording: Recording, starts: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    numbers = np.stack([starts, starts + 1], axis=1).ravel()
    for frames in read_chosen(recording, numbers, 2 * _CHUNK):
        grey = frames.astype(np.float32)
        if not np.isfinite(grey).all():
            raise MovieError("some frames have NaN or infinite pixels: leave them out first.")
        yield grey[::2], grey[1::2]


def _line(mean: np.ndarray, variance: np.ndarray) -> tuple[float, float, float]:
    """Slope, the mean at which the line is zero, and r², by classes of brightness."""
    edges = np.unique(np.quantile(mean, np.linspace(0, 1, _BINS + 1)))
    if edges.size < 3:
        return 0.0, 0.0, 0.0
    part = np.clip(np.searchsorted(edges, mean, side="right") - 1, 0, edges.size - 2)
    known = [own for own in (part == number for number in range(edges.size - 1)) if own.any()]
    x = np.array([mean[own].mean() for own in known])
    y = np.array([np.median(variance[own]) for own in known])
    if len(x) < 2 or not y.max() > 0:
        return 0.0, 0.0, 0.0
    slope, intercept = np.polyfit(x, y, 1, w=1 / np.maximum(y, 1e-9 * y.max()))
    rest = y - (slope * x + intercept)
    r2 = 1 - float((rest**2).sum() / max(((y - y.mean()) ** 2).sum(), 1e-30))
    return float(slope), float(-intercept / slope) if slope else 0.0, r2
