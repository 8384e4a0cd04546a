import numpy as np
import pytest

from twophoton_decode.kernels.selected_least_squares import (
    STABILISATION,
    factorise,
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


def test_plain_python_agrees_with_the_compiled_kernel(problem):
    X, Y, selected = problem
    arguments = (X.T @ X, np.ascontiguousarray((X.T @ Y).T), np.ascontiguousarray(selected.T))
    plain = solve_selected.py_func(*arguments, STABILISATION)
    np.testing.assert_allclose(plain, solve_selected(*arguments, STABILISATION), atol=1e-12)
    np.testing.assert_allclose(plain.T, per_feature(X, Y, selected), atol=1e-8)


@pytest.mark.parametrize("version", ["compiled", "plain"])
def test_factor_and_substitution_solve_the_chosen_part(problem, version):
    X, Y, _ = problem
    gram, chosen = X.T @ X, np.array([1, 2, 5, 7])
    factor, values = np.zeros((8, 8)), (X.T @ Y[:, 0])[chosen]
    part = gram[np.ix_(chosen, chosen)] + 0.5 * np.eye(4)
    expected = np.linalg.solve(part, values)
    kernels = [factorise, substitute]
    if version == "plain":
        kernels = [kernel.py_func for kernel in kernels]
    kernels[0](gram, chosen, 0.5, factor)
    kernels[1](factor, values, 4)
    np.testing.assert_allclose(np.tril(factor[:4, :4]), np.linalg.cholesky(part), atol=1e-12)
    np.testing.assert_allclose(values, expected, atol=1e-12)


def test_dependent_cells_get_the_minimum_norm_solution(problem):
    X, Y, _ = problem
    X = np.repeat(X, 2, axis=1)
    found = selected_least_squares(X.T @ X, X.T @ Y, np.ones((16, 5), dtype=bool))
    np.testing.assert_allclose(found, np.linalg.pinv(X, rcond=1e-10) @ Y, atol=1e-6)


def test_arrays_of_different_cells_are_refused():
    with pytest.raises(ValueError, match="do not describe the same cells"):
        selected_least_squares(np.eye(3), np.ones((4, 2)), np.ones((4, 2), dtype=bool))
