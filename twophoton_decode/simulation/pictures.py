"""Natural pictures: crops of the photographs that scikit-image and scikit-learn ship."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skimage.data
import sklearn.datasets
from skimage.color import rgb2gray
from skimage.transform import resize

from twophoton_decode.errors import StimulusImageError

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")
"""Photographs inside scikit-image's package; the others there are textures or downloads."""

ATTEMPTS_PER_PICTURE = 150

_CONTRAST = 0.2
_SMALLEST_CONTRAST = 0.18


@dataclass(frozen=True)
class _Square:
    """Where a crop lies in a photograph."""

    photograph: int
    top: int
    left: int
    side: int

    def shared(self, other: _Square) -> float:
        """Overlap with another crop as a share of the smaller one's area."""
        if self.photograph != other.photograph:
            return 0.0
        height = min(self.top + self.side, other.top + other.side) - max(self.top, other.top)
        width = min(self.left + self.side, other.left + other.side) - max(self.left, other.left)
        return max(height, 0) * max(width, 0) / min(self.side, other.side) ** 2


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
    crop_px: tuple[int, int] = (48, 240),
    largest_correlation: float = 0.8,
    largest_overlap: float = 0.25,
) -> np.ndarray:
    """Distinct square crops of natural photographs, of equal mean and contrast.

    Crops of random place and size (log-uniform in `crop_px`, so coarse and fine content
    both occur), flipped at random, averaged to `side`, brought to mean 0.5 and standard
    deviation 0.2, cut at 0 and 1. A crop is passed over if it shares more than
    `largest_overlap` with one already taken, so that no decoder meets a test picture's
    content in training; if its correlation with one reaches `largest_correlation`; if it is
    nearly uniform; or if cutting takes more than a tenth of its contrast.

    Parameters
    ----------
    count, side : int
        Number of pictures; their side in px.
    generator : numpy.random.Generator
    crop_px : (int, int)
        Smallest and largest side of a crop, px of the photograph.
    largest_correlation : float
        Pixel correlation that no two pictures reach.
    largest_overlap : float
        Largest area that two crops share, as a share of the smaller one.

    Returns
    -------
    ndarray, shape (count, side, side), float64, luminance 0…1

    Raises
    ------
    StimulusImageError
        The photographs do not hold so many distinct pictures.
    """
    taken, squares = np.empty((0, side * side)), list[_Square]()
    sources, attempts = photographs(), ATTEMPTS_PER_PICTURE * count
    for _ in range(attempts):
        square = _draw_square([photo.shape for photo in sources], crop_px, generator)
        flipped = generator.random() < 0.5
        if any(square.shared(other) > largest_overlap for other in squares):
            continue
        normal = _normalised(sources[square.photograph], square, flipped, side)
        if normal is None or np.any(taken @ normal >= largest_correlation):
            continue
        taken, squares = np.vstack([taken, normal]), [*squares, square]
        if len(taken) == count:
            return _luminance(taken, side).reshape(count, side, side)
    raise StimulusImageError(
        f"{count} pictures with correlations below {largest_correlation} and overlaps up to "
        f"{largest_overlap} were requested, but the shipped photographs gave {len(taken)} in "
        f"{attempts} attempts. Ask for fewer pictures."
    )


def _draw_square(
    shapes: list[tuple[int, ...]], crop_px: tuple[int, int], generator: np.random.Generator
) -> _Square:
    """A random square, in photographs by their area."""
    area = np.array([height * width for height, width in shapes], dtype=float)
    photograph = int(generator.choice(len(shapes), p=area / area.sum()))
    height, width = shapes[photograph]
    low, high = crop_px[0], min(crop_px[1], height, width)
    size = int(np.exp(generator.uniform(np.log(low), np.log(high))))
    top, left = (int(generator.integers(length - size + 1)) for length in (height, width))
    return _Square(photograph, top, left, size)


def _normalised(
    photograph: np.ndarray, square: _Square, flipped: bool, side: int
) -> np.ndarray | None:
    """The crop at `side`, flattened, of zero mean and unit norm; None if it is unsuitable."""
    rows = slice(square.top, square.top + square.side)
    crop = photograph[rows, square.left : square.left + square.side]
    crop = crop[:, ::-1] if flipped else crop
    crop = resize(crop, (side, side), anti_aliasing=square.side > side)  # type: ignore[no-untyped-call]
    if crop.std() < 0.05:
        return None
    normal = (crop - crop.mean()).ravel() / (crop.std() * side)
    return normal if _luminance(normal, side).std() >= _SMALLEST_CONTRAST else None


def _luminance(normal: np.ndarray, side: int) -> np.ndarray:
    """Rows of unit norm as luminance around 0.5, cut at 0 and 1."""
    return np.clip(0.5 + _CONTRAST * side * normal, 0.0, 1.0)
