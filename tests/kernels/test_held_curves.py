"""Curves of responsive cells against every image, against the same in pixels."""

from __future__ import annotations

import numpy as np
import pytest

from twophoton_decode.kernels import held_curves as kernels
from twophoton_decode.kernels.held_curves import held_curves

TRIALS = np.array([0, 2, 3, 6])  # edges: three images with 2, 1 and 3 trials
SHOWN = np.array([4, 0, 2])


@pytest.fixture(params=["compiled", "python"])
def flavour(request, monkeypatch):
    if request.param == "python":
        for name in ("_held_curves", "_grow_one_image", "_add"):
            monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    return request.param


@pytest.fixture
def growing():
    rng = np.random.default_rng(3)
    filters = rng.normal(size=(7, 12))
    amplitude = rng.normal(size=(6, 7))
    order = np.array([rng.permutation(7) for _ in range(6)])
    return filters, amplitude, order, rng.normal(size=12)


@pytest.fixture
def candidates():
    return np.random.default_rng(4).normal(size=(5, 12))


@pytest.fixture
def responsive():
    return np.array([3, 5, 0, 1, 0, 4])


def in_pixels(filters, amplitude, order, start):
    """x_n of every presentation, shape (presentations, cells + 1, pixels)."""
    steps = np.take_along_axis(amplitude[:, :, None] * filters, order[:, :, None], axis=1)
    first = np.broadcast_to(start, (len(order), 1, len(start)))
    return np.cumsum(np.concatenate([first, steps], axis=1), axis=1)


def correlations(growing, candidates):
    """R of every presentation, count and candidate, by numpy's own correlation."""
    x = in_pixels(*growing)
    r = np.empty((*x.shape[:2], len(candidates)))
    for t, n in np.ndindex(x.shape[:2]):
        r[t, n] = [np.corrcoef(x[t, n], candidate)[0, 1] for candidate in candidates]
    return r


def against(growing, candidates, responsive, entering=7, constant=False):
    filters, amplitude, order, start = growing
    centred = candidates - candidates.mean(axis=1, keepdims=True)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    x = in_pixels(*growing)
    inverse = 1 / np.linalg.norm(x - x.mean(axis=2, keepdims=True), axis=2)
    return held_curves(
        filters @ unit.T,
        start @ unit.T,
        amplitude,
        order[:, :entering],
        np.zeros_like(inverse) if constant else inverse[:, : entering + 1],
        responsive,
        TRIALS,
        SHOWN,
    )


@pytest.mark.parametrize("entering", [7, 5])
def test_best_count_on_curves_held_at_each_trials_last_responsive_cell(
    flavour, growing, candidates, responsive, entering
):
    curves = against(growing, candidates, responsive, entering)
    r = correlations(growing, candidates)
    for i, shown in enumerate(SHOWN):
        trials = range(TRIALS[i], TRIALS[i + 1])
        held = np.mean([r[t, np.minimum(np.arange(8), responsive[t])] for t in trials], axis=0)
        np.testing.assert_allclose(curves.responsive[i], held[-1], atol=1e-12)
        last = responsive[TRIALS[i] : TRIALS[i + 1]].max()
        if last == 0:
            assert curves.best_count[i] == 0
            assert np.isnan(curves.best[i]).all()
            continue
        np.testing.assert_allclose(curves.best[i], held[1 : last + 1].max(axis=0), atol=1e-12)
        assert curves.best_count[i] == 1 + held[1 : last + 1, shown].argmax()


def test_constant_reconstructions_count_as_zero(flavour, growing, candidates, responsive):
    curves = against(growing, candidates, responsive, constant=True)
    assert not curves.responsive.any()
    assert not curves.best[[0, 2]].any()


def test_every_responsive_cell_must_enter(growing, candidates, responsive):
    with pytest.raises(ValueError, match="5 cells are responsive, but only 4 enter"):
        against(growing, candidates, responsive, entering=4)
