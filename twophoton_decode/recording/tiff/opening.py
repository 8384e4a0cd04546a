"""A movie in one or many TIFFs: plain multi-page ones, ImageJ's, ScanImage's and OME-TIFFs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.file import (
    check_frames_agree,
    disagreement,
    recording_of,
    volume_in_words,
)
from twophoton_decode.recording.series.channels_by_name import (
    BY_NAME,
    NamedChannels,
    named_channels,
)
from twophoton_decode.recording.series.paths import MoviePath
from twophoton_decode.recording.tiff.file import TiffFile, understand
from twophoton_decode.recording.tiff.imagej import acquisition_of
from twophoton_decode.recording.tiff.ome.opening import understand_ome
from twophoton_decode.recording.tiff.scanimage.opening import understand_scanimage
from twophoton_decode.records import Recording

# Writers align what they write, so that a few bytes between pages belong to none.
_SPARE_BYTES = 16


def open_tiff(paths: Sequence[MoviePath]) -> Recording:
    """The recording in TIFF files, given in their order.

    Raises
    ------
    MovieError
        A file is no TIFF, is truncated, or has a layout or pixel type that cannot be read
        without guessing; frames differ in size.
    """
    files = [understand(path.file) for path in paths]
    check_frames_agree(files)
    return recording_of(
        files,
        _acquisition(files),
        warnings=[
            *dict.fromkeys(text for file in files for text in file.warnings),
            *_unclaimed(files),
        ],
    )


_UNDERSTAND: dict[str, Callable[[Sequence[TiffFile]], Acquisition]] = {
    "scanimage": understand_scanimage,
    "ome": understand_ome,
}


def _acquisition(files: Sequence[TiffFile]) -> Acquisition:
    kinds = {file.kind for file in files}
    if len(kinds) > 1 and kinds & _UNDERSTAND.keys():
        example = {file.kind: file.file for file in files}
        listed = ", ".join(f"{example[kind]} is {kind}" for kind in sorted(kinds))
        raise disagreement(f"the files are of different kinds ({listed})")
    named = named_channels([file.file for file in files], only_words="scanimage" in kinds)
    for kind in kinds & _UNDERSTAND.keys():
        found = _UNDERSTAND[kind](files)
        return _beside_each_other(found, kind, files, named) if named else found
    return _joined(files, named)


def _joined(files: Sequence[TiffFile], named: NamedChannels | None) -> Acquisition:
    """Plain and ImageJ files, each ordered by itself, one after the other in time.

    Files that are `named` by their channels or planes lie beside each other.
    """
    parts = _guessed([acquisition_of(file.file, file.axes, file.pages) for file in files])
    warnings = dict.fromkeys(warning for part in parts for warning in part.warnings)
    rates = {part.rate_hz for part in parts}
    rate = rates.pop() if len(rates) == 1 else 0.0
    source = parts[0].source if rate else parts[0].source | {"frame_rate_hz": ""}
    if named is not None:
        return Acquisition(
            page=named.table(_numbered(files, parts)),
            rate_hz=rate,
            source=named.source(source),
            warnings=(*warnings, named.note),
        )
    question = next((part.question for part in parts if part.question), "")
    guess = next((part.guess for part in parts if part.guess), "")
    unknown = any(part.question and part.page is None for part in parts)
    return Acquisition(
        page=None if unknown else _pages(files, parts),
        rate_hz=rate,
        question=question,
        guess=guess,
        source=source,
        warnings=tuple(warnings),
    )


def _guessed(parts: list[Acquisition]) -> list[Acquisition]:
    """The parts with frames for what can be guessed, where no one answer would suit all."""
    shapes = {None if part.page is None else part.page.shape[1:] for part in parts}
    if len(shapes) == 1:
        return parts
    return [
        replace(part, page=None, question="", guess="", warnings=(*part.warnings, part.guess))
        if part.guess
        else part
        for part in parts
    ]


def _numbered(files: Sequence[TiffFile], parts: Sequence[Acquisition]) -> list[np.ndarray]:
    """(frame, plane, channel) -> image of each file, counted over all files."""
    before = np.cumsum([0, *(file.pages for file in files)])
    return [
        first + (np.arange(file.pages)[:, None, None] if part.page is None else part.page)
        for first, file, part in zip(before, files, parts, strict=False)
    ]


def _pages(files: Sequence[TiffFile], parts: Sequence[Acquisition]) -> np.ndarray | None:
    """(frame, plane, channel) -> image over all files; None where every image is a frame."""
    if all(part.page is None for part in parts):
        return None
    pages = _numbered(files, parts)
    if len(files) > 1 and parts[0].question and len(pages[0]) > 1:
        raise MovieError(f"{parts[0].question} This works with one file at a time.")
    for page, file, part in zip(pages, files, parts, strict=True):
        if page.shape[1:] != pages[0].shape[1:] or bool(part.question) != bool(parts[0].question):
            raise disagreement(
                f"{file.file} has {volume_in_words(*page.shape[1:])}, but {files[0].file} has "
                f"{volume_in_words(*pages[0].shape[1:])}"
            )
    return np.concatenate(pages)


def _beside_each_other(
    found: Acquisition, kind: str, files: Sequence[TiffFile], named: NamedChannels
) -> Acquisition:
    """Files with metadata of their own that are `named` by their channels or planes.

    Those of OME-TIFFs that each describe only themselves lie beside each other; times of
    their frames are not told.
    """
    if kind != "ome" or found.page is None or found.page.shape[1:] != (1, 1):
        named.check_told(found.page, kind)
        return found
    borders = np.cumsum([0, *(file.pages for file in files)])
    number = np.searchsorted(borders, found.page[:, 0, 0], side="right") - 1
    return Acquisition(
        page=named.table([found.page[number == file] for file in range(len(files))]),
        rate_hz=found.rate_hz,
        source={
            "planes": BY_NAME,
            "channels": BY_NAME,
            "frame_rate_hz": found.source.get("frame_rate_hz", ""),
        },
        warnings=(*found.warnings, named.note),
    )


def _unclaimed(files: Sequence[TiffFile]) -> list[str]:
    """Files with room for more frames than their directories name."""
    warnings = []
    only_frame = len(files) == 1 and files[0].pages == 1
    for file in files:
        compressed = file.chain.directories[0].compressed
        directories = len(file.chain.directories)
        frame_bytes = file.height * file.width * np.dtype(file.dtype).itemsize
        if compressed:
            frame_bytes = int(np.diff(file.chain.directories.data).sum()) // directories
        spare = file.chain.unclaimed_bytes - (file.pages - directories) * frame_bytes
        spare -= len(file.header) + len(file.regions) + _SPARE_BYTES * directories
        end = file.chain.directories[0].data_start + file.pages * frame_bytes
        if file.pages > directories == 1 and end != file.chain.file_bytes:
            warnings.append(
                f"{file.file.name}: {file.chain.file_bytes - end} bytes follow the last frame, "
                "where the file should end: frames may be shifted"
            )
        elif spare >= frame_bytes:
            warnings.append(
                f"{file.file.name} has {spare} bytes that belong to no frame, as many as "
                f"{spare // frame_bytes} frames: its list of frames may be damaged"
            )
        elif only_frame and spare > 0:
            warnings.append(
                f"{file.file.name} holds a single frame, and {spare} bytes that belong to none: "
                "the rest of the movie may be cut off"
            )
        aside = None if compressed else file.chain.page_beside_its_place
        if aside is not None:
            warnings.append(
                f"{file.file.name}: page {aside} does not end where those of the other pages do: "
                "its frame may be shifted by some pixels"
            )
    return warnings
