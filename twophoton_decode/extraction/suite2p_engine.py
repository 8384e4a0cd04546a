"""Movie to traces by suite2p 1.1: the one adapter, the one place that knows its quirks.

The movie is converted here, in chunks, to the 16-bit file that suite2p reads; suite2p runs
in a process of its own (``suite2p_child.py``), with a home directory of its own, in a
folder of its own that takes the place of the last one only when all has gone well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import ExtractionError, MovieError, SettingsError
from twophoton_decode.extraction.curation import fingerprint
from twophoton_decode.extraction.registration import correct_motion
from twophoton_decode.extraction.suite2p_output import ORIGIN, PLANE, read_folder
from twophoton_decode.extraction.suite2p_process import Suite2pProcess
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import IntensityMapping, Recording, Traces
from twophoton_decode.settings import ExtractionSettings

__all__ = ["Converter", "extract", "read_folder"]

Converter = Callable[[Path, Progress], IntensityMapping]
"""Writes the movie as raw int16 to a path; see ``recording.intensity.write_int16``."""

MOTION = "motion.npz"
"""What `correct_motion` found, for suite2p's process; equal names in ``suite2p_child.py``."""
_BLOCKS = (128, 96, 64, 48, 32)
_SMALLEST_FIELD = 32
_FEWEST_FRAMES = 50
_FEWEST_BINS = 5
_REGISTRATION_BATCH = 100


def extract(
    recording: Recording,
    convert: Converter,
    *,
    frame_rate_hz: float,
    settings: ExtractionSettings,
    folder: Path,
    logs: Path,
    scratch: Path,
    progress: Progress = silent,
) -> Traces:
    """Motion-correct the movie, detect ROIs, extract and deconvolve their traces.

    Parameters
    ----------
    recording : Recording
        The movie, understood but not read.
    convert : callable
        ``convert(path, progress)`` writes the movie to `path` as raw int16, frame after
        frame, and returns the mapping of its intensities.
    frame_rate_hz : float
        Frames per second.
    folder : Path
        Becomes suite2p's folder, which its GUI opens (``plane0/stat.npy``). What it held
        is replaced when suite2p has finished, and untouched if it fails.
    logs : Path
        Folder in which ``extract.log`` keeps what suite2p printed.
    scratch : Path
        Folder for suite2p's home directory and caches.

    Raises
    ------
    MovieError
        The movie is too short, too small, or `convert` refused it.
    SettingsError
        A block does not fit the field of view, or the classifier is no file.
    ExtractionError
        suite2p failed: no ROIs, no memory, no disk space.
    """
    _check_movie(recording, frame_rate_hz, settings)
    blocks, note = block_size(recording.height, recording.width, settings)
    building = folder.resolve().with_name(f"{folder.name}.building")
    _check_disk(recording, building)
    _empty(building)
    try:
        (building / PLANE).mkdir(parents=True)
        with Suite2pProcess(logs / "extract.log", scratch) as process:
            # suite2p takes seconds to import; the movie is converted meanwhile.
            mapping = _convert(convert, building / PLANE / "data.bin", progress)
            if settings.registration == "tpdecode":
                _correct_motion(recording, building / PLANE, blocks, progress)
            job = _job(recording, mapping, frame_rate_hz, settings, blocks)
            job |= {"folder": str(building), "final_folder": str(folder.resolve())}
            process.run(job, progress)
        said = (*recording.warnings, recording.doubt_about_rate(frame_rate_hz))
        notes = [each for each in (*said, mapping_note(mapping), note) if each]
        _write_origin(building, mapping, frame_rate_hz, notes)
        _put_in_place(building, folder.resolve())
    finally:
        _empty(building)
    return read_folder(folder)


def block_size(
    height: int, width: int, settings: ExtractionSettings
) -> tuple[tuple[int, int] | None, str]:
    """Sides of the blocks for non-rigid registration (None: rigid only), and what to note.

    suite2p needs at least two blocks along each side, so the largest of its usual sizes is
    taken that is at most half of it [ours].
    """
    if not settings.nonrigid:
        return None, ""
    wanted = settings.block_size_px
    if wanted >= min(height, width):
        raise SettingsError(
            f"block_size_px = {wanted} leaves no room for two blocks in a field of view of "
            f"{height} x {width} px. Set it to {min(height, width) // 2} or less, or to 0."
        )
    if wanted:
        return (wanted, wanted), ""
    if min(height, width) < 2 * _BLOCKS[-1]:
        return None, (
            f"motion was corrected rigidly only: the field of view, {height} x {width} px, has no "
            f"room for blocks of {_BLOCKS[-1]} px"
        )
    rows, columns = (next(size for size in _BLOCKS if 2 * size <= side) for side in (height, width))
    if (rows, columns) == (_BLOCKS[0], _BLOCKS[0]):
        return (rows, columns), ""
    return (rows, columns), (
        f"non-rigid registration in blocks of {rows} x {columns} px, chosen for the field of view "
        f"of {height} x {width} px"
    )


