"""Frames brought into line with a reference: how far each moved, and the frame moved back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from twophoton_decode.extraction.motion.block_shifts import FrameBlocks
from twophoton_decode.extraction.motion.frame_shifts import WholeFrames
from twophoton_decode.extraction.motion.phase_correlation import pieces
from twophoton_decode.kernels.motion.lanes import LANES
from twophoton_decode.kernels.motion.warping import roll_frames, warp_frames
from twophoton_decode.kernels.threads import in_threads


class Shifts(NamedTuple):
    """How far frames moved, px: whole frames (frames,), blocks (frames, blocks) row by row.

    Those of blocks are None where only whole frames were aligned.
    """

    dy: np.ndarray
    dx: np.ndarray
    correlation: np.ndarray
    block_dy: np.ndarray | None = None
    block_dx: np.ndarray | None = None
    block_correlation: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Alignment:
    """Motion correction against one reference image.

    Parameters
    ----------
    reference : ndarray of int16, shape (y, x)
    block_size : (int, int) or None
        Rows and columns of blocks that move on their own; None for whole frames only.
    """

    reference: np.ndarray
    block_size: tuple[int, int] | None

    @cached_property
    def levels(self) -> tuple[int, int]:
        """Grey levels that frames are clipped to while they are compared."""
        low, high = np.percentile(self.reference, [1, 99]).astype(np.int16)
        return int(low), int(high)

    @cached_property
    def _whole(self) -> WholeFrames:
        return WholeFrames(np.clip(self.reference, *self.levels), *self.levels)

    @cached_property
    def _blocks(self) -> FrameBlocks | None:
        if self.block_size is None:
            return None
        clipped = np.clip(self.reference, *self.levels)
        return FrameBlocks(clipped, self.block_size, *self.levels)

    def shifts(self, frames: np.ndarray) -> Shifts:
        """How far each of `frames` (n, y, x), int16, lies from the reference."""
        # What the threads share is made before they part.
        whole, blocks = self._whole, self._blocks

        def of_piece(piece: slice) -> Shifts:
            found = Shifts(*whole.shifts(frames[piece]))
            if blocks is None:
                return found
            rolled = rolled_back(frames[piece], found.dy, found.dx)
            return Shifts(*found[:3], *blocks.shifts(rolled, len(found.dy)))

        return joined_shifts(in_threads(of_piece, pieces(len(frames))))

    def moved_back(self, frames: np.ndarray, shifts: Shifts) -> np.ndarray:
        """`frames` (n, y, x), int16, without their shifts; of this channel or another one."""
        aligned = np.empty(frames.shape, np.int16)
        if self._blocks is None or shifts.block_dy is None or shifts.block_dx is None:
            roll_frames(frames, shifts.dy, shifts.dx, aligned.reshape(-1))
            return aligned
        along_y, along_x = self._between_blocks
        block_dy, block_dx = (
            np.ascontiguousarray(shift, np.float32).reshape(-1, *self._blocks.grid)
            for shift in (shifts.block_dy, shifts.block_dx)
        )

        def move_piece(piece: slice) -> None:
            rolled = rolled_back(frames[piece], shifts.dy[piece], shifts.dx[piece])
            warp_frames(rolled, block_dy[piece], block_dx[piece], along_y, along_x, aligned[piece])

        in_threads(move_piece, pieces(len(frames)))
        return aligned

    @cached_property
    def _between_blocks(self) -> list[tuple[np.ndarray, np.ndarray]]:
        if self._blocks is None:
            return []
        along = zip(self._blocks.starts, self._blocks.size, self.reference.shape, strict=True)
        return [_between(start, size, side) for start, size, side in along]


def rolled_back(frames: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> np.ndarray:
    """Frames (n, y, x) without their whole shifts, in a flat array of int16.

    A row and sixteen more follow, which the kernels may read.
    """
    rolled = np.zeros(frames.size + frames.shape[2] + LANES, np.int16)
    roll_frames(frames, dy, dx, rolled)
    return rolled


def joined_shifts(parts: list[Shifts]) -> Shifts:
    """The shifts of pieces of a movie, one after the other."""
    columns = (name for name in Shifts._fields if getattr(parts[0], name) is not None)
    return Shifts(**{c: np.concatenate([getattr(part, c) for part in parts]) for c in columns})


def _between(starts: np.ndarray, size: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel the block centre before it, and how far it is on the way to the next."""
    centre = ((2 * starts + size) / 2).astype(np.int64)
    first, last = centre[0], centre[-1]
    # suite2p spreads the blocks evenly from the first centre to the last.
    place = (np.arange(side) - first).clip(0, max(last - first - 1, 0))
    place = place * ((len(starts) - 1) / max(last - first - 1, 1))
    low = np.minimum(place.astype(np.int64), max(len(starts) - 2, 0))
    return low, (place - low).astype(np.float32)
