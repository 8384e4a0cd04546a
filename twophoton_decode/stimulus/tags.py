"""Words that people gave to pictures: a table with a picture and its words in every row."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusImageError

PICTURE = ("image", "picture", "image_name", "name")
"""Titles of the first column; a first row that has none of them is a row like others."""
BETWEEN = ";"


def read_tags(path: Path, image_name: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The words of each picture.

    The first cell of a row is the picture's name, with or without its suffix, the others hold
    words; several in one cell stand between semicolons. A picture may have several rows. Words
    are the same in capitals and small letters.

    Parameters
    ----------
    path : Path
        A table in UTF-8, its cells between commas.
    image_name : ndarray of str, shape (images,)

    Returns
    -------
    tag : list of str
        Sorted.
    has : ndarray of bool, shape (images, tags)

    Raises
    ------
    StimulusImageError
        It cannot be read, has no words, or names none of the pictures.
    """
    found: dict[str, set[str]] = {}
    for name, *cells in _rows(path):
        words = {word.strip().lower() for cell in cells for word in cell.split(BETWEEN)} - {""}
        found.setdefault(name, set()).update(words)
    of_image = [found.get(name, found.get(Path(name).stem, set())) for name in image_name.tolist()]
    tags = sorted(set().union(*of_image))
    if not tags:
        known = ", ".join(image_name[:3].tolist())
        raise StimulusImageError(
            f"{path}: no row has words for a picture of the session. Expected a picture's name "
            f"first, such as {known}, then its words; found "
            f"{', '.join(list(found)[:3]) or 'no row'}."
        )
    return tags, np.array([[tag in words for tag in tags] for words in of_image])


def _rows(path: Path) -> list[list[str]]:
    """Rows with something in them, cells stripped, without a row of titles."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StimulusImageError(f"{path} cannot be read as a table of words: {error}") from error
    rows = [row for row in rows if any(row)]
    return rows[1:] if rows and rows[0][0].lower() in PICTURE else rows
