"""Chance: images permuted over response groups before cross-validation, all refitted."""

from __future__ import annotations

import numpy as np


def permuted_images(images: int, permutations: int, seed: int) -> np.ndarray:
    """Random assignments of images to response groups, shape (permutations, images).

    All presentations of an image keep together and get the same wrong image, so unequal
    repeats stay as they are.
    """
    generator = np.random.default_rng([seed, 1])
    orders = [generator.permutation(images) for _ in range(permutations)]
    return np.array(orders, dtype=np.int64).reshape(permutations, images)
