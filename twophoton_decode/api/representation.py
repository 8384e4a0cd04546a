"""Do two systems find the same pictures alike? Dissimilarities, their agreement, its ceiling.

Dissimilarities are rows of pairs of pictures: (0, 1), (0, 2), …, (1, 2), …, so n pictures have
n (n − 1) / 2 of them. What they mean: docs/methods/representation.md.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from twophoton_decode.deep.comparison import agreement as measures
from twophoton_decode.deep.comparison import dissimilarity as distances
from twophoton_decode.errors import ArgumentError
from twophoton_decode.words import counted_are

__all__ = ["agreement", "crossnobis", "dissimilarity", "noise_ceiling"]

Measure = Literal["spearman", "whitened"]
_MEASURES = {"spearman": measures.spearman, "whitened": measures.whitened_cosine}


def dissimilarity(patterns: Any) -> np.ndarray:
    """1 − Pearson's r of what each picture evokes.

    Parameters
    ----------
    patterns : ndarray, shape (picture, unit)
        Mean responses of cells, or activities of a layer.

    Returns
    -------
    ndarray, shape (pair,)
        No unit, 0 to 2; NaN where all units are equal for a picture.

    Raises
    ------
    UsageError
        Another shape, or values that are NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> patterns = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 2.0, 1.0]])
    >>> tp.representation.dissimilarity(patterns).round(3).tolist()
    [0.0, 2.0, 2.0]
    """
    return distances.correlation_distance(_numbers(patterns, "patterns", 2))


def crossnobis(R: Any, image: Any, repeat: Any) -> np.ndarray:
    """Squared distance of mean responses, cross-validated over repeats: noise adds nothing.

    Parameters
    ----------
    R : ndarray, shape (presentation, cell)
        In units in which the cells' noise is comparable, such as z-scores.
    image, repeat : ndarray of int, shape (presentation,)
        Picture, counted from 0, and repeat of each presentation.

    Returns
    -------
    ndarray, shape (pair,)
        In squared units of R, per cell; below 0 by chance. NaN where repeats are missing.

    Raises
    ------
    UsageError
        Lengths that differ, or values that are NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> R = np.array([[0.0, 1.0], [2.0, 1.0], [0.5, 1.0], [2.5, 1.0]])
    >>> tp.representation.crossnobis(R, image=[0, 1, 0, 1], repeat=[0, 0, 1, 1]).tolist()
    [2.0]
    """
    given = _numbers(R, "R", 2)
    shown, times = (_labels(each, name, len(given))
                    for each, name in ((image, "image"), (repeat, "repeat")))  # fmt: skip
    return distances.crossnobis(given, shown, times, int(shown.max()) + 1)


def agreement(first: Any, second: Any, measure: Measure = "spearman") -> np.ndarray:
    """How alike dissimilarities are: Spearman's ρ, or the cosine after whitening.

    Parameters
    ----------
    first, second : ndarray, shape (a, pair) and (b, pair)
    measure : "spearman" or "whitened"
        The whitened cosine allows for errors that pairs with a picture in common share.

    Returns
    -------
    ndarray, shape (a, b)
        −1 to 1; NaN where all dissimilarities of a row are equal.

    Raises
    ------
    UsageError
        Shapes that do not fit, or another measure.

    Examples
    --------
    >>> first = [[0.1, 0.2, 0.3]]
    >>> tp.representation.agreement(first, [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]).round(3).tolist()
    [[1.0, -1.0]]
    """
    rows = [np.asarray(each, float) for each in (first, second)]
    if any(each.ndim != 2 for each in rows) or rows[0].shape[1] != rows[1].shape[1]:
        shapes = " and ".join(str(each.shape) for each in rows)
        raise ArgumentError(f"expected the shapes (a, pair) and (b, pair), found {shapes}.")
    return np.asarray(_measure(measure)(_pairs(rows[0]), _pairs(rows[1])))


def noise_ceiling(rdms: Any, measure: Measure = "spearman") -> tuple[float, float]:
    """Lower and upper bound of the agreement that a perfect model would reach.

    Parameters
    ----------
    rdms : ndarray, shape (animal, pair)
        Dissimilarities of two or more animals.
    measure : "spearman" or "whitened"

    Returns
    -------
    (float, float)
        Mean agreement of each animal with the others pooled, and with all pooled.

    Raises
    ------
    UsageError
        Fewer than two animals.

    Examples
    --------
    >>> rdms = [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]]
    >>> low, high = tp.representation.noise_ceiling(rdms)
    >>> round(low, 3), round(high, 3)
    (0.5, 0.866)
    """
    given = _pairs(_numbers(rdms, "rdms", 2))
    if len(given) < 2:
        raise ArgumentError("a noise ceiling needs dissimilarities of two animals or more.")
    return measures.ceilings(given, _measure(measure))


def _labels(values: Any, name: str, presentations: int) -> np.ndarray:
    found = np.asarray(values)
    if found.shape != (presentations,) or found.dtype.kind not in "iu" or (found < 0).any():
        raise ArgumentError(
            f"{name}: expected a whole number from 0 on for each of the {presentations} "
            f"presentations, found {found.dtype} of the shape {found.shape}."
        )
    return found


def _measure(name: str) -> measures.Measure:
    if name not in _MEASURES:
        raise ArgumentError(f"measure must be spearman or whitened, found {name!r}.")
    return _MEASURES[name]


def _pairs(rows: np.ndarray) -> np.ndarray:
    images = distances.pictures_of(rows.shape[1])
    if images * (images - 1) // 2 != rows.shape[1]:
        raise ArgumentError(
            f"{rows.shape[1]} is not the number of pairs of any number of pictures: n pictures "
            "have n (n - 1) / 2."
        )
    return rows


def _numbers(values: Any, name: str, axes: int) -> np.ndarray:
    found = np.asarray(values, float)
    if found.ndim != axes or not found.size:
        raise ArgumentError(f"{name}: expected {axes} axes, found the shape {found.shape}.")
    if not np.isfinite(found).all():
        bad = int(np.count_nonzero(~np.isfinite(found)))
        raise ArgumentError(f"{name}: {counted_are(bad, 'value')} NaN or infinite.")
    return found
