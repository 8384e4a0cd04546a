"""Growing reconstructions by inner products against the same in pixels."""

from __future__ import annotations

import numpy as np
import pytest

from twophoton_decode.kernels import cell_count as kernels
from twophoton_decode.kernels.cell_count import curves_against_candidates, squared_norms

TRIALS = np.array([0, 2, 3, 6])  # edges: three images with 2, 1 and 3 trials
SHOWN = np.array([4, 0, 2])


@pytest.fixture(params=["compiled", "python"])
def flavour(request, monkeypatch):
    if request.param == "python":
        for name in (
            "_norm_gains",
            "_products_with_entered",
            "_candidate_curves",
            "_grow_one_image",
            "_add",
        ):
            monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    return request.param


@pytest.fixture
def growing():
    rng = np.random.default_rng(3)
    filters = rng.normal(size=(7, 12))
    amplitude = rng.normal(size=(6, 7))
    order = np.array([rng.permutation(7) for _ in range(6)])
    start = rng.normal(size=12)
    return filters, amplitude, order, start


def in_pixels(filters, amplitude, order, start):
    """x_n of every presentation, shape (presentations, cells + 1, pixels)."""
    steps = np.take_along_axis(amplitude[:, :, None] * filters, order[:, :, None], axis=1)
    first = np.broadcast_to(start, (len(order), 1, len(start)))
    return np.cumsum(np.concatenate([first, steps], axis=1), axis=1)


def test_squared_norms_are_those_of_the_pixels(flavour, growing):
    filters, amplitude, order, start = growing
    norms = squared_norms(filters @ filters.T, amplitude, order, filters @ start, start @ start)
    expected = (in_pixels(*growing) ** 2).sum(axis=2)
    np.testing.assert_allclose(norms, expected, rtol=1e-12)


def test_orthogonal_filters_add_their_squares(flavour):
    amplitude = np.array([[3.0, 1.0, 2.0]])
    norms = squared_norms(np.eye(3), amplitude, np.array([[0, 2, 1]]), np.zeros(3), 0.0)
    np.testing.assert_array_equal(norms, [[0, 9, 13, 14]])


def correlations(growing, candidates):
    """R of every presentation, count and candidate, by numpy's own correlation."""
    x = in_pixels(*growing)
    r = np.empty((*x.shape[:2], len(candidates)))
    for t, n in np.ndindex(x.shape[:2]):
        r[t, n] = [np.corrcoef(x[t, n], candidate)[0, 1] for candidate in candidates]
    return r


def against(growing, candidates, responsive):
    filters, amplitude, order, start = growing
    centred = candidates - candidates.mean(axis=1, keepdims=True)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    x = in_pixels(*growing)
    inverse = 1 / np.linalg.norm(x - x.mean(axis=2, keepdims=True), axis=2)
    return curves_against_candidates(
        filters @ unit.T, start @ unit.T, amplitude, order, inverse, responsive, TRIALS, SHOWN
    )


@pytest.fixture
def candidates():
    return np.random.default_rng(4).normal(size=(5, 12))


@pytest.fixture
def responsive():
    return np.array([3, 5, 0, 1, 0, 4])


def test_curves_against_the_shown_image_and_its_rivals(flavour, growing, candidates, responsive):
    curves = against(growing, candidates, responsive)
    r = correlations(growing, candidates)
    for i, shown in enumerate(SHOWN):
        mean = r[TRIALS[i] : TRIALS[i + 1]].mean(axis=0)
        np.testing.assert_allclose(curves.own[i], mean[:, shown], atol=1e-12)
        rivals = np.delete(mean, shown, axis=1)
        np.testing.assert_allclose(curves.others[i], rivals.mean(axis=1), atol=1e-12)
        np.testing.assert_allclose(curves.every_cell[i], mean[-1], atol=1e-12)


def test_best_count_on_curves_held_at_each_trials_last_responsive_cell(
    flavour, growing, candidates, responsive
):
    curves = against(growing, candidates, responsive)
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
    filters, amplitude, order, start = growing
    curves = curves_against_candidates(
        filters @ candidates.T,
        start @ candidates.T,
        amplitude,
        order,
        np.zeros((6, 8)),
        responsive,
        TRIALS,
        SHOWN,
    )
    assert not curves.own.any()
    assert not curves.others.any()


def test_one_candidate_has_no_rivals(growing, candidates):
    filters, amplitude, order, _ = growing
    curves = curves_against_candidates(
        filters @ candidates[:1].T,
        np.zeros(1),
        amplitude,
        order,
        np.ones((6, 8)),
        np.ones(6, int),
        np.array([0, 6]),
        np.array([0]),
    )
    assert np.isnan(curves.others).all()
    assert np.isfinite(curves.own).all()


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (np.zeros((2, 3), int), "one column for each of the 4 cells"),
        (np.full((2, 4), 4), "must name cells 0 to 3"),
        (np.full((2, 4), -1), "must name cells 0 to 3"),
    ],
)
def test_orders_beyond_the_cells_are_refused(order, message):
    with pytest.raises(ValueError, match=message):
        squared_norms(np.eye(4), np.ones((2, order.shape[1])), order, np.zeros(4), 0.0)


def test_amplitudes_need_the_shape_of_the_orders():
    with pytest.raises(ValueError, match=r"\(1, 4\)"):
        squared_norms(np.eye(4), np.ones((1, 4)), np.zeros((2, 4), int), np.zeros(4), 0.0)


def test_presentations_do_not_need_to_be_contiguous(growing):
    filters, amplitude, order, start = growing
    gram = filters @ filters.T
    plain = squared_norms(gram, amplitude, order, filters @ start, start @ start)
    spread = np.zeros((12, 7))
    spread[::2] = amplitude
    wide = np.asfortranarray(order)
    again = squared_norms(gram, spread[::2], wide, filters @ start, start @ start)
    np.testing.assert_array_equal(plain, again)
