"""Files that cannot be read: links to nothing, content that was not fetched, pipes, locked ones."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from twophoton_decode.errors import MovieError

_MOST_POINTER_BYTES = 4096
_ANNEX = re.compile(rb"^/?(?:\.git/)?annex/objects/")
_LFS = re.compile(rb"^version https://git-lfs")
_FETCH = {
    "git-annex": "fetch it with `git annex get` or `datalad get`",
    "Git LFS": "fetch it with `git lfs pull`",
}


def check_readable(file: Path) -> None:
    """That there is content in `file`, and that it may be read.

    Raises
    ------
    MovieError
        It is a link to nothing, a pointer in place of content that was not fetched, no
        regular file, or may not be read.
    """
    try:
        found = file.stat()
    except FileNotFoundError as error:
        raise _leads_nowhere(file) from error
    except OSError as error:
        raise MovieError(f"{file} cannot be reached: {error.strerror}.") from error
    if not stat.S_ISREG(found.st_mode):
        raise MovieError(
            f"{file} is no regular file, but {_kind(found.st_mode)}: expected a movie."
        )
    if not os.access(file, os.R_OK):
        raise MovieError(f"{file} may not be read by you. Ask its owner, or run `chmod +r` on it.")
    if found.st_size <= _MOST_POINTER_BYTES:
        _check_fetched(file)


def leads_nowhere(path: Path) -> bool:
    """Whether it is a link to nothing."""
    return path.is_symlink() and not path.exists()


def _leads_nowhere(file: Path) -> MovieError:
    if not file.is_symlink():
        return MovieError(f"{file} is gone: it was there a moment ago.")
    target = os.readlink(file)
    if "annex/objects" in target.replace("\\", "/"):
        return _not_fetched(file, "git-annex")
    return MovieError(
        f"{file} is a link to {target}, where there is nothing. Put the file there, or remove the "
        "link if it is no part of the movie."
    )


def _check_fetched(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            begin = stream.read(64)
    except OSError as error:
        raise MovieError(f"{file} cannot be read: {error.strerror}.") from error
    for pattern, keeper in ((_ANNEX, "git-annex"), (_LFS, "Git LFS")):
        if pattern.match(begin):
            raise _not_fetched(file, keeper)


def _not_fetched(file: Path, keeper: str) -> MovieError:
    return MovieError(
        f"{file} stands for content that {keeper} keeps elsewhere and that was not fetched: "
        f"{_FETCH[keeper]}, or remove it if it is no part of the movie."
    )


def _kind(mode: int) -> str:
    kinds = [(stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a folder")]
    return next((text for test, text in kinds if test(mode)), "a device")
