"""The microscope's movie: one or many TIFFs, understood before they are read.

Plain multi-page TIFFs, ImageJ's, ScanImage's and OME-TIFFs are read, in the pixel types of
`PIXEL_TYPES`, compressed or not. Every other layout is refused in words, never guessed.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.frames import chunks, counted, read_frames, select, where
from twophoton_decode.recording.image_axes import acquisition_of
from twophoton_decode.recording.natural_order import natural_order
from twophoton_decode.recording.ome import understand_ome
from twophoton_decode.recording.scanimage import understand_scanimage
from twophoton_decode.recording.tiff_file import PIXEL_TYPES, TiffFile, understand
from twophoton_decode.records import Recording

__all__ = ["PIXEL_TYPES", "chunks", "open_recording", "read_frames", "select", "where"]

_SUFFIXES = (".tif", ".tiff")
# Writers align what they write, so that a few bytes between pages belong to none.
_SPARE_BYTES = 16


def open_recording(paths: Sequence[str | Path]) -> Recording:
    """What the movie in `paths` is, without reading its pixels.

    Parameters
    ----------
    paths : sequence of str or Path
        TIFF files, folders of them, or globs. Files that lie in one folder are put in the
        natural order of their names (``raw_2`` before ``raw_10``); folders keep the order
        in which they are given.

    Raises
    ------
    UsageError
        Nothing lies at one of the paths, or one file is given twice.
    MovieError
        A file is no TIFF, is truncated, or has a layout or pixel type that cannot be read
        without guessing; frames differ in size; a folder holds no TIFF.
    """
    files = [understand(file) for file in _in_order(paths)]
    _check_frames_agree(files)
    kinds = {file.kind for file in files}
    found = _acquisition(files, kinds)
    return Recording(
        file=np.array([str(file.file) for file in files]),
        file_frames=np.array([file.pages for file in files]),
        height=files[0].height,
        width=files[0].width,
        dtype=files[0].dtype,
        layout=" and ".join(sorted(kinds)),
        page=found.page,
        planes=1 if found.page is None else found.page.shape[1],
        channels=1 if found.page is None else found.page.shape[2],
        plane_delay_s=found.plane_delay_s,
        frame_rate_hz=found.rate_hz,
        bidirectional=found.bidirectional,
        dropped_frames=found.dropped_frames,
        source={name: by for name, by in found.source.items() if by},
        warnings=(*found.warnings, *_unclaimed(files)),
    )


def _check_frames_agree(files: Sequence[TiffFile]) -> None:
    first = files[0]
    for file in files[1:]:
        if (file.height, file.width, file.dtype) != (first.height, first.width, first.dtype):
            raise MovieError(
                f"{file.file} has {file.text()}, but {first.file} has {first.text()}. The files "
                "of one recording must agree: leave out what belongs to another one."
            )


_UNDERSTAND: dict[str, Callable[[Sequence[TiffFile]], Acquisition]] = {
    "scanimage": understand_scanimage,
    "ome": understand_ome,
}


def _acquisition(files: Sequence[TiffFile], kinds: set[str]) -> Acquisition:
    if len(kinds) > 1 and kinds & _UNDERSTAND.keys():
        example = {file.kind: file.file for file in files}
        listed = ", ".join(f"{example[kind]} is {kind}" for kind in sorted(kinds))
        raise MovieError(
            f"the files are of different kinds ({listed}). The files of one recording must agree: "
            "leave out what belongs to another one."
        )
    for kind in kinds & _UNDERSTAND.keys():
        return _UNDERSTAND[kind](files)
    return _joined(files)


def _joined(files: Sequence[TiffFile]) -> Acquisition:
    """Plain and ImageJ files, each ordered by itself, one after the other in time."""
    parts = [acquisition_of(file.axes, file.pages) for file in files]
    warnings = dict.fromkeys(warning for part in parts for warning in part.warnings)
    rates = {part.rate_hz for part in parts}
    rate = rates.pop() if len(rates) == 1 else 0.0
    source = parts[0].source if rate else parts[0].source | {"frame_rate_hz": ""}
    if all(part.page is None for part in parts):
        return Acquisition(rate_hz=rate, source=source, warnings=tuple(warnings))
    before = np.cumsum([0, *(file.pages for file in files)])
    pages = [
        first + (np.arange(file.pages)[:, None, None] if part.page is None else part.page)
        for first, file, part in zip(before, files, parts, strict=False)
    ]
    for page, file in zip(pages, files, strict=True):
        if page.shape[1:] != pages[0].shape[1:]:
            raise MovieError(
                f"{file.file} has {counted(page.shape[1], 'plane')} and "
                f"{counted(page.shape[2], 'channel')}, but "
                f"{files[0].file} has {pages[0].shape[1]} and {pages[0].shape[2]}. The files of "
                "one recording must agree: leave out what belongs to another one."
            )
    return Acquisition(
        page=np.concatenate(pages), rate_hz=rate, source=source, warnings=tuple(warnings)
    )


def _unclaimed(files: Sequence[TiffFile]) -> list[str]:
    """Files with room for more frames than their directories name."""
    warnings = []
    for file in files:
        frame_bytes = file.height * file.width * np.dtype(file.dtype).itemsize
        directories = len(file.chain.directories)
        compressed = file.chain.directories[0].compressed
        spare = file.chain.unclaimed_bytes - (file.pages - directories) * frame_bytes
        spare -= len(file.header) + len(file.regions) + _SPARE_BYTES * directories
        end = file.chain.directories[0].data_start + file.pages * frame_bytes
        if file.pages > directories and end != file.chain.file_bytes:
            warnings.append(
                f"{file.file.name}: {file.chain.file_bytes - end} bytes follow the last frame, "
                "where the file should end: frames may be shifted"
            )
        elif not compressed and spare >= frame_bytes:
            warnings.append(
                f"{file.file.name} has {spare} bytes that belong to no frame, as many as "
                f"{spare // frame_bytes} frames: its list of frames may be damaged"
            )
    return warnings


def _in_order(paths: Sequence[str | Path]) -> list[Path]:
    """Every TIFF file that `paths` name, sorted naturally inside each folder."""
    if not paths:
        raise UsageError("no movie was given: name TIFF files or folders of them.")
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        for file in _expand(Path(path)):
            folders.setdefault(file.parent, []).append(file)
    files = [file for found in folders.values() for file in sorted(found, key=natural_order)]
    twice = sorted({str(file) for file in files if files.count(file) > 1})
    if twice:
        raise UsageError(f"{twice[0]} is given twice: name every file of the movie once.")
    return files


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        visible = [file for file in path.iterdir() if not file.name.startswith(".")]
        found = [file for file in visible if file.suffix.lower() in _SUFFIXES]
        if not found:
            raise MovieError(f"{path} holds no TIFF: expected files ending in .tif or .tiff.")
        return found
    if path.exists():
        return [path]
    matches = [Path(match) for match in glob.glob(str(path))]
    if not matches:
        raise UsageError(f"there is no file or folder {path} (looked from {os.getcwd()}).")
    return [file for match in matches for file in _expand(match)]
