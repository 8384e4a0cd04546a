"""How well does a reconstruction show what was seen?

Pictures are arrays (n, y, x), or rows of pixels (n, pixels). `mean` is the mean training image,
(y, x) or (pixels,): it is subtracted from both sides, since any decoder that keeps it looks
good. Which of the images were trained on is for the caller to keep apart: see `tp.folds`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from twophoton_decode.api.arguments import picture_rows
from twophoton_decode.decoding.scoring import scores
from twophoton_decode.errors import ArgumentError
from twophoton_decode.statistics.by_image import identical_rows, mean_by_image

__all__ = [
    "correlation",
    "correlation_scorer",
    "determination",
    "structural_similarity",
    "two_way_identification",
]

Scorer = Callable[[Any, Any, Any], float]


def correlation(shown: Any, reconstructed: Any, mean: Any = 0.0) -> np.ndarray:
    """R: Pearson's correlation over pixels of picture and reconstruction, both less `mean`.

    Parameters
    ----------
    shown, reconstructed : ndarray, shape (n, y, x) or (n, pixels)
    mean : ndarray, shape (y, x) or (pixels,), or number
        The mean training image.

    Returns
    -------
    ndarray, shape (n,)
        No unit; 0 where a reconstruction is constant.

    Raises
    ------
    UsageError
        The shapes do not fit each other, or values are NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> shown = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]])
    >>> tp.scores.correlation(shown, 2 * shown + 1)
    array([1., 1.])
    """
    s, r, m = _three(shown, reconstructed, mean)
    return scores.correlation(s - m, r - m)


def determination(shown: Any, reconstructed: Any, mean: Any) -> np.ndarray:
    """CD: 1 less the squared error over the squared difference of the picture to `mean`.

    Parameters
    ----------
    shown, reconstructed : ndarray, shape (n, y, x) or (n, pixels)
    mean : ndarray, shape (y, x) or (pixels,), or number
        The mean training image: a decoder that always predicts it scores 0.

    Returns
    -------
    ndarray, shape (n,)
        No unit, at most 1; NaN where a picture equals `mean`.

    Raises
    ------
    UsageError
        As for `correlation`.

    Examples
    --------
    >>> import numpy as np
    >>> tp.scores.determination(np.eye(2), np.eye(2) / 2, mean=0.0)
    array([0.75, 0.75])
    """
    s, r, m = _three(shown, reconstructed, mean)
    return scores.determination(s, r, np.broadcast_to(m, s.shape))


def two_way_identification(
    reconstructed: Any, candidates: Any, own: Any, mean: Any = 0.0, content: Any = None
) -> np.ndarray:
    """Share of the other images that fit a reconstruction worse than the true one; 0.5 by chance.

    Parameters
    ----------
    reconstructed : ndarray, shape (n, y, x) or (n, pixels)
    candidates : ndarray, shape (images, y, x) or (images, pixels)
        All images, the true ones among them.
    own : ndarray of int, shape (n,)
        The true image of each reconstruction, as its index in `candidates`.
    mean : ndarray, shape (y, x) or (pixels,), or number
        The mean training image.
    content : ndarray of int, shape (images,), optional
        Images with equal numbers show the same and are not compared; by default identical ones.

    Returns
    -------
    ndarray, shape (n,)
        Ties count half.

    Raises
    ------
    UsageError
        As for `correlation`; or `own` is no index of a candidate; or all candidates are alike.

    Examples
    --------
    >>> import numpy as np
    >>> pictures = np.eye(3)
    >>> tp.scores.two_way_identification(pictures[[2, 0]], pictures, [2, 1])
    array([1.  , 0.25])
    """
    c, r, m = _three(candidates, reconstructed, mean, alike=False)
    index = np.asarray(own)
    whole = np.issubdtype(index.dtype, np.integer) and index.shape == (len(r),)
    if not whole or (len(index) and not 0 <= index.min() <= index.max() < len(c)):
        raise ArgumentError(
            f"own must name one of {len(c)} candidates (0 to {len(c) - 1}) for each of {len(r)} "
            f"reconstructions; found {np.array2string(index, threshold=6)}."
        )
    groups = identical_rows(c)[0] if content is None else np.asarray(content)
    if groups.shape != (len(c),) or len(np.unique(groups)) < 2:
        raise ArgumentError(
            f"two-way identification needs two candidates that differ; found {len(c)} with the "
            f"contents {np.array2string(groups, threshold=6)}."
        )
    return scores.two_way_identification(r - m, c - m, index, groups)


def structural_similarity(shown: Any, reconstructed: Any, data_range: float) -> np.ndarray:
    """SSIM of pictures, as scikit-image computes it.

    Parameters
    ----------
    shown, reconstructed : ndarray, shape (n, y, x)
    data_range : float
        Largest less smallest value that a picture can have, such as 255.

    Returns
    -------
    ndarray, shape (n,)
        At most 1. The window is 7 px, or what fits the picture; NaN below 3 px.

    Raises
    ------
    UsageError
        The shapes differ, or `data_range` is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.arange(64.0).reshape(1, 8, 8)
    >>> tp.scores.structural_similarity(picture, picture, data_range=63)
    array([1.])
    """
    s, r = (np.asarray(each, dtype=float) for each in (shown, reconstructed))
    if s.ndim != 3 or s.shape != r.shape or not data_range > 0:
        raise ArgumentError(
            f"expected pictures (n, y, x) of one shape and a data_range above 0, found {s.shape}, "
            f"{r.shape} and {data_range}."
        )
    picture_rows("pictures", s)
    picture_rows("reconstructions", r)
    return scores.similarity(s, r, data_range)


def correlation_scorer(space: Any = None) -> Scorer:
    """R as scikit-learn's functions take it for ``scoring=``.

    The estimator predicts features of test presentations; they are brought back to pixels, the
    mean training image is subtracted, and R is averaged over the trials of each image and then
    over images, as `r_single` of a reconstruction is. For the decoders of `tp.decoders` and
    pipelines that end in one: they know the mean of what they were trained on.

    Parameters
    ----------
    space : feature space, optional
        The space whose features are decoded, such as ``tp.features.Gabor((32, 32))``; without
        one, features are pixels.

    Returns
    -------
    callable
        ``scorer(estimator, R, Y)``. R is that of the features as they come back to pixels:
        of a space that leaves something out, such as `PriorComponents`, only what it shows
        is compared.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> made = tp.simulate(cells=60, images=40, repeats=4, picture_px=16)
    >>> space = tp.features.Pixels((16, 16))
    >>> R = cross_val_score(
    ...     tp.decoders.Ridge(), made.responses, space.encode(made.pictures)[made.image],
    ...     groups=made.image, cv=tp.folds.ByImage(5), scoring=tp.scores.correlation_scorer(space),
    ... )
    >>> bool(R.mean() > 0.3)
    True
    """

    def score(estimator: Any, R: Any, Y: Any) -> float:
        Y = np.asarray(Y, dtype=float)
        mean = np.atleast_2d(_training_mean(estimator))
        shown, made, about = (_pixels(space, each) for each in (Y, estimator.predict(R), mean))
        image, first = identical_rows(Y)
        each = scores.correlation(shown - about, made - about)
        return float(mean_by_image(each, image, len(first)).mean())

    return score


def _pixels(space: Any, features: np.ndarray) -> np.ndarray:
    made = features if space is None else space.decode(features)
    return np.asarray(made, dtype=float).reshape(len(features), -1)


def _training_mean(estimator: Any) -> np.ndarray:
    """Mean training target of a decoder, or of a pipeline's last step."""
    steps = getattr(estimator, "steps", None)
    decoder = steps[-1][1] if steps else estimator
    if not hasattr(decoder, "target_mean_"):
        raise ArgumentError(
            f"{type(decoder).__name__} has no target_mean_, the mean of what it was trained on, "
            "which is subtracted before pictures are compared. Use a decoder of tp.decoders, or "
            "predict yourself and call tp.scores.correlation(shown, reconstructed, mean)."
        )
    return np.asarray(decoder.target_mean_)


def _three(
    shown: Any, reconstructed: Any, mean: Any, *, alike: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures, reconstructions and the mean as rows; `alike`: as many of one as of the other."""
    s, r = picture_rows("pictures", shown), picture_rows("reconstructions", reconstructed)
    m = np.asarray(mean, dtype=float).reshape(1, -1)
    if (
        s.shape[1] != r.shape[1]
        or m.shape[1] not in (1, s.shape[1])
        or (alike and len(s) != len(r))
    ):
        raise ArgumentError(
            f"pictures {np.shape(shown)}, reconstructions {np.shape(reconstructed)} and the mean "
            f"{np.shape(mean)} do not fit each other."
        )
    if not np.isfinite(m).all():
        raise ArgumentError("the mean holds NaN or infinity.")
    return s, r, m
