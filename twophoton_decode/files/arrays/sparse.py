"""Sparse matrices, made dense where they fit into memory."""

from __future__ import annotations

from typing import Any

from twophoton_decode.files.arrays.found import FoundArray, Order
from twophoton_decode.files.arrays.memory import check_memory


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
