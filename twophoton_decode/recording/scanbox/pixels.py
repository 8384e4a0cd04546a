"""Images of a Scanbox .sbx file, read by their numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from twophoton_decode.records import Recording

_HIGHEST = np.uint16(65535)


@contextmanager
def sbx_images(recording: Recording, number: int) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """What reads images of the file `number` of a recording: image numbers -> pixels.

    Channels lie beside each other, pixel by pixel, and bright is low: a level is 65535 minus
    what is stored [field: Scanbox's sbxread].
    """
    file = Path(recording.file[number])
    shape = (recording.height, recording.width, recording.samples)
    with file.open("rb") as stream:
        yield partial(_read, stream, shape)


def _read(stream: BinaryIO, shape: tuple[int, int, int], images: np.ndarray) -> np.ndarray:
    frame, channel = np.divmod(images, shape[2])
    runs = np.flatnonzero(np.diff(frame) != 1) + 1
    pixels = [_run(stream, shape, run) for run in np.split(frame, runs)]
    every = np.concatenate(pixels)
    return _HIGHEST - every[np.arange(every.shape[0]), :, :, channel]


def _run(stream: BinaryIO, shape: tuple[int, int, int], frames: np.ndarray) -> np.ndarray:
    """Successive frames with all their channels, (frames, height, width, channels)."""
    pixels = int(np.prod(shape))
    stream.seek(int(frames[0]) * pixels * 2)
    stored = np.fromfile(stream, dtype="<u2", count=frames.size * pixels)
    return stored.reshape(frames.size, *shape)
