"""Which picture each presentation showed: by name, by the number in its name, or by place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from twophoton_decode.errors import ResponseError

BLANK = frozenset(("", "-1", "nan", "none", "na", "blank", "gray", "grey"))
"""Words that stand for no picture, in any case."""


@dataclass(frozen=True, eq=False)
class Labels:
    """The image of each presentation.

    Attributes
    ----------
    image : ndarray of int, shape (presentation,)
        Index of the picture, from 0; -1 where none was shown.
    notes : list of str
        How the labels were read, where there is another way.
    """

    image: np.ndarray
    notes: list[str]


def image_of_labels(
    labels: np.ndarray, names: Sequence[str], *, first_index: int, named: bool, path: Path
) -> Labels:
    """What each label means.

    Text that names a picture means that picture, with or without folder, ending and
    capitals. A number means the picture with that number in its name if every label is
    such a number, unless `first_index` is 1; else the place of the picture. -1, NaN and
    words such as "blank" mean that no picture was shown.

    Parameters
    ----------
    labels : ndarray, shape (presentation,)
        Numbers or text.
    names : sequence of str
        Names of the pictures in their order.
    first_index : int
        0 or 1: the number of the first picture where labels are places.
    named : bool
        The names are those of files, not only "0", "1", ….
    path : Path
        For messages.

    Raises
    ------
    ResponseError
        A label that means no picture.
    """
    numbers = _as_numbers(labels)
    if numbers is None:
        image = _by_name(labels, names, named, path)
        return Labels(image, _blank_note(image))
    blank = np.isnan(numbers) | (numbers == -1)
    _refuse_fractions(numbers, blank, path)
    shown = np.where(blank, 0, numbers).astype(np.int64)
    in_name = number_in_name(names) if named else {}
    known = set(shown[~blank].tolist()) <= in_name.keys()
    by_number = bool(in_name) and first_index == 0 and known
    if by_number:
        image = np.array([in_name.get(number, -1) for number in shown.tolist()])
    else:
        image = _by_place(shown, blank, len(names), first_index, path)
    image = np.where(blank, -1, image)
    notes = _reading_notes(shown[~blank], image[~blank], names, in_name, by_number, first_index)
    return Labels(image, [*notes, *_blank_note(image)])


def number_in_name(names: Sequence[str]) -> dict[int, int]:
    """Place of the picture with each number, where just one number varies over the names."""
    parts = [re.findall(r"\d+", Path(name).stem) for name in names]
    frames = {re.sub(r"\d+", "#", Path(name).stem) for name in names}
    if len(frames) != 1 or not parts[0]:
        return {}
    varying = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    if len(varying) != 1:
        return {}
    found = {int(text): place for place, text in enumerate(varying[0])}
    return found if len(found) == len(names) else {}


def _as_numbers(labels: np.ndarray) -> np.ndarray | None:
    """Labels as numbers, NaN for none; None where one is a name."""
    if labels.dtype.kind in "biuf":
        return labels.astype(np.float64)
    try:
        return np.array([_number(text) for text in labels.tolist()])
    except ValueError:
        return None


def _number(text: str) -> float:
    return float("nan") if text.strip().lower() in BLANK else float(text)


def _refuse_fractions(numbers: np.ndarray, blank: np.ndarray, path: Path) -> None:
    bad = np.flatnonzero(~blank & ((numbers != np.round(numbers)) | (np.abs(numbers) > 2**53)))
    if bad.size:
        raise ResponseError(
            f"{path}, row {bad[0]}: labels must be whole numbers, the indices of the images, or "
            f"names of pictures, found {numbers[bad[0]]:g}."
        )


def _by_place(
    shown: np.ndarray, blank: np.ndarray, pictures: int, first_index: int, path: Path
) -> np.ndarray:
    image = shown - first_index
    outside = np.flatnonzero(((image < 0) | (image >= pictures)) & ~blank)
    if not outside.size:
        return image
    one_based = first_index == 0 and image[~blank].max() == pictures and image[~blank].min() > 0
    hint = " If they count from 1, add --first-index 1 (first_index = 1 in session.toml)."
    last = pictures - 1 + first_index
    raise ResponseError(
        f"{path}, row {outside[0]}: the label is {shown[outside[0]]}, but the {pictures} images "
        f"have the indices {first_index} to {last}.{hint if one_based else ''}"
    )


def _reading_notes(
    shown: np.ndarray,
    image: np.ndarray,
    names: Sequence[str],
    in_name: dict[int, int],
    by_number: bool,
    first_index: int,
) -> list[str]:
    """How numbers were read, where they could have been read otherwise."""
    if not shown.size:
        return []
    label, taken = int(shown.min()), names[image[shown.argmin()]]
    by_place = shown - first_index
    if by_number and (by_place != image).any():
        return [
            f"labels are taken as the numbers in the pictures' names: label {label} is {taken}, "
            f"not picture {label} counted from 0. Where places counted from 0 are meant, give "
            "names."
        ]
    other = {number: place for number, place in in_name.items() if number in shown}
    if not by_number and other.get(label, image[shown.argmin()]) != image[shown.argmin()]:
        return [
            f"labels are taken as places counted from {first_index}: label {label} is {taken}, not "
            f"{names[other[label]]}."
        ]
    if first_index == 0 and shown.min() == 1 and image.min() == 1:
        return [
            f"no label is 0, so labels may count from 1. They are taken to count from 0: label 1 "
            f"is the second picture ({taken}), and the first is never shown. If label 1 is the "
            f"first picture ({names[0]}), add --first-index 1."
        ]
    return []


def _by_name(labels: np.ndarray, names: Sequence[str], named: bool, path: Path) -> np.ndarray:
    known = _known_names(names)
    texts, inverse = np.unique(labels, return_inverse=True)
    image = np.empty(len(texts), dtype=np.int64)
    for place, text in enumerate(texts.tolist()):
        if text.strip().lower() in BLANK:
            image[place] = -1
            continue
        found = known.get(_plain(text), known.get(_plain(PurePosixPath(_plain(text)).stem), ()))
        if len(found) != 1:
            row = int(np.flatnonzero(inverse.ravel() == place)[0])
            raise ResponseError(f"{path}, row {row}: {_unknown(text, found, names, named)}")
        image[place] = found[0]
    return image[inverse.ravel()]


def _known_names(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The pictures with each name, and with each name without its ending."""
    known: dict[str, tuple[int, ...]] = {}
    for place, name in enumerate(names):
        for text in dict.fromkeys((_plain(name), _plain(Path(name).stem))):
            known[text] = (*known.get(text, ()), place)
    return known


def _plain(text: str) -> str:
    """A name without folders and capitals."""
    return PurePosixPath(text.strip().replace("\\", "/")).name.lower()


def _unknown(text: str, found: tuple[int, ...], names: Sequence[str], named: bool) -> str:
    if found:
        listed = ", ".join(names[place] for place in found[:5])
        return f"{text!r} could be any of {listed}; write the name with its ending."
    if not named:
        return (
            f"expected the index of an image, found {text!r}. Names need --images to be a folder "
            "of pictures."
        )
    close = difflib.get_close_matches(_plain(text), [name.lower() for name in names], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"there is no picture called {text!r} among the {len(names)} pictures.{hint}"


def _blank_note(image: np.ndarray) -> list[str]:
    blank = np.count_nonzero(image < 0)
    if not blank:
        return []
    return [
        f"{blank} of {image.size} presentations showed no picture (label -1, NaN or blank) and are "
        "left out."
    ]
