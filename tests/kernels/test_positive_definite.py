"""Positive definite systems against NumPy's solution."""

import numpy as np
import pytest

from twophoton_decode.kernels.positive_definite import solve_positive


def positive(size, seed=0):
    X = np.random.default_rng(seed).standard_normal((2 * size, size))
    return X.T @ X


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 4), (6, 0)])
def test_the_solution_is_numpys(shape):
    columns = np.random.default_rng(1).standard_normal(shape)
    found = solve_positive(positive(6), columns)
    assert found.shape == shape
    np.testing.assert_allclose(found, np.linalg.solve(positive(6), columns), atol=1e-13)


def test_only_the_upper_triangle_is_read_and_columns_are_kept():
    columns = np.arange(5.0)
    found = solve_positive(np.triu(positive(5)), columns)
    np.testing.assert_allclose(found, np.linalg.solve(positive(5), columns), atol=1e-13)
    np.testing.assert_array_equal(columns, np.arange(5.0))


def test_a_matrix_that_is_not_positive_is_an_error():
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        solve_positive(-np.eye(3), np.ones(3))


@pytest.mark.parametrize(
    ("matrix", "columns", "said"),
    [
        (np.eye(3, 4), np.ones(3), r"\(3, 4\)"),
        (np.eye(3), np.ones(2), r"for \(2,\)"),
        (np.eye(3, dtype=np.float32), np.ones(3), "float32"),
        (np.asfortranarray(np.ones((3, 3)))[:2, :2], np.ones(2), "contiguous"),
    ],
)
def test_what_lapack_would_misread_is_refused(matrix, columns, said):
    with pytest.raises(ValueError, match=said):
        solve_positive(matrix, columns)
