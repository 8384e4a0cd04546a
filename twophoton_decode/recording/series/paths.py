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
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.files.readable import check_readable, leads_nowhere
from twophoton_decode.recording.series.selection import Selection, select_named, select_series

SUFFIXES = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".btf": "tiff",
    ".tf2": "tiff",
    ".tf8": "tiff",
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
_MOST_NAMED = 4


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


class MovieFiles(NamedTuple):
    """The files of a movie, in order; what was left out, or is odd, in words.

    `doubts` say why the order of files that do not say it themselves may not be that of time.
    """

    files: list[MoviePath]
    notes: list[str]
    doubts: list[str]


def movie_files(paths: Sequence[str | Path]) -> MovieFiles:
    """Every movie file that `paths` name, sorted naturally inside each folder.

    Of a folder or a glob, files that are certainly no frames are left out. What is named by
    itself is read.

    Raises
    ------
    UsageError
        Nothing lies at one of the paths, or one file is given twice.
    MovieError
        A folder holds no movie, or several of which one has to be chosen; names do not form
        one series; a file cannot be read, or is a link to nothing.
    """
    if not paths:
        raise UsageError("no movie was given: name movie files or folders of them.")
    found = [_expand(split_dataset(path)) for path in paths]
    given = [file for files, _ in found for file in files]
    for file in dict.fromkeys(each.file for each in given):
        check_readable(file)
    check_given_once(given)
    parts = [part for files, searched in found if searched for part in _selected(files)]
    named = [file for files, searched in found if not searched for file in files]
    parts += [select_named(files, kind) for (_, kind), files in alike(named)]
    return MovieFiles(
        _in_order(given, parts),
        [note for part in parts for note in part.notes],
        [part.doubt for part in parts if part.doubt],
    )


def _selected(found: Sequence[MoviePath]) -> list[Selection]:
    """What of a folder or a glob is the movie, folder by folder."""
    return [
        Selection(files, []) if kind == "bruker" else select_series(files, kind)
        for (_, kind), files in alike(found)
    ]


def alike(paths: Iterable[MoviePath]) -> list[tuple[tuple[Path, str], list[Path]]]:
    """The files of each folder and kind, each once, in the order given."""
    parts: dict[tuple[Path, str], dict[Path, None]] = {}
    for path in paths:
        parts.setdefault((path.file.parent, path.kind), {})[path.file] = None
    return [(key, list(files)) for key, files in parts.items()]


def _in_order(given: Sequence[MoviePath], parts: Sequence[Selection]) -> list[MoviePath]:
    """What is kept: folders as given, files of one selection in its order, else naturally."""
    at = {file: (number, n) for number, part in enumerate(parts) for n, file in enumerate(part[0])}
    place = _resolved_folders(found.file for found in given)
    folders: dict[Path, list[MoviePath]] = {}
    for found in given:
        if found.file in at:
            folders.setdefault(place[found.file.parent], []).append(found)
    ordered = []
    for files in folders.values():
        one = len({at[found.file][0] for found in files}) == 1
        key = (lambda each: at[each.file]) if one else (lambda each: natural_order(each.file))
        ordered += sorted(files, key=key)
    return ordered


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
        for file in visible_files(folder)
        if MoviePath(file).kind not in (kind, "bruker") and file.suffix.lower() in SUFFIXES
    ]


def _expand(path: MoviePath) -> tuple[list[MoviePath], bool]:
    """The files at a path, and whether they were searched for: in a folder, or by a glob."""
    if path.file.is_dir():
        return _movies_in(path.file), True
    if path.file.exists() or leads_nowhere(path.file):
        return [path], False
    matches = matches_of(path.file)
    if not matches:
        raise UsageError(f"there is no file or folder {path.file} (looking from {os.getcwd()}).")
    found: list[MoviePath] = []
    for match in matches:
        found += _movies_in(match) if match.is_dir() else [MoviePath(match, path.dataset)]
    return found, True


def matches_of(pattern: Path) -> list[Path]:
    """What a glob finds: movies where there are any, not all else that lies beside them."""
    found = [Path(match) for match in glob.glob(str(pattern))]
    movies = [file for file in found if _is_movie(file)]
    return movies or found


def _is_movie(file: Path) -> bool:
    """Whether it is called like a movie, and is no folder; where a link leads does not count."""
    visible = not file.name.startswith(".")
    return visible and file.suffix.lower() in SUFFIXES and not file.is_dir()


def _movies_in(folder: Path) -> list[MoviePath]:
    """What Bruker's .xml says of a folder's TIFFs, the TIFFs, or movies of one other kind."""
    kinds: dict[str, list[MoviePath]] = {}
    for file in _entries(folder):
        if _is_movie(file):
            kinds.setdefault(MoviePath(file).kind, []).append(MoviePath(file))
    described = [MoviePath(file) for file in bruker_files(folder)]
    kinds.pop("bruker", None)
    if described and ("tiff" in kinds or not kinds):
        for tiff in kinds.get("tiff", []):
            check_readable(tiff.file)
        return _one_of(folder, described)
    if "tiff" in kinds:
        return kinds["tiff"]
    if not kinds:
        raise MovieError(
            f"{folder} itself holds no TIFF and no other movie: expected files ending in "
            f"{', '.join(SUFFIXES)}.{_below(folder)}"
        )
    if len(kinds) > 1:
        named = " and ".join(sorted(found[0].file.name for found in kinds.values()))
        raise MovieError(f"{folder} holds movies of several kinds, {named}: name those you mean.")
    return next(iter(kinds.values()))


def _below(folder: Path) -> str:
    """The folders inside `folder` that hold movies, for who named the one above them."""
    holding = [each for each in _entries(folder) if each.is_dir() and _holds_movies(each)]
    if not holding:
        return ""
    named = ", ".join(map(str, holding[:_MOST_NAMED]))
    more = len(holding) - _MOST_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f" Its folders hold some, {named}{rest}: name the one you mean."


def _holds_movies(folder: Path) -> bool:
    try:
        return any(map(_is_movie, folder.iterdir()))
    except OSError:
        return False


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise MovieError(f"the folder {folder} cannot be read: {error.strerror}.") from error


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


def visible_files(folder: Path) -> list[Path]:
    """The files in a folder that are there and not hidden, sorted."""
    return sorted(file for file in folder.iterdir() if _is_visible(file))


def _is_visible(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".")
