"""Images of a TIFF, decoded by their numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import tifffile

from twophoton_decode.records import Recording


@contextmanager
def tiff_images(recording: Recording, number: int) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """What reads images of the file `number` of a recording: image numbers -> pixels."""
    # For old ScanImage files tifffile would reckon where pages lie, instead of looking.
    with tifffile.TiffFile(Path(recording.file[number]), is_scanimage=False) as tiff:
        if recording.file_frames[number] > 1 and len(tiff.pages) == 1:
            yield partial(_contiguous, tiff, np.dtype(recording.dtype))
        else:
            yield partial(_paged, tiff)


def _paged(tiff: tifffile.TiffFile, images: np.ndarray) -> np.ndarray:
    steps = np.unique(np.diff(images))
    if steps.size <= 1 and (not steps.size or steps[0] > 0):
        step = int(steps[0]) if steps.size else 1
        return tiff.asarray(key=slice(int(images[0]), int(images[-1]) + 1, step))
    return tiff.asarray(key=images.tolist())


def _contiguous(tiff: tifffile.TiffFile, dtype: np.dtype, images: np.ndarray) -> np.ndarray:
    """Of a file with one directory for pixels that follow each other."""
    first = tiff.pages.first
    pixels = first.imagelength * first.imagewidth
    stored = dtype.newbyteorder(tiff.byteorder)
    runs = np.split(images, np.flatnonzero(np.diff(images) != 1) + 1)
    return np.concatenate(
        [
            tiff.filehandle.read_array(
                stored,
                count=run.size * pixels,
                offset=first.dataoffsets[0] + int(run[0]) * pixels * dtype.itemsize,
            )
            for run in runs
        ]
    )
