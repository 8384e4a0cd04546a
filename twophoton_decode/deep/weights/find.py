"""Where a network's weights lie, recognised by the hash of the file, not by its name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from twophoton_decode.deep.weights.published import Published
from twophoton_decode.errors import WeightsError

VARIABLE = "TPDECODE_WEIGHTS"
_BLOCK_BYTES = 2**20
_ENDINGS = (".pth", ".pt", ".npz", ".onnx")


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


def find_weights(name: str, published: Published, given: Path | None = None) -> Found:
    """The first file with the right hash: `given`, then TPDECODE_WEIGHTS, the store, packages.

    Parameters
    ----------
    given : Path, optional
        A file, which then has to be the right one, or a folder.

    Raises
    ------
    WeightsError
        There is none, or a file that should be it has another hash.
    """
    looked = []
    for place, where in _places(published, given):
        looked.append(f"{where}: {place}")
        for path in _candidates(place, published):
            if path != place and not published.may_be(name, path.name):
                continue
            found = sha256_of(path)
            if published.matches(found):
                return Found(path, found, where)
            if place.is_file() or published.mark in path.name:
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
        f"{published.sha256}, found {found}. It is damaged or of another network; it is not used."
    )


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


def _places(published: Published, given: Path | None) -> Iterator[tuple[Path, str]]:
    """Files and folders to look into, in order, each with what it is."""
    if given is not None:
        if not given.exists():
            raise WeightsError(f"{given}: there is no such file or folder of weights.")
        yield given, "--weights"
    for part in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        yield Path(part), VARIABLE
    yield store(), "added weights"
    if published.url:
        yield _hub(), "PyTorch's downloads"
    if published.package:
        for path in _files_of(published.package, published.ending):
            yield path, f"the package {published.package}"


def _candidates(place: Path, published: Published) -> list[Path]:
    """The files of a place that may be it; those named by its hash first."""
    if place.is_file():
        return [place]
    if not place.is_dir():
        return []
    # No pipes and devices, which never end, and no links to nothing.
    found = (path for path in place.iterdir() if path.suffix.lower() in _ENDINGS)
    files = sorted(path for path in found if path.is_file())
    return sorted(files, key=lambda path: published.mark not in path.name)


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
