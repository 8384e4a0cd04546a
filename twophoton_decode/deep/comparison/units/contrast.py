"""The lower anchor: a mouse whose cells carry the contrast of pictures and nothing else."""

from __future__ import annotations

import numpy as np

TRIAL_NOISE = 1.5
"""Standard deviation of a trial's noise, that of a cell's mean responses being 1."""
COARSE = 4
"""Pictures are averaged to so many parts a side for their coarse contrast."""


def contrast_statistics(pictures: np.ndarray) -> np.ndarray:
    """Mean, SD, mean gradient and coarse SD of every picture, z-scored, (images, 4).

    Parameters
    ----------
    pictures : ndarray, shape (images, y, x)
    """
    pictures = np.asarray(pictures, float)
    gy, gx = np.gradient(pictures, axis=(1, 2))
    rows = [np.array_split(np.arange(side), COARSE) for side in pictures.shape[1:]]
    coarse = np.stack(
        [pictures[:, y[0] : y[-1] + 1, x[0] : x[-1] + 1].mean(axis=(1, 2))
         for y in rows[0] for x in rows[1]], axis=1
    )  # fmt: skip
    return _z_scored(
        np.stack(
            [pictures.mean(axis=(1, 2)), pictures.std(axis=(1, 2)),
             np.hypot(gy, gx).mean(axis=(1, 2)), coarse.std(axis=1)],
            axis=1,
        )
    )  # fmt: skip


def contrast_mouse(
    pictures: np.ndarray, cells: int, repeats: float, rng: np.random.Generator
) -> np.ndarray:
    """Mean responses (images, cells) of cells that mix four contrast statistics at random.

    Parameters
    ----------
    repeats : float
        Presentations of a picture, over which noise averages out.
    """
    rates = _z_scored(contrast_statistics(pictures) @ rng.normal(size=(4, cells)))
    return rates + rng.normal(0, TRIAL_NOISE / np.sqrt(repeats), rates.shape)


def _z_scored(columns: np.ndarray) -> np.ndarray:
    centred = columns - columns.mean(axis=0)
    sd = centred.std(axis=0)
    return np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 0)
