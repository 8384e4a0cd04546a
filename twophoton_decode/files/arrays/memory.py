"""Whether an array that a file announces can be in it and fits into memory, zeros and all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.arrays.found import FoundArray, Order

_AS_FLOAT64 = 8


def available_bytes() -> int | None:
    """Memory that can still be taken; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line[:13] == "MemAvailable:")
    except (OSError, ValueError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def check_memory(count: int, item_bytes: int, what: str) -> None:
    """That `count` values, which are worked on as float64, fit into memory.

    Raises
    ------
    ResponseError
        They do not.
    """
    needed, available = count * max(item_bytes, _AS_FLOAT64), available_bytes()
    if available is not None and needed > available:
        raise ResponseError(
            f"{what} announces {count} values, which take {_gb(needed)} of memory as float64; "
            f"{_gb(available)} are free. Save the part that is needed in a file of its own."
        )


def check_stored_bytes(count: int, item_bytes: int, stored: int, what: str) -> None:
    """That a file holds the bytes its header announces.

    Raises
    ------
    ResponseError
        It holds fewer.
    """
    if count * item_bytes > stored:
        raise ResponseError(
            f"{what} cannot be read: it is cut short. Its header announces {count * item_bytes} "
            f"bytes of values, but {stored} follow. Copy or save it again."
        )


def dense(matrix: Any, what: str, order: Order = "given") -> FoundArray:
    """A sparse matrix of scipy with its zeros; `ValueError` where its indices lead outside.

    Raises
    ------
    ResponseError
        With its zeros it does not fit into memory.
    """
    rows, columns = map(int, matrix.shape)
    check_memory(rows * columns, matrix.dtype.itemsize, what)
    if hasattr(matrix, "check_format"):
        # scipy believes the indices of a file, and would write outside the matrix.
        matrix.check_format(full_check=True)
    note = "the zeros of the sparse matrix were filled in"
    return FoundArray(matrix.toarray(), order=order, notes=(note,))


def _gb(size: int) -> str:
    return f"{size / 1e9:.3g} GB"
