"""One strength of the lasso or elastic-net path for many targets, certified by duality gaps.

For each target y, of energy e = ‖y‖²/n, the objective is ‖y − Xb‖²/2n + l1‖b‖₁ + l2‖b‖²/2,
which needs only G = XᵀX/n and c = Xᵀy/n. Weights come from descent in float32, or float64
where that is not enough (`lasso_descent`); gradients and duality gaps of what it reached are
computed in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from twophoton_decode.kernels.lasso.certificate import judge, subtract_product
from twophoton_decode.kernels.lasso.descent import FAST, solve_faces, sweep, sweep_together
from twophoton_decode.kernels.threads import in_threads

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

GROUP = 64
"""Targets that are solved together."""
TOGETHER = 300
"""Cells in play, on average over a group, above which its targets are swept together."""
SLOW = 0.5
"""Sweeps are followed by conjugate gradients where they leave more than this of the gaps."""
SINGLE_ROUNDS = 40
"""Descents in float32; what they leave wide goes on in float64."""
FACE_STEPS, FACE_STEPS_ALONE = 8, 16
"""Conjugate-gradient steps between two judgements: of targets together, of one alone."""
CUTS = 8
"""Times that a way over a face is taken up again after it was cut short."""
NEAR = np.float32(0.95)
"""A cell joins the descent of a target alone from this share of l1 on."""


@dataclass(frozen=True, eq=False)
class LassoState:
    """Where the path of each target is: weights, gradients, and both at the strength before.

    All are (targets, cells); `gap` and `goal` (targets,) are the duality gap at `weights`
    and what it had to reach.
    """

    weights: Floats
    gradient: Floats
    before: Floats
    gradient_before: Floats
    gap: Floats
    goal: Floats

    @classmethod
    def start(cls, moments: Floats) -> LassoState:
        """All weights zero, for moments c (targets, cells)."""
        zeros, weights = np.zeros(len(moments)), np.zeros(moments.shape)
        return cls(weights, moments.copy(), weights.copy(), moments.copy(), zeros, zeros.copy())


@dataclass(frozen=True, eq=False)
class SharedGram:
    """XᵀX/n (cells, cells), of order one, with what the descent reads of it in float32."""

    full: Floats
    single: np.ndarray
    diagonal: np.ndarray

    @classmethod
    def of(cls, gram: Floats) -> SharedGram:
        """Of a Gram matrix; a cell without variance has no gradient and stays at zero."""
        full = np.ascontiguousarray(gram, dtype=np.float64)
        diagonal = np.diag(full).astype(np.float32)
        diagonal[diagonal <= 0] = 1.0
        return cls(full, full.astype(np.float32), diagonal)


def advance(
    gram: SharedGram,
    moments: Floats,
    energy: Floats,
    l1: Floats,
    l2: Floats,
    state: LassoState,
    extrapolate: float,
    rounds: int,
) -> None:
    """Solve every target at its next strength, `state` in place.

    Matrix products inside are small: linear algebra should be limited to one thread.

    Parameters
    ----------
    gram : SharedGram
    moments : ndarray, shape (targets, cells)
        c = Xᵀy/n.
    energy : ndarray, shape (targets,)
        e = ‖y‖²/n, of order one, or zero for a target without variance.
    l1, l2 : ndarray, shape (targets,)
        The strengths.
    state : LassoState
    extrapolate : float
        Weights start beyond the last ones by this share of their last change.
    rounds : int
        Descents after which a target whose gap is still too wide is given up.
    """
    targets, cells = moments.shape
    if gram.full.shape != (cells, cells) or not len(energy) == len(l1) == len(l2) == targets:
        raise ValueError(
            f"gram {gram.full.shape}, moments {moments.shape}, energy {energy.shape} and "
            f"strengths {l1.shape}, {l2.shape} do not describe the same cells and targets"
        )
    groups = -(-targets // GROUP)
    path = (state.weights, state.gradient, state.before, state.gradient_before)
    extrapolate_all(gram.full, *path, l1, l2, extrapolate)
    problem = (moments, energy, l1, l2, state.weights, state.gradient, state.gap, state.goal)

    def advance_every(group: int) -> None:
        # Every so-manieth target: groups are alike, whatever the order of the targets.
        rows = np.arange(group, targets, groups)
        first = min(rounds, SINGLE_ROUNDS)
        advance_group(gram.full, gram.single, gram.diagonal, *problem, rows, first)
        rows = rows[state.gap[rows] > state.goal[rows]]
        if len(rows) and rounds > first:
            diagonal = gram.diagonal.astype(np.float64)
            advance_group(gram.full, gram.full, diagonal, *problem, rows, rounds - first)

    if groups == 1:
        advance_every(0)
    else:
        in_threads(advance_every, range(groups))


@njit(cache=True, nogil=True)
def advance_group(  # type: ignore[no-untyped-def]
    G, working, diagonal, C, e, l1, l2, B, g, gap, goal, rows, rounds
):
    """Descend and judge in turn until every target of the group is certified or given up.

    The descent has the precision of `working`, which is G again.
    """
    shape = (len(rows), len(G))
    b, q = np.empty(shape, working.dtype), np.empty(shape, working.dtype)
    worst = np.empty(len(rows), working.dtype)
    for i, t in enumerate(rows):
        b[i], q[i] = B[t].astype(working.dtype), g[t].astype(working.dtype)
    for turn in range(rounds + 1):
        left, b, q, rows, worst, shrunk = judge(
            G, C, e, l1, l2, B, g, b, q, gap, goal, rows, worst, turn == rounds
        )
        if left == 0 or turn == rounds:
            break
        k1, k2 = l1[rows].astype(working.dtype), l2[rows].astype(working.dtype)
        if in_play(b, q, k1) > TOGETHER * left:
            sweep_together(working, diagonal, b, q, k1, k2)
            if turn > 0 and shrunk > SLOW:
                for _ in range(CUTS):
                    if not solve_faces(working, diagonal, b, q, k1, k2, worst, FACE_STEPS):
                        break
        else:
            descend_each(working, diagonal, b, q, k1, k2, worst)


@njit(cache=True)
def extrapolate_all(G, B, g, B_before, g_before, l1, l2, share):  # type: ignore[no-untyped-def]
    """Every target's weights and gradients beyond their last ones, in place."""
    for t in range(len(B)):
        extrapolate_target(G, B[t], g[t], B_before[t], g_before[t], l1[t], l2[t], share)


