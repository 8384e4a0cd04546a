"""Motion correction on the processor: suite2p's algorithm, several times as fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import medfilt

from twophoton_decode.extraction.alignment import Alignment, joined_shifts
from twophoton_decode.extraction.phase_correlation import at_once, largest_shift
from twophoton_decode.extraction.reference import reference_frames, reference_image
from twophoton_decode.progress import Progress, silent

BAD_FRAME = 100.0
"""Deviation from the running median of motion, in mean deviations per correlation."""


@dataclass(frozen=True, eq=False)
class Motion:
    """What motion correction found, in suite2p's terms; shifts in px.

    `dy`, `dx`, `correlation` are (frames,), those of blocks (frames, blocks) or None where
    only whole frames were aligned; `rows` and `columns` are the range that motion left whole.
    """

    reference: np.ndarray
    low: int
    high: int
    dy: np.ndarray
    dx: np.ndarray
    correlation: np.ndarray
    mean_image: np.ndarray
    bad_frame: np.ndarray
    rows: tuple[int, int]
    columns: tuple[int, int]
    block_dy: np.ndarray | None = None
    block_dx: np.ndarray | None = None
    block_correlation: np.ndarray | None = None


def correct_motion(
    movie: np.ndarray, block_size: tuple[int, int] | None, progress: Progress = silent
) -> Motion:
    """Align every frame of `movie` (frames, y, x), int16, in place.

    Parameters
    ----------
    movie : ndarray or memmap of int16
        A few frames of it are in memory at a time.
    block_size : (int, int) or None
        Rows and columns of blocks that move on their own; None for whole frames only.
    """
    reference = reference_image(movie[reference_frames(len(movie))])
    return align(movie, reference, block_size, progress)


def align(
    movie: np.ndarray,
    reference: np.ndarray,
    block_size: tuple[int, int] | None,
    progress: Progress = silent,
) -> Motion:
    """Align every frame of `movie` to `reference`, in place; see `correct_motion`."""
    alignment = Alignment(reference, block_size)
    total = np.zeros(reference.shape)
    found = []
    chunk = at_once(reference.shape)
    for start in range(0, len(movie), chunk):
        progress(start, len(movie), "motion correction")
        shifts, aligned = alignment.align(np.ascontiguousarray(movie[start : start + chunk]))
        movie[start : start + chunk] = aligned
        total += aligned.sum(axis=0, dtype=np.int64)
        found.append(shifts)
    progress(len(movie), len(movie), "motion correction")
    joined = joined_shifts(found)
    bad, rows, columns = usable(joined.dy, joined.dx, joined.correlation, reference.shape)
    return Motion(
        reference=reference,
        low=alignment.levels[0],
        high=alignment.levels[1],
        mean_image=(total / len(movie)).astype(np.float32),
        bad_frame=bad,
        rows=rows,
        columns=columns,
        **joined._asdict(),
    )


def usable(
    dy: np.ndarray, dx: np.ndarray, correlation: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, tuple[int, int], tuple[int, int]]:
    """Frames whose motion stands out, and the rows and columns that the others left whole."""
    window = min(len(dy) // 2 * 2 - 1, 101)
    jump = np.hypot(dx - medfilt(dx.astype(float), window), dy - medfilt(dy.astype(float), window))
    usual = jump.mean() or 1.0
    relative = correlation / medfilt(correlation.astype(float), window)
    with np.errstate(divide="ignore", invalid="ignore"):
        bad = jump / usual / relative.clip(min=0) > BAD_FRAME
    limit = 0.95 * largest_shift(shape)
    bad |= (abs(dy) > limit) | (abs(dx) > limit)
    kept = ~bad if bad.mean() < 0.5 else np.ones_like(bad)
    top, left = abs(dy[kept]).max(), abs(dx[kept]).max()
    return bad, (int(top), int(shape[0] - top)), (int(left), int(shape[1] - left))
