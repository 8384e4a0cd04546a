"""Presentations of an image put together."""

from __future__ import annotations

import numpy as np

from twophoton_decode.records import Reconstruction, Responses


def mean_by_image(values: np.ndarray, image: np.ndarray, images: int) -> np.ndarray:
    """Mean over the presentations of each image, shape (images, …); all were shown."""
    count = np.bincount(image, minlength=images)
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    total = np.add.reduceat(values[np.argsort(image, kind="stable")], starts, axis=0)
    return total / count.reshape(-1, *[1] * (values.ndim - 1))


def sums_by_image(rows: np.ndarray, image: np.ndarray) -> np.ndarray:
    """`rows` (presentations, …) summed over the presentations of each image 0…, all shown."""
    order = np.argsort(image, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(image))[:-1]])
    return np.add.reduceat(rows[order], starts, axis=0)


def identical_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of a matrix are equal.

    Returns
    -------
    label : ndarray of int, shape (rows,)
        Equal rows have equal labels, numbered by first appearance.
    first : ndarray of int, shape (labels,)
        The first row with each label.
    """
    # Adding zero turns -0.0 into 0.0, which have different bytes but are equal.
    keys = [row.tobytes() for row in np.ascontiguousarray(rows) + 0.0]
    number: dict[bytes, int] = {}
    label = np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    return label, np.unique(label, return_index=True)[1]


def shown_alike(responses: Responses) -> tuple[np.ndarray, np.ndarray]:
    """Which images have identical pixels, as `identical_rows` says it of rows.

    Conditions without pictures are all different.
    """
    if not responses.has_pictures:
        every = np.arange(responses.images)
        return every, every
    return identical_rows(responses.picture.reshape(responses.images, -1))


def content_groups(reconstruction: Reconstruction) -> np.ndarray:
    """Which images show the same, (images,): equal numbers for equal content.

    Records written before near-duplicates were grouped tell identical pictures only.
    """
    if reconstruction.content is not None:
        return reconstruction.content
    picture = np.asarray(reconstruction.picture)
    return identical_rows(picture.reshape(len(picture), -1))[0]
