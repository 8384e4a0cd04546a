"""The files outside the session that its results come from, and their fingerprints."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from twophoton_decode.errors import UsageError
from twophoton_decode.recording.movie_paths import join_dataset, split_dataset
from twophoton_decode.recording.series.belonging import belonging
from twophoton_decode.session.atomic import write_text
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source

_KEYED = re.compile(r"(.+?\.(?:npy|npz|mat|h5|hdf5|csv|tsv|txt))=(.+)", re.IGNORECASE)
BLOCKS = 64
BLOCK_BYTES = 2**16


def split_key(text: str) -> tuple[str, str]:
    """``"file.npz=name"`` as file and key; the key is empty where there is none.

    Only a file of arrays has keys, so that an equals sign in a folder's name is none.
    """
    found = _KEYED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def source_paths(folder: SessionFolder, source: Source, name: str) -> list[Path]:
    """The existing paths that ``[source]`` names under `name`, globs expanded, in its order.

    The globs of movies stay as they are: what they find is for `open_recording` to sort out.

    Raises
    ------
    UsageError
        One of them does not exist, or a glob finds several where one is needed.
    """
    if name == "movie":
        return [_movie(folder.path, text) for text in source.movie]
    return _one(folder, getattr(source, name), f"[source] {name}")


def input_paths(folder: SessionFolder, settings: Settings, name: str) -> list[Path]:
    """The files a stage reads: those of ``[source]``, or of another setting, ``section.key``.

    Raises
    ------
    UsageError
        As for `source_paths`.
    """
    section, _, key = name.rpartition(".")
    if not section:
        return source_paths(folder, settings.source, name)
    return _one(folder, getattr(getattr(settings, section), key), f"[{section}] {key}")


def _one(folder: SessionFolder, given: str, where: str) -> list[Path]:
    text = split_key(given)[0]
    found = _expand(folder.path, text, where) if text else []
    if len(found) > 1:
        raise UsageError(
            f"{where} = {text!r} in session.toml finds {len(found)} files, "
            f"{found[0].name} and {found[1].name} among them. Name one."
        )
    return found


def _expand(base: Path, text: str, where: str) -> list[Path]:
    pattern, dataset = split_dataset(base / text)
    if pattern.exists():
        return [join_dataset(pattern, dataset)]
    found = sorted(join_dataset(Path(match), dataset) for match in glob.glob(str(pattern)))
    if not found:
        place = f" ({where} in session.toml, relative to the session)"
        # While a session is being made, an option named the path, and the file is not there yet.
        named_by_option = where.startswith("[source]") and not (base / "session.toml").is_file()
        raise UsageError(f"{pattern}: no such file or folder{'' if named_by_option else place}.")
    return found


def _movie(base: Path, text: str) -> Path:
    """A movie's path or glob, of which something has to be there, if only a link to nothing."""
    path = split_dataset(base / text).file
    if not path.is_symlink():
        _expand(base, text, "[source] movie")
    return base / text


class Fingerprints:
    """Fingerprints of files, taken again only when size or modification time differ.

    A file's fingerprint is the hash of its size and of 64 blocks spread evenly over it, so
    that a movie of any length takes a moment.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._known: dict[str, list[Any]] = _read_cache(cache)

    def of(self, paths: list[Path], movie: bool = False) -> str:
        """One fingerprint of files and folders together, their order included.

        Of a folder, the visible files in it count: the session itself may lie below it. A
        movie's header beside it counts too, and which dataset of a file is meant; of a `movie`,
        files that are left out of it do not count.
        """
        digest = hashlib.blake2b(digest_size=20)
        for path in paths:
            for file in belonging(path, movie):
                digest.update(f"{file.name}:{self._of_file(file)};".encode())
            dataset = split_dataset(path).dataset
            digest.update(f"::{dataset};".encode() if dataset else b"")
        return digest.hexdigest()

    def save(self) -> None:
        """Keep what was read for the next command, unless the session cannot be written to."""
        with contextlib.suppress(OSError):
            write_text(self._cache, json.dumps(self._known))

    def _of_file(self, file: Path) -> str:
        stat = file.stat()
        key, stamp = str(file.resolve()), [stat.st_size, stat.st_mtime_ns]
        if self._known.get(key, [])[:2] != stamp:
            self._known[key] = [*stamp, _sampled_hash(file, stat.st_size)]
        return str(self._known[key][2])


def _read_cache(cache: Path) -> dict[str, list[Any]]:
    """What earlier commands read; a cache that cannot be read is only slower."""
    try:
        return dict(json.loads(cache.read_text()))
    except (OSError, ValueError):
        return {}


def _sampled_hash(file: Path, size: int) -> str:
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with file.open("rb") as stream:
        if size <= BLOCKS * BLOCK_BYTES:
            digest.update(stream.read())
        else:
            for block in range(BLOCKS):
                stream.seek(block * (size - BLOCK_BYTES) // (BLOCKS - 1))
                digest.update(stream.read(BLOCK_BYTES))
    return digest.hexdigest()
