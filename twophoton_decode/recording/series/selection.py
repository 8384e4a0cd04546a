"""Which of the files in a folder are the movie, and what to say of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from twophoton_decode.errors import MovieError
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.recording.series.copies import equal_files
from twophoton_decode.recording.series.no_frames import no_frames
from twophoton_decode.recording.series.one_series import (
    doubt_about_order,
    example,
    numbers_lead,
    words_differ,
)
from twophoton_decode.words import counted

_LISTED = 3


class Selection(NamedTuple):
    """The files that are read, notes to tell, and why their order may not be that of time.

    `doubt` is empty where there is none; it does not count for files that say their order
    themselves.
    """

    files: list[Path]
    notes: list[str]
    doubt: str = ""


def select_series(found: Sequence[Path], kind: str) -> Selection:
    """The series among files of one kind, found in a folder or by a glob, in natural order.

    Raises
    ------
    MovieError
        The names do not form one series.
    """
    files = sorted(found, key=natural_order)
    odd = no_frames(files, kind)
    kept = [file for file in files if file not in odd]
    notes = _told(odd, "left out: ")
    differ = words_differ(kept)
    if differ and numbers_lead(kept):
        notes.append(f"{_not_one(differ)}: they are read in the order of their numbers")
        return Selection(kept, notes)
    if differ:
        raise MovieError(
            f"in {kept[0].parent}, {_not_one(differ)}. Name the files that are the movie, such as "
            f"{example(kept)}."
        )
    return Selection(kept, [*notes, *_equal(kept)], doubt_about_order(kept))


def select_named(given: Sequence[Path], kind: str) -> Selection:
    """All the files that were named one by one, and what is odd about them.

    They are put in natural order, unless their names tell of none and they were not given as
    a shell lists them: then the order given counts.
    """
    files = sorted(given, key=natural_order)
    odd = no_frames(files, kind)
    notes = _told(odd, "named, and read, although ")
    notes += _equal([file for file in files if file not in odd])
    differ = words_differ(files)
    doubt = "" if differ else doubt_about_order(files)
    if not differ and not doubt:
        return Selection(files, notes)
    as_given = list(given) != sorted(given)
    order = "order given" if as_given else "order of their names"
    notes += [f"{_not_one(differ)}: they are read in the {order}"] if differ else []
    notes += [doubt.removesuffix(".")] if doubt else []
    return Selection(list(given) if as_given else files, notes)


def _told(odd: Mapping[Path, str], what: str) -> list[str]:
    """What is done with odd files, a sentence for each reason."""
    notes = []
    for why in dict.fromkeys(odd.values()):
        names = [file.name for file, reason in odd.items() if reason == why]
        are, each = ("is", "it") if len(names) == 1 else ("are", "each")
        notes.append(f"{_listed(names)} {are} {what}{each} is {why}")
    return notes


def _equal(files: Sequence[Path]) -> list[str]:
    """Which files of a series are equal: all are read, since later ones would shift in time."""
    return [
        f"{_listed([file.name for file in equal])} hold the same bytes: all are read; remove what "
        "is a copy"
        for equal in equal_files(files)
    ]


def _listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b, c and 4 others``."""
    shown, more = list(names[:_LISTED]), len(names) - _LISTED
    shown += [counted(more, "other")] if more > 0 else []
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _not_one(differ: str) -> str:
    return f"the names of the files do not form one series ({differ})"
