"""A folder of results that is no session: only the program's own files in it are replaced."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Set
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryFile

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.files.atomic import meant_for, write_bytes, write_text

LIST = ".tpdecode.json"


def check_writable(folder: Path, sessions: list[Path]) -> None:
    """`UsageError` where results must not or cannot go: onto a file, into a session.

    The folder is made to try it, and removed again if it was not there.

    `SessionError` where the list of the program's files in it is damaged.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"-o {folder} is a file; name a folder for the results.")
    place = folder.resolve()
    for each in (place, *place.parents):
        if (each / "session.toml").is_file() or each in (path.resolve() for path in sessions):
            raise UsageError(
                f"-o {folder} lies in the session {each}, which this command never changes. Name "
                "another folder."
            )
    _own(folder)
    _try_to_write(folder)


def _try_to_write(folder: Path) -> None:
    """Make `folder` and a file in it, and remove what was made; `UsageError` if that fails."""
    lacking = [each for each in (folder, *folder.parents) if not each.exists()]
    made: list[Path] = []
    try:
        for each in reversed(lacking):
            each.mkdir()
            made.append(each)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(
            f"-o {folder} cannot be written to ({error.filename or folder}: "
            f"{error.strerror or error}). Name a folder that can be."
        ) from error
    finally:
        for each in reversed(made):
            with contextlib.suppress(OSError):
                each.rmdir()


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files`, named relative to `folder`, each whole or not at all.

    What an earlier call wrote is replaced, or removed if it is not made any more.

    Raises
    ------
    UsageError
        A file that would be replaced is not the program's own, or a link leads out of `folder`.
    """
    own = _own(folder)
    _refuse_links(folder, own | files.keys())
    _remove_temporary(folder, own | files.keys())
    foreign = [name for name in files if name not in own and (folder / name).exists()]
    if foreign:
        raise UsageError(
            f"{folder / foreign[0]} already exists and was not written by this command. "
            "Move it, or name another folder with -o."
        )
    # Listed before they are written: an interrupted call must know its files again.
    _list(folder, own | files.keys())
    for name, content in files.items():
        write_bytes(folder / name, content)
    for name in own - files.keys():
        (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (folder / name).parent.rmdir()
    _list(folder, set(files))


def _refuse_links(folder: Path, names: Set[str]) -> None:
    """`UsageError` where files would be written to, or removed from, another place."""
    for place in sorted({(folder / name).parent for name in names} - {folder}):
        if place.is_symlink():
            raise UsageError(
                f"{place} is a link to {os.readlink(place)}, and results are written only below "
                f"{folder}. Remove the link, or name another folder with -o."
            )


def _remove_temporary(folder: Path, names: Set[str]) -> None:
    """Remove what a killed call left half-written."""
    for place in {(folder / name).parent for name in names}:
        for entry in place.glob(".*"):
            if (place / meant_for(entry.name)) in {folder / name for name in names}:
                entry.unlink(missing_ok=True)


def _own(folder: Path) -> set[str]:
    path = folder / LIST
    if not path.is_file():
        return set()
    try:
        names = set(json.loads(path.read_text(encoding="utf-8"))["files"])
        outside = [name for name in names if not _is_below(name)]
        if outside:
            raise ValueError(f"it names {outside[0]!r}")
        return names
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise SessionError(
            f"{path}, the list of files written here, is damaged ({error}). Delete it together "
            "with the old results, or name another folder with -o."
        ) from error


def _is_below(name: str) -> bool:
    """Whether a name of the list stays in its folder, or in a folder right below."""
    path = PurePosixPath(name)
    plain = "\\" not in name and not PureWindowsPath(name).drive and path.as_posix() == name
    return plain and not path.is_absolute() and ".." not in path.parts and len(path.parts) <= 2


def _list(folder: Path, names: set[str]) -> None:
    write_text(folder / LIST, json.dumps({"files": sorted(names)}, indent=1, ensure_ascii=False))
