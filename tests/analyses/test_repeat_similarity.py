"""Similarity and variability of repeats, against numpy and answers known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from twophoton_decode.analyses.stability.similarity import (
    correlation,
    mean_direction,
    relative_difference,
    repeat_similarity,
    split_half,
)


def test_correlation_is_numpys():
    first, second = np.random.default_rng(0).normal(size=(2, 4, 9))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(correlation(first, second), expected, atol=1e-14)


def test_a_constant_row_counts_as_zero():
    rows = np.array([[0.1, 0.1, 0.1], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(correlation(rows, rows[1:]), [0.0, 1.0], atol=1e-15)


def test_every_measure_as_its_words_say():
    trials = np.random.default_rng(1).normal(1.0, 1.0, size=(5, 7))
    rivals = np.random.default_rng(2).normal(size=(3, 7))
    found = repeat_similarity(trials, mean_direction(rivals), np.random.default_rng(0))
    average = trials.mean(axis=0)
    r_own, r_all, r_other, v_own, v_all = [], [], [], [], []
    for t, trial in enumerate(trials):
        others = np.delete(trials, t, axis=0).mean(axis=0)
        r_own.append(np.corrcoef(trial, others)[0, 1])
        r_all.append(np.corrcoef(trial, average)[0, 1])
        r_other.append(np.mean([np.corrcoef(trial, rival)[0, 1] for rival in rivals]))
        v_own.append(((trial - others) ** 2).sum() / (others**2).sum())
        v_all.append(((trial - average) ** 2).sum() / (average**2).sum())
    np.testing.assert_allclose(found.of_trial, r_own)
    assert found.leave_one_out == pytest.approx(np.mean(r_own))
    assert found.including == pytest.approx(np.mean(r_all))
    assert found.other == pytest.approx(np.mean(r_other))
    assert found.variability == pytest.approx(np.mean(v_own))
    assert found.variability_including == pytest.approx(np.mean(v_all))


def test_identical_trials_are_alike_and_do_not_vary():
    trials = np.tile(np.random.default_rng(0).normal(size=20), (4, 1))
    found = repeat_similarity(trials, mean_direction(-trials[:1]), np.random.default_rng(0))
    assert found.leave_one_out == pytest.approx(1.0)
    assert found.including == pytest.approx(1.0)
    assert found.split_half == pytest.approx(1.0)
    assert found.other == pytest.approx(-1.0)
    assert found.variability == pytest.approx(0.0, abs=1e-20)
    assert found.variability_including == pytest.approx(0.0, abs=1e-20)


def test_noise_resembles_only_an_average_that_includes_it():
    """Including the trial itself gives 1/√T; leaving it out gives 0."""
    trials = np.random.default_rng(0).normal(size=(9, 20_000))
    found = repeat_similarity(trials, None, np.random.default_rng(0))
    assert found.leave_one_out == pytest.approx(0.0, abs=0.01)
    assert found.including == pytest.approx(1 / 3, abs=0.01)
    assert found.split_half == pytest.approx(0.0, abs=0.02)
    assert found.variability_including == pytest.approx(8.0, rel=0.05)
    assert np.isnan(found.other)


def test_split_half_is_the_reliability_of_the_average_of_all_trials():
    """Signal and noise of equal variance, 6 trials: 1 / (1 + 1/6)."""
    rng = np.random.default_rng(0)
    trials = rng.normal(size=50_000) + rng.normal(size=(6, 50_000))
    assert split_half(trials, rng) == pytest.approx(6 / 7, abs=0.01)


def test_split_half_stays_above_minus_one():
    trials = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert split_half(trials, np.random.default_rng(0)) == pytest.approx(-1.0)


def test_variability_about_nothing_is_undefined():
    trials = np.array([[1.0, 2.0], [-1.0, -2.0]])
    assert np.isnan(relative_difference(trials, trials.mean(axis=0, keepdims=True)))
