"""The stimulus log of a session, read as its settings say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.errors import UsageError
from twophoton_decode.files.arrays.names import SUFFIXES as ARRAY_SUFFIXES
from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
from twophoton_decode.recording.series.paths import SUFFIXES as MOVIE_SUFFIXES
from twophoton_decode.records import Presentations, Traces
from twophoton_decode.responses.windows.onset_clock import frame_times_in, in_movie_time
from twophoton_decode.responses.windows.outside_movie import trim_to_movie
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.pictures import PICTURE_SUFFIXES

_TEXT = (".csv", ".tsv", ".txt", ".xlsx")


def presentations_of(
    folder: SessionFolder, settings: Settings, names: np.ndarray, traces: Traces
) -> Presentations:
    """What the log that ``[source]`` names says of the pictures called `names`.

    Of `traces` only the frames and their times are read.

    Raises
    ------
    UsageError
        There is no such log.
    StimulusLogError, AlignmentError, SettingsError
        As `read_log`.
    """
    clock = settings.recording.onset_clock
    presentations = read_log(
        source_paths(folder, settings.source, "log")[0],
        names,
        first_index=settings.recording.first_index,
        frame_rate_hz=traces.frame_rate_hz,
        frame_time_s=frame_times_in(clock, traces),
        settings=settings.log,
        exclude=settings.responses.exclude,
    )
    presentations = in_movie_time(presentations, clock, traces)
    if settings.log.beyond_movie == "trim":
        presentations = trim_to_movie(presentations, traces.duration_s)
    return presentations


def refuse_swapped(folder: SessionFolder, source: Source) -> None:
    """`UsageError` where the log is a folder or a picture, or the pictures are a table."""
    log = source_paths(folder, source, "log")[0]
    images = source_paths(folder, source, "images")[0]
    if images.is_file() and images.suffix.lower() in _TEXT:
        swapped = " Were log and images exchanged?" if _is_no_log(log) else ""
        raise UsageError(
            f"{images} is named as the pictures ([source] images), but it is a table.{swapped} "
            f"Expected a folder of pictures ({', '.join(PICTURE_SUFFIXES)}), or a stack: "
            f"{', '.join(ARRAY_SUFFIXES)}, .tif."
        )
    if _is_no_log(log):
        what = "a folder" if log.is_dir() else f"a file ending in {log.suffix}"
        raise UsageError(
            f"{log} is named as the stimulus log ([source] log), but it is {what}. Expected a "
            "table with a row for each presentation, as CSV or TSV."
        )


def _is_no_log(path: Path) -> bool:
    file = Path(split_key(str(path))[0])
    pixels = {*PICTURE_SUFFIXES, *MOVIE_SUFFIXES, ".npy", ".npz"}
    return file.is_dir() or file.suffix.lower() in pixels
