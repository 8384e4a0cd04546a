"""What was shown: pictures, or conditions of which there are no pictures."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.formats.matrices.axes import Matrix
from twophoton_decode.formats.matrices.labels import image_of_conditions, image_of_labels
from twophoton_decode.formats.matrices.picture_order import order_notes, refuse_other_count
from twophoton_decode.formats.matrices.presentations import (
    Given,
    by_axes,
    by_labels,
    refuse_other_number_of_labels,
)
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.pictures import read_pictures

WITHOUT = (
    "no pictures were given (--images): conditions are told apart by their {how}, and whatever "
    "needs pictures is unavailable."
)


class PictureSource(NamedTuple):
    """Where pictures lie and how they are read, as `read_pictures` takes it."""

    path: Path
    key: str = ""
    axes: str = ""
    shape: tuple[int, int] | None = None


class Labels(NamedTuple):
    """The label of each presentation: the file, its labels, and how numbers are read."""

    path: Path
    label: np.ndarray
    first_index: int = 0
    log: LogSettings | None = None


class Shown(NamedTuple):
    """Which condition each presentation showed: `picture` (image, y, x), `name` (image,).

    Pictures have 0 × 0 px where there are none.
    """

    given: Given
    picture: np.ndarray
    name: np.ndarray
    notes: list[str]


def shown_pictures(
    matrix: Matrix, responses: Path, images: PictureSource, size_px: int, labels: Labels | None
) -> Shown:
    """The pictures of presentations, in the order of the image axis or as labels name them.

    Raises
    ------
    ResponseError, UsageError, StimulusImageError
        Another number of pictures or labels, labels of none, pictures that are all the same.
    """
    pictures = read_pictures(
        images.path,
        size_px,
        key=images.key,
        axes=images.axes,
        shape=images.shape,
        count=matrix.length("image") if labels is None else None,
    )
    _refuse_equal_pictures(pictures.picture, images.path)
    notes = [*pictures.notes, *matrix.notes, *order_notes(pictures.name, images.path)]
    if labels is None:
        refuse_other_count(matrix, len(pictures.picture), responses, images.path)
        return Shown(by_axes(matrix), pictures.picture, pictures.name, notes)
    refuse_other_number_of_labels(matrix, labels.label, labels.path)
    image, more = image_of_labels(
        labels.label,
        pictures.name.tolist(),
        first_index=labels.first_index,
        path=labels.path,
        settings=labels.log,
    )
    return Shown(by_labels(matrix, image), pictures.picture, pictures.name, [*notes, *more])


def shown_conditions(matrix: Matrix, labels: Labels | None) -> Shown:
    """Conditions without pictures: places along the image axis, or different labels in order.

    Raises
    ------
    ResponseError
        Another number of labels than of presentations.
    """
    if labels is None:
        name = np.arange(matrix.length("image")).astype(str)
        given, notes = by_axes(matrix), [WITHOUT.format(how="place along the image axis")]
    else:
        refuse_other_number_of_labels(matrix, labels.label, labels.path)
        image, name, notes = image_of_conditions(labels.label, labels.path, labels.log)
        given = by_labels(matrix, image)
        notes = [WITHOUT.format(how="labels"), *notes]
    picture = np.zeros((len(name), 0, 0), np.float32)
    return Shown(given, picture, name, [*notes, *matrix.notes])


def refuse_options_of_pictures(images: str, **given: str) -> None:
    """`UsageError` for options that say something of pictures, where there are none."""
    needless = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if needless and not images:
        raise UsageError(
            f"{needless[0]} says something of pictures: name these with --images, or leave out "
            f"{' and '.join(needless)}."
        )


def _refuse_equal_pictures(picture: np.ndarray, path: Path) -> None:
    if len(picture) > 1 and (picture == picture[0]).all():
        raise StimulusImageError(
            f"{path}: all {len(picture)} pictures are the same, so that responses cannot tell one "
            "from another. Are these the pictures that were shown?"
        )
