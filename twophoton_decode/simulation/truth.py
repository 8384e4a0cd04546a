"""What `simulate` planted, read back from ``truth.npz``."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.files.array import read_array

NAME = "truth.npz"
_OF_A_MOVIE = {"pixel_offset", "pixel_y", "pixel_x", "dff", "transients", "response", "carries"}


@dataclass(frozen=True, eq=False)
class PlantedMovie:
    """What is true of a simulated movie; axes as in `simulation.writing.truth`.

    Attributes
    ----------
    masks : (offset, y, x)
        Ragged pixels of every cell, px.
    dff : ndarray, shape (cells, frames), ΔF/F
    transients : ndarray of int, shape (cells,)
    response : ndarray, shape (presentations, cells), spikes
    image : ndarray of int, shape (presentations,)
    onset_s : ndarray, shape (presentations,)
    receptive_field : ndarray, shape (cells, side, side)
    """

    masks: tuple[np.ndarray, np.ndarray, np.ndarray]
    dff: np.ndarray
    transients: np.ndarray
    response: np.ndarray
    image: np.ndarray
    onset_s: np.ndarray
    receptive_field: np.ndarray


def truth_beside(movie: Iterable[Path]) -> Path | None:
    """The ``truth.npz`` of `tpdecode simulate` that belongs to a movie; None if there is none.

    It lies beside the folder of the movie's files.
    """
    folders = {path if path.is_dir() else path.parent for path in movie}
    if len(folders) != 1:
        return None
    file = folders.pop().absolute().parent / NAME
    try:
        with zipfile.ZipFile(file) as archive:
            names = {name.removesuffix(".npy") for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return None
    return file if names >= _OF_A_MOVIE else None


def read_truth(path: Path, shape: tuple[int, int], frames: int) -> PlantedMovie:
    """The truth of a movie of `frames` frames of `shape` pixels.

    Raises
    ------
    AnalysisError
        The file is damaged, or belongs to another movie.
    """

    def read(key: str, *lengths: int | None) -> np.ndarray:
        values = read_array(path, key, error=AnalysisError)
        alike = values.ndim == len(lengths) and all(
            length in (None, size) for length, size in zip(lengths, values.shape, strict=True)
        )
        if not alike:
            raise AnalysisError(
                f"{path} is not the truth of this movie of {frames} frames: {key} has the shape "
                f"{values.shape}."
            )
        return values

    dff = read("dff", None, frames)
    cells = len(dff)
    onset_s = read("onset_s", None)
    fields = read("receptive_field", cells, None, None)
    return PlantedMovie(
        masks=_checked_masks(
            path,
            shape,
            read("pixel_offset", cells + 1),
            read("pixel_y", None),
            read("pixel_x", None),
        ),
        dff=dff,
        transients=read("transients", cells).astype(np.int64),
        response=read("response", onset_s.size, cells),
        image=read("image", onset_s.size),
        onset_s=onset_s,
        receptive_field=fields,
    )


def _checked_masks(
    path: Path, shape: tuple[int, int], offset: np.ndarray, y: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The masks as whole numbers, every pixel inside the field of view."""
    offset, y, x = (values.astype(np.int64) for values in (offset, y, x))
    ordered = offset[0] == 0 and offset[-1] == len(y) == len(x) and (np.diff(offset) >= 0).all()
    inside = (y >= 0).all() and (x >= 0).all() and (y < shape[0]).all() and (x < shape[1]).all()
    if not (ordered and inside):
        raise AnalysisError(
            f"{path} is not the truth of this movie: its masks do not lie in a field of view of "
            f"{shape[0]} x {shape[1]} px."
        )
    return offset, y, x
