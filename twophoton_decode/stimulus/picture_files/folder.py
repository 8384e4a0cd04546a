"""Which pictures lie in a folder, and what else lies there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.files.readable import check_readable

TIFF_SUFFIXES = (".tif", ".tiff")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", *TIFF_SUFFIXES)
_MOST_LISTED = 3


def picture_files(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures in `folder`, in natural order, and notes on what else lies there.

    Raises
    ------
    StimulusImageError
        There is none; what has a picture's name cannot be read, as `check_readable` says.
    """
    visible = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    named = sorted((path for path in visible if _is_named(path)), key=natural_order)
    files = [path for path in named if not path.is_dir()]
    # One that was passed over would give every later one the number before its own.
    for path in files:
        check_readable(path, StimulusImageError)
    others = [path for path in visible if path.is_dir() or not _is_named(path)]
    if not files:
        examples = f" ({_listed(others)})" if others else ""
        raise StimulusImageError(
            f"{folder}: expected pictures ({', '.join(PICTURE_SUFFIXES)}), found none among "
            f"{len(others)} entries{examples}. Name the folder in which the pictures themselves "
            "lie."
        )
    return files, _notes(folder, others)


def _is_named(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES


def _notes(folder: Path, others: Sequence[Path]) -> list[str]:
    what = "1 entry that is not a picture"
    if len(others) > 1:
        what = f"{len(others)} entries that are not pictures"
    notes = [f"Left out of {folder.name}: {what} ({_listed(others)})."] if others else []
    holding = [path for path in others if path.is_dir() and _holds_pictures(path)]
    if holding:
        notes.append(f"Pictures in folders inside {folder.name} are not read: {_listed(holding)}.")
    return notes


def _holds_pictures(folder: Path) -> bool:
    try:
        return any(_is_named(path) for path in folder.iterdir())
    except OSError:
        return False


def _listed(paths: Sequence[Path]) -> str:
    """The first few names, a slash behind those of folders."""
    names = [path.name + "/" * path.is_dir() for path in paths[:_MOST_LISTED]]
    return ", ".join(names) + (", …" if len(paths) > _MOST_LISTED else "")
