"""Which picture a log means: by file name, by the number in its name, or by index."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.stimulus.presentations.picture_numbers import PictureNumbers, numbers_in_names
from twophoton_decode.stimulus.presentations.wording import LOG, Wording
from twophoton_decode.stimulus.tables.numbers import whole_number

_ENDINGS = {"png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "mat", "npy"}
# Characters of a text that a message repeats.
_SHOWN = 200


@dataclass(frozen=True)
class PictureNames:
    """The names of the pictures, and the ways in which a log may write them.

    Attributes
    ----------
    names : list of str
    exact : mapping
        Picture by its name, and by its name without ending where only one has it.
    whole, loose : mapping
        Pictures by the name in small letters, with and without its ending.
    is_stack : bool
        The pictures of a stack are named by their indices from 0.
    """

    names: list[str]
    exact: Mapping[str, int]
    whole: Mapping[str, list[int]]
    loose: Mapping[str, list[int]]
    is_stack: bool

    @classmethod
    def of(cls, image_names: Iterable[str]) -> PictureNames:
        """From the names in the order to which indices refer."""
        names = [str(name) for name in image_names]
        stems = Counter(_stem(name) for name in names)
        exact = {_stem(n): i for i, n in enumerate(names) if stems[_stem(n)] == 1}
        whole, loose = (defaultdict[str, list[int]](list) for _ in range(2))
        for index, name in enumerate(names):
            whole[name.casefold()].append(index)
            loose[_stem(name).casefold()].append(index)
        is_stack = names == [str(i) for i in range(len(names))]
        exact |= {name: index for index, name in enumerate(names)}
        return cls(names, exact, dict(whole), dict(loose), is_stack)

    def find(self, text: str) -> int | None:
        """The picture of this name: as it is, without its folder, or in other capitals."""
        if self.is_stack:
            return None
        name = file_part(text)
        for known in (text, name):
            if known in self.exact:
                return self.exact[known]
        plain, stem = name.casefold(), _stem(name).casefold()
        found = self.whole.get(plain) or self.loose.get(plain) or self.loose.get(stem, [])
        return found[0] if len(found) == 1 else None

    def unknown(self, text: str) -> str:
        """Why no picture is meant by `text`."""
        text = text[:_SHOWN]
        if self.is_stack:
            return (
                f"expected the index of one of {len(self.names)} images, found {text!r}. Names "
                "need a folder of pictures, not a stack."
            )
        sharing = [self.names[i] for i in self.loose.get(_stem(file_part(text)).casefold(), [])]
        if len(sharing) > 1:
            return f"{text!r} could be any of {', '.join(sharing)}; write the name with its suffix."
        close = difflib.get_close_matches(text, self.names, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"there is no picture called {text!r} among the {len(self.names)} pictures.{hint}"


def picture_indices(
    references: Sequence[str],
    pictures: PictureNames,
    numbers: PictureNumbers,
    where: Sequence[str],
) -> tuple[np.ndarray, list[str]]:
    """Index of the picture that each reference means, shape (references,), and notes.

    A column is read as a whole: as numbers where all of it are whole numbers and not all
    are names of pictures, else as names. `where` says for each reference where it stands,
    for messages.

    Raises
    ------
    TpDecodeError
        As the wording of `numbers` says: a picture that is not there, or numbers that can be
        read in two ways.
    """
    found = [pictures.find(text) for text in references]
    whole = [whole_number(text) for text in references]
    if None in found or numbers.setting == "index":
        values = np.array([-1 if value is None else value for value in whole])
        if None not in whole:
            return numbers.indices(values, where)
    for index, text, place in zip(found, references, where, strict=True):
        if index is None:
            raise numbers.wording.error(f"{place}: {pictures.unknown(text)}")
    _refuse_two_folders(references, where, numbers.wording)
    return np.array(found, dtype=np.int64), _spelling_note(references, found, pictures)


def numbers_of(
    pictures: PictureNames, setting: str, first_index: int, wording: Wording = LOG
) -> PictureNumbers:
    """How numbers that refer to these pictures are read."""
    stems = [] if pictures.is_stack else [_stem(name) for name in pictures.names]
    return PictureNumbers(pictures.names, numbers_in_names(stems), setting, first_index, wording)


def file_part(text: str) -> str:
    """The last part of a path, whose folders are separated as on Windows or elsewhere."""
    return re.split(r"[\\/]", text)[-1]


def _stem(name: str) -> str:
    """The name without the ending of a picture; other dots belong to the name."""
    stem, _, ending = name.rpartition(".")
    return stem if stem and ending.lower() in _ENDINGS else name


def _refuse_two_folders(references: Sequence[str], where: Sequence[str], wording: Wording) -> None:
    """The same name in two folders is two pictures, of which only one can be here."""
    first: dict[str, str] = {}
    for text, place in zip(references, where, strict=True):
        name = file_part(text)
        folder = text[: len(text) - len(name)].replace("\\", "/").casefold()
        if first.setdefault(name.casefold(), folder) != folder:
            raise wording.error(
                f"{place}: {name!r} is shown from two folders, {first[name.casefold()]!r} and "
                f"{folder!r}, but only one picture has that name. Rename the pictures."
            )


def _spelling_note(
    references: Sequence[str], found: Sequence[int | None], pictures: PictureNames
) -> list[str]:
    """Names with another ending than the picture's, which may be another file."""
    other = {
        text: pictures.names[index]
        for text, index in zip(references, found, strict=True)
        if index is not None and text not in pictures.exact
        and file_part(text).casefold() not in _without_case(pictures.names[index])
    }  # fmt: skip
    if not other:
        return []
    text, name = next(iter(other.items()))
    more = f", and {len(other) - 1} more alike" if len(other) > 1 else ""
    return [f"{text!r} is taken for {name!r}, whose suffix differs{more}."]


def _without_case(name: str) -> tuple[str, str]:
    return name.casefold(), _stem(name).casefold()
