"""No interval over sessions claims what its measure cannot be."""

import math

import numpy as np
import pytest

from twophoton_decode.analyses.sessions.comparisons import paired_comparisons
from twophoton_decode.analyses.sessions.measures import (
    SCORES,
    STABILITIES,
    OverImages,
    Single,
    measurements,
)
from twophoton_decode.analyses.sessions.ranges import possible_range, within
from twophoton_decode.analyses.sessions.view import population_view


def two_mice(measure, condition, values):
    return [
        each
        for mouse, value in zip(("m1", "m2"), values, strict=True)
        for each in measurements(
            f"S of {mouse}", mouse, "ridge", {(measure, condition): Single(value)}
        )
    ]


@pytest.mark.parametrize(
    ("measure", "condition", "values", "ends"),
    [
        ("r_average", "", (0.3, 0.54), (0.42 - 1.1, 1.0)),
        ("r_average", "", (0.1, 0.7), (-1.0, 1.0)),
        ("reconstruction_similarity", "", (0.8, 0.9), (0.85 - 0.4584, 1.0)),
        ("two_way_average", "", (0.6, 0.9), (0.0, 1.0)),
        ("percent_responsive", "", (20.0, 50.0), (0.0, 100.0)),
        ("cells", "strong that suffice", (6.0, 9.0), (1.0, 7.5 + 13.752)),
        ("cells", "informative", (6.0, 9.0), (0.0, 7.5 + 13.752)),
        ("response_variability", "", (0.2, 0.8), (0.0, 0.5 + 2.7504)),
        ("r_infinite_trials", "", (0.2, 0.8), (0.5 - 2.7504, 0.5 + 2.7504)),
    ],
)
def test_means_over_two_mice(measure, condition, values, ends):
    # Uncut: mean ± half the distance · t₁ / z · √2 = mean ± 4.584 times the distance.
    found = two_mice(measure, condition, values)
    view = population_view(found, [], resamplings=500, seed=0)
    mean = view.means["ridge", measure, condition]
    assert (mean.low, mean.high) == pytest.approx(ends, abs=2e-3)


def test_an_interval_of_one_session_is_cut_before_tables_and_page_see_it():
    given = {("reconstruction_similarity", ""): OverImages(np.array([0.9, 1.0]), (0.7, 1.14))}
    (of_session,) = measurements("S", "m", "ridge", given)
    assert of_session.interval == (0.7, 1.0)
    view = population_view([of_session], [], resamplings=10, seed=0)
    mean = view.means["ridge", "reconstruction_similarity", ""]
    assert (mean.low, mean.high) == (0.7, 1.0)


def test_a_difference_lies_in_the_difference_of_the_ranges():
    found = two_mice("r_average", "", (0.1, 0.9)) + two_mice("chance_r", "", (0.0, 0.0))
    (test,) = paired_comparisons(
        found, primary_score="r_average", resamplings=500, rng=np.random.default_rng(0)
    )
    assert (test.mean.low, test.mean.high) == (-2.0, 2.0)


def test_every_score_and_stability_has_a_range_and_an_unknown_end_stays_unknown():
    for name in (*SCORES, *STABILITIES):
        assert math.isfinite(min(map(abs, possible_range(name))))
    assert np.isnan(within((math.nan, math.nan), (-1.0, 1.0))).all()
