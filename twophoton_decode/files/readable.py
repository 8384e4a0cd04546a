"""Files that cannot be read: links to nothing, content that was not fetched, pipes, locked ones."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from twophoton_decode.errors import MovieError, TpDecodeError

_MOST_POINTER_BYTES = 4096
_ANNEX = re.compile(rb"^/?(?:\.git/)?annex/objects/")
_LFS = re.compile(rb"^version https://git-lfs")
_FETCH = {
    "git-annex": "fetch it with `git annex get` or `datalad get`",
    "Git LFS": "fetch it with `git lfs pull`",
}


def check_readable(file: Path, error: type[TpDecodeError] = MovieError) -> None:
    """That there is content in `file`, and that it may be read.

    Raises
    ------
    TpDecodeError
        `error`: it is a link to nothing, a pointer in place of content that was not fetched, no
        regular file, or may not be read.
    """
    try:
        found = file.stat()
    except FileNotFoundError as failure:
        raise error(_leads_nowhere(file)) from failure
    except OSError as failure:
        raise error(f"{file} cannot be reached: {failure.strerror}.") from failure
    if not stat.S_ISREG(found.st_mode):
        raise error(f"{file} is {kind_of(found.st_mode)}: expected a regular file.")
    if not os.access(file, os.R_OK):
        raise error(f"{file} may not be read by you. Ask its owner, or run `chmod +r` on it.")
    if found.st_size <= _MOST_POINTER_BYTES:
        _check_fetched(file, error)


def leads_nowhere(path: Path) -> bool:
    """Whether it is a link to nothing."""
    return path.is_symlink() and not path.exists()


def _leads_nowhere(file: Path) -> str:
    if not file.is_symlink():
        return f"{file} has just disappeared."
    target = os.readlink(file)
    if "annex/objects" in target.replace("\\", "/"):
        return _not_fetched(file, "git-annex")
    return (
        f"{file} is a link to {target}, where there is nothing. Put the file there, or remove the "
        "link if it does not belong to the data."
    )


def _check_fetched(file: Path, error: type[TpDecodeError]) -> None:
    try:
        with file.open("rb") as stream:
            begin = stream.read(64)
    except OSError as failure:
        raise error(f"{file} cannot be read: {failure.strerror}.") from failure
    for pattern, keeper in ((_ANNEX, "git-annex"), (_LFS, "Git LFS")):
        if pattern.match(begin):
            raise error(_not_fetched(file, keeper))


def _not_fetched(file: Path, keeper: str) -> str:
    return (
        f"{file} stands for content that {keeper} keeps elsewhere and that was not fetched: "
        f"{_FETCH[keeper]}, or remove it if it does not belong to the data."
    )


def kind_of(mode: int) -> str:
    """What a path that is no regular file is: a pipe, a socket, a folder, a device."""
    kinds = [(stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a folder")]
    return next((text for test, text in kinds if test(mode)), "a device")
