"""Intervals over mice, sessions and images hold the true mean as often as they say."""

import numpy as np
import pytest

from twophoton_decode.statistics.hierarchical import hierarchical_bootstrap


def estimate(values, mouse, confidence=0.95, seed=0, possible=(-np.inf, np.inf)):
    rng = np.random.default_rng(seed)
    return hierarchical_bootstrap(
        values, mouse, resamplings=400, rng=rng, possible=possible, confidence=confidence
    )


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


@pytest.mark.parametrize("mouse", [["a", "b"], ["a", "a"]])
def test_an_interval_is_cut_at_what_is_possible_and_only_there(mouse):
    values = [np.array([0.3]), np.array([0.7])]
    free, cut = (
        estimate(values, mouse, possible=ends) for ends in ((-np.inf, np.inf), (-0.5, 1.0))
    )
    # Two units: the percentiles are the units, and t₁ / z · √2 times as far from their mean.
    reach = 0.2 * 12.7062 / 1.95996 * 2**0.5
    assert (free.low, free.high) == pytest.approx((0.5 - reach, 0.5 + reach), rel=1e-4)
    assert (cut.mean, cut.low, cut.high) == (free.mean, -0.5, 1.0)
    wide = estimate(values, mouse, possible=(-2.0, 3.0))
    assert wide == free


def test_of_one_session_with_few_images_the_interval_is_cut_too():
    values = [np.array([0.5, 0.9, 1.0])]
    free = estimate(values, ["a"])
    cut = estimate(values, ["a"], possible=(-1.0, 1.0))
    assert free.high > 1
    assert (cut.low, cut.high, cut.level) == (free.low, 1.0, "images")
