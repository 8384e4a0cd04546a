"""Which picture a log means: by file name, with or without its ending, or by index."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusLogError


def image_indices(
    references: Sequence[str],
    image_names: Sequence[str] | np.ndarray,
    first_index: int,
    where: Sequence[str],
) -> np.ndarray:
    """Index of the picture that each reference means, shape (references,).

    A column is read as a whole: as indices where all of it are whole numbers and not all
    are names of pictures, else as names. `where` says for each reference where it stands,
    for messages. Raises `StimulusLogError` for a picture that is not there.
    """
    names = [str(name) for name in image_names]
    known = _known_names(names)
    numbers = [_whole_number(text) for text in references]
    # The pictures of a stack are named by their indices, which may be counted from 1.
    is_stack = names == [str(i) for i in range(len(names))]
    by_name = not is_stack and all(text in known for text in references)
    if not by_name and all(number is not None for number in numbers):
        offsets = [number - first_index for number in numbers if number is not None]
        return _checked_indices(offsets, len(names), first_index, where)
    for text, place in zip(references, where, strict=True):
        if text not in known:
            raise StimulusLogError(f"{place}: {_unknown_picture(text, names, is_stack)}")
    return np.array([known[text] for text in references], dtype=np.int64)


def _known_names(names: list[str]) -> dict[str, int]:
    """Picture by file name, and by its stem where only one picture has that stem."""
    stems = Counter(Path(name).stem for name in names)
    known = {Path(n).stem: i for i, n in enumerate(names) if stems[Path(n).stem] == 1}
    return known | {name: i for i, name in enumerate(names)}


def _whole_number(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else None


def _checked_indices(
    indices: list[int], count: int, first_index: int, where: Sequence[str]
) -> np.ndarray:
    """Indices from 0, or an error that names the first one outside."""
    for index, place in zip(indices, where, strict=True):
        if not 0 <= index < count:
            last = count - 1 + first_index
            hint = " If the images are counted from 1, set first_index = 1 in session.toml."
            raise StimulusLogError(
                f"{place}: the image index is {index + first_index}, but the {count} pictures "
                f"have the indices {first_index} to {last}."
                + (hint if index == count and first_index == 0 else "")
            )
    return np.array(indices, dtype=np.int64)


def _unknown_picture(text: str, names: list[str], is_stack: bool) -> str:
    if is_stack:
        return f"expected the index of an image, 0 to {len(names) - 1}, found {text!r}."
    stem = Path(text).stem
    sharing = [name for name in names if Path(name).stem == stem]
    if len(sharing) > 1 and stem == text:
        return f"{text!r} could be any of {', '.join(sharing)}; write the name with its ending."
    close = difflib.get_close_matches(text, names, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"there is no picture called {text!r} among the {len(names)} pictures.{hint}"
