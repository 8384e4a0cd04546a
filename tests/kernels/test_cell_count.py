"""Growing reconstructions by inner products against the same in pixels."""

from __future__ import annotations

import re

import numpy as np
import pytest

from twophoton_decode.kernels import cell_count as kernels
from twophoton_decode.kernels.cell_count import (
    Shown,
    grown_scores,
    squared_norms,
    squared_norms_in_pixels,
)


@pytest.fixture(params=["compiled", "python"])
def flavour(request, monkeypatch):
    if request.param == "python":
        for name in (
            "_norm_gains",
            "_products_with_entered",
            "_norms_in_pixels",
            "_grow",
            "_grown_scores",
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


def test_only_some_cells_may_enter(flavour, growing):
    filters, amplitude, order, start = growing
    gram = filters @ filters.T
    whole = squared_norms(gram, amplitude, order, filters @ start, start @ start)
    few = squared_norms(gram, amplitude, order[:, :3], filters @ start, start @ start)
    np.testing.assert_allclose(few, whole[:, :4], rtol=1e-12)


def test_norms_in_pixels_are_those_of_the_inner_products(flavour, growing):
    filters, amplitude, order, start = growing
    for entering in (7, 4):
        norms = squared_norms_in_pixels(filters, amplitude, order[:, :entering], start)
        expected = (in_pixels(*growing) ** 2).sum(axis=2)[:, : entering + 1]
        np.testing.assert_allclose(norms, expected, rtol=1e-12)


def score(growing, pictures):
    """R, CD and 1 / norm by the kernel, presentation t being shown ``pictures[t]``."""
    filters, amplitude, order, start = growing
    total, norm = pictures.sum(axis=1), (pictures**2).sum(axis=1)
    shown = Shown(
        product=pictures @ filters.T,
        start_product=pictures @ start,
        total=total,
        norm=norm,
        inverse_norm=1 / np.sqrt(norm - total**2 / 12),
    )
    norms = squared_norms_in_pixels(filters, amplitude, order, start)
    return grown_scores(norms, amplitude, order, filters.sum(axis=1), start.sum(), shown, 12)


def test_scores_are_those_of_the_pixels(flavour, growing):
    pictures = np.random.default_rng(4).normal(size=(6, 12))
    r, cd, inverse = score(growing, pictures)
    x = in_pixels(*growing)
    for t, n in np.ndindex(r.shape):
        assert r[t, n] == pytest.approx(np.corrcoef(x[t, n], pictures[t])[0, 1], abs=1e-12)
        missed = ((pictures[t] - x[t, n]) ** 2).sum()
        assert cd[t, n] == pytest.approx(1 - missed / (pictures[t] ** 2).sum(), abs=1e-12)
        centred = x[t, n] - x[t, n].mean()
        assert inverse[t, n] == pytest.approx(1 / np.linalg.norm(centred), rel=1e-10)


def test_constant_reconstructions_have_no_r(flavour, growing):
    filters, amplitude, order, start = growing
    flat = np.ones_like(filters) / 3, amplitude, order, np.zeros_like(start)
    r, cd, inverse = score(flat, np.random.default_rng(4).normal(size=(6, 12)))
    assert not r.any()
    assert not inverse.any()
    assert (cd[:, 1:] != 0).all()


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (np.zeros((2, 5), int), "one column for each of the 4 cells"),
        (np.full((2, 4), 4), "must name cells 0 to 3"),
        (np.full((2, 4), -1), "must name cells 0 to 3"),
    ],
)
def test_orders_beyond_the_cells_are_refused(order, message):
    with pytest.raises(ValueError, match=message):
        squared_norms(np.eye(4), np.ones((2, 4)), order, np.zeros(4), 0.0)


@pytest.mark.parametrize("shape", [(1, 4), (2, 3)])
def test_amplitudes_need_every_presentation_and_cell(shape):
    with pytest.raises(ValueError, match=re.escape(str(shape))):
        squared_norms(np.eye(4), np.ones(shape), np.zeros((2, 4), int), np.zeros(4), 0.0)


def test_presentations_do_not_need_to_be_contiguous(growing):
    filters, amplitude, order, start = growing
    gram = filters @ filters.T
    plain = squared_norms(gram, amplitude, order, filters @ start, start @ start)
    spread = np.zeros((12, 7))
    spread[::2] = amplitude
    wide = np.asfortranarray(order)
    again = squared_norms(gram, spread[::2], wide, filters @ start, start @ start)
    np.testing.assert_array_equal(plain, again)
