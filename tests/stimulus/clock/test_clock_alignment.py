"""Offset, drift and jitter that were planted come back; what is not unique is refused."""

import numpy as np
import pytest

from twophoton_decode.errors import AlignmentError
from twophoton_decode.stimulus.clock.aligning import align_flips, tolerance

OFFSET_S = 12.3
JITTER_S = 0.001


def planted(log_s, drift, rng, *, missed=(), extra=()):
    """Flips of a log at a drift, with jitter, some missed and some extra."""
    flips = OFFSET_S + (1 + drift) * log_s + rng.normal(0, JITTER_S, log_s.size)
    return np.sort(np.concatenate([np.delete(flips, list(missed)), list(extra)]))


def align(log_s, flip_s, **options):
    return align_flips(log_s, flip_s, within_s=tolerance(log_s), step_s=2e-4, **options)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def log_s(rng):
    return np.cumsum(rng.uniform(1.5, 3.0, 150))


@pytest.mark.parametrize("drift", [0.0, 50e-6, 1e-3, -9e-3])
def test_planted_clock_comes_back(log_s, rng, drift):
    missed, extra = (3, 70, 71), (5.0, 100.0, 177.7)
    made = align(log_s, planted(log_s, drift, rng, missed=missed, extra=extra))
    assert made.refused == ()
    assert made.missed_row.tolist() == list(missed)
    assert made.extra_flip_s.tolist() == list(extra)
    # Standard errors of the line: jitter / sqrt(n), and over the spread of the log.
    error = JITTER_S / np.sqrt(log_s.size)
    middle = OFFSET_S + (1 + drift) * log_s.mean()
    assert made.offset_s + (1 + made.drift) * log_s.mean() == pytest.approx(middle, abs=5 * error)
    assert made.drift == pytest.approx(drift, abs=5 * error / log_s.std())
    # The median distance of Gaussian jitter is 0.6745 of its SD.
    assert made.jitter_s == pytest.approx(0.6745 * JITTER_S, rel=0.3)
    assert made.next_rows < 0.2 * made.tight_rows


def test_residuals_before_drift_show_the_drift(log_s, rng):
    made = align(log_s, planted(log_s, 1e-3, rng))
    slope = np.polyfit(log_s, made.before_drift_s, 1)[0]
    assert slope == pytest.approx(1e-3, rel=0.02)
    assert abs(np.polyfit(log_s, made.residual_s, 1)[0]) < 2e-5


def test_missed_rows_get_the_onset_of_the_line(log_s, rng):
    made = align(log_s, planted(log_s, 1e-3, rng, missed=(9,)))
    assert made.onset_s[9] == pytest.approx(OFFSET_S + 1.001 * log_s[9], abs=JITTER_S)
    assert (np.diff(made.onset_s) > 0).all()


def test_regular_log_with_a_missed_flip_at_its_end_is_refused(rng):
    log_s = 4.0 * np.arange(100)
    made = align(log_s, planted(log_s, 50e-6, rng, missed=(0,)))
    assert any("not unique" in reason for reason in made.refused)


def test_regular_log_with_equal_counts_is_matched_by_counts(rng):
    log_s = 4.0 * np.arange(100)
    made = align(log_s, planted(log_s, 50e-6, rng))
    assert made.refused == ()
    assert made.offset_s == pytest.approx(OFFSET_S, abs=1e-3)
    assert any("only the counts" in note for note in made.notes)


def test_offset_that_is_known_roughly_chooses_among_shifts(rng):
    log_s = 4.0 * np.arange(100)
    flips = planted(log_s, 50e-6, rng, missed=(0,))
    made = align(log_s, flips, offset_near_s=OFFSET_S + 1.5)
    assert made.refused == ()
    assert made.offset_s == pytest.approx(OFFSET_S, abs=1e-3)


def test_pauses_tell_a_regular_log_apart(rng):
    log_s = 4.0 * np.arange(120) + np.repeat([0.0, 17.0, 40.0, 55.0], 30)
    made = align(log_s, planted(log_s, 50e-6, rng, missed=(50, 51), extra=(20.0,)))
    assert made.refused == ()
    assert made.missed_row.tolist() == [50, 51]


def test_intervals_that_differ_by_screen_frames_are_told_apart(rng):
    log_s = np.cumsum(4 + rng.integers(0, 4, 100) / 60)
    made = align(log_s, planted(log_s, 1e-3, rng, missed=(0, 99)))
    assert made.refused == ()
    assert made.missed_row.tolist() == [0, 99]


def test_too_few_rows_with_flips_are_refused_unless_told(log_s, rng):
    flips = planted(log_s, 50e-6, rng, missed=range(0, 150, 5))
    assert any("--min-matched" in reason for reason in align(log_s, flips).refused)
    assert align(log_s, flips, least_share=0.7).refused == ()


def test_random_flips_are_refused(log_s, rng):
    flips = np.sort(rng.uniform(0, log_s[-1] + 20, 150))
    assert align(log_s, flips).refused


def test_flips_so_frequent_that_any_row_finds_one_are_refused(log_s, rng):
    log_s = log_s[:40]
    flips = np.arange(0, log_s[-1] + 20, 1 / 30)
    assert any("at random" in reason for reason in align(log_s, flips).refused)


def test_three_rows_are_too_few(rng):
    log_s = np.array([1.0, 3.2, 7.1])
    made = align(log_s, np.sort(np.append(OFFSET_S + log_s, rng.uniform(0, 60, 60))))
    assert any("at random" in reason for reason in made.refused)


def test_rows_that_no_flip_is_near(log_s):
    assert align(log_s, np.array([5.0])).refused


def test_no_flips(log_s):
    with pytest.raises(AlignmentError, match="found 0 flips"):
        align(log_s, np.zeros(0))
