"""Is a lasso or elastic-net solution good enough? Duality gaps from the Gram matrix, in float64."""

from __future__ import annotations

import numpy as np
from numba import njit

from twophoton_decode.kernels.lasso.descent import FAST

ENERGY_SHARE, GAIN_SHARE = 1e-4, 1e-2
"""A gap is small enough below 1e-4 of ‖y‖²/n and 1 % of what the weights gain, P(0) − P(b)."""
ROUNDING = 1e-14
"""Share of ‖y‖²/n by which the computed gap may exceed that: its own rounding."""
SPARSE = 0.1
"""Share of weights that are not zero above which a matrix product is the faster way."""


@njit(cache=True)
def judge(  # type: ignore[no-untyped-def]
    G, C, e, l1, l2, B, g, b, q, gap, goal, rows, worst, last
):
    """Store targets whose gap is small enough (all of them if it is the `last` time).

    Returns the number of the others, their weights, gradients, rows and allowed misfits of
    stationarity, and the share of their gaps that is left since they were judged before.
    """
    hopeful = np.empty(len(rows), np.bool_)
    shrunk = 0.0
    for i, t in enumerate(rows):
        before = gap[t]
        gap[t], goal[t], worst[i] = duality_gap(b[i], q[i], C[t], e[t], l1[t], l2[t])
        hopeful[i] = last or gap[t] <= goal[t]
        if not hopeful[i]:
            shrunk += min(1.0, gap[t] / before) if before > 0.0 else 1.0
    certify(G, C, e, l1, l2, B, g, b, q, gap, goal, rows, hopeful)
    left = 0
    for i, t in enumerate(rows):
        if not last and gap[t] > goal[t]:
            b[left], q[left], rows[left], worst[left] = b[i], q[i], t, worst[i]
            left += 1
    return left, b[:left], q[:left], rows[:left], worst[:left], shrunk / max(left, 1)


@njit(cache=True)
def certify(G, C, e, l1, l2, B, g, b, q, gap, goal, rows, chosen):  # type: ignore[no-untyped-def]
    """Gradients and gaps of the chosen targets, anew and in float64, and store them."""
    picked = rows[chosen]
    weights = b[chosen].astype(np.float64)
    gradient = np.empty(weights.shape)
    subtract_product(G, weights, gradient)
    i = 0
    for where in range(len(rows)):
        if chosen[where]:
            t = picked[i]
            B[t], g[t] = weights[i], gradient[i] + C[t]
            gap[t], goal[t], _ = duality_gap(B[t], g[t], C[t], e[t], l1[t], l2[t])
            q[where] = g[t].astype(q.dtype)
            i += 1


@njit(cache=True, fastmath=FAST)
def subtract_product(G, B, out):  # type: ignore[no-untyped-def]
    """-BG, by its rows where B has many zeros."""
    targets, cells = B.shape
    if np.count_nonzero(B) > SPARSE * B.size:
        np.dot(-B, G, out)
        return
    out[:] = 0.0
    for t in range(targets):
        for j in range(cells):
            if B[t, j] != 0.0:
                row, weight = G[j], B[t, j]
                for k in range(cells):
                    out[t, k] -= weight * row[k]


@njit(cache=True, fastmath=FAST)
def duality_gap(b, g, c, e, l1, l2):  # type: ignore[no-untyped-def]
    """P(b) − D(θ), what it has to reach, and the misfit of stationarity that would do.

    θ is the residual, times the factor between feasible bounds that makes D largest; l2 is
    treated as further rows of X. ‖y − Xb‖²/n = e − bᵀ(c + g).
    """
    bc, bg, bb, norm, largest = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(len(b)):
        bc += b[k] * c[k]
        bg += b[k] * np.float64(g[k])
        bb += b[k] * np.float64(b[k])
        norm += abs(b[k])
        largest = max(largest, abs(g[k] - l2 * b[k]))
    residual = e - bc - bg + l2 * bb
    primal = 0.5 * residual + l1 * norm
    factor = (e - bc) / residual if residual > 0.0 else 1.0
    if largest > 0.0:
        factor = max(-l1 / largest, min(factor, l1 / largest))
    gap = primal - factor * (e - bc) + 0.5 * factor * factor * residual
    wanted = min(ENERGY_SHARE * e, GAIN_SHARE * (0.5 * e - primal))
    goal = max(wanted, 0.0) + ROUNDING * e
    allowed = 0.1 * l1
    if norm > 0.0:
        allowed = min(allowed, 0.7 * goal / norm)
    return gap, goal, allowed
