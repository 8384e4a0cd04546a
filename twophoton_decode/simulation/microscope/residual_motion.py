"""What motion correction left of a known motion."""

from __future__ import annotations

import numpy as np

from twophoton_decode.simulation.microscope.bending import bending_modes


def residual_motion(
    shift: np.ndarray, y: np.ndarray, x: np.ndarray, motion: np.ndarray, bend: np.ndarray, side: int
) -> np.ndarray:
    """How far corrected frames are from where they would be if nothing moved.

    What a frame shows at q lies at q - d(q) in still tissue, and a corrected frame shows at p
    what the frame shows at p + shift. If the correction is right, p + shift - d(p + shift) is
    the same in every frame; its median over frames, where the reference happens to lie, is
    taken off.

    Parameters
    ----------
    shift : ndarray, shape (frames, places, 2), px
        By how much each frame was found to be moved, down and to the right.
    y, x : ndarray, shape (places,), px
        Where in the corrected frame, such as the centres of blocks.
    motion : ndarray, shape (frames, 2), px
    bend : ndarray, shape (frames, modes, 2), px
        The true motion; see `Scene`.
    side : int
        Of the field of view, px.

    Returns
    -------
    ndarray, shape (frames, places), px
    """
    modes = bending_modes(y + shift[..., 0], x + shift[..., 1], side)[: bend.shape[1]]
    bent = np.einsum("fma,mfp->fpa", bend, modes)
    rest = shift - motion[:, None] - bent
    residual: np.ndarray = np.linalg.norm(rest - np.median(rest, axis=0), axis=2)
    return residual
