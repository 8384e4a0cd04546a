"""What the program writes into a session, and that nothing there leads out of it.

A session may come from a stranger. Where one of the program's own folders is a link, files
would be written, and removed, somewhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from twophoton_decode.errors import SessionError

PRIVATE, SUITE2P = ".tpdecode", "suite2p"
FIGURES, LOGS, DEEP = "figures", "logs", "deep"
PER_DECODER = ("reconstruction", "cell_count", "stability", "complementarity")
PAGES = ("report.html", "summary.json")
ANIMATIONS = (f"{DEEP}/movie.gif", f"{DEEP}/movie.mp4")
_CANDIDATES = re.compile(rf"{DEEP}/candidates(\.csv|_plane\d+_stat\.npy)", re.ASCII)
FILES = (
    "traces.nc", "quality.nc", "recovery.nc", "responses.nc", "responses_in_bins.nc", "encoding.nc",
    "frame_responses.nc", *PAGES,
)  # fmt: skip
"""Results that lie in the session itself, of the stages that are always there."""
_RESULT_FOLDERS = (FIGURES, *PER_DECODER)
_MOST_PARTS = 3
_MOVIE = "data.bin"


def is_result(name: str) -> bool:
    """Whether `name`, relative to the session, can be the name of a result or a figure.

    Only files in ``figures/`` are ever removed because the ledger names them.
    """
    path = PurePosixPath(name)
    if "\\" in name or PureWindowsPath(name).drive or path.as_posix() != name:
        return False
    if path.is_absolute() or ".." in path.parts or len(path.parts) > _MOST_PARTS:
        return False
    if is_figure(name):
        return True
    if _CANDIDATES.fullmatch(name):
        return True
    return name in (*PAGES, *ANIMATIONS) or path.suffix == ".nc"


def is_figure(name: str) -> bool:
    """Whether `name`, relative to the session, lies right in ``figures/``."""
    path = PurePosixPath(name)
    return len(path.parts) == 2 and path.parts[0] == FIGURES and path.name != ".."


def refuse_link_on_the_way(session: Path, file: Path) -> None:
    """`SessionError` where a folder between `session` and a result to be written is a link."""
    for folder in file.relative_to(session).parents:
        if _is_link(session / folder) and folder != Path():
            raise SessionError(
                f"{session / folder} is a link to {os.readlink(session / folder)}, and the program "
                "writes only inside the session. Put a folder in its place."
            )


def own_folders(session: Path) -> list[Path]:
    """The program's folders in `session` that are there; links among them are not followed."""
    names = {PRIVATE, LOGS, DEEP, *_RESULT_FOLDERS}
    found = [
        entry
        for entry in (sorted(session.iterdir()) if session.is_dir() else ())
        if entry.name in names or entry.name == SUITE2P or entry.name.startswith(f"{SUITE2P}.")
    ]
    deep = session / DEEP
    inner = sorted(deep.iterdir()) if deep.is_dir() and not _is_link(deep) else []
    return found + [entry for entry in inner if entry.is_dir()]


def refuse_links(session: Path) -> None:
    """`SessionError` where a link would have the program write outside the session.

    The session itself may be a link, and what lies in it beside the program's own folders.
    The registered movie may lie elsewhere too: it is only read.
    """
    for path in _written_through(session):
        if _is_link(path) and path.name != _MOVIE:
            raise SessionError(
                f"{path} is a link to {os.readlink(path)}, and the program writes only inside the "
                "session. Put a folder or a file in its place; to keep results elsewhere, make "
                "the whole session a link."
            )


def refuse_special_files(session: Path) -> None:
    """`SessionError` for pipes and devices among the program's files: reading one never ends."""
    for path in _written_through(session):
        if path.exists() and not path.is_file() and not path.is_dir():
            raise SessionError(
                f"{path} is neither a file nor a folder, so reading it could block forever. "
                "Remove it."
            )


def _written_through(session: Path) -> Iterator[Path]:
    """What is opened in place; other results are written beside their place and renamed."""
    for folder in own_folders(session):
        yield folder
        if folder.name not in _RESULT_FOLDERS:
            yield from _below(folder)


def _below(folder: Path) -> Iterator[Path]:
    """All that lies in `folder`, without following links."""
    if folder.is_dir() and not _is_link(folder):
        for entry in sorted(folder.iterdir()):
            yield entry
            yield from _below(entry)


def _is_link(path: Path) -> bool:
    """Whether it is a symbolic link, or a junction of Windows."""
    return path.is_symlink() or bool(getattr(os.path, "isjunction", lambda _: False)(path))
