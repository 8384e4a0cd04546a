"""Folds over images: no image is ever in training and test at once, under any name."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.statistics.by_image import identical_rows

NEAR_DUPLICATE = 0.95
"""Correlation over pixels above which two images are nearly the same."""
FEWEST_IMAGES = 3


def image_folds(
    pictures: np.ndarray, folds: int, seed: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Assign images to folds; identical pictures share one.

    Parameters
    ----------
    pictures : ndarray, shape (images, y, x)
    folds : int
        Number of folds; as many as different images leaves one out at a time.
    seed : int

    Returns
    -------
    identity : ndarray of int, shape (images,)
        Images with equal numbers have identical pixels.
    fold : ndarray of int, shape (images,)
        The fold in which each image is tested, 0…folds-1.
    warnings : list of str
    """
    identity, first = identical_rows(pictures.reshape(len(pictures), -1))
    different = len(first)
    if different < FEWEST_IMAGES:
        raise ResponseError(
            f"reconstruction needs at least {FEWEST_IMAGES} different images, because every image "
            f"is reconstructed by a fit to the others; found {different} among {len(pictures)}."
        )
    warnings = _duplicate_warnings(len(pictures), different)
    # Training needs two images at least, or there is nothing to tell apart.
    if folds > different or different - -(-different // folds) < 2:
        warnings.append(
            f"{folds} folds were asked for, but there are {different} different images: "
            "one image was left out at a time."
        )
        folds = different
    fold = balanced_folds(different, folds, seed)[identity]
    return identity, fold, warnings + near_duplicate_warnings(pictures, fold)


def balanced_folds(count: int, folds: int, seed: int) -> np.ndarray:
    """A random fold for each of `count` things, sizes differing by one at most."""
    order = np.random.default_rng([seed, 0]).permutation(count)
    fold = np.empty(count, dtype=np.int64)
    fold[order] = np.arange(count) % folds
    return fold


def near_duplicate_warnings(pictures: np.ndarray, fold: np.ndarray) -> list[str]:
    """A warning if images in different folds correlate above 0.95 over pixels."""
    rows = pictures.reshape(len(pictures), -1).astype(float)
    rows = rows - rows.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(rows, axis=1)
    rows = rows / np.where(norm > 0, norm, 1.0)[:, None]
    alike = np.triu(rows @ rows.T > NEAR_DUPLICATE, k=1) & (fold[:, None] != fold)
    pairs = np.argwhere(alike)
    if not len(pairs):
        return []
    a, b = pairs[0]
    return [
        f"pairs of images with a correlation above {NEAR_DUPLICATE} that lie in different folds: "
        f"{len(pairs)} (the first: images {a} and {b}). Training has nearly seen the test image."
    ]


def _duplicate_warnings(images: int, different: int) -> list[str]:
    if different == images:
        return []
    return [
        f"{images - different} of {images} images are identical to another one; identical "
        "images were kept in the same fold and count as one in training."
    ]
