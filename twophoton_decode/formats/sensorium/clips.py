"""Videos of SENSORIUM 2023 as clips, and responses at their frames, as arrays of a session."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from twophoton_decode.errors import ResponseError, StimulusImageError
from twophoton_decode.formats.sensorium.arrays import FOLDS, SensoriumArrays, sizes_of
from twophoton_decode.formats.sensorium.cells import write_cell_table
from twophoton_decode.formats.sensorium.layout import RESPONSES, VIDEOS, Layout, read_npy
from twophoton_decode.formats.sensorium.pictures import (
    NO_PICTURE,
    as_levels,
    file_names,
    tiers_of_pictures,
    tiers_of_trials,
)
from twophoton_decode.progress import Progress, silent
from twophoton_decode.words import counted

RATE_HZ = 30.0
"""Of the competition's videos and responses."""


class _Clips(NamedTuple):
    """The clip of each trial, `NO_PICTURE` without one; first trial and frames of each clip."""

    clip: np.ndarray
    first: list[int]
    frames: np.ndarray
    shape: tuple[int, int]


def write_clip_arrays(layout: Layout, folder: Path, progress: Progress = silent) -> SensoriumArrays:
    """Write ``clips/*.npy`` and ``responses.npy`` (trial, frame, cell), labels and tables.

    One trial is in memory at a time. Videos (y, x, frame) and responses (cell, frame) end where
    they become NaN, as the competition fills them up; equal videos are one clip.

    Raises
    ------
    ResponseError, StimulusImageError
        Files that cannot be read or do not fit each other.
    """
    tier, notes = tiers_of_trials(layout)
    (folder / "clips").mkdir()
    clips = _write_clips(layout, folder / "clips", progress)
    clip, of_clip = clips.clip, None
    if tier is not None:
        of_clip, clip, more = tiers_of_pictures(tier, clip, clips.first)
        notes += more
    cells = _cells(layout)
    usable, more = _write_responses(layout, clips, clip, cells, folder / "responses.npy", progress)
    np.save(folder / "labels.npy", np.where(usable, clip, NO_PICTURE), allow_pickle=False)
    _write_table(clips, of_clip, folder / "pictures.csv")
    write_cell_table(layout, cells, folder / "cells.csv")
    fps = layout.of_trials("target_fps")
    settings: dict[str, Any] = {
        **sizes_of(*clips.shape),
        "log.clip_rate_hz": RATE_HZ if fps is None else float(np.median(fps)),
    }
    if of_clip is not None:
        settings["decoding.folds_from"] = FOLDS
    return SensoriumArrays(settings, [*notes, *more])


def _write_clips(layout: Layout, folder: Path, progress: Progress) -> _Clips:
    place: dict[bytes, int] = {}
    trials = layout.trials()
    clip, first = np.full(trials, NO_PICTURE), list[int]()
    frames, shapes = list[int](), list[tuple[int, int]]()
    for trial in range(trials):
        progress(trial, trials, "videos read")
        path = layout.file(VIDEOS, trial)
        if not path.exists():
            continue
        video = _video(read_npy(path), path)
        digest = hashlib.blake2b(video.tobytes(), digest_size=16).digest()
        clip[trial] = place.setdefault(digest, len(first))
        if clip[trial] == len(first):
            np.save(folder / f"{len(first):05d}.npy", video, allow_pickle=False)
            first.append(trial)
            frames.append(len(video))
            shapes.append((video.shape[1], video.shape[2]))
    progress(trials, trials, "videos read")
    if not first:
        raise StimulusImageError(f"{layout.path / 'data' / VIDEOS} holds no video of any trial.")
    return _Clips(clip, first, np.array(frames), shapes[0])


def _video(values: np.ndarray, path: Path) -> np.ndarray:
    """Frames (frame, y, x) of a file (y, x, frame), without what fills it up."""
    if values.ndim != 3:
        raise StimulusImageError(
            f"{path}: expected a video (y, x, frame), found the shape {values.shape}."
        )
    known = np.isfinite(values).all(axis=(0, 1))
    length = int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0
    if not known[:length].all() or not length:
        raise StimulusImageError(
            f"{path}: pixels are NaN or infinite in frame {int(np.argmin(known))}; only the end of "
            "a video may be filled up with NaN."
        )
    return as_levels(np.ascontiguousarray(np.moveaxis(values[..., :length], -1, 0)))


def _cells(layout: Layout) -> int:
    files = sorted((layout.path / "data" / RESPONSES).glob("*.npy"))
    shape = read_npy(files[0]).shape
    if len(shape) != 2:
        raise ResponseError(f"{files[0]}: expected responses (cell, frame), found {shape}.")
    return int(shape[0])


def _write_responses(
    layout: Layout, clips: _Clips, clip: np.ndarray, cells: int, path: Path, progress: Progress
) -> tuple[np.ndarray, list[str]]:
    """Write responses (trial, frame, cell), NaN where there are none; which trials can be used."""
    trials, longest = clip.size, int(clips.frames.max())
    written = np.lib.format.open_memmap(path, "w+", np.float32, (trials, longest, cells))
    usable, missing, silent_trial = np.zeros((3, trials), dtype=bool)
    for trial in range(trials):
        progress(trial, trials, "trials read")
        file = layout.file(RESPONSES, trial)
        written[trial] = np.nan
        missing[trial] = not file.exists()
        if missing[trial] or clip[trial] == NO_PICTURE:
            continue
        values = read_npy(file)
        if values.ndim != 2 or len(values) != cells:
            raise ResponseError(
                f"{file}: expected responses of {counted(cells, 'cell')} (cell, frame), found the "
                f"shape {values.shape}."
            )
        length = min(values.shape[1], longest)
        written[trial, :length] = values[:, :length].T
        silent_trial[trial] = not np.nan_to_num(values).any()
        usable[trial] = not silent_trial[trial]
    written.flush()
    if not usable.any():
        raise ResponseError(f"{layout.path}: no trial has both a video and responses.")
    kinds = (("without a file of responses", missing), ("without any response", silent_trial))
    return usable, [
        f"{counted(int(which.sum()), 'trial')} {what}: left out "
        f"({file_names(np.flatnonzero(which).tolist())})."
        for what, which in kinds
        if which.any()
    ]


def _write_table(clips: _Clips, tier: np.ndarray | None, path: Path) -> None:
    columns = {"clip": [f"{place:05d}.npy" for place in range(len(clips.first))],
               "trial": [str(trial) for trial in clips.first]}  # fmt: skip
    if tier is not None:
        columns[FOLDS] = tier.tolist()
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
