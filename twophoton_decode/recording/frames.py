"""Frames of a recording, in memory a chunk at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.file import volume_in_words
from twophoton_decode.recording.hdf5.pixels import hdf5_images
from twophoton_decode.recording.levels.calibration import grey_levels
from twophoton_decode.recording.scanbox.pixels import sbx_images
from twophoton_decode.recording.tiff.pixels import tiff_images
from twophoton_decode.records import Recording
from twophoton_decode.words import counted

Images = Callable[[np.ndarray], np.ndarray]
_IMAGES: dict[str, Callable[[Recording, int], AbstractContextManager[Images]]] = {
    "hdf5": hdf5_images,
    "nwb": hdf5_images,
    "sbx": sbx_images,
}
"""What reads images, by layout: (recording, number of the file) -> numbers in it -> pixels.

Every other layout is a kind of TIFF.
"""


def select(recording: Recording, plane: int, channel: int) -> Recording:
    """The recording of one plane and channel alone; both count from 0."""
    for what, number, count in (
        ("plane", plane, recording.planes),
        ("channel", channel, recording.channels),
    ):
        if not 0 <= number < count:
            raise MovieError(
                f"there is no {what} {number}: the movie has {counted(count, what)}, counted "
                "from 0."
            )
    if recording.page is None:
        return recording
    numbers, delays = recording.plane_number, recording.plane_delay_s
    return replace(
        recording,
        page=recording.page[:, plane : plane + 1, channel : channel + 1],
        planes=1,
        channels=1,
        plane_number=None if numbers is None else numbers[plane : plane + 1],
        plane_delay_s=None if delays is None else delays[plane : plane + 1],
    )


def read_frames(recording: Recording, start: int, stop: int) -> np.ndarray:
    """The frames `start` up to `stop`, (frames, height, width), across the files' borders."""
    if not 0 <= start < stop <= recording.frames:
        raise MovieError(
            f"frames {start} to {stop} were asked for, but the movie has {recording.frames}."
        )
    return np.concatenate(list(read_chosen(recording, np.arange(start, stop), stop - start)))


def chunks(recording: Recording, size: int) -> Iterator[np.ndarray]:
    """All frames in order, at most `size` at a time, (frames, height, width).

    Chunks go over the borders of files, so that a recording of one file a frame is read in
    chunks too; every file is opened once. Of an interleaved recording only the images of its
    one plane and channel are read (see `select`).

    Raises
    ------
    MovieError
        The recording has several planes or channels; a frame cannot be decoded.
    """
    return read_chosen(recording, np.arange(recording.frames), size)


def read_chosen(recording: Recording, frames: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The frames numbered `frames`, in that order, at most `size` at a time."""
    if recording.planes * recording.channels != 1:
        raise MovieError(
            f"the movie has {volume_in_words(recording.planes, recording.channels)}: select one of "
            "each to read its frames."
        )
    pages = _pages(recording, frames)
    ends = np.cumsum(recording.file_frames)
    number = np.searchsorted(ends, pages, side="right")
    borders = np.flatnonzero(np.diff(number)) + 1
    held: list[np.ndarray] = []
    for run in np.split(np.arange(pages.size), borders):
        if run.size:
            file = int(number[run[0]])
            inside = pages[run] - (ends[file] - recording.file_frames[file])
            begins = np.flatnonzero(run % size == 0)
            for part in _read_file(recording, file, np.split(inside, begins)):
                held.append(part)
                if sum(map(len, held)) == size:
                    yield _joined(held)
                    held = []
    if held:
        yield _joined(held)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def where(recording: Recording, frame: int) -> str:
    """A frame in words, such as ``frame 312 of raw_2.tif``; both counts begin at 0.

    In interleaved files the images of all planes and channels are counted.
    """
    page = int(_pages(recording, np.array([frame]))[0])
    ends = np.cumsum(recording.file_frames)
    number = int(np.searchsorted(ends, page, side="right"))
    inside = page - int(ends[number] - recording.file_frames[number])
    what = "frame" if recording.page is None else "image"
    return f"{what} {inside} of {Path(recording.file[number]).name}"


def _pages(recording: Recording, frames: np.ndarray) -> np.ndarray:
    """The images, counted over all files, that hold the frames."""
    return frames if recording.page is None else recording.page[frames, 0, 0]


def _read_file(
    recording: Recording, number: int, parts: Sequence[np.ndarray]
) -> Iterator[np.ndarray]:
    """Grey levels of images of one file, one array for each part of their numbers."""
    file = Path(recording.file[number])
    shape = (-1, recording.height, recording.width)
    with _opened(recording, number) as images:
        for chosen in parts:
            if not chosen.size:
                continue
            try:
                pixels = _checked(images(chosen).reshape(shape), chosen.size)
            except Exception as error:
                raise MovieError(
                    f"{file}: frames {chosen[0]} to {chosen[-1]} cannot be decoded ({error}). The "
                    "file is damaged; copy it again from the microscope's computer."
                ) from error
            yield grey_levels(recording, pixels.astype(recording.dtype, copy=False))


@contextlib.contextmanager
def _opened(recording: Recording, number: int) -> Iterator[Images]:
    """What reads images of a file, which may have gone since it was understood."""
    try:
        with _IMAGES.get(recording.layout, tiff_images)(recording, number) as images:
            yield images
    except OSError as error:
        raise MovieError(
            f"{recording.file[number]} can no longer be opened ({error}). Was it moved, or is "
            "its disk disconnected? Run again when it is available."
        ) from error


def _checked(pixels: np.ndarray, count: int) -> np.ndarray:
    if len(pixels) != count:
        raise ValueError(f"{len(pixels)} frames came out of {count}")
    return pixels
