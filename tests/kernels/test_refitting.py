"""Refits at every number of cells against ridge and least squares done anew each time."""

from __future__ import annotations

import numpy as np
import pytest

from twophoton_decode.kernels import refitting as kernels
from twophoton_decode.kernels.refitting import refitted_products


@pytest.fixture(params=["compiled", "python"])
def flavour(request, monkeypatch):
    if request.param == "python":
        for name in ("_refitted_products", "_refit_one", "_factor_row", "_add", "_dot"):
            monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    return request.param


class Problem:
    """Training responses X and targets Y, and presentations to be reconstructed."""

    def __init__(self, cells=6, presentations=4, trained=20, pixels=9, entering=5):
        rng = np.random.default_rng(1)
        self.X = rng.normal(size=(trained, cells))
        self.X -= self.X.mean(axis=0)
        self.Y = rng.normal(size=(trained, pixels))
        self.amplitude = rng.normal(size=(presentations, cells))
        self.order = np.array([rng.permutation(cells)[:entering] for _ in range(presentations)])
        self.shown = rng.normal(size=(presentations, pixels))

    def by_kernel(self, strength):
        columns = self.X.T[self.order]
        gram = columns @ columns.transpose(0, 2, 1)
        sums = np.ones(self.Y.shape[1])
        return refitted_products(
            gram, self.X.T @ self.Y, self.amplitude, self.order, strength, self.shown, sums
        )

    def by_refits(self, strength):
        """The same by `numpy.linalg.lstsq`, the penalty as further rows."""
        found = np.zeros((3, len(self.order), self.order.shape[1] + 1))
        for t, order in enumerate(self.order):
            for n in range(1, len(order) + 1):
                X = np.vstack([self.X[:, order[:n]], np.sqrt(strength) * np.eye(n)])
                Y = np.vstack([self.Y, np.zeros((n, self.Y.shape[1]))])
                x = self.amplitude[t, order[:n]] @ np.linalg.lstsq(X, Y)[0]
                found[:, t, n] = x @ x, x @ self.shown[t], x.sum()
        return found


@pytest.mark.parametrize("strength", [0.0, 3.0])
def test_refits_are_those_of_lstsq(flavour, strength):
    problem = Problem()
    np.testing.assert_allclose(problem.by_kernel(strength), problem.by_refits(strength), atol=1e-9)


def test_one_cell_is_simple_regression(flavour):
    problem = Problem(cells=1, entering=1)
    norm, product, total = problem.by_kernel(0.0)
    slope = problem.X[:, 0] @ problem.Y / (problem.X[:, 0] @ problem.X[:, 0])
    np.testing.assert_allclose(total[:, 1], problem.amplitude[:, 0] * slope.sum())
    np.testing.assert_array_equal(norm[:, 0], 0.0)
    np.testing.assert_allclose(product[:, 1], problem.amplitude[:, 0] * (problem.shown @ slope))


@pytest.mark.parametrize("strength", [0.0, 2.0])
def test_duplicate_and_constant_cells_change_nothing_or_share_the_penalty(flavour, strength):
    problem = Problem()
    problem.X[:, 1] = problem.X[:, 0]
    problem.amplitude[:, 1] = problem.amplitude[:, 0]
    problem.X[:, 2] = 0.0
    np.testing.assert_allclose(problem.by_kernel(strength), problem.by_refits(strength), atol=1e-9)
