"""Marks that a substep of extraction is done, left by this program and by suite2p's process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def marker(folder: Path, substep: str) -> Path:
    """The file that says so."""
    return folder / f"{substep}.json"


def mark_done(folder: Path, substep: str, key: dict[str, Any]) -> None:
    """Say in `folder` that `substep` is done, and what its result depends on.

    First all files reach the disk: the marker is not to outlive them in a power cut.
    """
    for file in folder.iterdir():
        with file.open("r+b") as stream:
            os.fsync(stream.fileno())
    marker(folder, substep).write_text(json.dumps(key))
