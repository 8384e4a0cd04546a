"""The files that a movie's results depend on: its frames, and the headers beside them."""

from __future__ import annotations

import os
from pathlib import Path

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.files.readable import check_readable, leads_nowhere
from twophoton_decode.recording.series.no_frames import no_frames
from twophoton_decode.recording.series.paths import (
    SUFFIXES,
    MoviePath,
    alike,
    matches_of,
    split_dataset,
    visible_files,
)


def belonging(path: Path, movie: bool = False) -> list[Path]:
    """The files that decide what is read at `path`: headers beside a movie too.

    Of a folder, the visible files in it: a session may lie below it. Of a `movie`, without
    those that are left out of it, and a glob is expanded.

    Raises
    ------
    MovieError, UsageError
        The movie, or another file, is a link to nothing, a pipe or a device, or may not be read.
    """
    file = split_dataset(path).file
    if file.is_dir():
        return _without_odd(visible_files(file)) if movie else visible_files(file)
    if file.exists() or leads_nowhere(file):
        check_readable(file, MovieError if movie else UsageError)
    elif movie:
        matches = _without_odd(sorted(filter(Path.is_file, matches_of(file))))
        return [part for match in matches for part in belonging(match, movie)] or [file]
    kind = MoviePath(file).kind
    if kind == "bruker":
        return visible_files(file.parent)
    header = file.with_suffix(".mat")
    return [file, header] if kind == "sbx" and header.is_file() else [file]


def _without_odd(files: list[Path]) -> list[Path]:
    """Without what `movie_files` leaves out, as far as that can be told."""
    odd: set[Path] = set()
    for (_, kind), parts in alike(MoviePath(file) for file in files):
        if kind != "bruker" and parts[0].suffix.lower() in SUFFIXES:
            readable = [
                part for part in sorted(parts, key=natural_order) if os.access(part, os.R_OK)
            ]
            odd |= no_frames(readable, kind).keys()
    return [file for file in files if file not in odd]
