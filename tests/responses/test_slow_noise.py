import numpy as np
import pytest
from scipy import stats

from twophoton_decode.responses.statistics import slow_noise
from twophoton_decode.responses.statistics.slow_noise import trend_p


def session(rng, images, repeats):
    return np.concatenate([rng.permutation(images) for _ in range(repeats)])


def autoregression(rng, count, correlation):
    noise = rng.standard_normal(count)
    for t in range(1, count):
        noise[t] = correlation * noise[t - 1] + np.sqrt(1 - correlation**2) * noise[t]
    return noise


def test_p_is_that_of_dense_generalised_least_squares_over_the_grid():
    rng = np.random.default_rng(0)
    image, onset = session(rng, 6, 4), np.cumsum(rng.uniform(1, 4, 24))
    y, step = rng.standard_normal(24) + np.linspace(0, 2, 24), np.diff(onset)
    levels = np.eye(6)[image]
    X, left = np.column_stack([levels, (onset - onset[0]) / step.sum() - 0.5]), 24 - 7
    lag = np.abs(onset[:, None] - onset)
    constants = np.geomspace(np.median(step), 3 * step.sum(), 10)
    grid = [(1.0, 0.0, 0.5)]
    grid += [(c, h, 0.5 / 90) for c in constants for h in slow_noise.SHARES]
    p, log_weight = [], []
    for constant, share, before in grid:
        V = (1 - share) * np.eye(24) + share * np.exp(-lag / constant)
        Vi = np.linalg.inv(V)
        covariance = np.linalg.inv(X.T @ Vi @ X)
        beta = covariance @ X.T @ Vi @ y
        residual = y - X @ beta
        s2 = residual @ Vi @ residual / left
        t = beta[-1] / np.sqrt(s2 * covariance[-1, -1])
        p.append(2 * stats.t.sf(abs(t), left))
        restricted = np.linalg.slogdet(V)[1] - np.linalg.slogdet(covariance)[1]
        log_weight.append(-0.5 * (restricted + left * np.log(s2)) + np.log(before))
    weight = np.exp(np.array(log_weight) - max(log_weight))
    shuffled = rng.permutation(24)
    expected = weight @ p / weight.sum()
    assert trend_p(y, image, onset) == pytest.approx(expected, rel=1e-6)
    assert trend_p(y[shuffled], image[shuffled], onset[shuffled]) == pytest.approx(expected)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 0.98])
def test_slow_noise_is_no_trend(correlation):
    """Shifts around in time called 14 to 27 % of them a drift from 0.9 on."""
    p = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        image = session(rng, 12, 10)
        values = rng.standard_normal(12)[image] + autoregression(rng, 120, correlation)
        p.append(trend_p(values, image, 2.0 * np.arange(120)))
    assert np.mean(np.array(p) <= 0.05) <= 0.1


@pytest.mark.parametrize(("correlation", "slope"), [(0.0, 1.0), (0.5, 2.0), (0.9, 8.0)])
def test_a_trend_is_found(correlation, slope):
    """`slope` noise SD from the first to the last presentation."""
    p = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        image, time = session(rng, 20, 10), np.linspace(0, 400, 200)
        values = autoregression(rng, 200, correlation) + slope * time / 400
        p.append(trend_p(values, image, time))
    assert np.mean(np.array(p) <= 0.05) >= 0.8


def test_values_in_any_unit_and_at_one_moment():
    rng = np.random.default_rng(1)
    image, time = session(rng, 5, 4), np.arange(20.0)
    values = rng.standard_normal(20)
    time[5] = time[4]
    p = trend_p(values, image, time)
    assert 0 < p < 1
    assert trend_p(1e-200 * values, image, time) == pytest.approx(p, rel=1e-6)


def test_no_degree_of_freedom_is_undefined():
    assert np.isnan(trend_p(np.arange(4.0), np.arange(4), np.arange(4.0)))
    assert np.isnan(trend_p(np.arange(6.0), np.arange(6) % 2, np.zeros(6)))
