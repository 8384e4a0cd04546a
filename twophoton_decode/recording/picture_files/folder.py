"""Which pictures lie in a folder, and what else lies there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.recording.natural_order import natural_order

TIFF_SUFFIXES = (".tif", ".tiff")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", *TIFF_SUFFIXES)


def picture_files(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures in `folder`, in natural order, and notes on what else lies there.

    Raises
    ------
    StimulusImageError
        There is none; what has a picture's name is a link to nothing, or no file.
    """
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    named = sorted((path for path in visible if _is_named(path)), key=natural_order)
    files = [path for path in named if not path.is_dir()]
    for path in files:
        _refuse_no_file(path)
    folders = sorted(path for path in visible if path.is_dir() and _holds_pictures(path))
    if not files:
        raise StimulusImageError(_nothing_found(folder, len(visible), folders))
    return files, _notes(folder, visible, files, folders)


def _is_named(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES


def _refuse_no_file(path: Path) -> None:
    """A picture that is passed over would give every later one the number before its own."""
    if path.is_file():
        return
    if path.is_symlink() and not path.exists():
        raise StimulusImageError(
            f"{path} is a link to {path.readlink()}, which is not there. Fetch the picture "
            "(git annex get), or remove the link."
        )
    raise StimulusImageError(
        f"{path} is no file, but a pipe, socket or device: expected a picture. Remove it from "
        "the folder."
    )


def _holds_pictures(folder: Path) -> bool:
    try:
        return any(_is_named(path) for path in folder.iterdir())
    except OSError:
        return False


def _nothing_found(folder: Path, entries: int, folders: Sequence[Path]) -> str:
    found = f"{folder}: expected pictures ({', '.join(PICTURE_SUFFIXES)}), found none "
    if folders:
        return f"{found}but in {_listed(folders)}. Name the folder that is meant."
    return f"{found}among {entries} entries."


def _notes(
    folder: Path, visible: Sequence[Path], files: Sequence[Path], folders: Sequence[Path]
) -> list[str]:
    others = len(visible) - len(files) - len(folders)
    notes = [f"{others} entries of {folder.name} are no pictures."] if others else []
    if folders:
        notes.append(f"Pictures in {_listed(folders)} inside {folder.name} are not read.")
    return notes


def _listed(folders: Sequence[Path]) -> str:
    names = [folder.name for folder in folders]
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"{'the folder' if len(names) == 1 else f'{len(names)} folders,'} {shown}"
