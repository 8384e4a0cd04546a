"""Intervals over mice, sessions and images hold the true mean as often as they say."""

import numpy as np
import pytest

from twophoton_decode.statistics.hierarchical import hierarchical_bootstrap


def estimate(values, mouse, confidence=0.95, seed=0):
    rng = np.random.default_rng(seed)
    return hierarchical_bootstrap(values, mouse, resamplings=400, rng=rng, confidence=confidence)


def recordings(rng, mice, sessions, images, spread_of_mice, spread_of_sessions):
    """Values around a true mean of 0.2: images within sessions within mice."""
    values, names = [], []
    for mouse in range(mice):
        level = 0.2 + spread_of_mice * rng.normal()
        for _ in range(sessions):
            centre = level + spread_of_sessions * rng.normal()
            values.append(centre + 0.2 * rng.normal(size=images))
            names.append(f"mouse {mouse}")
    return values, names


@pytest.mark.parametrize(
    ("mice", "sessions", "spread_of_mice", "spread_of_sessions"),
    [(6, 2, 0.05, 0.05), (10, 1, 0.05, 0.0), (6, 2, 0.0, 0.0), (1, 8, 0.0, 0.05)],
)
def test_ninety_per_cent_intervals_hold_the_truth_in_ninety_per_cent(
    mice, sessions, spread_of_mice, spread_of_sessions
):
    rng = np.random.default_rng(11)
    held = 0
    for seed in range(800):
        values, names = recordings(rng, mice, sessions, 20, spread_of_mice, spread_of_sessions)
        found = estimate(values, names, 0.9, seed)
        held += found.low < 0.2 < found.high
    assert 0.87 <= held / 800 <= 0.93


def test_sessions_taken_for_mice_would_be_too_sure():
    rng = np.random.default_rng(12)
    held = 0
    for seed in range(400):
        values, _ = recordings(rng, 4, 5, 20, 0.1, 0.0)
        found = estimate(values, [str(n) for n in range(len(values))], 0.9, seed)
        held += found.low < 0.2 < found.high
    assert held / 400 < 0.75


def test_every_mouse_counts_alike_and_so_does_every_session_of_it():
    values = [np.array([1.0, 3.0]), np.array([4.0]), np.array([10.0, np.nan])]
    found = estimate(values, ["a", "a", "b"])
    assert found.mean == pytest.approx((3.0 + 10.0) / 2)
    assert (found.level, found.units) == ("mice", 2)


@pytest.mark.parametrize(
    ("values", "mouse", "level", "units"),
    [
        ([[1.0, 2.0], [3.0, 4.0, 5.0]], ["a", "a"], "sessions", 2),
        ([[1.0, 2.0, 4.0]], ["a"], "images", 3),
        ([[np.nan], [1.0, 2.0, 4.0]], ["b", "a"], "images", 3),
    ],
)
def test_the_highest_level_with_two_units_is_resampled(values, mouse, level, units):
    found = estimate([np.array(each) for each in values], mouse)
    assert (found.level, found.units) == (level, units)
    assert found.low < found.mean < found.high


def test_one_value_has_no_interval_and_none_has_no_mean():
    one = estimate([np.array([0.3])], ["a"])
    assert one.mean == 0.3
    assert np.isnan([one.low, one.high]).all()
    assert np.isnan(estimate([np.array([np.nan])], ["a"]).mean)


def test_the_same_seed_gives_the_same_interval():
    values, names = recordings(np.random.default_rng(1), 3, 2, 10, 0.1, 0.1)
    assert estimate(values, names, seed=4) == estimate(values, names, seed=4)
