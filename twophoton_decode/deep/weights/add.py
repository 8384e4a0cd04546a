"""Weights that the user adds: a file of theirs, or a download they agreed to."""

from __future__ import annotations

import shutil
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from twophoton_decode.deep.weights.find import ENDINGS, Found, sha256_of, store, wrong_hash
from twophoton_decode.deep.weights.published import MARK_DIGITS, Published
from twophoton_decode.errors import UsageError, WeightsError
from twophoton_decode.files.atomic import replacing
from twophoton_decode.progress import Progress, silent

_BLOCK_BYTES = 2**18
_PATIENCE_S = 30.0


def add_file(
    name: str, published: Published, file: Path, fits: Callable[[Path], object] | None = None
) -> Found:
    """Copy a file into the store if its hash is right; `WeightsError` if it is not.

    Weights without a published hash take the place of those that were added before.

    Parameters
    ----------
    fits : callable, optional
        ``fits(file)`` raises `WeightsError` for a file that does not hold the network; asked
        where no hash was published.
    """
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file.")
    found = sha256_of(file)
    if not published.matches(found):
        raise wrong_hash(name, file, published, found)
    if published.own and fits is not None:
        fits(file)
    ending = next((each for each in ENDINGS if file.name.lower().endswith(each)), ".pth")
    place = store() / f"{name}-{found[:MARK_DIGITS]}{ending}"
    with replacing(place) as copy:
        shutil.copyfile(file, copy)
    earlier = f"{name}-{'[0-9a-f]' * MARK_DIGITS}.*"
    for other in place.parent.glob(earlier) if published.own else ():
        if other != place:
            other.unlink()
    return Found(place, found, "added weights")


def download_size(published: Published) -> int:
    """Bytes of the download as the server states them, 0 where it does not.

    Raises
    ------
    WeightsError
        The server cannot be reached.
    """
    request = urllib.request.Request(published.url, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except (OSError, ValueError) as error:
        raise _unreachable(published, error) from error


def download(name: str, published: Published, progress: Progress = silent) -> Found:
    """Download into the store; a file with another hash is thrown away, with `WeightsError`."""
    store().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store()) as folder:
        file = Path(folder) / f"{name}{published.ending}"
        try:
            _fetch(published.url, file, progress)
        except (OSError, ValueError) as error:
            raise _unreachable(published, error) from error
        return add_file(name, published, file)


def _fetch(url: str, file: Path, progress: Progress) -> None:
    with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer, file.open("wb") as out:
        total, done = int(answer.headers.get("Content-Length") or 0), 0
        while block := answer.read(_BLOCK_BYTES):
            done += out.write(block)
            progress(done, max(total, done), "bytes")
    if total and done != total:
        raise OSError(f"{done} of {total} bytes came")


def _unreachable(published: Published, error: Exception) -> WeightsError:
    return WeightsError(
        f"{published.url} cannot be downloaded: {error}. Download it in another way, and give it "
        "with --file."
    )
