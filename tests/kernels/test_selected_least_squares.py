import numpy as np
import pytest

from twophoton_decode.kernels import selected_least_squares as module
from twophoton_decode.kernels.selected_least_squares import (
    STABILISATION,
    principal_part,
    remove_unselected,
    selected_least_squares,
    solve_selected,
    substitute,
)


@pytest.fixture
def problem():
    generator = np.random.default_rng(0)
    X, Y = generator.standard_normal((40, 8)), generator.standard_normal((40, 5))
    selected = generator.random((8, 5)) < 0.5
    selected[:, 3] = False
    selected[:, 4] = True
    return X, Y, selected


def per_feature(X, Y, selected):
    weights = np.zeros(selected.shape)
    for j, chosen in enumerate(selected.T):
        weights[chosen, j] = np.linalg.lstsq(X[:, chosen], Y[:, j], rcond=None)[0]
    return weights


def test_compiled_kernel_solves_each_feature_on_its_cells(problem):
    X, Y, selected = problem
    found = selected_least_squares(X.T @ X, X.T @ Y, selected)
    np.testing.assert_allclose(found, per_feature(X, Y, selected), atol=1e-8)
    assert not found[:, 3].any()


@pytest.mark.parametrize("version", ["compiled", "plain"])
def test_both_kernels_solve_each_feature_on_its_cells(problem, version, monkeypatch):
    X, Y, selected = problem
    kernels = [solve_selected, remove_unselected]
    if version == "plain":
        for function in (principal_part, substitute):
            monkeypatch.setattr(module, function.__name__, function.py_func)
        kernels = [kernel.py_func for kernel in kernels]
    expected, chosen, rows = per_feature(X, Y, selected), selected.T.copy(), np.arange(5)
    wanted = np.where(chosen, Y.T @ X, 0.0)
    weights = np.zeros((5, 8))
    kernels[0](X.T @ X, wanted, chosen, STABILISATION, rows, weights)
    np.testing.assert_allclose(weights.T, expected, atol=1e-8)
    inverse = np.linalg.inv(X.T @ X)
    weights = wanted @ inverse
    kernels[1](inverse, chosen, rows, weights)
    np.testing.assert_allclose(weights.T, expected, atol=1e-10)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_features_done_from_the_whole_inverse_equal_those_done_alone(share, monkeypatch):
    """The two ways round, and a badly conditioned matrix, for which only one is used."""
    generator = np.random.default_rng(1)
    X, Y = generator.standard_normal((60, 20)), generator.standard_normal((60, 12))
    selected = generator.random((20, 12)) < share
    found = selected_least_squares(X.T @ X, X.T @ Y, selected)
    np.testing.assert_allclose(found, per_feature(X, Y, selected), atol=1e-7)
    monkeypatch.setattr(module, "WELL_CONDITIONED", 2.0)
    alone = selected_least_squares(X.T @ X, X.T @ Y, selected)
    np.testing.assert_allclose(alone, found, atol=1e-7)
    assert share < 0.5 or not np.array_equal(alone, found)


def test_dependent_cells_get_the_minimum_norm_solution(problem):
    X, Y, _ = problem
    X = np.repeat(X, 2, axis=1)
    found = selected_least_squares(X.T @ X, X.T @ Y, np.ones((16, 5), dtype=bool))
    np.testing.assert_allclose(found, np.linalg.pinv(X, rcond=1e-10) @ Y, atol=1e-6)


def test_arrays_of_different_cells_are_refused():
    with pytest.raises(ValueError, match="do not describe the same cells"):
        selected_least_squares(np.eye(3), np.ones((4, 2)), np.ones((4, 2), dtype=bool))
