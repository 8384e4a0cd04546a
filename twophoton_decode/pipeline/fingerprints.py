"""Whether the files that a result came from are still the same, to the last byte."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.series.belonging import belonging
from twophoton_decode.recording.series.paths import split_dataset
from twophoton_decode.session.sealed import Damaged, read_sealed, write_sealed

WHOLE = "whole:"
"""How fingerprints begin that cover every byte; those of earlier versions covered samples."""
NOTHING = hashlib.blake2b(digest_size=20).hexdigest()
"""The fingerprint of no file at all, in every version."""
SETTLED_NS = 2 * 10**9
"""A file changed later than this before it was read may change again under the same time."""
_PIECE_BYTES = 2**24
_BLOCKS = 64
_BLOCK_BYTES = 2**16

Stamp = tuple[int, int, int, int]


class _Taken(NamedTuple):
    stamp: Stamp
    hash: str


def stamp_of(stat: os.stat_result) -> Stamp:
    """Size, times of modification and change (ns), and inode: another one, other content?

    The time of change catches a modification time that was set back. The device is left out:
    network shares get another number whenever they are mounted.
    """
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def hash_of(path: Path) -> str:
    """The hash of a file's bytes; empty if there is no such file."""
    return _hash_of(path, stamp_of(path.stat())) if path.is_file() else ""


def hash_of_bytes(content: bytes) -> str:
    """What `hash_of` gives of a file that holds `content`."""
    return hashlib.blake2b(content, digest_size=20).hexdigest()


@lru_cache(maxsize=4096)
def _hash_of(path: Path, stamp: Stamp) -> str:
    """Read once a process: every stage asks about the results of the stages before it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=20)).hexdigest()


class Fingerprints:
    """Hashes of whole files, each read once a command.

    Hashes of a movie are kept in `cache` for later commands, and believed while its files
    have the same stamps; `verify` believes none. A damaged cache is read as an empty one.
    """

    def __init__(self, cache: Path, *, verify: bool = False, progress: Progress = silent) -> None:
        self._cache = cache
        self._progress = progress
        self._taken: dict[str, _Taken] = {}
        self._kept = {} if verify else _read_cache(cache)
        self._saved = dict(self._kept)

    def of(self, paths: list[Path], *, movie: bool = False) -> str:
        """One fingerprint of files and folders together, their order included.

        Of a folder, the visible files in it count: the session itself may lie below it. A
        movie's header beside it counts too, and which dataset of a file is meant. Of a `movie`,
        files that are left out of it do not count, and hashes are shared with earlier and
        later commands.
        """
        found = [(path, _files_at(path, movie)) for path in paths]
        meter = _Meter(self._progress, [file for _, files in found for _, file in files])
        digest = hashlib.blake2b(digest_size=20)
        for path, files in found:
            for name, file in files:
                digest.update(f"{name}:{self._of_file(file, movie, meter)};".encode())
            digest.update(_dataset_of(path))
        return f"{WHOLE}{digest.hexdigest()}" if paths else NOTHING

    def save(self) -> None:
        """Keep what was read anew for the next command, if the session can be written to."""
        if self._kept == self._saved:
            return
        files = {key: [list(taken.stamp), taken.hash] for key, taken in self._kept.items()}
        # `status` holds no lock, under which links are refused.
        if not self._cache.parent.is_symlink():
            with contextlib.suppress(OSError):
                write_sealed(self._cache, files)
                self._saved = dict(self._kept)

    def _of_file(self, file: Path, keep: bool, meter: _Meter) -> str:
        key, stamp = str(file.resolve()), stamp_of(file.stat())
        known = self._taken.get(key) or (self._kept.get(key) if keep else None)
        if known and known.stamp == stamp:
            meter.advance(stamp[0])
            return known.hash
        begun = time.time_ns()
        taken = _Taken(stamp, _whole_hash(file, meter))
        if all(abs(begun - changed) > SETTLED_NS for changed in stamp[1:3]):
            self._taken[key] = taken
            if keep:
                self._kept[key] = taken
        return taken.hash


class _Meter:
    """How much of all files together has been read, reported in MB while one is read."""

    def __init__(self, progress: Progress, files: list[Path]) -> None:
        self._progress = progress
        self._total = sum(file.stat().st_size for file in files)
        self._done = 0

    def advance(self, size: int, *, report: bool = False) -> None:
        self._done += size
        if report and self._total >> 20:
            self._progress(self._done >> 20, self._total >> 20, "comparing the inputs (MB)")


def sampled_fingerprint(paths: list[Path], *, movie: bool = False) -> str:
    """What earlier versions took for `Fingerprints.of`: 64 blocks of 64 kB of each file."""
    digest = hashlib.blake2b(digest_size=20)
    for path in paths:
        for file in belonging(path, movie):
            digest.update(f"{file.name}:{_sampled_hash(file, file.stat().st_size)};".encode())
        digest.update(_dataset_of(path))
    return digest.hexdigest()


def _dataset_of(path: Path) -> bytes:
    dataset = split_dataset(path).dataset
    return f"::{dataset};".encode() if dataset else b""


def _files_at(path: Path, movie: bool) -> list[tuple[str, Path]]:
    """The files that decide what is read at `path`, with names; of a zarr store, all in it."""
    if path.suffix.lower() == ".zarr" and path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        return [(file.relative_to(path).as_posix(), file) for file in inside]
    return [(file.name, file) for file in belonging(path, movie)]


def _read_cache(cache: Path) -> dict[str, _Taken]:
    """What earlier commands read; nothing where it is not just what they wrote."""
    try:
        files = read_sealed(cache)
        return {key: _Taken(tuple(stamp), taken) for key, (stamp, taken) in files.items()}
    except (Damaged, ValueError, TypeError, AttributeError):
        return {}


def _whole_hash(file: Path, meter: _Meter) -> str:
    digest = hashlib.blake2b(digest_size=20)
    with file.open("rb", buffering=0) as stream:
        while piece := stream.read(_PIECE_BYTES):
            digest.update(piece)
            meter.advance(len(piece), report=True)
    return digest.hexdigest()


def _sampled_hash(file: Path, size: int) -> str:
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with file.open("rb") as stream:
        if size <= _BLOCKS * _BLOCK_BYTES:
            digest.update(stream.read())
        else:
            for block in range(_BLOCKS):
                stream.seek(block * (size - _BLOCK_BYTES) // (_BLOCKS - 1))
                digest.update(stream.read(_BLOCK_BYTES))
    return digest.hexdigest()
