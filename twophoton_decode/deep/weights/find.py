"""Where a network's weights lie, recognised by the hash of the file, not by its name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import NamedTuple

from twophoton_decode.deep.weights.published import Published
from twophoton_decode.errors import WeightsError

VARIABLE = "TPDECODE_WEIGHTS"
_BLOCK_BYTES = 2**20
ENDINGS = (".pth", ".pt", ".pth.tar", ".npz", ".onnx")


@dataclass(frozen=True)
class Found:
    """A file of weights whose hash is right; `where` says in which place it was found."""

    path: Path
    sha256: str
    where: str


def store() -> Path:
    """The folder of weights that the user added."""
    from platformdirs import user_data_path

    return user_data_path("tpdecode", appauthor=False) / "weights"


def find_weights(
    name: str,
    published: Published,
    given: Path | None = None,
    beside: Mapping[str, Published] | None = None,
) -> Found:
    """The first file with the right hash: `given`, then TPDECODE_WEIGHTS, the store, packages.

    Weights without a published hash are `given`, or the file in a folder whose name begins with
    that of the network, or with what its authors call it.

    Parameters
    ----------
    given : Path, optional
        A file, which then has to be the right one, or a folder.
    beside : mapping of str to Published, optional
        Other networks of the same command: a file given that is of one of these is passed over.

    Raises
    ------
    WeightsError
        There is none, or a file that should be it has another hash or cannot be read.
    """
    looked = []
    for place in _places(published, given):
        looked.append(f"{place.where}: {place.path}")
        for path in _candidates(name, place, published):
            sure = place.meant or _is_named(path, published)
            try:
                found = sha256_of(path)
            except WeightsError:
                if sure:
                    raise
                continue
            other = _meant_for(found, published, beside or {}) if path == given else ""
            if other:
                looked[-1] += f", which holds weights of {other}"
            elif published.matches(found):
                return Found(path, found, place.where)
            elif sure:
                raise wrong_hash(name, path, published, found)
    raise WeightsError(
        f"{name}: its weights were not found (looked in {'; '.join(looked)}). "
        f"To get them: {published.how_to_get(name)}."
    )


def wrong_hash(name: str, path: Path, published: Published, found: str) -> WeightsError:
    """What is said of a file that is not what it should be."""
    begins = "" if len(published.sha256) == len(found) else "beginning with "
    return WeightsError(
        f"{path} is not the file of weights of {name}: expected SHA-256 {begins}"
        f"{published.sha256}, found {found}. It is damaged or of another network; it is not used. "
        "A folder can hold the weights of several networks."
    )


def _is_named(path: Path, published: Published) -> bool:
    """Whether the file says by its name that it holds these weights."""
    return published.own or published.mark in path.name


def _meant_for(found: str, published: Published, beside: Mapping[str, Published]) -> str:
    """The other network that a given file is for; empty: none.

    A known hash decides. A file of no known hash is of the network whose own weights users bring.
    """
    if published.matches(found) and not published.own:
        return ""
    known = [name for name, other in beside.items() if not other.own and other.matches(found)]
    own = [name for name, other in beside.items() if other.own and not published.own]
    return next(iter([*known, *own]), "")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a whole file, computed once for as long as its size and time stay."""
    try:
        state = path.stat()
        return _sha256(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.") from error


@lru_cache(maxsize=64)
def _sha256(path: Path, size: int, changed: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


class _Place(NamedTuple):
    """A file or folder to look into; `meant`: a file that has to be the right one."""

    path: Path
    where: str
    meant: bool = False


def _places(published: Published, given: Path | None) -> Iterator[_Place]:
    """Files and folders to look into, in order, each with what it is."""
    if given is not None:
        if not given.exists():
            raise WeightsError(f"{given}: there is no such file or folder of weights.")
        yield _Place(given, "--weights", given.is_file())
    for part in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        yield _Place(Path(part), VARIABLE)
    yield _Place(store(), "added weights")
    if published.url:
        yield _Place(_hub(), "PyTorch's downloads")
    if published.package:
        for path in _files_of(published.package, published.ending):
            yield _Place(path, f"the package {published.package}", meant=True)


def _candidates(name: str, place: _Place, published: Published) -> list[Path]:
    """The files of a place that may be it; those named by its hash first."""
    if place.meant:
        return [place.path]
    files = _files_in(place.path)
    if not published.own:
        return sorted(files, key=lambda path: published.mark not in path.name)
    mine = [path for path in files if published.is_named(name, path.name)]
    if len(mine) > 1:
        raise WeightsError(
            f"{place.path} holds {len(mine)} files of weights of {name}: "
            f"{', '.join(path.name for path in mine)}. Keep one, or name one with --weights FILE."
        )
    return mine


def _files_in(place: Path) -> list[Path]:
    """Files of weights in a folder, or the file itself; none where it cannot be read."""
    try:
        if place.is_file():
            return [place]
        # No pipes and devices, which never end, and no links to nothing.
        found = (path for path in place.iterdir() if path.name.lower().endswith(ENDINGS))
        return sorted(path for path in found if path.is_file())
    except OSError:
        return []


def _hub() -> Path:
    """Where torch.hub keeps downloads, without importing PyTorch."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("TORCH_HOME") or cache / "torch")
    return home / "hub" / "checkpoints"


def _files_of(package: str, ending: str) -> list[Path]:
    """The files of an installed package, which is not imported."""
    try:
        listed = files(package) or []
    except PackageNotFoundError:
        return []
    return [Path(str(each.locate())) for each in listed if each.name.endswith(ending)]
