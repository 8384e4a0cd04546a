"""The microscope's movie, understood before it is read: one or many files of one kind.

TIFFs, HDF5 and NWB files, Scanbox's .sbx and Bruker's folders are read. Every other layout
is refused in words, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.bruker.opening import open_bruker
from twophoton_decode.recording.bruker.strays import notes_beside_bruker
from twophoton_decode.recording.file import disagreement
from twophoton_decode.recording.frames import chunks, read_frames, select, where
from twophoton_decode.recording.hdf5.opening import open_hdf5
from twophoton_decode.recording.scanbox.opening import open_sbx
from twophoton_decode.recording.series.channels_by_name import BY_NAME, named_channels
from twophoton_decode.recording.series.file_gaps import file_gaps
from twophoton_decode.recording.series.one_series import whole_beside_parts
from twophoton_decode.recording.series.paths import MoviePath, movie_files, other_movies
from twophoton_decode.recording.tiff.opening import open_tiff
from twophoton_decode.records import Recording

__all__ = ["chunks", "open_recording", "read_frames", "select", "where"]

_OPEN: dict[str, Callable[[Sequence[MoviePath]], Recording]] = {
    "tiff": open_tiff,
    "hdf5": open_hdf5,
    "sbx": open_sbx,
    "bruker": open_bruker,
}


def open_recording(paths: Sequence[str | Path]) -> Recording:
    """What the movie in `paths` is, without reading its pixels.

    Parameters
    ----------
    paths : sequence of str or Path
        Movie files, folders of them, or globs; ``movie.h5::/name`` names a dataset of an
        HDF5 file, or a series of an NWB file. Files that lie in one folder are put in the
        natural order of their names (``raw_2`` before ``raw_10``); folders keep the order
        in which they are given. Of a folder that holds TIFFs, these are read, in the order
        of Bruker's .xml where one lies beside them; TIFFs of several planes or channels
        that are named one by one beside such an .xml are refused.

    Raises
    ------
    UsageError
        Nothing lies at one of the paths, or one file is given twice.
    MovieError
        A file is not of its kind, is truncated, or has a layout or pixel type that cannot be
        read without guessing; frames differ in size; a folder holds no movie; the files are
        of different kinds.
    """
    found = movie_files(paths)
    files = found.files
    example = {path.kind: path.file for path in files}
    if len(example) > 1:
        listed = ", ".join(f"{file} is {kind}" for kind, file in sorted(example.items()))
        raise disagreement(f"the files are of different kinds ({listed})")
    kind = files[0].kind
    notes = notes_beside_bruker(files) if kind == "tiff" else []
    recording = _OPEN[kind](files)
    notes = [*found.notes, *_about_names(recording, found.doubts), *notes]
    others = other_movies(paths, "tiff" if kind == "bruker" else kind)
    if others:
        notes.append(
            f"{', '.join(others)} in the same folder is a movie of another kind, and not read"
        )
    return replace(recording, warnings=(*recording.warnings, *notes))


def _about_names(recording: Recording, doubts: Sequence[str]) -> list[str]:
    """What the names of the files say against reading them one after the other."""
    files = [Path(file) for file in recording.file.tolist()]
    frames = recording.file_frames.tolist()
    if recording.layout in ("hdf5", "nwb", "sbx"):
        named = named_channels(files)
        if named:
            named.check_told(recording.page, recording.layout)
    return [
        *_open_questions(doubts, recording),
        *file_gaps(recording.file.tolist(), frames),
        *whole_beside_parts(files, frames),
    ]


def _open_questions(doubts: Sequence[str], recording: Recording) -> list[str]:
    """Doubts about the order of files: an error where the files themselves say nothing of it.

    ScanImage numbers frames; OME-XML may name the files of a recording, or not.
    """
    if recording.layout in ("scanimage", "bruker") or not doubts:
        return []
    if recording.layout == "ome" and BY_NAME not in recording.source.values():
        ordered = recording.planes * recording.channels > 1
        return [] if ordered else [doubt.removesuffix(".") for doubt in doubts]
    raise MovieError(doubts[0])
