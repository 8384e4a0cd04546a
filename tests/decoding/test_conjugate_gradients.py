import numpy as np
import pytest
from sklearn.linear_model import Ridge

from twophoton_decode.encoding.ridge_weights import AT_ONCE, selected_ridge_weights


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((30, 20)) * rng.uniform(0.1, 3, (30, 1))
    cells = AT_ONCE + 3
    selected = rng.random((cells, 30)) < 0.4
    selected[1] = False
    return features, rng.standard_normal((cells, 20)), selected, rng.uniform(0.1, 50, cells)


def by_scikit_learn(features, response, selected, strength):
    weight = np.zeros(selected.shape)
    for cell in np.flatnonzero(selected.any(axis=1)):
        model = Ridge(alpha=strength[cell], fit_intercept=False)
        weight[cell, selected[cell]] = model.fit(features[selected[cell]].T, response[cell]).coef_
    return weight


def test_every_regression_is_the_ridge_of_scikit_learn(problem):
    weight = selected_ridge_weights(*problem, tolerance=1e-10)
    np.testing.assert_allclose(weight, by_scikit_learn(*problem), atol=1e-9)
    assert not weight[~problem[2]].any()


def test_single_precision_is_right_to_its_tolerance(problem):
    features, *rest = problem
    weight = selected_ridge_weights(features.astype(np.float32), *rest, tolerance=1e-3)
    assert weight.dtype == np.float32
    exact = by_scikit_learn(*problem)
    assert np.abs(weight - exact).max() < 5e-3 * np.abs(exact).max()


def test_a_response_of_zeros_has_no_weights(problem):
    features, response, selected, strength = problem
    weight = selected_ridge_weights(features, response * 0, selected, strength, 1e-8)
    assert not weight.any()


def test_a_tolerance_that_cannot_be_met_is_an_error(problem):
    features, response, selected, strength = problem
    with pytest.raises(FloatingPointError, match="did not converge"):
        selected_ridge_weights(features * 1e3, response, selected, strength * 1e-9, 1e-300)