@njit(cache=True, fastmath=FAST)
def extrapolate_target(G, b, g, b_before, g_before, l1, l2, share):  # type: ignore[no-untyped-def]
    """Move b by a share of its last change; weights that would change sign stop at zero."""
    cells = len(b)
    change, gain = 0.0, 0.0
    for k in range(cells):
        step, g_old = share * (b[k] - b_before[k]), g[k]
        b_before[k], g[k] = b[k], g_old + share * (g_old - g_before[k])
        g_before[k] = g_old
        b[k] += step
    for k in range(cells):
        if b[k] * b_before[k] <= 0.0 and b[k] != 0.0:
            row, step = G[k], b[k]
            b[k] = 0.0
            for i in range(cells):
                g[i] += step * row[i]
    for k in range(cells):
        step = b[k] - b_before[k]
        change += l1 * (abs(b[k]) - abs(b_before[k])) + 0.5 * l2 * step * (b[k] + b_before[k])
        gain += 0.5 * step * (g[k] + g_before[k])
    if change > gain:
        for k in range(cells):
            b[k], g[k] = b_before[k], g_before[k]


@njit(cache=True)
def in_play(b, q, l1):  # type: ignore[no-untyped-def]
    """Number of weights that are not zero or want to change, over all targets."""
    count = 0
    for t in range(len(b)):
        for k in range(b.shape[1]):
            count += b[t, k] != 0.0 or abs(q[t, k]) > l1[t]
    return count


@njit(cache=True)
def descend_each(G, diagonal, b, q, l1, l2, worst):  # type: ignore[no-untyped-def]
    """Descend each target on the cells in play; weights and gradients (all cells) in place."""
    cells = len(G)
    change = np.zeros(b.shape, b.dtype)
    moved = np.empty(b.shape, b.dtype)
    for t in range(len(b)):
        chosen = np.flatnonzero((b[t] != 0.0) | (np.abs(q[t]) > NEAR * l1[t]))
        one = slice(t, t + 1)
        descend(G, diagonal, b[t], q[t], l1[one], l2[one], worst[one], chosen, change[t])
    subtract_product(G, change, moved)
    for t in range(len(b)):
        for k in range(cells):
            q[t, k] += moved[t, k]
            b[t, k] += change[t, k]


@njit(cache=True)
def descend(G, diagonal, b, q, l1, l2, worst, chosen, change):  # type: ignore[no-untyped-def]
    """Two sweeps, then conjugate gradients, over the chosen cells of one target."""
    size = len(chosen)
    part = np.empty((size, size), G.dtype)
    own = np.empty(size, G.dtype)
    weights, gradient = np.empty((1, size), G.dtype), np.empty((1, size), G.dtype)
    for i in range(size):
        row = G[chosen[i]]
        for j in range(size):
            part[i, j] = row[chosen[j]]
        own[i] = diagonal[chosen[i]]
        weights[0, i], gradient[0, i] = b[chosen[i]], q[chosen[i]]
    for _ in range(2):
        sweep(part, own, weights[0], gradient[0], l1[0], l2[0])
    for _ in range(CUTS):
        if not solve_faces(part, own, weights, gradient, l1, l2, worst, FACE_STEPS_ALONE):
            break
    for i in range(size):
        change[chosen[i]] = weights[0, i] - b[chosen[i]]
