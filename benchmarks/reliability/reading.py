"""What came out of a file, and whether it may differ from what the whole file gives."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Reading:
    """What a reader gave: `structure` is shapes, names and order, `values` their content."""

    structure: dict[str, Any]
    values: str
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Door:
    """One way into the program.

    Attributes
    ----------
    name, group : str
        Of the format, and of the line in the table to which it belongs.
    make : callable (folder) -> Path
        Writes a valid input, and returns the file to damage.
    read : callable (file) -> Reading
        Reads it by the program's own entry point.
    guarded : set of str
        What the format holds redundantly, so that it may not change without a word:
        "structure", "values". What it does not hold so cannot be noticed by anybody.
    places : callable (content) -> ndarray of bool, optional
        Bytes that are pixels and nothing else. Where it is given, values may change with
        these bytes only.
    says : callable (content) -> Reading or None, optional
        An independent, plain reading of a text; None where it does not know. Where it knows,
        nothing else may come out.
    """

    name: str
    group: str
    make: Callable[[Path], Path]
    read: Callable[[Path], Reading]
    guarded: frozenset[str] = frozenset()
    places: Callable[[bytes], np.ndarray] | None = None
    says: Callable[[bytes], Reading | None] | None = None


def digest(*arrays):
    """A hash of the values of arrays; NaN equals NaN."""
    found = hashlib.blake2b(digest_size=12)
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


@dataclass
class Whole:
    """The undamaged file of a door, what it gives, and which of its bytes are pixels."""

    door: Door
    file: Path
    content: bytes
    reading: Reading
    pixels: np.ndarray | None


def verdict(whole, content, reading):
    """One of "same", "told", "unseen" and "WRONG", and what differs."""
    door, before = whole.door, whole.reading
    differs = [n for n in ("structure", "values") if getattr(reading, n) != getattr(before, n)]
    known = door.says(content) if door.says else None
    if known is not None:
        right = (known.structure, known.values) == (reading.structure, reading.values)
        return ("same" if right else "WRONG"), "what the text says"
    if not differs:
        return "same", ""
    if reading.notes - before.notes:
        return "told", sorted(reading.notes - before.notes)[0]
    beside = "values" in differs and whole.pixels is not None
    if door.guarded & set(differs) or (beside and not _of_pixels(whole, content, reading)):
        return "WRONG", _difference(before, reading)
    return "unseen", _difference(before, reading)


def _of_pixels(whole, content, reading):
    """Whether the values are those of the whole file with the changed pixels alone."""
    end = int(np.flatnonzero(whole.pixels)[-1]) + 1
    if len(content) < end:
        return False
    old, new = (np.frombuffer(each[:end], np.uint8) for each in (whole.content, content))
    changed = np.where(whole.pixels[:end], new, old).tobytes() + whole.content[end:]
    if changed == content:
        return True
    whole.file.write_bytes(changed)
    return whole.door.read(whole.file).values == reading.values


def _difference(before, reading):
    changed = {
        key: (before.structure.get(key), value)
        for key, value in reading.structure.items()
        if before.structure.get(key) != value
    }
    return f"structure {changed}" if changed else "values"
