"""Positive definite systems, solved without holding Python's lock."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np
from numba.extending import get_cython_function_address


def solve_positive(matrix: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """``matrix⁻¹ columns`` by Cholesky's factor: LAPACK's dposv.

    SciPy's own call of it keeps Python's lock, so that threads wait for each other.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, n), C-contiguous
        Symmetric; its content is lost. Only the upper triangle is read.
    columns : ndarray, shape (n,) or (n, m)

    Raises
    ------
    LinAlgError
        If `matrix` is not positive definite.
    """
    size = len(matrix)
    if matrix.shape != (size, size) or matrix.dtype != np.float64 or len(columns) != size:
        raise ValueError(f"cannot solve {matrix.dtype} {matrix.shape} for {columns.shape}")
    if not matrix.flags.c_contiguous:
        raise ValueError("the matrix must be C-contiguous, as its memory is worked in")
    solution = np.array(columns, dtype=np.float64, order="F")
    if solution.size == 0:
        return solution
    order, wide = ctypes.c_int(size), ctypes.c_int(solution.size // size)
    failed = ctypes.c_int()
    # LAPACK reads by columns: what is the upper triangle here is the lower one there.
    arguments = (order, wide, matrix.ctypes.data, order, solution.ctypes.data, order, failed)
    _dposv()(b"L", *arguments)
    if failed.value:
        raise np.linalg.LinAlgError("the matrix is not positive definite")
    return solution


@cache
def _dposv() -> Callable[..., None]:
    """The routine that SciPy brings; calls through ctypes release the lock."""
    address = get_cython_function_address("scipy.linalg.cython_lapack", "dposv")
    number = ctypes.POINTER(ctypes.c_int)
    values = ctypes.c_void_p
    kinds = (ctypes.c_char_p, number, number, values, number, values, number, number)
    return ctypes.CFUNCTYPE(None, *kinds)(address)
