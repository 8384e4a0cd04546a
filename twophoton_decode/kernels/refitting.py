"""Ridge regressions refitted as cells enter one at a time, scored without pixels.

With the n cells that entered, X their centred training responses and Y the training images,
the weights are (XᵀX + αI)⁻¹ XᵀY. With the Cholesky factor L of XᵀX + αI,
V = L⁻¹ XᵀY and u = L⁻¹ a, a being the amplitudes of the scored presentation, the
reconstruction less the mean image is x_n = Σ_{k≤n} u_k V_k: a further cell adds a row to L,
V and u and changes none of the earlier ones.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from twophoton_decode.kernels.cell_count import Floats, Integers, floats, integers, require_orders

# A cell whose responses the earlier ones explain up to this share adds nothing.
DEPENDENT = 1e-10


def refitted_products(
    gram: Floats,
    cross: Floats,
    amplitude: Floats,
    order: Integers,
    strength: float,
    shown: Floats,
    sums: Floats,
) -> tuple[Floats, Floats, Floats]:
    """‖x_n‖², ⟨x_n, s⟩ and Σ x_n of every presentation, refitted at every number of cells.

    Parameters
    ----------
    gram : ndarray, shape (presentations, entering, entering)
        Inner products of training responses of the cells that enter, in their order.
    cross : ndarray, shape (cells, coordinates)
        XᵀY of every cell, Y in orthonormal coordinates of pixel space.
    amplitude : ndarray, shape (presentations, cells)
    order : ndarray of int, shape (presentations, entering)
    strength : float
        α; 0 for least squares, where a cell that depends linearly on earlier ones is left out.
    shown : ndarray, shape (presentations, coordinates)
        The image shown less the mean image, s, in the same coordinates.
    sums : ndarray, shape (coordinates,)
        Sum over pixels of each coordinate's unit vector.

    Returns
    -------
    norm, product, total : ndarray, shape (presentations, entering + 1)
    """
    require_orders(amplitude, order, cells=len(cross))
    return _refitted_products(  # type: ignore[call-arg]
        *floats(gram, cross, amplitude), *integers(order), float(strength), *floats(shown, sums)
    )


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _refitted_products(gram, cross, amplitude, order, strength, shown, sums):  # type: ignore[no-untyped-def]
    presentations, entering = order.shape
    norm = np.zeros((presentations, entering + 1))
    product, total = np.zeros_like(norm), np.zeros_like(norm)
    for t in prange(presentations):
        _refit_one(
            gram[t].copy(),
            cross,
            amplitude[t],
            order[t],
            strength,
            shown[t],
            sums,
            norm[t],
            product[t],
            total[t],
        )
    return norm, product, total


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _refit_one(  # type: ignore[no-untyped-def]
    factor, cross, amplitude, order, strength, shown, sums, norm, product, total
):
    """One presentation; `factor` holds the Gram matrix and becomes L below its diagonal."""
    entering, coordinates = len(order), cross.shape[1]
    solved, gain = np.zeros((entering, coordinates)), np.zeros(entering)
    x = np.zeros(coordinates)
    for n in range(entering):
        pivot = _factor_row(factor, n, strength)
        if pivot > 0.0:
            row, u = solved[n], amplitude[order[n]]
            row[:] = cross[order[n]]
            for j in range(n):
                _add(row, -factor[n, j], solved[j])
                u -= factor[n, j] * gain[j]
            row /= pivot
            gain[n] = u / pivot
            _add(x, gain[n], row)
        norm[n + 1], product[n + 1], total[n + 1] = _dot(x, x), _dot(x, shown), _dot(x, sums)


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _factor_row(factor, n, strength):  # type: ignore[no-untyped-def]
    """Row n of the Cholesky factor, in place; returns its pivot, 0 for a dependent cell."""
    whole = factor[n, n] + strength
    left = whole
    for j in range(n):
        if factor[j, j] > 0.0:
            factor[n, j] = (factor[n, j] - _dot(factor[n, :j], factor[j, :j])) / factor[j, j]
        else:
            factor[n, j] = 0.0
        left -= factor[n, j] ** 2
    factor[n, n] = np.sqrt(left) if left > DEPENDENT * whole else 0.0
    return factor[n, n]


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _add(into, factor, values):  # type: ignore[no-untyped-def]
    for j in range(len(values)):
        into[j] += factor * values[j]


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _dot(a, b):  # type: ignore[no-untyped-def]
    total = 0.0
    for j in range(len(a)):
        total += a[j] * b[j]
    return total
