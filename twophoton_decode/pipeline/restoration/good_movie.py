"""A good recording made as bad as this movie: by point spread, pixel size and photons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from twophoton_decode.deep.microscope.restoration.examples import CleanMovies
from twophoton_decode.deep.microscope.restoration.light import Light, measure_light
from twophoton_decode.deep.microscope.restoration.own_movie import HELD_OUT, stretches
from twophoton_decode.errors import UsageError
from twophoton_decode.pipeline.restoration.movie import Wanted, open_movie

LEAST_BETTER = 3.0
"""A good recording has so many times the photons of the movie."""
_LEAST_PX = 32
_LEAST_PHOTONS = 1e-3


@dataclass(frozen=True)
class Degradation:
    """How a good recording differs from the movie, besides its photons.

    Attributes
    ----------
    pixel_ratio : float
        Pixels of the good recording in one of the movie, along a side.
    blur_px : float
        SD of the Gaussian that widens its point spread, pixels of the movie.
    """

    pixel_ratio: float = 1.0
    blur_px: float = 0.0


def degraded_movies(
    file: Path, light: Light, how: Degradation, window: int
) -> tuple[CleanMovies, CleanMovies]:
    """What a network learns from, and what says when to stop, from a good recording.

    Its frames, at the movie's pixel size and brightness, are what is wanted; blurred, they are
    what is seen, and get the movie's noise.

    Raises
    ------
    UsageError
        The recording has too few photons to be a good one, or too few pixels.
    MovieError
        It cannot be read, or is too short.
    """
    recording = open_movie([file], Wanted()).recording
    good = measure_light(recording)
    # A pixel of the movie gathers the photons of so many of the good recording.
    photons = good.photons * how.pixel_ratio**2
    if photons < LEAST_BETTER * light.photons:
        raise UsageError(
            f"{file} has {photons:.3g} photons on an area of one pixel of the movie, which has "
            f"{light.photons:.3g}: expected at least {LEAST_BETTER:g} times as many of a good "
            "recording. Train on simulation instead, or name a better one."
        )
    shape = tuple(int(side / how.pixel_ratio) for side in (recording.height, recording.width))
    if min(shape) < _LEAST_PX:
        raise UsageError(
            f"{file} has {shape[0]} x {shape[1]} of the movie's pixels at --pixel-ratio "
            f"{how.pixel_ratio:g}; expected at least {_LEAST_PX} a side."
        )
    factor = light.photons / good.photons
    found = [_resampled(each, shape) * factor for each in stretches(recording, good, window)]
    wanted = [np.maximum(each, _LEAST_PHOTONS).astype(np.float32) for each in found]
    blur = (0, how.blur_px, how.blur_px)
    seen = [gaussian_filter(each, blur) if how.blur_px else each for each in wanted]
    everything = CleanMovies(seen, wanted, light.read_noise, window)
    numbers = range(len(wanted))
    return everything.part(numbers[:-HELD_OUT]), everything.part(numbers[-HELD_OUT:])


def _resampled(frames: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if shape == frames.shape[1:]:
        return frames
    return np.stack([
        resize(each, shape, order=1, anti_aliasing=True)  # type: ignore[no-untyped-call]
        for each in frames
    ])  # fmt: skip
