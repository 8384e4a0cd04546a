"""Images of a TIFF, decoded by their numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import tifffile

from twophoton_decode.recording.tiff.file import images_of_directories
from twophoton_decode.records import Recording


@contextmanager
def tiff_images(recording: Recording, number: int) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """What reads images of the file `number` of a recording: image numbers -> pixels."""
    # For old ScanImage files tifffile would reckon where pages lie, instead of looking.
    file = Path(recording.file[number])
    with tifffile.TiffFile(file, is_scanimage=False) as tiff:
        if recording.file_frames[number] == len(tiff.pages):
            yield partial(_paged, tiff)
        else:
            yield partial(_contiguous, tiff, *images_of_directories(file))


def _paged(tiff: tifffile.TiffFile, images: np.ndarray) -> np.ndarray:
    steps = np.unique(np.diff(images))
    if steps.size <= 1 and (not steps.size or steps[0] > 0):
        step = int(steps[0]) if steps.size else 1
        return tiff.asarray(key=slice(int(images[0]), int(images[-1]) + 1, step))
    return tiff.asarray(key=images.tolist())


def _contiguous(
    tiff: tifffile.TiffFile, count: np.ndarray, start: np.ndarray, images: np.ndarray
) -> np.ndarray:
    """Of a file some of whose directories stand for many images that follow each other.

    Each directory has `count` images, the first one at the byte `start`.
    """
    first = tiff.pages.first
    stored = np.dtype(first.dtype).newbyteorder(tiff.byteorder)
    shape = (-1, first.imagelength, first.imagewidth)
    pixels = first.imagelength * first.imagewidth
    directory = np.searchsorted(np.cumsum(count), images, side="right")
    inside = images - (np.cumsum(count) - count)[directory]
    borders = np.flatnonzero((np.diff(directory) != 0) | (np.diff(inside) != 1)) + 1
    parts = []
    for run in np.split(np.arange(images.size), borders):
        at = int(directory[run[0]])
        if count[at] == 1:
            parts.append(tiff.asarray(key=at).reshape(shape))
            continue
        byte = int(start[at]) + int(inside[run[0]]) * pixels * stored.itemsize
        found = tiff.filehandle.read_array(stored, count=run.size * pixels, offset=byte)
        parts.append(found.reshape(shape))
    return np.concatenate(parts)
