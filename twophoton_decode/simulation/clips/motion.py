"""Natural clips: a window that travels over, and turns within, natural pictures [ours]."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from twophoton_decode.simulation.pictures import natural_pictures

ROOM = 2.5
"""Side of the picture that a window travels over, in sides of the window."""
SPEED = (0.1, 0.4)
"""Sides of the window that it travels in a second, smallest and largest mean."""
TURN = (0.3, 1.5)
"""Radians that it turns in a second."""
KEEPS_S = 1.5
"""After this time the velocity has lost all but 1/e of what it was."""


def moving_clips(
    clips: int, frames: int, side: int, rate_hz: float, generator: np.random.Generator
) -> np.ndarray:
    """Clips of distinct natural pictures under a window that moves, 0…1.

    A third of the clips travel, a third turn, a third do both. Velocities wander around zero,
    so that a clip neither repeats itself nor leaves its picture. No two clips share more than a
    quarter of a picture (`natural_pictures`).

    Parameters
    ----------
    clips, frames, side : int
        Number of clips, frames of each, and side of a frame, px.
    rate_hz : float
        Frames per second.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray, shape (clips, frames, side, side), float32

    Raises
    ------
    StimulusImageError
        The shipped photographs do not hold so many pictures.
    """
    wide = round(ROOM * side)
    pictures = natural_pictures(clips, wide, generator, crop_px=(40, 200))
    kind = generator.permutation(clips) % 3
    made = np.empty((clips, frames, side, side), dtype=np.float32)
    for clip, picture in enumerate(pictures):
        travels, turns = kind[clip] != 1, kind[clip] != 0
        path = side * _wander(frames, rate_hz, SPEED, 2, generator) * travels
        angle = _wander(frames, rate_hz, TURN, 1, generator)[:, 0] * turns
        path = np.clip(path, -(wide - side) / 2, (wide - side) / 2)
        made[clip] = _seen(picture, path, angle, side)
    return made


def _wander(
    frames: int,
    rate_hz: float,
    speed: tuple[float, float],
    axes: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Where a point is whose velocity wanders, from the middle of its way, (frames, axes)."""
    keeps = np.exp(-1 / (KEEPS_S * rate_hz))
    velocity = np.empty((frames, axes))
    velocity[0] = generator.normal(size=axes)
    for frame in range(1, frames):
        fresh = generator.normal(size=axes)
        velocity[frame] = keeps * velocity[frame - 1] + np.sqrt(1 - keeps**2) * fresh
    mean_speed = np.abs(velocity).mean() + 1e-12
    place = np.cumsum(velocity, axis=0) * generator.uniform(*speed) / mean_speed / rate_hz
    return np.asarray(place - place[frames // 2])


def _seen(picture: np.ndarray, path: np.ndarray, angle: np.ndarray, side: int) -> np.ndarray:
    """The window's frames, (frames, side, side), by linear interpolation."""
    grid = np.arange(side) - (side - 1) / 2
    y, x = np.meshgrid(grid, grid, indexing="ij")
    middle = (len(picture) - 1) / 2
    cosine, sine = (each(angle)[:, None, None] for each in (np.cos, np.sin))
    rows = middle + path[:, :1, None] + cosine * y - sine * x
    columns = middle + path[:, 1:, None] + sine * y + cosine * x
    return np.asarray(ndimage.map_coordinates(picture, [rows, columns], order=1, mode="reflect"))
