"""Noisy movies restored, and what that invents: docs/methods/restoration.md.

Restored movies are for looking and for finding cells. Responses come from raw pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.api.stored.record import StoredRecord
from twophoton_decode.errors import ArgumentError

__all__ = ["invented", "moving_average", "restore"]


def restore(
    movie: str | PathLike[str] | Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    method: str = "",
    train_on: str | PathLike[str] = "simulation",
    plane: int | None = None,
    channel: int | None = None,
    frame_rate_hz: float | None = None,
    seed: int = 0,
) -> StoredRecord:
    """Restore a movie into a file, with a page and the numbers beside it.

    As ``tpdecode restore``. Interrupted, the same call goes on where it was.

    Parameters
    ----------
    movie : str, path, or sequence of them
        Files, folders or globs of one recording, or a session.
    output : str or path
        A ``.tif`` that is not there yet.
    method : str
        ssim, mse or pix2pix; by default ssim, or mse where the movie itself is learned from.
    train_on : str or path
        simulation, self, or the file of a good recording.
    plane, channel : int, optional
        Counted from 1; needed where the movie has several.
    frame_rate_hz : float, optional
        Of one plane, where the files do not say.
    seed : int

    Returns
    -------
    StoredRecord
        What restoration keeps, loses and invents, beside raw frames and a moving average.

    Raises
    ------
    UsageError
        The output cannot go there, or is there already.
    MovieError
        The movie cannot be read, is too short, or has no noise.
    """
    from twophoton_decode.pipeline.restoration.movie import Wanted
    from twophoton_decode.pipeline.restoration.restore import Choice, Outputs
    from twophoton_decode.pipeline.restoration.restore import restore as restored
    from twophoton_decode.records.deep.restoration import Restoration
    from twophoton_decode.session.netcdf import read_record

    paths = [movie] if isinstance(movie, str | PathLike) else movie
    wanted = Wanted(plane, channel, frame_rate_hz=frame_rate_hz)
    choice = Choice(loss=method, train_on=str(train_on), seed=seed, wanted=wanted)
    file = Path(output)
    restored([Path(each) for each in paths], file, choice)
    record = Outputs.of(file).record
    return StoredRecord(record, read_record(record, Restoration), lambda: None)


def moving_average(frames: Any, window: int = 7) -> np.ndarray:
    """The peer of a network: every frame's mean with its neighbours, ends mirrored.

    Parameters
    ----------
    frames : ndarray, shape (frame, y, x)
    window : int
        Frames in all; odd.

    Returns
    -------
    ndarray of float32, shape (frame, y, x)

    Examples
    --------
    >>> import numpy as np
    >>> blink = np.zeros((5, 1, 1))
    >>> blink[2] = 3
    >>> tp.restoration.moving_average(blink, 3).ravel().tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0]
    """
    from twophoton_decode.deep.microscope.restoration.restorer import moving_average as averaged

    movie = _movie(frames, "frames")
    if window < 1 or window % 2 == 0 or window > len(movie):
        raise ArgumentError(
            f"window = {window}: expected an odd number from 1 to the {len(movie)} frames."
        )
    return averaged(movie, window)


def invented(restored: Any, clean: Any, *, rise: float, diameter_px: float) -> np.ndarray:
    """How many particles each restored frame has where the clean one has none.

    Parameters
    ----------
    restored, clean : ndarray, shape (frame, y, x)
    rise : float
        How much brighter than its surround a cell is; half of that makes a particle.
    diameter_px : float
        Of a cell, px.

    Returns
    -------
    ndarray of int, shape (frame,)

    Examples
    --------
    >>> import numpy as np
    >>> empty = np.zeros((1, 40, 40))
    >>> ghost = empty.copy()
    >>> ghost[0, 15:24, 15:24] = 1
    >>> tp.restoration.invented(ghost, empty, rise=1, diameter_px=9).tolist()
    [1]
    """
    from twophoton_decode.deep.microscope.restoration.particles import (
        PARTICLE,
        compare,
        rise_of_cell,
    )

    own, true = _movie(restored, "restored"), _movie(clean, "clean")
    if own.shape != true.shape:
        raise ArgumentError(
            f"restored has the shape {own.shape}, clean {true.shape}: expected the same."
        )
    if not (rise > 0 and diameter_px >= 1):
        raise ArgumentError(f"expected rise > 0 and diameter_px >= 1; found {rise}, {diameter_px}.")
    threshold = PARTICLE * rise_of_cell(rise, diameter_px)
    return np.array([each.invented for each in compare(own, true, threshold, diameter_px)])


def _movie(frames: Any, name: str) -> np.ndarray:
    found = np.asarray(frames, dtype=np.float64)
    if found.ndim != 3 or not found.size or not np.isfinite(found).all():
        raise ArgumentError(
            f"{name} has the shape {found.shape}: expected finite values (frame, y, x)."
        )
    return found
