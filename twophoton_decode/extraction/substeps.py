"""What of an extraction is done already, and need not be done again.

Each substep leaves a marker in its plane's folder with what its result depends on. A run
that was killed left them in the folder it was building, an earlier run in the finished one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from twophoton_decode.extraction.damaged_files import DAMAGED
from twophoton_decode.extraction.markers import marker
from twophoton_decode.extraction.registration import FRAME_MEAN, MOTION, MOVIE
from twophoton_decode.extraction.spatial_scale import SPATIAL_SCALE

Substep = Literal["registered", "detected", "classified"]
Key = dict[str, Any]
SUBSTEPS: tuple[Substep, ...] = ("registered", "detected", "classified")

_FILES: dict[Substep, tuple[str, ...]] = {
    "registered": (MOVIE, MOTION, FRAME_MEAN),
    "detected": (
        *("stat.npy", "F.npy", "Fneu.npy", "spks.npy", "correlation_image.npy"),
        *("ops.npy", "db.npy", "settings.npy", "reg_outputs.npy", "detect_outputs.npy"),
    ),
    "classified": ("iscell.npy",),
}
"""What each substep leaves."""
_WHERE_THERE = ("redcell.npy", "zcorr.npy", SPATIAL_SCALE)


@dataclass(frozen=True)
class Keys:
    """What each substep of one plane depends on; a later one also on those before it."""

    registered: Key
    detected: Key
    classified: Key

    def of(self, substep: Substep) -> Key:
        """The key of one substep."""
        key: Key = getattr(self, substep)
        return key


def is_done(folder: Path, substep: Substep, key: Key) -> bool:
    """Whether `folder` holds the substep's result under an equal key."""
    if not all((folder / name).exists() for name in _FILES[substep]):
        return False
    with contextlib.suppress(OSError, ValueError):
        same = bool(_read_key(marker(folder, substep)) == key)
        return same and (substep != "registered" or _movie_is_whole(folder))
    return False


def _read_key(file: Path) -> Any:
    """What a result depends on; earlier versions wrote down a diameter, which changed nothing."""

    def without_diameter(values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name != "diameter"}

    return json.loads(file.read_text(), object_hook=without_diameter)


def _movie_is_whole(folder: Path) -> bool:
    """Whether the registered movie is as long as its motion, also after copying or a power cut."""
    with contextlib.suppress(*DAMAGED), (folder / MOTION).open("rb") as stream:
        motion = np.load(stream)
        frame = motion["mean_image"].size
        return bool((folder / MOVIE).stat().st_size == 2 * frame * motion["dy"].size)
    return False


def forget(folder: Path, substep: Substep) -> None:
    """Let `folder` no longer say that the substep is done."""
    marker(folder, substep).unlink(missing_ok=True)


def take_over(source: Path, target: Path, substep: Substep) -> None:
    """Let `target` have the substep's result that lies in `source`, without copying movies."""
    optional = _WHERE_THERE if substep == "detected" else ()
    for name in (*_FILES[substep], *optional, marker(source, substep).name):
        if (source / name).exists():
            (target / name).unlink(missing_ok=True)
            _bring(source / name, target / name)


def _bring(source: Path, target: Path) -> None:
    if source.name == MOVIE:
        # Nothing is written to a registered movie, so both folders can have the same one.
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)
