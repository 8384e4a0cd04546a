"""Which picture each presentation showed: by name, by the number in its name, or by index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.blanks import means_no_picture
from twophoton_decode.stimulus.presentations.pictures import (
    PictureNames,
    numbers_of,
    picture_indices,
)
from twophoton_decode.stimulus.presentations.wording import LABELS


def image_of_labels(
    labels: np.ndarray,
    names: Sequence[str],
    *,
    first_index: int,
    path: Path,
    settings: LogSettings | None = None,
) -> tuple[np.ndarray, list[str]]:
    """Which picture each label means, read as the image column of a stimulus log is.

    Parameters
    ----------
    labels : ndarray, shape (presentation,)
        Numbers or text.
    names : sequence of str
        Names of the pictures in their order; those of a stack are "0", "1", ….
    first_index : int
        0 or 1: the number of the first picture where labels are indices.
    path : Path
        For messages.
    settings : LogSettings, optional
        `picture_numbers`, and which labels mean that no picture was shown.

    Returns
    -------
    image : ndarray of int, shape (presentation,)
        Index of the picture, from 0; -1 where none was shown.
    notes : list of str
        How the labels were read, where there is another way.

    Raises
    ------
    ResponseError
        A label that means no picture.
    """
    settings = settings or LogSettings()
    pictures = PictureNames.of(names)
    texts = _texts(labels, path)
    words = {value.strip().casefold() for value in settings.blank_values}
    blank = np.array([means_no_picture(text, words, pictures) for text in texts], dtype=bool)
    rows = np.flatnonzero(~blank).tolist()
    image = np.full(len(texts), -1)
    where = [f"{path}, row {row} (counted from 0)" for row in rows]
    numbers = numbers_of(pictures, settings.picture_numbers, first_index, LABELS)
    image[rows], notes = picture_indices([texts[row] for row in rows], pictures, numbers, where)
    return image, [*notes, *_blank_note(blank)]


def image_of_conditions(
    labels: np.ndarray, path: Path, settings: LogSettings | None = None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Conditions without pictures: each label is one, numbers in names counted as numbers.

    Parameters
    ----------
    labels, path, settings
        As for `image_of_labels`.

    Returns
    -------
    image : ndarray of int, shape (presentation,)
        Index of the condition, from 0; -1 where a label means that nothing was shown.
    names : ndarray of str, shape (image,)
    notes : list of str

    Raises
    ------
    ResponseError
        A number that is not whole.
    """
    words = {value.strip().casefold() for value in (settings or LogSettings()).blank_values}
    texts, nothing = _texts(labels, path), PictureNames.of([])
    blank = np.array([means_no_picture(text, words, nothing) for text in texts], dtype=bool)
    used = {text for text, none in zip(texts, blank.tolist(), strict=True) if not none}
    names = sorted(sorted(used), key=lambda text: natural_order(Path(text)))
    place = {name: index for index, name in enumerate(names)}
    image = np.array([place.get(text, -1) for text in texts], dtype=np.int64)
    return image, np.array(names, dtype=str), _blank_note(blank)


def _texts(labels: np.ndarray, path: Path) -> list[str]:
    """The labels as text, as a log would hold them."""
    if labels.dtype.kind not in "biuf":
        return [str(text).strip() for text in labels.tolist()]
    numbers = labels.astype(np.float64)
    whole = np.isnan(numbers) | ((numbers == np.round(numbers)) & (np.abs(numbers) < 2**53))
    if not whole.all():
        row = int(np.flatnonzero(~whole)[0])
        raise ResponseError(
            f"{path}, row {row} (counted from 0): labels must be whole numbers or names of "
            f"pictures, found {numbers[row]:g}."
        )
    return ["nan" if np.isnan(each) else str(int(each)) for each in numbers.tolist()]


def _blank_note(blank: np.ndarray) -> list[str]:
    if not blank.any():
        return []
    return [
        f"{blank.sum()} of {blank.size} presentations showed no picture (label -1, NaN or blank) "
        "and are left out."
    ]
