"""A session whose making failed is taken back, so that it does not block the corrected command."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# ``session.toml`` goes first: it is what makes a folder a session. Logs stay, as messages
# name them.
_MADE = (
    *("session.toml", ".tpdecode", "traces.nc", "quality.nc", "responses.nc", "summary.json"),
    *("figures", "arrays"),
)


@contextmanager
def taken_back_on_failure(path: Path) -> Iterator[None]:
    """Remove the session that the block makes at `path` if the block fails, by Ctrl-C too.

    Whatever was there before stays: a session, and files of the user. A new session stays
    as well once it holds ROIs or a checkpoint of extraction, from which the same command
    goes on.
    """
    before = {entry.name for entry in path.iterdir()} if path.is_dir() else set()
    new_folders = [each for each in (path, *path.parents) if not each.exists()]
    try:
        yield
    except BaseException:
        if "session.toml" not in before and not any(path.glob("suite2p*")):
            _remove(path, before)
            _remove_empty([path / "logs", *new_folders])
        raise


def _remove(path: Path, before: set[str]) -> None:
    """What this program has made in `path` since the names in `before` were there."""
    for name in _MADE:
        if name not in before:
            with contextlib.suppress(OSError):
                (path / name).unlink()
            shutil.rmtree(path / name, ignore_errors=True)


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders, the innermost first, as long as nothing lies in them."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
