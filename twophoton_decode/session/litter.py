"""What killed commands leave in a session, removed by the next one that holds its lock."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

from twophoton_decode.files.atomic import meant_for
from twophoton_decode.session.own_files import FILES, PRIVATE, SUITE2P, own_folders

_OWN_ENDINGS = (".nc", ".pdf", ".svg", ".png", ".csv", ".json", ".npy")
_IN_SESSION = (*FILES, "session.toml")
_OBSOLETE = ("scratch", "numba", "matplotlib")
"""In the private folder: of killed runs, and caches of earlier versions."""


def remove_litter(session: Path) -> None:
    """Remove temporary files of killed writes, and folders that only a killed run leaves.

    Whoever calls holds the session's lock, so nobody is writing them. Files that are not
    named as the program names its own stay. What cannot be removed stays too.
    """
    _remove_temporary(session, lambda name: name in _IN_SESSION)
    for folder in own_folders(session):
        if not folder.name.startswith(SUITE2P):
            _remove_temporary(folder, lambda name: name.endswith(_OWN_ENDINGS))
    for name in _OBSOLETE:
        shutil.rmtree(session / PRIVATE / name, ignore_errors=True)
    for clicked in session.glob(f"{SUITE2P}/plane*/clicked_*cell.npy"):
        _remove(clicked)
    if (session / SUITE2P).is_dir():
        # What it replaced was to go as soon as it had taken its place.
        shutil.rmtree(session / f"{SUITE2P}.replaced", ignore_errors=True)


def _remove_temporary(folder: Path, is_own: Callable[[str], bool]) -> None:
    """Remove the temporary files in `folder` that were to become one of the program's own."""
    for entry in folder.glob(".*"):
        if is_own(meant_for(entry.name)) and entry.is_file():
            _remove(entry)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
