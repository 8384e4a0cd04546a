"""Motion correction while the movie is read, and what it leaves for suite2p.

A plane's frames are read, moved back and written a few at a time. From time to time it is
noted how far the work has come, so that a run that was killed goes on there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy.ndimage import median_filter

from twophoton_decode.extraction.kept.files import FRAME_MEAN, MOTION, MOVIE
from twophoton_decode.extraction.kept.markers import digest_of
from twophoton_decode.extraction.motion.align import Alignment
from twophoton_decode.extraction.motion.checkpoint import FILE as CHECKPOINT
from twophoton_decode.extraction.motion.checkpoint import Checkpoint, fits, read_checkpoint
from twophoton_decode.extraction.motion.phase_correlation import at_once, largest_shift
from twophoton_decode.extraction.motion.reference import reference_frames, reference_image
from twophoton_decode.progress import Progress, silent

STRUCTURAL = "data_chan2.bin"
CHECKPOINT_BYTES = 2**28
BAD_FRAME = 100.0
"""Deviation from the running median of motion, in mean deviations per correlation."""


class PlaneMovie(Protocol):
    """One plane's movie in 16 bits, read a few frames at a time."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, rows, columns."""
        ...

    def sample(self, frames: np.ndarray) -> np.ndarray:
        """The frames numbered `frames` of the functional channel, int16."""
        ...

    def chunks(self, start: int, size: int) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """All frames from `start` on, at most `size` at a time: those of the functional
        channel, and those of a second one or None.
        """
        ...


def correct_motion(
    movie: PlaneMovie,
    folder: Path,
    block_size: tuple[int, int] | None,
    key: dict[str, Any],
    progress: Progress = silent,
    reference: np.ndarray | None = None,
) -> tuple[str, str]:
    """Write the movie without its motion to `folder`, and beside it what the motion was.

    Parameters
    ----------
    movie : PlaneMovie
        Read once, a few frames at a time, but for the frames of the reference.
    block_size : (int, int) or None
        Rows and columns of blocks that move on their own; None for whole frames only.
    key : dict
        What the result depends on. Work that another run left half done in `folder` is
        taken up if it was done under an equal key, and thrown away otherwise.
    reference : ndarray of int16, shape (y, x), optional
        What frames are aligned to, instead of an image made from the movie.

    Returns
    -------
    digest : str
        Of the movie as it was written.
    damage : str
        Why half-done work was not taken up although there was some; empty otherwise.
    """
    done, damage = _taken_up(folder, key, movie.shape)
    if done is None:
        if reference is None:
            reference = reference_image(movie.sample(reference_frames(movie.shape[0])))
        done = Checkpoint(reference, np.zeros(()))
    alignment = Alignment(done.reference, block_size)
    _write_aligned(movie, folder, alignment, done, key, progress)
    _leave_motion(folder, alignment, done)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return done.digest.hexdigest(), damage


def _taken_up(
    folder: Path, key: dict[str, Any], shape: tuple[int, int, int]
) -> tuple[Checkpoint | None, str]:
    """What another run did, if the frames it wrote are still those it wrote, or why not."""
    done = read_checkpoint(folder, key)
    movie = folder / MOVIE
    if done is None or not movie.exists():
        return None, ""
    if fits(done, shape):
        done.digest = digest_of(movie, done.frames * _bytes(shape))
        if done.digest.hexdigest() == done.movie:
            return done, ""
    return None, (
        f"the {done.frames} frames that an interrupted run had left in {folder.name} have "
        "changed since; motion was corrected from the beginning"
    )


def _bytes(shape: tuple[int, ...]) -> int:
    """Of one frame in the file."""
    return 2 * shape[-2] * shape[-1]


