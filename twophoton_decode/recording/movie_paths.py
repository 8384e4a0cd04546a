"""Which files a movie is made of: suffixes, folders, globs, datasets inside a file."""

from __future__ import annotations

import glob
import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.natural_order import natural_order

SUFFIXES = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
    ".nwb": "hdf5",
    ".sbx": "sbx",
    ".xml": "bruker",
}
"""The kind of file by its suffix."""

_WITH_DATASET = re.compile(r"(.+\.(?:h5|hdf5|nwb))::(.*)", re.IGNORECASE)
_BRUKER_ROOT = re.compile(rb"<PVScan[\s>]")
_SNIFFED_BYTES = 4096


class MoviePath(NamedTuple):
    """A file, and which dataset of it is meant; empty where the user named none."""

    file: Path
    dataset: str = ""

    @property
    def kind(self) -> str:
        """tiff, hdf5, sbx or bruker; what has no known suffix should be a TIFF."""
        return SUFFIXES.get(self.file.suffix.lower(), "tiff")


def split_dataset(path: str | Path) -> MoviePath:
    """``movie.h5::/name`` as file and dataset; only HDF5 files have datasets."""
    found = _WITH_DATASET.fullmatch(str(path))
    return MoviePath(Path(found[1]), found[2]) if found else MoviePath(Path(path))


def join_dataset(file: Path, dataset: str) -> Path:
    """The reverse of `split_dataset`."""
    return Path(f"{file}::{dataset}") if dataset else file


def belonging(path: Path) -> list[Path]:
    """The files that decide what is read at `path`: headers beside a movie too.

    Of a folder, the visible files in it: a session may lie below it.
    """
    file = split_dataset(path).file
    if file.is_dir():
        return _visible_files(file)
    kind = MoviePath(file).kind
    if kind == "bruker":
        return _visible_files(file.parent)
    header = file.with_suffix(".mat")
    return [file, header] if kind == "sbx" and header.is_file() else [file]


def in_order(paths: Sequence[str | Path]) -> list[MoviePath]:
    """Every movie file that `paths` name, sorted naturally inside each folder.

    Raises
    ------
    UsageError
        Nothing lies at one of the paths, or one file is given twice.
    MovieError
        A folder holds no movie, or several of which one has to be chosen.
    """
    if not paths:
        raise UsageError("no movie was given: name movie files or folders of them.")
    given = [found for path in paths for found in _expand(split_dataset(path))]
    check_given_once(given)
    place = _resolved_folders(found.file for found in given)
    folders: dict[Path, list[MoviePath]] = {}
    for found in given:
        folders.setdefault(place[found.file.parent], []).append(found)
    return [
        found
        for parts in folders.values()
        for found in sorted(parts, key=lambda part: natural_order(part.file))
    ]


def check_given_once(paths: Sequence[MoviePath]) -> None:
    """That no file, and no dataset of one, is given twice, however it is spelled.

    Raises
    ------
    UsageError
        Two of the paths lead to one file and name one dataset of it.
    """
    first: dict[tuple[Path, str], MoviePath] = {}
    for path, place in zip(paths, _places([path.file for path in paths]), strict=True):
        dataset = posixpath.normpath(f"/{path.dataset}").lstrip("/") if path.dataset else ""
        other = first.setdefault((place, dataset), path)
        if other is not path:
            text, also = (str(join_dataset(*each)) for each in (path, other))
            spelled = f", also as {also}" if also != text else ""
            raise UsageError(f"{text} is given twice{spelled}: name every file of the movie once.")


def _places(files: Sequence[Path]) -> Iterator[Path]:
    """Where each file lies once links are followed."""
    folders = _resolved_folders(files)
    for file in files:
        place = folders[file.parent] / file.name
        yield place.resolve() if place.is_symlink() else place


def _resolved_folders(files: Iterable[Path]) -> dict[Path, Path]:
    """Where the files' folders lie, each followed once: a movie may be of 30 000 files."""
    return {folder: folder.resolve() for folder in {file.parent for file in files}}


def other_movies(folders: Sequence[str | Path], kind: str) -> list[str]:
    """Names of movies in the folders given that are not of the `kind` that is read."""
    return [
        file.name
        for folder in map(Path, folders)
        if folder.is_dir()
        for file in _visible_files(folder)
        if MoviePath(file).kind not in (kind, "bruker") and file.suffix.lower() in SUFFIXES
    ]


def _expand(path: MoviePath) -> list[MoviePath]:
    if path.file.is_dir():
        return _movies_in(path.file)
    if path.file.exists():
        return [path]
    matches = [Path(match) for match in glob.glob(str(path.file))]
    if not matches:
        raise UsageError(f"there is no file or folder {path.file} (looked from {os.getcwd()}).")
    return [found for match in matches for found in _expand(MoviePath(match, path.dataset))]


def _movies_in(folder: Path) -> list[MoviePath]:
    """What Bruker's .xml says of a folder's TIFFs, the TIFFs, or movies of one other kind."""
    kinds: dict[str, list[MoviePath]] = {}
    for file in _visible_files(folder):
        if file.suffix.lower() in SUFFIXES:
            kinds.setdefault(MoviePath(file).kind, []).append(MoviePath(file))
    described = [MoviePath(file) for file in bruker_files(folder)]
    kinds.pop("bruker", None)
    if described and ("tiff" in kinds or not kinds):
        return _one_of(folder, described)
    if "tiff" in kinds:
        return kinds["tiff"]
    if not kinds:
        raise MovieError(
            f"{folder} holds no TIFF and no other movie: expected files ending in "
            f"{', '.join(SUFFIXES)}."
        )
    if len(kinds) > 1:
        named = " and ".join(sorted(found[0].file.name for found in kinds.values()))
        raise MovieError(f"{folder} holds movies of several kinds, {named}: name those you mean.")
    return next(iter(kinds.values()))


def _one_of(folder: Path, described: list[MoviePath]) -> list[MoviePath]:
    if len(described) > 1:
        names = ", ".join(sorted(path.file.name for path in described))
        raise MovieError(
            f"{folder} holds {len(described)} Bruker recordings ({names}): name the .xml of the "
            "one you mean."
        )
    return described


def bruker_files(folder: Path) -> list[Path]:
    """The visible .xml of PrairieView recordings in a folder, known by their root."""
    xmls = (file for file in sorted(folder.iterdir()) if MoviePath(file).kind == "bruker")
    return [file for file in xmls if _is_visible(file) and _is_bruker(file)]


def _is_bruker(file: Path) -> bool:
    with file.open("rb") as stream:
        return bool(_BRUKER_ROOT.search(stream.read(_SNIFFED_BYTES)))


def _visible_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if _is_visible(file))


def _is_visible(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".")
