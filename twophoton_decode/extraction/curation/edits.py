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
from twophoton_decode.extraction.curation.labels import CELLS, RED, clicked_in_all_planes
from twophoton_decode.extraction.kept.files import CORRELATION_IMAGE, MOVIE, ROIS
from twophoton_decode.extraction.kept.markers import damaged_files
from twophoton_decode.extraction.suite2p.output import ORIGIN, plane_folders, read_origin

_SIGNALS = ("F.npy", "Fneu.npy", "spks.npy")
EDITED = (*_SIGNALS, ROIS, CELLS)


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


def refuse_damage(folder: Path) -> None:
    """`ExtractionError` where files that no edit changes are not what extraction wrote."""
    for plane in plane_folders(folder):
        damaged = [
            *damaged_files(plane, "registered", leave_out=(MOVIE,)),
            *(name for name in damaged_files(plane, "detected") if name == CORRELATION_IMAGE),
        ]
        if damaged:
            raise ExtractionError(
                f"{plane / damaged[0]} is damaged: it is not what was written, and suite2p's GUI "
                "never changes it. Restore it from a backup, or run `tpdecode extract SESSION "
                "--discard-curation`: the folder is copied, and what is damaged is made again."
            )


def doubtful_edits(folder: Path) -> list[str]:
    """What differs from what extraction wrote, but not as an edit in suite2p's GUI would have it.

    Drawing and merging change ROIs and signals together.
    """
    doubts = []
    for plane in plane_folders(folder):
        changed = set(damaged_files(plane, "detected")) & {ROIS, *_SIGNALS}
        if changed and changed != {ROIS, *_SIGNALS}:
            doubts.append(
                f"{plane.name}: {', '.join(sorted(changed))} alone differ from what was extracted. "
                "suite2p's GUI changes ROIs and signals together, so something else changed "
                "them, or they are damaged; they are used as they are. `tpdecode extract SESSION "
                "--discard-curation` detects ROIs again"
            )
    return doubts


def newest_change(folder: Path) -> int:
    """When ROIs were last detected, drawn or merged in `folder`, ns; 0 where there are none."""
    files = folder.glob("plane*/stat.npy")
    return max((file.stat().st_mtime_ns for file in files), default=0)


def back_up(folder: Path) -> Path:
    """Copy `folder`, without the movie, to ``FOLDER.backup-1`` (or the next free number)."""
    target = next_backup(folder)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(MOVIE))
    return target


def next_backup(folder: Path) -> Path:
    """The next free name for a backup of `folder`."""
    number = 1
    while (target := folder.with_name(f"{folder.name}.backup-{number}")).exists():
        number += 1
    return target


def without_movies(folder: Path) -> None:
    """Let a backup be as small as the others."""
    for movie in folder.glob(f"plane*/{MOVIE}"):
        movie.unlink()