def mapping_note(mapping: IntensityMapping) -> str:
    """What was done to the movie's intensities, in words; empty if nothing."""
    if mapping == IntensityMapping(0.0, 1.0):
        return ""
    return (
        f"grey levels were mapped to 16 bits for suite2p as (grey - {mapping.offset:g}) / "
        f"{mapping.scale:g}; this is undone in the traces"
    )


def _check_movie(recording: Recording, rate: float, settings: ExtractionSettings) -> None:
    needed = max(_FEWEST_FRAMES, round(_FEWEST_BINS * settings.indicator_decay_s * rate))
    if recording.frames < needed:
        raise MovieError(
            f"the movie has {recording.frames} frames; finding cells needs at least {needed} "
            f"({_FEWEST_BINS} decay times of the indicator at {rate:g} Hz). Were all files named, "
            "and is frame_rate_hz right?"
        )
    if min(recording.height, recording.width) < _SMALLEST_FIELD:
        raise MovieError(
            f"frames are {recording.height} x {recording.width} px; motion correction needs at "
            f"least {_SMALLEST_FIELD} px along each side."
        )
    if settings.classifier and not Path(settings.classifier).is_file():
        raise SettingsError(
            f"classifier = {settings.classifier!r} is no file. Name a suite2p classifier (.npy), "
            "or leave it empty for the built-in one."
        )


def _convert(convert: Converter, path: Path, progress: Progress) -> IntensityMapping:
    try:
        return convert(path, progress)
    except OSError as error:
        raise ExtractionError(
            f"the movie could not be written to {path} as 16-bit frames ({error}). Is the "
            "disk full?"
        ) from error


def _correct_motion(
    recording: Recording, plane: Path, blocks: tuple[int, int] | None, progress: Progress
) -> None:
    """Align the frames in ``data.bin``, and leave what was found beside it for the child."""
    shape = (recording.frames, recording.height, recording.width)
    movie = np.memmap(plane / "data.bin", np.int16, "r+", shape=shape)
    motion = correct_motion(movie, blocks, progress)
    movie.flush()
    found = {name: value for name, value in vars(motion).items() if value is not None}
    np.savez(plane / MOTION, **found)


def _check_disk(recording: Recording, building: Path) -> None:
    needed = 2 * recording.frames * recording.height * recording.width
    building.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(building.parent).free
    if free < needed:
        raise ExtractionError(
            f"suite2p needs {needed / 1e9:.1f} GB for the movie in {building.parent}, but only "
            f"{free / 1e9:.1f} GB are free. Make room, or put the session on another disk."
        )


def _job(
    recording: Recording,
    mapping: IntensityMapping,
    rate: float,
    settings: ExtractionSettings,
    blocks: tuple[int, int] | None,
) -> dict[str, Any]:
    """What the child is told: suite2p's settings where they differ from its defaults."""
    batch = min(_REGISTRATION_BATCH, settings.batch_frames)
    registration: dict[str, Any] = {"nonrigid": blocks is not None, "batch_size": batch}
    if blocks:
        registration["block_size"] = blocks
    return {
        "wide": bool(mapping.offset),
        "cell_probability": settings.cell_probability,
        "db": {
            "file_list": recording.file.tolist(),
            "nframes": recording.frames,
            "Ly": recording.height,
            "Lx": recording.width,
            "iplane": 0,
        },
        "settings": {
            "torch_device": "cpu",
            "fs": rate,
            "tau": settings.indicator_decay_s,
            "diameter": [settings.diameter_px, settings.diameter_px],
            "registration": registration,
            "detection": {"threshold_scaling": settings.threshold_scaling},
            "extraction": {"batch_size": settings.batch_frames},
            "classification": {
                "use_builtin_classifier": not settings.classifier,
                "classifier_path": os.path.abspath(settings.classifier)
                if settings.classifier
                else None,
            },
        },
    }


def _write_origin(folder: Path, mapping: IntensityMapping, rate: float, notes: list[str]) -> None:
    origin = {
        "intensity": asdict(mapping),
        "frame_rate_hz": rate,
        "notes": notes,
        "rois": fingerprint(folder),
    }
    (folder / PLANE / ORIGIN).write_text(json.dumps(origin, indent=1))


def _put_in_place(building: Path, folder: Path) -> None:
    """Move the finished folder to where the last one was, with no moment of half a folder."""
    replaced = folder.with_name(f"{folder.name}.replaced")
    _empty(replaced)
    if folder.exists():
        folder.rename(replaced)
    building.rename(folder)
    _empty(replaced)


def _empty(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
