"""Exponential decay comes back, with an interval that holds it."""

import numpy as np
import pytest
from scipy.stats import linregress

from twophoton_decode.extraction.quality.bleaching import (
    SEGMENTS,
    brightness_jumps,
    exponential_decay,
    relative_brightness,
    segment_edges,
    segment_medians,
)

TIME = np.linspace(5, 595, 60)


def test_an_exponential_is_fitted_exactly():
    rate = np.array([1e-3, 0.0, -5e-4])
    start = np.array([300.0, 50.0, 7.0])
    brightness = start[:, None] * np.exp(-rate[:, None] * TIME)
    fit = exponential_decay(TIME, brightness)
    assert fit.rate == pytest.approx(rate, abs=1e-12)
    assert fit.start == pytest.approx(start)
    assert fit.at(TIME) == pytest.approx(brightness)
    lost = fit.lost(600.0)[0]
    assert lost == pytest.approx(100 * (1 - np.exp(-rate * 600)), abs=1e-9)


def test_without_serial_correlation_the_interval_is_that_of_the_regression():
    # Residuals that alternate have a negative correlation, which counts as none.
    log = 2.0 - 1e-3 * TIME + 0.01 * np.resize([1.0, -1.0, 0.5, -0.5], TIME.size)
    fit = exponential_decay(TIME, np.exp(log)[None])
    expected = linregress(TIME, log)
    assert fit.rate[0] == pytest.approx(-expected.slope)
    # t of 58 degrees of freedom.
    assert fit.high[0] - fit.rate[0] == pytest.approx(2.0017 * expected.stderr, rel=1e-4)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_the_interval_holds_the_true_rate_nineteen_times_in_twenty(memory):
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((1500, TIME.size))
    for step in range(1, TIME.size):
        noise[:, step] += memory * noise[:, step - 1]
    fit = exponential_decay(TIME, 100 * np.exp(-4e-4 * TIME + 0.02 * noise))
    held = (fit.low <= 4e-4) & (fit.high >= 4e-4)
    assert 0.90 <= held.mean() <= 0.98


def test_what_is_not_above_zero_or_too_short_is_not_fitted():
    brightness = np.stack([100 - np.arange(60.0), np.full(60, -3.0), np.arange(60) + 1.0])
    brightness[0, 10] = 0.0
    assert np.isnan(exponential_decay(TIME, brightness).rate).tolist() == [True, True, False]
    assert np.isnan(exponential_decay(TIME[:5], brightness[2:, :5]).rate).all()


def test_residuals_that_never_change_sign_for_long_leave_the_interval_open():
    slow = 100 + 10 * np.sin(np.linspace(0, np.pi, TIME.size))
    fit = exponential_decay(TIME, slow[None])
    assert np.isfinite(fit.rate[0])
    assert np.isnan(fit.low[0])
    assert np.isnan(fit.lost(600.0)[1]).all()


def test_stretches_cover_every_frame_once():
    for frames in (1, 4, 30, 2000, 100_001):
        edges = segment_edges(frames)
        assert (edges[0], edges[-1]) == (0, frames)
        assert edges.size - 1 == max(1, min(SEGMENTS, frames // 5))
        assert np.ptp(np.diff(edges)) <= 1


def test_medians_of_stretches_do_not_follow_transients():
    trace = np.full((1, 600), 50.0)
    trace[:, ::10] = 500.0
    assert (segment_medians(trace, segment_edges(600)) == 50.0).all()


def test_relative_brightness_weighs_cells_alike():
    level = np.array([[10.0, 20.0], [1000.0, 2000.0], [-1.0, 5.0]])
    assert relative_brightness(level) == pytest.approx(np.array([[2 / 3, 4 / 3]] * 2))


def test_jumps_are_found_where_the_light_changes():
    rng = np.random.default_rng(0)
    mean = 200 + rng.standard_normal((2, 1000))
    mean[0, 400] = 20.0
    mean[1, 700:] += 80.0
    jump = brightness_jumps(mean)
    assert np.flatnonzero(jump[0]).tolist() == [400, 401]
    assert np.flatnonzero(jump[1]).tolist() == [700]


def test_small_steps_of_a_quiet_movie_are_no_jumps():
    rng = np.random.default_rng(0)
    mean = 200 + 0.01 * rng.standard_normal((1, 1000))
    mean[0, 500:] += 5.0
    assert not brightness_jumps(mean).any()
    assert not brightness_jumps(mean[:, :1]).any()
