"""A movie in Scanbox's .sbx files, each with its .mat header beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.file import (
    MovieFile,
    check_agree,
    check_frames_agree,
    recording_of,
    volume_in_words,
)
from twophoton_decode.recording.scanbox.header import SbxHeader, read_header
from twophoton_decode.recording.series.paths import MoviePath
from twophoton_decode.records import Recording
from twophoton_decode.words import counted

_HEADER = "Scanbox header"
_PIXEL_BYTES = 2


@dataclass(frozen=True, kw_only=True)
class SbxFile(MovieFile):
    """One file; `stored` counts its frames, those of all planes."""

    header: SbxHeader
    stored: int


def open_sbx(paths: Sequence[MoviePath]) -> Recording:
    """The recording in .sbx files, given in their order: planes in turn, frame after frame.

    Raises
    ------
    MovieError
        A file is truncated; its header is missing or cannot be trusted; files disagree.
    """
    files = [_understand(path.file) for path in paths]
    check_frames_agree(files)
    header = files[0].header
    check_agree(files, lambda each: volume_in_words(each.header.planes, each.header.channels))
    rates = {file.header.rate_hz for file in files}
    rate = header.rate_hz if len(rates) == 1 else 0.0
    found = Acquisition(
        page=_pages(files),
        rate_hz=rate,
        bidirectional=header.bidirectional,
        source={"planes": _HEADER, "channels": _HEADER, "frame_rate_hz": _HEADER if rate else ""},
    )
    warnings = dict.fromkeys(warning for file in files for warning in _warnings(file))
    return recording_of(files, found, samples=header.channels, warnings=warnings)


def _understand(file: Path) -> SbxFile:
    header = read_header(file)
    frame_bytes = header.height * header.width * header.channels * _PIXEL_BYTES
    stored, rest = divmod(file.stat().st_size, frame_bytes)
    if rest or not stored:
        raise MovieError(
            f"{file} is truncated: it holds {stored} whole frames of {header.height} x "
            f"{header.width} px in {counted(header.channels, 'channel')}, and {rest} bytes more. "
            "Copy it again from the microscope's computer."
        )
    return SbxFile(
        file=file,
        kind="sbx",
        pages=stored * header.channels,
        height=header.height,
        width=header.width,
        dtype="uint16",
        header=header,
        stored=stored,
    )


def _pages(files: Sequence[SbxFile]) -> np.ndarray | None:
    """The images of every whole volume, (frame, plane, channel).

    Each file begins a volume anew.
    """
    planes, channels = files[0].header.planes, files[0].header.channels
    if planes == channels == 1:
        return None
    begins = np.cumsum([0, *(file.pages for file in files)])
    whole = [file.stored // planes * planes * channels for file in files]
    images = [begin + np.arange(size) for begin, size in zip(begins, whole, strict=False)]
    return np.concatenate(images).reshape(-1, planes, channels)


def _warnings(file: SbxFile) -> list[str]:
    header, name = file.header, file.file.name
    warnings = [f"{name}: {warning}" for warning in header.warnings]
    if file.stored % header.planes:
        left = counted(file.stored % header.planes, "frame")
        warnings.append(f"{name} ends within a volume: its last {left} are left out")
    if file.stored < header.announced:
        warnings.append(
            f"{name} holds {counted(file.stored, 'frame')} of {header.announced} requested: it "
            "was stopped early, or cut short at the end of a frame"
        )
    return warnings
