"""Populations of two stages of vision, for what compares networks with brains [ours].

Cells of V1 see edges; cells of a higher area mix the channels of a network's layer. Which is
which is known, so that an analysis can be asked whether it finds out.
"""

from __future__ import annotations

import numpy as np

from twophoton_decode.simulation.population import GaborFields

COMPLEX_SHARE = 0.35
LINEAR_SHARE = 0.15
"""What is left of negative drive in simple cells."""
OWN_SHARE = 0.35
"""Of the cell's own drive in what its drive is divided by; the rest is shared by all cells."""
COARSE_SHARE = 0.5
MIXED_CHANNELS = 6
SITE = 3
"""Side of the patch of a layer that a higher cell sees, in places of the layer."""
TRIAL_NOISE = 1.5
"""Standard deviation of a trial's noise, that of the cell's mean responses being 1."""


def v1_rates(pictures: np.ndarray, cells: int, generator: np.random.Generator) -> np.ndarray:
    """Mean responses of V1 cells to pictures, (images, cells).

    35 % are complex, √(a² + b²) of a pair of Gabor fields a quarter of a cycle apart; the others
    are simple, max(a, 0) + 0.15 a. Each is divided by 0.35 of its own root mean square over
    pictures plus 0.65 of the root mean square over cells, picture by picture.

    Parameters
    ----------
    pictures : ndarray, shape (images, side, side)
        Luminance; the mean picture is subtracted.
    """
    gabors = GaborFields.drawn(cells, pictures.shape[1], COARSE_SHARE, generator)
    rows = pictures.reshape(len(pictures), -1)
    rows = rows - rows.mean(axis=0)
    a, b = (rows @ gabors.fields(shift).reshape(cells, -1).T for shift in (0.0, np.pi / 2))
    is_complex = generator.permutation(cells) < round(COMPLEX_SHARE * cells)
    drive = np.where(is_complex, np.hypot(a, b), np.maximum(a, 0) + LINEAR_SHARE * a)
    own, common = (np.sqrt((drive**2).mean(axis=axis, keepdims=True)) for axis in (0, 1))
    return np.asarray(drive / (OWN_SHARE * own + (1 - OWN_SHARE) * common))


def higher_rates(layer: np.ndarray, cells: int, generator: np.random.Generator) -> np.ndarray:
    """Mean responses of cells of a higher area, (images, cells).

    Each sees one patch of 3 × 3 places of a layer: six channels at random, averaged over the
    patch and z-scored over pictures, weighted by normal numbers, summed, and half-rectified.

    Parameters
    ----------
    layer : ndarray, shape (images, channels, y, x)
        What a network's layer makes of the pictures.
    """
    images, channels, height, width = layer.shape
    rates = np.empty((images, cells))
    for cell in range(cells):
        top, left = generator.integers(height - SITE + 1), generator.integers(width - SITE + 1)
        chosen = generator.choice(channels, MIXED_CHANNELS, replace=False)
        patch = layer[:, chosen, top : top + SITE, left : left + SITE].mean(axis=(2, 3))
        rates[:, cell] = np.maximum(z_scored(patch) @ generator.normal(size=MIXED_CHANNELS), 0)
    return rates


def noisy_trials(
    rates: np.ndarray, repeats: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Single trials: z-scored mean responses plus normal noise of SD 1.5.

    Returns
    -------
    response : ndarray, shape (repeats × images, cells)
    image : ndarray of int, shape (repeats × images,)
    """
    shape = (repeats, *rates.shape)
    response = z_scored(rates) + generator.normal(0.0, TRIAL_NOISE, shape)
    return response.reshape(-1, rates.shape[1]), np.tile(np.arange(len(rates)), repeats)


def z_scored(columns: np.ndarray) -> np.ndarray:
    """Columns (images, …) with mean 0 and SD 1 over images; zero where constant."""
    centred = columns - columns.mean(axis=0)
    sd = centred.std(axis=0)
    return np.asarray(np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 0))
