"""A part of a latent diffusion model whose values, one row a picture, predict cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.features.layers import chosen_units

PIXELS, Z, C, NOISED, CODE = "pixels", "z", "c", "noised z", "code"
"""Beside these, the denoiser's stages by their names (`unet.STAGES`)."""
NO_STEP = -1


@dataclass(frozen=True, eq=False)
class Component:
    """Values of every picture.

    Attributes
    ----------
    kind : str
        What it is.
    value : ndarray, shape (picture, unit)
    random : tuple of ndarray, each (picture, unit)
        The same units of networks with random weights; none where weights play no part.
    step : int
        Of the denoising, from 0; -1 outside of it.
    sigma : float
        SD of the noise in the code at that step; 0 without noise, in SDs of the code.
    """

    kind: str
    value: np.ndarray
    random: tuple[np.ndarray, ...] = ()
    step: int = NO_STEP
    sigma: float = 0.0


def some_units(values: np.ndarray, units: int, place: int) -> np.ndarray:
    """At most so many values of each picture, (picture, unit), the same in every session."""
    flat = values.reshape(len(values), -1)
    return np.ascontiguousarray(flat[:, chosen_units(flat.shape[1], units, place)], np.float32)
