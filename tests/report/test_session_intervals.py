"""Intervals of single sessions in the tables of several: those of the session's own results."""

from __future__ import annotations

from dataclasses import replace

import invented_recording as invented
import numpy as np
import pytest
from scipy import stats

from twophoton_decode.analyses.sessions.measures import of_cell_counts, of_responses, of_stability

# Images 0 and 1, and 2 and 3, show the same.
CONTENT = np.arange(invented.IMAGES)
CONTENT[[1, 3]] = 0, 2


def by_hand(values, content, widening):
    """Mean ± t · widening · the cluster-robust error; a widening costs half of the freedom."""
    sums = [np.sum(values[content == c] - values.mean()) for c in np.unique(content)]
    units = len(sums)
    error = np.sqrt(np.sum(np.square(sums)) * units / (units - 1)) / len(values)
    freedom = (units - 1) / (2 if widening > 1 else 1)
    reach = stats.t.ppf(0.975, freedom) * widening * error
    return values.mean() - reach, values.mean() + reach


def test_cell_counts_take_the_records_widening_and_content():
    curves = replace(invented.curves(), widening=1.3)
    found = of_cell_counts(curves, CONTENT)
    held_out = by_hand(curves.r_heldout, CONTENT, 1.3)
    assert found["r", "held-out count"].interval == pytest.approx(held_out)
    used = np.isfinite(curves.r_max)
    expected = by_hand(curves.r_max[used], CONTENT[used], 1.3)
    assert found["r", "Max."].interval == pytest.approx(expected)
    assert found["cells", "informative"].interval == curves.informative_cells_ci95


def test_old_cell_counts_without_a_widening_take_the_widest():
    curves = replace(invented.curves(), widening=np.nan)
    found = of_cell_counts(curves, None)["r", "held-out count"].interval
    every = np.arange(invented.IMAGES)
    assert found == pytest.approx(by_hand(curves.r_heldout, every, np.sqrt(2)))


def test_stability_is_widened_where_reconstructions_are_compared():
    record = invented.stability()
    found = of_stability(record, CONTENT)
    assert found["reconstruction_similarity", ""].interval == record.reconstruction_similarity_ci95
    for name, widening in (
        ("reconstruction_similarity_other", 1.2), ("response_similarity_other", 1.0),
    ):  # fmt: skip
        values = getattr(record, name)
        known = np.isfinite(values)
        expected = by_hand(values[known], CONTENT[known], widening)
        assert found[name, ""].interval == pytest.approx(expected)


def test_an_image_under_two_names_counts_once_in_what_responses_say():
    responses = invented.responses()
    values = 100 * responses.responsive.mean(axis=0)
    found = of_responses(responses, CONTENT)["percent_responsive", ""].interval
    assert found == pytest.approx(by_hand(values, CONTENT, 1.0))
