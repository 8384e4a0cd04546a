"""Images of an HDF5 or NWB dataset, read by their numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from twophoton_decode.records import Recording

# Chunks of several frames are decompressed once, not for each frame.
_CACHE_BYTES = 64 * 2**20


@contextmanager
def hdf5_images(recording: Recording, number: int) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """What reads images of the file `number` of a recording: image numbers -> pixels.

    Images are numbered channel by channel, then plane by plane, then frame by frame,
    however the dataset's axes lie.
    """
    if recording.dataset is None:
        raise ValueError("a recording in HDF5 files names its datasets")
    with h5py.File(Path(recording.file[number]), "r", rdcc_nbytes=_CACHE_BYTES) as file:
        yield partial(_read, file[recording.dataset[number]], recording.axes)


def _read(dataset: h5py.Dataset, axes: str, images: np.ndarray) -> np.ndarray:
    size = dict(zip(axes, dataset.shape, strict=True))
    planes, channels = size.get("z", 1), size.get("c", 1)
    frame, place = np.divmod(images, planes * channels)
    plane, channel = np.divmod(place, channels)
    steps = np.diff(np.stack([frame, plane, channel]), axis=1)
    borders = np.flatnonzero((steps != [[1], [0], [0]]).any(axis=0)) + 1
    return np.concatenate(
        [
            _run(dataset, axes, slice(int(f[0]), int(f[-1]) + 1), int(p[0]), int(c[0]))
            for f, p, c in zip(
                *(np.split(each, borders) for each in (frame, plane, channel)), strict=True
            )
        ]
    )


def _run(dataset: h5py.Dataset, axes: str, frames: slice, plane: int, channel: int) -> np.ndarray:
    """Successive frames of one plane and channel, (frames, height, width)."""
    chosen = {"t": frames, "z": plane, "c": channel}
    pixels = dataset[tuple(chosen.get(axis, slice(None)) for axis in axes)]
    left = [axis for axis in axes if axis in "tyx"]
    return pixels.transpose([left.index(axis) for axis in "tyx"])
