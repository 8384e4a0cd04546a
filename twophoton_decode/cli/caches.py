"""Where numba and matplotlib keep what they can make again: a folder of the user's own.

numba unpickles its cache, which runs whatever was put there. So it never lies in a session,
which may come from a stranger, and nobody else may write to it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def use_private_caches() -> None:
    """Point matplotlib, and numba where the package cannot be written to, to such a folder.

    What the user has set in the environment stays.
    """
    wanted = {"MPLCONFIGDIR": "matplotlib"}
    if not os.access(_PACKAGE, os.W_OK):
        wanted["NUMBA_CACHE_DIR"] = "numba"
    missing = {name: each for name, each in wanted.items() if name not in os.environ}
    if missing:
        folder = _private_folder()
        os.environ.update({name: str(folder / each) for name, each in missing.items()})


def _private_folder() -> Path:
    """The user's cache folder of this program; where it is not safe, one for this command."""
    from platformdirs import user_cache_path

    folder = user_cache_path("tpdecode", appauthor=False)
    try:
        if folder.is_absolute() and all(map(_is_private, _made(folder))):
            return folder
    except OSError:
        pass
    alone = Path(tempfile.mkdtemp(prefix="tpdecode-"))
    atexit.register(shutil.rmtree, alone, ignore_errors=True)
    return alone


def _made(folder: Path) -> list[Path]:
    """The folder and the two in it, which are made for the user alone where they are not there."""
    found = [folder, folder / "matplotlib", folder / "numba"]
    folder.parent.mkdir(parents=True, exist_ok=True)
    for each in found:
        each.mkdir(mode=0o700, exist_ok=True)
    return found


def _is_private(folder: Path) -> bool:
    """Whether it is a folder, no link, that belongs to the user and that only they can enter."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return False
    if os.name != "posix":
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077
