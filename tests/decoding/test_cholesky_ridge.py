import numpy as np
import pytest
from sklearn.linear_model import Ridge

from twophoton_decode.encoding.ridge_weights import (
    cholesky_is_shorter,
    cholesky_ridge_weights,
    selected_ridge_weights,
    shifted_solution,
    smaller_gram,
)


@pytest.fixture(scope="module")
def problem():
    """Some regressions have more features than the 12 observations, some fewer."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((30, 12)) * rng.uniform(0.1, 3, (30, 1))
    selected = rng.random((40, 30)) < rng.choice([0.2, 0.7], (40, 1))
    selected[:, 3] = True
    assert (selected.sum(axis=1) < 12).any()
    assert (selected.sum(axis=1) > 12).any()
    return features, rng.standard_normal((40, 12)), selected, rng.uniform(0.1, 50, 40)


def test_every_regression_is_the_ridge_of_scikit_learn(problem):
    features, response, selected, strength = problem
    weight = cholesky_ridge_weights(*problem)
    for row, chosen in enumerate(selected):
        model = Ridge(alpha=strength[row], fit_intercept=False)
        expected = model.fit(features[chosen].T, response[row]).coef_
        np.testing.assert_allclose(weight[row, chosen], expected, atol=1e-12)
    assert not weight[~selected].any()


def test_conjugate_gradients_find_the_same(problem):
    expected = selected_ridge_weights(*problem, tolerance=1e-12)
    np.testing.assert_allclose(cholesky_ridge_weights(*problem), expected, atol=1e-10)


def test_no_regressions_have_no_weights(problem):
    nothing = np.zeros((0, 30), bool)
    assert cholesky_ridge_weights(problem[0], problem[1][:0], nothing, np.empty(0)).shape == (0, 30)


def test_a_matrix_that_is_not_positive_is_an_error():
    with pytest.raises(np.linalg.LinAlgError, match="not positive"):
        shifted_solution(np.zeros((2, 2)), np.ones(2), 0.0)


def test_the_gram_matrix_is_that_of_the_shorter_side():
    X = np.arange(6.0).reshape(2, 3)
    for each, expected in ((X, X @ X.T), (X.T, X @ X.T)):
        np.testing.assert_array_equal(np.tril(smaller_gram(each)), np.tril(expected))


def test_few_observations_are_factorised_and_thousands_of_both_are_not():
    selected = np.zeros((2, 1000), bool)
    selected[0, :200], selected[1, :900] = True, True
    assert cholesky_is_shorter(selected, 100).tolist() == [True, True]
    assert cholesky_is_shorter(selected, 5000).tolist() == [True, False]
