"""Whether a simulated recording has room on the disk, in memory, and in its field of view."""

from __future__ import annotations

import shutil
from pathlib import Path

from twophoton_decode.errors import UsageError
from twophoton_decode.files.arrays.memory import available_bytes
from twophoton_decode.simulation.parameters import SimulationParameters

_BYTES_PER_PIXEL = 2
_WORKING_COPIES = 4
_PACKED = 0.5
"""Share of the field of view that somata cover before they are bound to overlap."""


def movie_bytes(parameters: SimulationParameters) -> int:
    """Size of the movie's files."""
    return parameters.frames * parameters.field_px**2 * _BYTES_PER_PIXEL


def require_room(parameters: SimulationParameters, folder: Path, *, movie: bool) -> None:
    """`UsageError` where the simulation would fill the disk or the memory."""
    needed = movie_bytes(parameters) if movie else 0
    free = shutil.disk_usage(_existing(folder)).free
    if needed > free:
        raise UsageError(
            f"the movie would take {needed / 1e9:.3g} GB, but {free / 1e9:.3g} GB are free on the "
            "disk. Ask for fewer frames (images, repeats, frame rate) or a smaller field of view."
        )
    memory, available = _memory_bytes(parameters, movie=movie), available_bytes()
    if available is not None and memory > available:
        raise UsageError(
            f"the simulation would take {memory / 1e9:.3g} GB of memory, but "
            f"{available / 1e9:.3g} GB are free. Ask for fewer cells, images or repeats."
        )


def crowding(parameters: SimulationParameters) -> str:
    """A sentence where the cells are too many to lie side by side; empty where they are not."""
    soma_px2 = 3.1416 / 4 * parameters.diameter_px**2
    most = int(_PACKED * parameters.field_px**2 / soma_px2)
    if parameters.cells <= most:
        return ""
    return (
        f"{parameters.cells} cells of {parameters.diameter_px:g} px do not fit side by side into "
        f"{parameters.field_px} x {parameters.field_px} px: many overlap, and extraction will not "
        f"tell them apart. About {most} have room."
    )


def _memory_bytes(parameters: SimulationParameters, *, movie: bool) -> int:
    """What the largest arrays take: traces, responses and receptive fields, as float64."""
    values = parameters.cells * (
        parameters.picture_px**2 + parameters.presentations + (parameters.frames if movie else 0)
    )
    return 8 * _WORKING_COPIES * values


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
