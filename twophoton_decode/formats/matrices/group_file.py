"""A file that puts imported pictures into groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.label_file import read_labels


def read_groups(path: Path, key: str, images: int) -> np.ndarray:
    """The group of each picture, shape (images,), -1 where its label is empty or NaN.

    Parameters
    ----------
    path, key : Path, str
        As `read_labels` takes them; one label for each picture, in the pictures' order.
    images : int
        Number of pictures.

    Raises
    ------
    ResponseError
        Labels for another number of pictures.
    UsageError
        As `read_labels`.
    """
    label = read_labels(path, key)
    if label.size != images:
        raise ResponseError(
            f"{path}: expected a group for each of the {images} pictures, found {label.size}."
        )
    none = label == "" if label.dtype.kind in "UO" else np.isnan(label.astype(float))
    group = np.full(images, -1, dtype=np.int64)
    group[~none] = np.unique(label[~none], return_inverse=True)[1]
    return group