def _write_aligned(
    movie: PlaneMovie,
    folder: Path,
    alignment: Alignment,
    done: Checkpoint,
    key: dict[str, Any],
    progress: Progress,
) -> None:
    saved = done.frames
    every = max(1, CHECKPOINT_BYTES // _bytes(movie.shape))
    with (folder / MOVIE).open("r+b" if done.frames else "wb") as stream:
        stream.truncate(done.frames * _bytes(movie.shape))
        stream.seek(0, os.SEEK_END)
        for frames, structural in movie.chunks(done.frames, at_once(movie.shape[1:])):
            progress(done.frames, movie.shape[0], "motion correction")
            shifts = alignment.shifts(frames)
            aligned = alignment.moved_back(frames, shifts)
            aligned.tofile(stream)
            done.digest.update(np.ascontiguousarray(aligned).data)
            total = [aligned.sum(axis=0, dtype=np.int64)]
            if structural is not None:
                other = alignment.moved_back(structural, shifts)
                total.append(other.sum(axis=0, dtype=np.int64))
            done.take(shifts, frames.mean(axis=(1, 2)), np.stack(total))
            if done.frames - saved >= every:
                stream.flush()
                os.fsync(stream.fileno())
                done.save(folder, key)
                saved = done.frames
    progress(movie.shape[0], movie.shape[0], "motion correction")


def copy_movie(movie: PlaneMovie, folder: Path, progress: Progress = silent) -> None:
    """Write the movie as it is, for suite2p to correct, a second channel beside it."""
    means = []
    frames_done, count = 0, movie.shape[0]
    with (folder / MOVIE).open("wb") as stream, (folder / STRUCTURAL).open("wb") as other:
        for frames, structural in movie.chunks(0, at_once(movie.shape[1:])):
            progress(frames_done, count, "copying the movie")
            frames.tofile(stream)
            if structural is not None:
                structural.tofile(other)
            means.append(frames.mean(axis=(1, 2)))
            frames_done += len(frames)
    if not (folder / STRUCTURAL).stat().st_size:
        (folder / STRUCTURAL).unlink()
    np.save(folder / FRAME_MEAN, np.concatenate(means))
    progress(count, count, "copying the movie")


def _leave_motion(folder: Path, alignment: Alignment, done: Checkpoint) -> None:
    """All that suite2p's own registration would hand on, and the mean of each frame."""
    found = done.joined()
    bad, rows, columns = usable(
        found["dy"], found["dx"], found["correlation"], done.reference.shape
    )
    mean_images = (done.total / done.frames).astype(np.float32)
    low, high = alignment.levels
    found |= {"bad_frame": bad, "rows": np.array(rows), "columns": np.array(columns)}
    found |= {"reference": done.reference, "low": np.array(low), "high": np.array(high)}
    found |= dict(zip(("mean_image", "structural_image"), mean_images, strict=False))
    np.save(folder / FRAME_MEAN, found.pop("mean"))
    np.savez(folder / MOTION, allow_pickle=False, **found)


def usable(
    dy: np.ndarray, dx: np.ndarray, correlation: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, tuple[int, int], tuple[int, int]]:
    """Frames whose motion stands out, and the rows and columns that the others left whole."""
    window = min(len(dy) // 2 * 2 - 1, 101)
    jump = np.hypot(dx - _running_median(dx, window), dy - _running_median(dy, window))
    usual = jump.mean() or 1.0
    relative = correlation / _running_median(correlation, window)
    with np.errstate(divide="ignore", invalid="ignore"):
        bad = jump / usual / relative.clip(min=0) > BAD_FRAME
    limit = 0.95 * largest_shift(shape)
    bad |= (abs(dy) > limit) | (abs(dx) > limit)
    kept = ~bad if bad.mean() < 0.5 else np.ones_like(bad)
    top, left = abs(dy[kept]).max(), abs(dx[kept]).max()
    return bad, (int(top), int(shape[0] - top)), (int(left), int(shape[1] - left))


def _running_median(values: np.ndarray, window: int) -> np.ndarray:
    """With zeros beyond the ends, as suite2p has it."""
    median: np.ndarray = median_filter(values.astype(float), window, mode="constant")
    return median
