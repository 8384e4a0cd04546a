"""Every decoder against ridge, with intervals that hold all at once."""

from dataclasses import replace

import numpy as np
import pytest
from hand_made_records import random_recording
from scipy import stats

from twophoton_decode.analyses.sessions.against_ridge import decoders_against_ridge
from twophoton_decode.figures.reconstruction.against_ridge import against_ridge_in_words
from twophoton_decode.statistics.mean_score import mean_score

IMAGES = 40
LEADS = {"ahead": 0.1, "equal": 0.0, "behind": -0.1}


def decoders(leads=LEADS, spread=0.01, seed=0):
    """Ridge, and decoders that lead it by so much, with noise of that SD over images."""
    rng = np.random.default_rng(seed)
    made = random_recording(rng, images=IMAGES, repeats=2, folds=5)[0]
    ridge = rng.normal(0.3, 0.2, IMAGES)
    noise = {name: spread * stats.zscore(rng.normal(size=IMAGES)) for name in leads}
    scores = {"ridge": ridge} | {name: ridge + leads[name] + noise[name] for name in leads}
    return {
        name: replace(made, decoder=name, r_average=values, deletion_average=None)
        for name, values in scores.items()
    }


def words(given):
    found = decoders_against_ridge(given, "r_average")
    return against_ridge_in_words({
        name: {
            "over_ridge": each.mean,
            "over_ridge_ci95": each.interval,
            "over_ridge_verdict": each.verdict,
            "over_ridge_score": "r_average",
        }
        for name, each in found.items()
    })  # fmt: skip


def test_intervals_are_those_of_bonferroni():
    given = decoders()
    found = decoders_against_ridge(given, "r_average")
    assert list(found) == list(LEADS)
    single = mean_score(given["ahead"].r_average - given["ridge"].r_average)
    reach = stats.t.ppf(1 - 0.05 / 3 / 2, IMAGES - 1) * single.error
    assert found["ahead"].interval == pytest.approx((single.mean - reach, single.mean + reach))
    alone = decoders_against_ridge({k: given[k] for k in ("ridge", "ahead")}, "r_average")
    assert alone["ahead"].interval == pytest.approx(single.interval)


@pytest.mark.parametrize(
    ("lead", "spread", "verdict"),
    [
        (0.1, 0.01, "better"),
        (0.0, 0.01, "no worse"),
        (-0.1, 0.01, "worse"),
        (-0.02, 0.1, "lower"),
        (0.0, 0.1, "open"),
    ],
)
def test_a_verdict_needs_its_interval(lead, spread, verdict):
    found = decoders_against_ridge(decoders({"other": lead}, spread), "r_average")
    assert found["other"].verdict == verdict


def test_a_decoder_that_equals_ridge_is_no_worse():
    found = decoders_against_ridge(decoders({"same": 0.0}, 0.0), "r_average")["same"]
    assert (found.mean, found.interval, found.verdict) == (0.0, (0.0, 0.0), "no worse")


def test_the_best_of_many_equal_decoders_is_rarely_called_better():
    """Picked by its score; one at a time, one of twelve would be in about a quarter of runs."""
    made = decoders()["ridge"]
    rng = np.random.default_rng(1)
    called = 0
    for _ in range(60):
        own = rng.normal(size=(12, IMAGES))
        given = {str(i): replace(made, r_average=made.r_average + r) for i, r in enumerate(own)}
        found = decoders_against_ridge({"ridge": made} | given, "r_average")
        called += any(each.verdict == "better" for each in found.values())
    assert called <= 6


def test_words_say_that_nothing_is_better_and_what_is_worse():
    told = words(decoders({"equal": 0.0, "behind": -0.1}))
    assert "no decoder is shown to be better than ridge" in told
    assert "worse than ridge by more than 0.01: behind −0.100 (" in told
    assert "no worse than ridge by more than 0.01: equal +0.000 (" in told
    assert "corrected for 2 comparisons" in told
    better = words(decoders())
    assert "no decoder" not in better
    assert "better than ridge: ahead +0.100 (" in better


def test_without_ridge_or_others_nothing_is_said():
    given = decoders()
    assert words({"ridge": given["ridge"]}) == ""
    assert words({"ahead": given["ahead"], "equal": given["equal"]}) == ""
