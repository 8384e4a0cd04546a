"""Descent on ½ bᵀGb − cᵀb + l1 ‖b‖₁ + ½ l2 ‖b‖² for targets that share a Gram matrix G.

Coordinate sweeps find which weights are zero, conjugate gradients the values of the others.
Targets are rows, gradients g = c − Gb. Everything is float32, or float64 if the arrays are;
what is reached is judged in float64 elsewhere.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Sums may be reordered, so that loops use the processor's vectors; nothing here is NaN.
FAST = {"reassoc", "contract", "nsz", "nnan"}
ZERO, ONE, HALF = np.float32(0), np.float32(1), np.float32(0.5)
FLAT = np.float32(1e-6)
"""Curvature along a direction, relative to that of uncorrelated cells, that counts as none."""
BLOCK = 32
"""Cells that a sweep over many targets takes between two matrix products."""


@njit(cache=True, fastmath=FAST)
def sweep(G, diagonal, b, g, l1, l2):  # type: ignore[no-untyped-def]
    """Minimise over each weight of one target in turn; b and g in place."""
    cells = len(b)
    for j in range(cells):
        z = g[j] + diagonal[j] * b[j]
        step = (max(z - l1, ZERO) + min(z + l1, ZERO)) / (diagonal[j] + l2) - b[j]
        if step != ZERO:
            b[j] += step
            row = G[j]
            for k in range(cells):
                g[k] -= step * row[k]


@njit(cache=True, fastmath=FAST)
def sweep_together(G, diagonal, B, g, l1, l2):  # type: ignore[no-untyped-def]
    """The same for many targets (rows): inside a block of cells one by one, side by side over
    targets; what a block changes reaches all gradients by one matrix product."""
    targets, cells = B.shape
    product = np.empty((targets, cells), B.dtype)
    b, q = np.empty((BLOCK, targets), B.dtype), np.empty((BLOCK, targets), B.dtype)
    for first in range(0, cells, BLOCK):
        size = min(BLOCK, cells - first)
        change = np.empty((targets, size), B.dtype)
        for t in range(targets):
            for j in range(size):
                b[j, t] = B[t, first + j]
                q[j, t] = g[t, first + j]
        sweep_block(G, diagonal, first, size, b, q, l1, l2)
        for t in range(targets):
            for j in range(size):
                change[t, j] = b[j, t] - B[t, first + j]
                B[t, first + j] = b[j, t]
        np.dot(change, G[first : first + size], product)
        for t in range(targets):
            for k in range(cells):
                g[t, k] -= product[t, k]


@njit(cache=True, fastmath=FAST)
def sweep_block(G, diagonal, first, size, b, q, l1, l2):  # type: ignore[no-untyped-def]
    """One sweep over the cells of a block; b and q (cells of the block, targets) in place."""
    step = np.empty(len(l1), b.dtype)
    for j in range(size):
        d, bj, qj = diagonal[first + j], b[j], q[j]
        for t in range(len(l1)):
            z = qj[t] + d * bj[t]
            new = (max(z - l1[t], ZERO) + min(z + l1[t], ZERO)) / (d + l2[t])
            step[t] = new - bj[t]
            bj[t] = new
        for i in range(j + 1, size):
            weight, qi = G[first + j, first + i], q[i]
            for t in range(len(l1)):
                qi[t] -= weight * step[t]


@njit(cache=True, fastmath=FAST)
def solve_faces(G, diagonal, B, g, l1, l2, goal, iterations):  # type: ignore[no-untyped-def]
    """Conjugate gradients over the weights that are not zero, their signs held; in place.

    The objective is quadratic there. A target is done when no gradient misses its
    stationary value by more than its `goal`. Weights that changed sign are put to zero if
    that lowers the objective; if not, the target goes only as far as the first of them.
    Returns how many targets were cut short so.
    """
    targets, cells = B.shape
    B0, g0 = B.copy(), g.copy()
    inverse = np.empty((targets, cells), B.dtype)
    D, GD = np.empty((targets, cells), B.dtype), np.empty((targets, cells), B.dtype)
    rz = np.empty(targets, B.dtype)
    for t in range(targets):
        rz[t] = enter_face(B[t], g[t], inverse[t], D[t], diagonal, l1[t], l2[t], goal[t])
    for _ in range(iterations):
        if rz.max() == ZERO:
            break
        if targets == 1:
            np.dot(G, D[0], GD[0])
        else:
            np.dot(D, G, GD)
        for t in range(targets):
            if rz[t] > ZERO:
                rz[t] = step_on_face(B[t], g[t], inverse[t], D[t], GD[t], l2[t], rz[t], goal[t])
    cut_short = 0
    for t in range(targets):
        cut_short += leave_face(G, B[t], g[t], B0[t], g0[t], l1[t], l2[t])
    return cut_short


@njit(cache=True, fastmath=FAST)
def enter_face(b, r, inverse, d, diagonal, l1, l2, goal):  # type: ignore[no-untyped-def]
    """Turn the gradient into the residual r on the face, and start the direction d.

    Returns rᵀz, z = r / diagonal on the face; 0 where the face is solved to the goal.
    """
    rz, worst = ZERO * l1, ZERO * l1
    for k in range(len(b)):
        active = b[k] != ZERO
        r[k] -= l2 * b[k] + np.sign(b[k]) * l1
        inverse[k] = ONE / (diagonal[k] + l2) if active else ZERO
        d[k] = inverse[k] * r[k]
        rz += d[k] * r[k]
        worst = max(worst, abs(r[k]) if active else ZERO)
    if worst <= goal:
        d[:] = ZERO
        return ZERO * l1
    return rz


@njit(cache=True, fastmath=FAST)
def step_on_face(b, r, inverse, d, gd, l2, rz, goal):  # type: ignore[no-untyped-def]
    """One conjugate-gradient step in place; the new rᵀz, 0 where there is no more to do."""
    curvature, scale = ZERO * l2, ZERO * l2
    for k in range(len(b)):
        gd[k] += l2 * d[k]
        curvature += d[k] * gd[k]
        scale += d[k] * d[k] / inverse[k] if inverse[k] > ZERO else ZERO
    # Along a flat direction the objective falls until a weight changes sign: go far.
    flat = curvature <= FLAT * scale
    curvature = max(curvature, FLAT * scale)
    step = rz / curvature
    new, worst = ZERO * l2, ZERO * l2
    for k in range(len(b)):
        b[k] += step * d[k]
        r[k] -= step * gd[k]
        new += r[k] * r[k] * inverse[k]
        worst = max(worst, abs(r[k]) if inverse[k] > ZERO else ZERO)
    if worst <= goal or flat:
        d[:] = ZERO
        return ZERO * l2
    for k in range(len(b)):
        d[k] = r[k] * inverse[k] + new / rz * d[k]
    return new


@njit(cache=True, fastmath=FAST)
def leave_face(G, b, r, b0, g0, l1, l2):  # type: ignore[no-untyped-def]
    """Turn the residual into the gradient, and bring back weights that changed sign.

    Says whether the way was cut short at the first of them.
    """
    first = ONE + ZERO * l1
    for k in range(len(b)):
        r[k] += l2 * b[k] + np.sign(b0[k]) * l1
        if b[k] * b0[k] < ZERO:
            first = min(first, b0[k] / (b0[k] - b[k]))
    if first == ONE:
        return False
    far, g_far = b.copy(), r.copy()
    for k in range(len(b)):
        if b[k] * b0[k] < ZERO:
            row, step = G[k], b[k]
            b[k] = ZERO
            for i in range(len(b)):
                r[i] += step * row[i]
    if change_of_objective(b0, g0, b, r, l1, l2) <= ZERO:
        return False
    for k in range(len(b)):
        moved = b0[k] + first * (far[k] - b0[k])
        b[k] = moved if moved * b0[k] > ZERO else ZERO
        r[k] = g0[k] + first * (g_far[k] - g0[k])
    return True


@njit(cache=True, fastmath=FAST)
def change_of_objective(b0, g0, b, g, l1, l2):  # type: ignore[no-untyped-def]
    """Objective at b minus objective at b0, from weights and gradients."""
    change = ZERO * l1
    for k in range(len(b)):
        step = b[k] - b0[k]
        change += l1 * (abs(b[k]) - abs(b0[k])) + HALF * l2 * step * (b[k] + b0[k])
        change -= HALF * step * (g0[k] + g[k])
    return change
