"""What suite2p noted of a plane: ``ops.npy``, or the files that replaced it in suite2p 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.extraction.kept.pickles import read_objects
from twophoton_decode.formats.suite2p.layout import OPS, PARTS_OF_OPS

DEFAULT_RATE_HZ = 10.0
"""What suite2p takes where the user gave no frame rate."""


def read_ops(plane: Path) -> dict[str, Any]:
    """All that suite2p noted of a plane; later files count before earlier ones.

    Read without unpickling anything that is more than data; raises what `UNREADABLE` lists.
    """
    found: dict[str, Any] = {}
    for name in (OPS, *PARTS_OF_OPS):
        if (plane / name).is_file():
            values = read_objects(plane / name).item()
            if not isinstance(values, Mapping):
                raise ValueError(f"{name} holds {type(values).__name__}, not named values")
            found |= values
    return found


def number(ops: Mapping[str, Any], name: str, default: float = np.nan) -> float:
    """A single number of `ops`; `default` where there is none."""
    value = ops.get(name)
    if value is None or isinstance(value, str) or np.size(value) != 1:
        return default
    return float(np.reshape(np.asarray(value), -1)[0])


def of_frames(ops: Mapping[str, Any], name: str, frames: int) -> np.ndarray | None:
    """What `ops` has of each frame, (frame, …); None where it has nothing.

    Raises
    ------
    ValueError
        It is of fewer frames than there are traces of.
    """
    value = ops.get(name)
    if value is None or not np.size(value):
        return None
    found = np.asarray(value)
    if found.dtype.kind not in "biuf" or len(found) < frames:
        raise ValueError(f"{name} is of {len(found)} frames, the traces are of {frames}")
    return found[:frames]


def image(ops: Mapping[str, Any], name: str) -> np.ndarray | None:
    """An image of the field of view, (y, x); None where `ops` has none."""
    value = ops.get(name)
    if value is None or np.ndim(value) != 2 or not np.size(value):
        return None
    return np.asarray(value, dtype=np.float32)


def correlation_image(ops: Mapping[str, Any], shape: tuple[int, ...]) -> np.ndarray | None:
    """suite2p's correlation map on the whole field, NaN where it did not look for ROIs."""
    found = image(ops, "Vcorr")
    if found is None:
        return None
    whole = np.full(shape, np.nan, dtype=np.float32)
    if found.shape == whole.shape:
        return found
    try:
        rows, columns = (slice(*map(int, ops[name])) for name in ("yrange", "xrange"))
        whole[rows, columns] = found
    except (KeyError, TypeError, ValueError):
        return None
    return whole
