"""What every file of a movie has in common, and the recording that such files make up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.levels.calibration import Calibration, line_in_words
from twophoton_decode.recording.times.gap_words import gap_notes
from twophoton_decode.records import Recording
from twophoton_decode.words import counted


@dataclass(frozen=True, kw_only=True)
class MovieFile:
    """One file of a movie, of whatever kind, understood but not read.

    Attributes
    ----------
    kind : str
        The layout, as the record names it.
    pages : int
        Images in it, those of all planes and channels.
    calibration : Calibration
        From stored levels to grey levels.
    warnings : tuple of str
        What is odd about the file, in words.
    """

    file: Path
    kind: str
    pages: int
    height: int
    width: int
    dtype: str
    calibration: Calibration = Calibration()
    warnings: tuple[str, ...] = ()


File = TypeVar("File", bound=MovieFile)


def recording_of(
    files: Sequence[MovieFile],
    found: Acquisition,
    *,
    layout: str = "",
    datasets: Sequence[str] | None = None,
    axes: str = "",
    samples: int = 1,
    warnings: Iterable[str] = (),
) -> Recording:
    """One recording of `files`, whose order `found` says; the layout is theirs if not given.

    `MovieError` where their calibrations differ.
    """
    calibration = _common_calibration(files)
    source = found.source | {"grey_scale": calibration.by, "frame_time_s": found.times.by}
    return Recording(
        file=np.array([str(file.file) for file in files]),
        file_frames=np.array([file.pages for file in files]),
        height=files[0].height,
        width=files[0].width,
        dtype=files[0].dtype,
        layout=layout or " and ".join(sorted({file.kind for file in files})),
        dataset=None if datasets is None else np.array(datasets),
        axes=axes,
        samples=samples,
        page=found.page,
        planes=1 if found.page is None else found.page.shape[1],
        channels=1 if found.page is None else found.page.shape[2],
        plane_delay_s=found.plane_delay_s,
        frame_rate_hz=found.rate_hz,
        frame_time_s=found.times.began_s,
        first_stamp_s=found.times.first_stamp_s,
        unknown_pause=found.times.unknown_pause,
        bidirectional=found.bidirectional,
        dropped_frames=found.dropped_frames,
        grey_offset=calibration.offset,
        grey_scale=calibration.scale,
        question=found.question,
        guess=found.guess,
        source={name: by for name, by in source.items() if by},
        warnings=(*found.warnings, *gap_notes(found.times), *warnings),
    )


def stored_in_order(frames: int, planes: int, channels: int) -> np.ndarray | None:
    """(frame, plane, channel) -> image where channels are fastest, then planes.

    None where every image is a frame.
    """
    if planes == channels == 1:
        return None
    return np.arange(frames * planes * channels).reshape(frames, planes, channels)


def check_frames_agree(files: Sequence[MovieFile]) -> None:
    """That frames are of one size and pixel type; `MovieError` names a file where not."""
    check_agree(files, lambda each: f"frames of {each.height} x {each.width} px in {each.dtype}")


def check_agree(files: Sequence[File], in_words: Callable[[File], str]) -> None:
    """That all files have the same, which `in_words` says of each; `MovieError` if not."""
    first = in_words(files[0])
    for file in files[1:]:
        if in_words(file) != first:
            raise disagreement(f"{file.file} has {in_words(file)}, but {files[0].file} has {first}")


def disagreement(fact: str) -> MovieError:
    """The error about files that cannot be of one recording, by a `fact` without its full stop."""
    return MovieError(
        f"{fact}. The files of one recording must agree: leave out what belongs to another one."
    )


def volume_in_words(planes: int, channels: int) -> str:
    """``2 planes and 1 channel``."""
    return f"{counted(planes, 'plane')} and {counted(channels, 'channel')}"


def _common_calibration(files: Sequence[MovieFile]) -> Calibration:
    """That of all files; where they differ, a level would mean something else in the next file."""
    first = files[0]
    for other in files[1:]:
        one, two = first.calibration, other.calibration
        if (one.offset, one.scale) != (two.offset, two.scale):
            raise MovieError(
                f"{other.file} says {_in_words(two)}, but {first.file} {_in_words(one)}. The files "
                "of one recording must agree: convert them to one pixel type without calibration, "
                "or leave out what belongs to another recording."
            )
    return first.calibration


def _in_words(calibration: Calibration) -> str:
    if calibration.changes_nothing:
        return "that grey levels are the stored ones"
    return line_in_words(calibration.offset, calibration.scale)
