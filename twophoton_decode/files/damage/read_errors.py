"""One guard for every door: what a library raises on a damaged file, in words.

Readers of other people's files fail in many ways: beside `OSError` and `ValueError` they raise
errors of their own codecs, of `struct`, `tokenize` or `zlib`, or ask for terabytes that a header
claims. What is raised inside the guard says that the file cannot be read, whatever its type.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twophoton_decode.errors import TpDecodeError

_FREE_BYTES = 64 * 2**20
_MOST_COMPRESSED = 3000
"""No common compression makes real data so many times smaller; LZW reaches 2700 at best."""


@contextmanager
def readable(
    path: Path, expected: str, error: type[TpDecodeError], advice: str = "Copy it again."
) -> Iterator[None]:
    """Turn what a library raises on `path` into `error`: what was `expected`, what to do.

    To be put around calls of libraries only: what is wrong in our own code is no damage.
    Errors of our own tree pass through.
    """
    try:
        yield
    except TpDecodeError:
        raise
    except MemoryError as failure:
        raise error(
            f"{path} cannot be read as {expected}: it asks for more memory than there is. It is "
            f"damaged, or too large for this machine. {advice}"
        ) from failure
    except Exception as failure:
        raise error(
            f"{path} cannot be read as {expected}: it is damaged, cut short, or of another kind "
            f"({_said(failure)}). {advice}"
        ) from failure


def check_claim(path: Path, claimed_bytes: int, what: str, error: type[TpDecodeError]) -> None:
    """That `path` can hold the bytes that its header claims, before memory is taken for them.

    `what` says in words what is claimed, such as ``60000 × 60000 pixels``.
    """
    stored = path.stat().st_size
    if claimed_bytes > max(_FREE_BYTES, _MOST_COMPRESSED * stored):
        raise error(
            f"{path} claims {what}, {claimed_bytes / 1e9:.3g} GB, but has only {stored} bytes: it "
            "is damaged. Copy it again."
        )


def _said(failure: Exception) -> str:
    """Type and first line of an error; codecs put whole dumps behind it."""
    lines = str(failure).splitlines()
    return f"{type(failure).__name__}: {lines[0][:120]}" if lines else type(failure).__name__
