import numpy as np
import pytest

from twophoton_decode.kernels import selected_least_squares as module
from twophoton_decode.kernels.selected_least_squares import (
    principal_part,
    selected_least_squares,
    subtract_rows,
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


@pytest.mark.parametrize("kernel", [principal_part, principal_part.py_func])
def test_the_chosen_part_is_stabilised_by_its_own_mean(problem, kernel):
    X, _, _ = problem
    gram, chosen = X.T @ X, np.array([1, 2, 5, 7])
    part = gram[np.ix_(chosen, chosen)]
    expected = part + 0.5 * np.trace(part) / 4 * np.eye(4)
    room = np.full(20, np.nan)
    np.testing.assert_allclose(kernel(gram, chosen, 0.5, room), expected)


@pytest.mark.parametrize("kernel", [subtract_rows, subtract_rows.py_func])
def test_rows_are_subtracted_in_place(problem, kernel):
    X, _, _ = problem
    values, chosen, share = X[0].copy(), np.array([3, 9]), np.array([2.0, -0.5])
    kernel(values, X, chosen, share)
    np.testing.assert_allclose(values, X[0] - 2.0 * X[3] + 0.5 * X[9])


def test_a_matrix_that_is_not_a_gram_matrix_is_refused():
    with pytest.raises(np.linalg.LinAlgError, match="not positive"):
        selected_least_squares(-np.eye(3), np.ones((3, 1)), np.ones((3, 1), dtype=bool))


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


@pytest.mark.parametrize("alpha", [0.0, 30.0, 300.0, 1e5])
def test_iteration_and_factorisation_give_the_same_weights(alpha):
    """Between nearly round matrices, for which weights are iterated, and others."""
    generator = np.random.default_rng(1)
    X, Y = generator.standard_normal((60, 12)), 1e3 * generator.standard_normal((60, 9))
    selected = generator.random((12, 9)) < 0.4
    selected[:, 2] = False
    gram = X.T @ X + alpha * np.eye(12)
    bounds = tuple(np.linalg.eigvalsh(gram)[[0, -1]])
    alone = selected_least_squares(gram, X.T @ Y, selected)
    found = selected_least_squares(gram, X.T @ Y, selected, bounds)
    assert not found[~selected].any()
    np.testing.assert_allclose(found, alone, rtol=0, atol=1e-8 * np.abs(alone).max())
    iterated = bounds[1] <= module.NEARLY_ROUND * bounds[0]
    assert iterated == (alpha >= 30.0) == bool((found != alone).any())


def test_iteration_serves_a_multiple_of_the_identity():
    moments, selected = np.arange(6.0).reshape(3, 2), np.array([[1, 0], [1, 1], [0, 1]], bool)
    found = selected_least_squares(4.0 * np.eye(3), moments, selected, (4.0, 4.0))
    np.testing.assert_allclose(found, np.where(selected, moments / 4.0, 0.0), rtol=1e-8)


@pytest.mark.parametrize("cells", [6, 150])
def test_largest_eigenvalue_is_bounded_closely(cells):
    X = np.random.default_rng(2).standard_normal((cells + 30, cells))
    largest = np.linalg.eigvalsh(X.T @ X)[-1]
    assert largest * (1 - 1e-12) <= module.largest_eigenvalue(X.T @ X) <= 1.011 * largest
