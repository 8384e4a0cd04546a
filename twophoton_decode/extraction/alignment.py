"""Frames brought into line with a reference: how far each moved, and the frame moved back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from twophoton_decode.extraction.phase_correlation import FrameBlocks, WholeFrames
from twophoton_decode.kernels.motion import roll_frames, warp_frames


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

    def align(self, frames: np.ndarray) -> tuple[Shifts, np.ndarray]:
        """Shifts of `frames` (n, y, x), int16, and the frames without them."""
        dy, dx, correlation = self._whole.shifts(frames)
        aligned = np.empty_like(frames)
        if self._blocks is None:
            roll_frames(frames, dy, dx, aligned)
            return Shifts(dy, dx, correlation), aligned
        of_blocks = self._blocks.shifts(frames, dy, dx)
        grids = [
            shift.reshape(-1, *self._blocks.grid).astype(np.float32) for shift in of_blocks[:2]
        ]
        rows, columns = (
            _between(start, size, side)
            for start, size, side in zip(
                self._blocks.starts, self._blocks.size, frames.shape[1:], strict=True
            )
        )
        warp_frames(frames, dy, dx, grids[0], grids[1], *rows, *columns, aligned)
        return Shifts(dy, dx, correlation, *of_blocks), aligned


def _between(starts: np.ndarray, size: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel the block centre before it, and how far it is on the way to the next."""
    centre = ((2 * starts + size) / 2).astype(np.int64)
    first, last = centre[0], centre[-1]
    # suite2p spreads the blocks evenly from the first centre to the last.
    place = (np.arange(side) - first).clip(0, max(last - first - 1, 0))
    place = place * ((len(starts) - 1) / max(last - first - 1, 1))
    low = np.minimum(place.astype(np.int64), max(len(starts) - 2, 0))
    return low, (place - low).astype(np.float32)
