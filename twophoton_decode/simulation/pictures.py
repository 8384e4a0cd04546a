"""Natural pictures: crops of the photographs that scikit-image and scikit-learn ship."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import skimage.data
import sklearn.datasets
from skimage.color import rgb2gray
from skimage.transform import resize

from twophoton_decode.errors import StimulusImageError

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")
"""Photographs inside scikit-image's package; the others there are textures or downloads."""

ATTEMPTS_PER_PICTURE = 15

_CONTRAST = 0.2
_LARGEST_CUT_SHARE = 0.02


def photographs() -> list[np.ndarray]:
    """Luminance of the shipped photographs, 0…1, each of shape (height, width)."""
    colour = [getattr(skimage.data, name)() for name in PHOTOGRAPHS]
    colour += list(sklearn.datasets.load_sample_images().images)
    return [rgb2gray(picture) if picture.ndim == 3 else picture / 255.0 for picture in colour]


def natural_pictures(
    count: int,
    side: int,
    generator: np.random.Generator,
    *,
    crop_px: tuple[int, int] = (64, 384),
    largest_correlation: float = 0.8,
) -> np.ndarray:
    """Distinct square crops of natural photographs, of equal mean and contrast.

    Crops of random place and size (log-uniform in `crop_px`, so coarse and fine content
    both occur), flipped at random, averaged to `side`, brought to mean 0.5 and standard
    deviation 0.2, cut at 0 and 1. A crop is passed over if it is nearly uniform, if more
    than 2 % of its pixels would be cut, or if its correlation with one already taken
    reaches `largest_correlation`, so that no picture has a near-duplicate.

    Parameters
    ----------
    count, side : int
        Number of pictures; their side in px.
    generator : numpy.random.Generator
    crop_px : (int, int)
        Smallest and largest side of a crop, px of the photograph.
    largest_correlation : float
        Pixel correlation that no two pictures reach.

    Returns
    -------
    ndarray, shape (count, side, side), float64, luminance 0…1
    """
    taken = np.empty((0, side * side))
    attempts = ATTEMPTS_PER_PICTURE * count
    for _, crop in zip(range(attempts), _crops(side, crop_px, generator), strict=False):
        if crop.std() < 0.05:
            continue
        normal = (crop - crop.mean()).ravel() / (crop.std() * side)
        if np.mean(np.abs(normal) * side * _CONTRAST > 0.5) > _LARGEST_CUT_SHARE:
            continue
        if np.all(taken @ normal < largest_correlation):
            taken = np.vstack([taken, normal])
        if len(taken) == count:
            return np.clip(0.5 + _CONTRAST * side * taken, 0.0, 1.0).reshape(count, side, side)
    raise StimulusImageError(
        f"{count} pictures with correlations below {largest_correlation} were asked for, but "
        f"the shipped photographs gave {len(taken)} in {attempts} attempts. Ask for fewer, or "
        "allow a higher correlation."
    )


def _crops(
    side: int, crop_px: tuple[int, int], generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """Endless random crops, shrunk by averaging (enlarged by interpolation) to `side`."""
    sources = photographs()
    while True:
        photograph = sources[generator.integers(len(sources))]
        low, high = crop_px[0], min(crop_px[1], *photograph.shape)
        size = int(np.exp(generator.uniform(np.log(low), np.log(high))))
        y, x = (generator.integers(length - size + 1) for length in photograph.shape)
        crop = photograph[y : y + size, x : x + size]
        if generator.random() < 0.5:
            crop = crop[:, ::-1]
        yield resize(crop, (side, side), anti_aliasing=size > side)  # type: ignore[no-untyped-call]
