"""Edits in suite2p's GUI, noticed and kept.

The GUI rewrites more than ``iscell.npy``: drawing an ROI prepends it and shifts every
index. So its files are fingerprinted together, and a difference means curation.
"""

from __future__ import annotations

import hashlib
import shutil
from functools import lru_cache
from pathlib import Path

from twophoton_decode.errors import ExtractionError
from twophoton_decode.extraction.roi_labels import CELLS, RED, clicked_in_all_planes
from twophoton_decode.extraction.suite2p_output import ORIGIN, plane_folders, read_origin

EDITED = ("F.npy", "Fneu.npy", "spks.npy", "stat.npy", "iscell.npy")
_MOVIE = "data.bin"


def fingerprint(folder: Path) -> str:
    """One hash over the files of all planes in suite2p's `folder` that its GUI may rewrite."""
    digest = hashlib.blake2b(digest_size=20)
    planes = plane_folders(folder)
    if not planes:
        raise ExtractionError(f"{folder} holds no plane; extract again, or restore the folder.")
    for plane in planes:
        for name in (*EDITED, *([RED] if (plane / RED).exists() else [])):
            file = plane / name
            try:
                stat = file.stat()
                digest.update(_content(file, stat.st_size, stat.st_mtime_ns))
            except OSError as error:
                raise ExtractionError(
                    f"{plane} lacks {name} ({error}); extract again, or restore the file."
                ) from error
    for name in (CELLS, RED):
        clicked = clicked_in_all_planes(planes, name)
        if clicked is not None:
            digest.update(clicked.tobytes())
    return digest.hexdigest()


@lru_cache(maxsize=64)
def _content(file: Path, size: int, modified: int) -> bytes:
    """Read once a process: every stage asks whether the ROIs are still the same."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").digest()


def is_curated(folder: Path, written: str) -> bool:
    """Whether `folder` holds other ROIs than those with the fingerprint `written`.

    A folder that lacks one of the files was deleted, not curated.
    """
    return is_whole(folder) and fingerprint(folder) != written


def is_edited(folder: Path) -> bool:
    """Whether `folder` holds edits that a new extraction would replace.

    Unlike `is_curated`, this stays true after the edits have been read: what extraction
    itself wrote is kept beside the ROIs.
    """
    if not (folder / ORIGIN).exists():
        return False
    return is_curated(folder, read_origin(folder)["rois"])


def is_as_written(folder: Path) -> bool:
    """Whether `folder` holds just what extraction wrote, so that nothing is lost with it."""
    if not (folder / ORIGIN).exists():
        return False
    return is_whole(folder) and not is_edited(folder)


def is_whole(folder: Path) -> bool:
    """Whether every plane in `folder` has the files that the GUI may rewrite."""
    planes = plane_folders(folder)
    return bool(planes) and all((plane / name).exists() for plane in planes for name in EDITED)


def newest_change(folder: Path) -> int:
    """When ROIs were last detected, drawn or merged in `folder`, ns; 0 where there are none."""
    files = folder.glob("plane*/stat.npy")
    return max((file.stat().st_mtime_ns for file in files), default=0)


def back_up(folder: Path) -> Path:
    """Copy `folder`, without the movie, to ``FOLDER.backup-1`` (or the next free number)."""
    target = next_backup(folder)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(_MOVIE))
    return target


def next_backup(folder: Path) -> Path:
    """The next free name for a backup of `folder`."""
    number = 1
    while (target := folder.with_name(f"{folder.name}.backup-{number}")).exists():
        number += 1
    return target


def without_movies(folder: Path) -> None:
    """Let a backup be as small as the others."""
    for movie in folder.glob(f"plane*/{_MOVIE}"):
        movie.unlink()
