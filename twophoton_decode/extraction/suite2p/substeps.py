"""What of an extraction is done already, and need not be done again.

Each substep leaves a marker in its plane's folder with what its result depends on. A run
that was killed left them in the folder it was building, an earlier run in the finished one.
Whatever lies beside them may have been put there by anybody, so nothing is taken up that the
marker does not list, and nothing that could run code when suite2p opens it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.extraction.kept.damaged import DAMAGED
from twophoton_decode.extraction.kept.files import (
    FILES,
    MOTION,
    MOVIE,
    ROIS,
    Substep,
    files_of,
)
from twophoton_decode.extraction.kept.markers import (
    Key,
    damaged_files,
    digests_marked,
    key_marked,
    mark_done,
    marker,
)
from twophoton_decode.extraction.kept.pickles import holds_only_data
from twophoton_decode.extraction.suite2p.output import holds_rois


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
    """Whether `folder` says that it holds the substep's result under an equal key."""
    files = [folder / name for name in (*FILES[substep], marker(folder, substep).name)]
    if not all(file.is_file() and not file.is_symlink() for file in files):
        return False
    return bool(key_marked(folder, substep) == key)


def is_sound(folder: Path, substep: Substep) -> bool:
    """Whether the files of a substep that is done are what was written, and only data.

    Reads all of them, the registered movie too. Earlier versions kept no digests.
    """
    if damaged_files(folder, substep) or (substep == "registered" and not _movie_is_whole(folder)):
        return False
    arrays = [folder / name for name in kept_names(folder, substep) if name.endswith(".npy")]
    if not all(holds_only_data(file) for file in arrays):
        return False
    return substep != "detected" or holds_rois(folder / ROIS)


def kept_names(folder: Path, substep: Substep) -> list[str]:
    """Names of the substep's files in `folder`: those that its marker lists, and no other."""
    listed = digests_marked(folder, substep)
    names = [name for name in files_of(substep) if listed is None or name in listed]
    return [*(name for name in names if (folder / name).exists()), marker(folder, substep).name]


def clear_all_but(folder: Path, names: Collection[str]) -> None:
    """Remove whatever else lies in `folder`, and links of those names."""
    for entry in folder.iterdir():
        if entry.name not in names or entry.is_symlink() or not entry.is_file():
            remove(entry)


def remove(path: Path) -> None:
    """Remove a file, a folder with all that is in it, or a link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def take_digests(folder: Path, substep: Substep) -> None:
    """Let the marker of an earlier version have digests from now on."""
    if digests_marked(folder, substep) is None:
        mark_done(folder, substep, key_marked(folder, substep))


def take_over(source: Path, target: Path, substep: Substep) -> None:
    """Let `target` have the substep's result that lies in `source`, without copying movies."""
    for name in kept_names(source, substep):
        (target / name).unlink(missing_ok=True)
        _bring(source / name, target / name)


def _movie_is_whole(folder: Path) -> bool:
    """Whether the registered movie is as long as its motion, also after copying or a power cut."""
    with contextlib.suppress(*DAMAGED), (folder / MOTION).open("rb") as stream:
        motion = np.load(stream, allow_pickle=False)
        frame = motion["mean_image"].size
        return bool((folder / MOVIE).stat().st_size == 2 * frame * motion["dy"].size)
    return False


def _bring(source: Path, target: Path) -> None:
    if source.name == MOVIE:
        # Nothing is written to a registered movie, so both folders can have the same one.
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)
