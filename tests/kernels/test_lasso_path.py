import numpy as np
import pytest
from sklearn import linear_model

from twophoton_decode.kernels.lasso import certificate as lasso_certificate
from twophoton_decode.kernels.lasso import descent as lasso_descent
from twophoton_decode.kernels.lasso import path as lasso_path
from twophoton_decode.kernels.lasso.path import LassoState, SharedGram, advance

FRACTIONS = np.geomspace(1.0, 0.02, 20)
ROUNDS = 200


def made(kind, presentations=120, cells=40, targets=9, seed=0):
    """Centred responses and targets; the responses of every kind are hard in another way."""
    generator = np.random.default_rng(seed)
    X = generator.standard_normal((presentations, cells))
    if kind == "common gain":
        X = 0.1 * X + generator.standard_normal((presentations, 1))
    if kind == "duplicate":
        X[:, cells // 2 :] = X[:, : cells - cells // 2]
    if kind == "nearly duplicate":
        X[:, 1] = X[:, 0] + 1e-4 * X[:, 1]
    if kind == "constant":
        X[:, [0, 7]] = 3.0
    if kind == "scales":
        X = X * 10.0 ** generator.uniform(-2, 2, cells)
    weights = generator.standard_normal((cells, targets)) * (
        generator.random((cells, targets)) < 0.3
    )
    Y = X @ weights
    Y = Y + (0.1 + 0.7 * Y.std(axis=0)) * generator.standard_normal(Y.shape)
    return X - X.mean(axis=0), Y - Y.mean(axis=0)


KINDS = ["random", "common gain", "duplicate", "nearly duplicate", "constant", "scales"]


def problem(X, Y):
    """Responses of mean variance one and targets of variance one, as products."""
    X = X / np.sqrt((X**2).mean())
    Y = Y / np.sqrt((Y**2).mean(axis=0))
    return X, Y, SharedGram.of(X.T @ X / len(X)), np.ascontiguousarray(Y.T @ X / len(X))


def follow(X, Y, l1_share=1.0, fractions=FRACTIONS):
    """Strengths (λ of each target) and weights along the path, with its states."""
    X, Y, gram, moments = problem(X, Y)
    largest = np.abs(moments).max(axis=1) / l1_share
    state, energy = LassoState.start(moments), np.ones(len(moments))
    for fraction in fractions:
        l1, l2 = fraction * largest * l1_share, fraction * largest * (1 - l1_share)
        advance(gram, moments, energy, l1, l2, state, 0.0 if fraction == 1.0 else 0.8, ROUNDS)
        yield X, Y, l1, l2, state


def duality_gap(X, y, b, l1, l2):
    """P(b) − D(θ) from the residuals themselves, and what it has to reach."""
    n, cells = X.shape
    X = np.concatenate([X, np.sqrt(n * l2) * np.eye(cells)])
    y = np.concatenate([y, np.zeros(cells)])
    residual = y - X @ b
    primal = residual @ residual / (2 * n) + l1 * np.abs(b).sum()
    bound = l1 / np.abs(X.T @ residual / n).max()
    factor = np.clip(y @ residual / (residual @ residual), -bound, bound)
    dual = y @ y / (2 * n) - np.sum((y - factor * residual) ** 2) / (2 * n)
    return primal - dual, min(1e-4 * (y @ y) / n, 0.01 * ((y @ y) / (2 * n) - primal))


@pytest.mark.parametrize("l1_share", [1.0, 0.4])
@pytest.mark.parametrize(("presentations", "cells"), [(120, 40), (30, 80)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_strength_is_certified(kind, presentations, cells, l1_share):
    for X, Y, l1, l2, state in follow(*made(kind, presentations, cells), l1_share):
        for t, b in enumerate(state.weights):
            gap, wanted = duality_gap(X, Y[:, t], b, l1[t], l2[t])
            assert -1e-12 < gap <= wanted + 1e-12
            assert gap == pytest.approx(state.gap[t], abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_stationarity_holds_to_what_the_gap_allows(kind):
    """A gap G bounds how far the gradient of any cell can miss: (|g| − λ)² ≤ 2 G X_jj."""
    for X, _, l1, _, state in follow(*made(kind)):
        gradient = state.gradient
        gap = np.maximum(state.gap, 1e-15)[:, None]  # its rounding
        allowed = np.sqrt(2 * gap * (X**2).mean(axis=0)) + 1e-9
        assert (np.abs(gradient) <= l1[:, None] + allowed).all()


@pytest.mark.parametrize("l1_share", [1.0, 0.4])
def test_objectives_are_scikit_learns(l1_share):
    for number, (X, Y, l1, l2, state) in enumerate(follow(*made("common gain"), l1_share)):
        if number % 4 == 3:
            for t, b in enumerate(state.weights):
                alpha, y = l1[t] / l1_share, Y[:, t]
                path = linear_model.enet_path(
                    X, y, l1_ratio=l1_share, alphas=[alpha], tol=1e-10, max_iter=10**5
                )

                def objective(w, y=y, t=t, X=X, l1=l1, l2=l2):
                    fit = np.sum((y - X @ w) ** 2) / (2 * len(y))
                    return fit + l1[t] * np.abs(w).sum() + l2[t] / 2 * (w @ w)

                best = objective(path[1][:, 0])
                assert best - 1e-9 <= objective(b) <= best + 1e-4


def test_weights_are_scikit_learns():
    *_, (X, Y, l1, _, state) = follow(*made("random"))
    for t, b in enumerate(state.weights):
        expected = linear_model.lasso_path(X, Y[:, t], alphas=[l1[t]], tol=1e-10)[1][:, 0]
        np.testing.assert_allclose(b, expected, atol=0.02 * np.abs(expected).max())


def test_many_targets_are_solved_as_each_alone():
    """More than a group, with cells enough to be swept together."""
    X, Y = made("random", 700, 420, 70)
    Y = np.random.default_rng(1).standard_normal(Y.shape)
    Y -= Y.mean(axis=0)
    *_, (X, Y, l1, l2, state) = follow(X, Y, fractions=FRACTIONS[:18:2])
    assert np.count_nonzero(state.weights, axis=1).mean() > lasso_path.TOGETHER
    for t in (0, 33, 69):
        gap, wanted = duality_gap(X, Y[:, t], state.weights[t], l1[t], l2[t])
        assert gap <= wanted + 1e-12


def test_too_few_rounds_are_counted_not_hidden():
    X, Y, gram, moments = problem(*made("common gain", cells=80))
    l1 = 0.02 * np.abs(moments).max(axis=1)
    state = LassoState.start(moments)
    advance(gram, moments, np.ones(9), l1, 0 * l1, state, 0.0, 1)
    missed = state.gap > state.goal
    assert missed.any()
    for t in np.flatnonzero(missed):
        gap, wanted = duality_gap(X, Y[:, t], state.weights[t], l1[t], 0.0)
        assert gap == pytest.approx(state.gap[t], abs=1e-12)
        assert gap > wanted


def test_a_target_without_variance_has_no_weights():
    X, Y = made("random")
    _, _, gram, moments = problem(X, Y)
    moments[3] = 0.0
    energy = np.ones(9)
    energy[3] = 0.0
    state = LassoState.start(moments)
    l1 = 0.1 * np.abs(moments).max(axis=1)
    advance(gram, moments, energy, l1, 0 * l1, state, 0.0, ROUNDS)
    assert not state.weights[3].any()
    assert state.weights[2].any()
    assert (state.gap <= state.goal).all()


def test_arrays_that_do_not_fit_each_other_are_refused():
    gram = SharedGram.of(np.eye(3))
    one = np.ones(2)
    with pytest.raises(ValueError, match="do not describe the same cells and targets"):
        advance(gram, np.ones((2, 4)), one, one, one, LassoState.start(np.ones((2, 4))), 0.0, 5)


KERNELS = {
    lasso_path: (
        "advance_group", "extrapolate_all", "extrapolate_target",
        "judge", "subtract_product", "in_play", "descend_each", "descend", "sweep",
        "sweep_together", "solve_faces",
    ),
    lasso_certificate: ("certify", "subtract_product", "duality_gap"),
    lasso_descent: (
        "sweep", "sweep_together", "sweep_block", "solve_faces", "enter_face", "step_on_face",
        "leave_face", "change_of_objective",
    ),
}  # fmt: skip


@pytest.fixture
def plain_python(monkeypatch):
    for module, names in KERNELS.items():
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name).py_func)


@pytest.mark.parametrize("together", [0, 1000])
@pytest.mark.parametrize("kind", ["random", "duplicate"])
def test_plain_python_is_certified_too(plain_python, monkeypatch, kind, together):
    """With all targets swept together, and with each alone."""
    monkeypatch.setattr(lasso_path, "TOGETHER", together)
    for X, Y, l1, l2, state in follow(*made(kind, 25, 8, 3), 0.7, FRACTIONS[::5]):
        for t, b in enumerate(state.weights):
            gap, wanted = duality_gap(X, Y[:, t], b, l1[t], l2[t])
            assert gap <= wanted + 1e-12


@pytest.mark.parametrize("version", ["compiled", "plain"])
def test_faces_are_solved_and_signs_kept(version):
    """On a face the solution of linear equations; a weight that would change sign stops at zero."""
    solve = lasso_descent.solve_faces
    solve = solve if version == "compiled" else solve.py_func
    *_, gram, moments = problem(*made("random", cells=12))
    C, l1 = moments.astype(np.float32), np.full(9, 1e-3, np.float32)
    start = np.linalg.solve(gram.full[:6, :6], C[:, :6].T).T
    start = np.pad(start, ((0, 0), (0, 6))).astype(np.float32)
    B, g = start.copy(), C - start @ gram.single
    goal = np.full(9, 1e-6, np.float32)
    solve(gram.single, gram.diagonal, B, g, l1, 0 * l1, goal, 20)
    np.testing.assert_allclose(g, C - B @ gram.single, atol=1e-5)
    assert (B * start >= 0).all()
    assert not B[:, 6:].any()
    face = gram.full[:6, :6]
    exact = np.linalg.solve(face, (C - l1[:, None] * np.sign(start))[:, :6].T).T
    kept = (exact * start[:, :6] > 0).all(axis=1)
    assert kept.any()
    np.testing.assert_allclose(B[kept, :6], exact[kept], atol=1e-5)
