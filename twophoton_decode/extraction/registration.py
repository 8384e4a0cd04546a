"""Motion correction on the processor: suite2p's algorithm, several times as fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import medfilt

from twophoton_decode.extraction.phase_correlation import FrameBlocks, WholeFrames, largest_shift
from twophoton_decode.kernels.motion import roll_frames, warp_frames
from twophoton_decode.progress import Progress, silent

REFERENCE_FRAMES = 400
REFERENCE_ROUNDS = 8
SEED_FRAMES = 20
CHUNK_PIXELS = 4_000_000
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


SHIFTS = ("dy", "dx", "correlation", "block_dy", "block_dx", "block_correlation")


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
    reference = reference_image(movie[_spread(len(movie), REFERENCE_FRAMES)])
    return align(movie, reference, block_size, progress)


def reference_image(frames: np.ndarray) -> np.ndarray:
    """An image without motion blur, from frames aligned to their own mean, again and again.

    Starts from the frame that is most like 20 others; each round aligns whole frames to
    the last image and averages more of the best ones, up to half.

    Parameters
    ----------
    frames : ndarray of int16, shape (n, y, x)

    Returns
    -------
    ndarray of int16, shape (y, x)
    """
    image = _seed(frames)
    # Two buffers that take turns; the caller's frames stay as they are.
    frames = np.array(frames, order="C")
    rolled = np.empty_like(frames)
    chunk = _chunk(frames.shape[1:])
    for step in range(1, REFERENCE_ROUNDS + 1):
        whole = WholeFrames(image)
        found = [whole.shifts(frames[at : at + chunk]) for at in range(0, len(frames), chunk)]
        dy, dx, correlation = (np.concatenate(part) for part in zip(*found, strict=True))
        roll_frames(frames, dy, dx, rolled)
        frames, rolled = rolled, frames
        best = np.argsort(-correlation, kind="stable")[: _rounds_share(len(frames), step)]
        middle = np.rint([dy[best].mean(), dx[best].mean()]).astype(int)
        image = np.roll(frames[best].mean(axis=0, dtype=np.float64), middle, axis=(0, 1))
        image = image.astype(np.int16)
    return image


def align(
    movie: np.ndarray,
    reference: np.ndarray,
    block_size: tuple[int, int] | None,
    progress: Progress = silent,
) -> Motion:
    """Align every frame of `movie` to `reference`, in place; see `correct_motion`."""
    low, high = np.percentile(reference, [1, 99]).astype(np.int16)
    clipped = np.clip(reference, low, high)
    whole = WholeFrames(clipped, low, high)
    blocks = FrameBlocks(clipped, block_size, low, high) if block_size else None
    total = np.zeros(reference.shape)
    found = []
    chunk = _chunk(reference.shape)
    for start in range(0, len(movie), chunk):
        progress(start, len(movie), "motion correction")
        frames = np.ascontiguousarray(movie[start : start + chunk])
        shifts, aligned = _align_chunk(frames, whole, blocks)
        movie[start : start + chunk] = aligned
        total += aligned.sum(axis=0, dtype=np.int64)
        found.append(shifts)
    progress(len(movie), len(movie), "motion correction")
    joined = dict(zip(SHIFTS, map(np.concatenate, zip(*found, strict=True)), strict=False))
    bad, rows, columns = usable(joined["dy"], joined["dx"], joined["correlation"], reference.shape)
    return Motion(
        reference=reference,
        low=int(low),
        high=int(high),
        mean_image=(total / len(movie)).astype(np.float32),
        bad_frame=bad,
        rows=rows,
        columns=columns,
        **joined,
    )


def _align_chunk(
    frames: np.ndarray, whole: WholeFrames, blocks: FrameBlocks | None
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    dy, dx, correlation = whole.shifts(frames)
    aligned = np.empty_like(frames)
    if blocks is None:
        roll_frames(frames, dy, dx, aligned)
        return (dy, dx, correlation), aligned
    of_blocks = blocks.shifts(frames, dy, dx)
    grids = [shift.reshape(-1, *blocks.grid).astype(np.float32) for shift in of_blocks[:2]]
    rows, columns = (
        _between(start, size, side)
        for start, size, side in zip(blocks.starts, blocks.size, frames.shape[1:], strict=True)
    )
    warp_frames(frames, dy, dx, grids[0], grids[1], *rows, *columns, aligned)
    return (dy, dx, correlation, *of_blocks), aligned


def _between(starts: np.ndarray, size: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel the block centre before it, and how far it is on the way to the next."""
    centre = ((2 * starts + size) / 2).astype(np.int64)
    first, last = centre[0], centre[-1]
    # suite2p spreads the blocks evenly from the first centre to the last.
    place = (np.arange(side) - first).clip(0, max(last - first - 1, 0))
    place = place * ((len(starts) - 1) / max(last - first - 1, 1))
    low = np.minimum(place.astype(np.int64), max(len(starts) - 2, 0))
    return low, (place - low).astype(np.float32)


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


def _seed(frames: np.ndarray) -> np.ndarray:
    """The mean of the frames most like the one that is most like 20 others."""
    rows = frames.reshape(len(frames), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    product = rows @ rows.T
    norm = np.sqrt(np.diag(product))
    alike = product / np.outer(norm, norm)
    best = np.sort(alike, axis=1)[:, ::-1][:, 1:SEED_FRAMES].mean(axis=1).argmax()
    nearest = np.argsort(-alike[best], kind="stable")[:SEED_FRAMES]
    # Not of the rows: minus their mean, bright pixels of a wide movie would wrap in 16 bits.
    return frames[nearest].mean(axis=0).astype(np.int16)


def _rounds_share(frames: int, step: int) -> int:
    return max(2, int(frames * step / (2 * REFERENCE_ROUNDS)))


def _spread(frames: int, count: int) -> np.ndarray:
    return np.linspace(0, frames, 1 + min(count, frames), dtype=int)[:-1]


def _chunk(shape: tuple[int, ...]) -> int:
    return max(8, CHUNK_PIXELS // (shape[0] * shape[1]))
