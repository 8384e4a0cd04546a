"""One process at a time works on a session.

The lock is held by the operating system, so a killed process leaves nothing behind; a side
file says who holds it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from twophoton_decode.errors import SessionLockedError
from twophoton_decode.files.atomic import write_text
from twophoton_decode.session.litter import remove_litter
from twophoton_decode.session.own_files import refuse_links, refuse_special_files


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the session whose private folder is `folder`.

    What killed commands left behind is removed first.

    Raises
    ------
    SessionLockedError
        Another process holds it; the message names host, process and command.
    SessionError
        A link in the session leads out of it, or a file of the program is a pipe.
    """
    refuse_links(folder.parent)
    refuse_special_files(folder.parent)
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder / "lock-owner.json"
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise SessionLockedError(
            f"{folder.parent} is in use by {_describe(owner)}. "
            "Wait until it is done, or stop that process; nothing was changed."
        ) from error
    try:
        write_text(owner, json.dumps(_myself()))
        remove_litter(folder.parent)
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _myself() -> dict[str, str | int]:
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return {"host": platform.node(), "process": os.getpid(), "command": command}


def _describe(owner: Path) -> str:
    try:
        holder = json.loads(owner.read_text())
        return f"process {holder['process']} on {holder['host']} ({holder['command']})"
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return "an unidentified process"
