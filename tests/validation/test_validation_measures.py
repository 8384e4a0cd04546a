"""The measures of the validation: right intervals pass, wrong ones are told."""

import sys

import numpy as np
import pytest
from conftest import ROOT
from scipy import stats

sys.path.insert(0, str(ROOT / "benchmarks" / "validation"))

from cited import ROWS
from measures import (
    AT_LEAST,
    COVERAGE,
    NO_BIAS,
    REJECTION,
    Interval,
    Quantity,
    Tally,
    any_rejected,
    rejected,
)
from page_update import updated
from recordings import LEVELS, Kind, autoregressive, fields_of, pictures, recording
from study import Study
from validation_page import page

RUNS = 400


def students(factor, seed=0):
    """95 % intervals of the mean of ten normal values, made wider or narrower."""
    rng = np.random.default_rng(seed)
    found = []
    for values in rng.standard_normal((RUNS, 10)):
        reach = factor * stats.t.ppf(0.975, 9) * values.std(ddof=1) / np.sqrt(10)
        found.append(Interval.of(values.mean(), (values.mean() - reach, values.mean() + reach)))
    return Tally(Quantity(("x_ci95",), "a mean", COVERAGE), "", "normal", found)


def test_students_interval_covers_as_stated_and_a_narrower_one_does_not():
    right = students(1.0)
    assert right.measured == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / RUNS))
    assert right.verdict.startswith("as stated")
    assert students(0.7).verdict == "too narrow"
    assert students(2.0).verdict == "wider than stated"


def test_a_planted_truth_takes_the_place_of_the_mean_of_the_estimates():
    quantity = Quantity(("x_ci95",), "a count", COVERAGE)
    found = [Interval(3, 2, 4), Interval(5, 4, 6), Interval(5, 4, 6, truth=9.0)]
    assert Tally(quantity, "", "", found).values.tolist() == [0, 1, 0]


def test_intervals_that_are_not_given_count_as_such():
    quantity = Quantity(("x_ci95",), "a count", COVERAGE)
    found = [Interval(3, 2, 4), Interval(np.nan, np.nan, np.nan), Interval(3, 2, 4)]
    tally = Tally(quantity, "", "", found)
    assert tally.defined.tolist() == [1, 1]
    assert tally.verdict.endswith("not given in 33% of runs")


def test_rejections_are_counted_with_their_error():
    quantity = Quantity(("x_p",), "a test", REJECTION)
    tally = Tally(quantity, "", "", [1.0] * 30 + [0.0] * 70)
    assert tally.measured == 0.3
    assert tally.error == pytest.approx(np.sqrt(32 / 104 * 72 / 104 / 104))
    assert tally.verdict == "rejects too often"
    assert Tally(quantity, "", "", [0.0] * 400).verdict.startswith("cautious")
    assert Tally(quantity, "", "", [1.0] * 5 + [0.0] * 95).verdict.startswith("as stated")


def test_a_bias_is_told_by_its_direction():
    quantity = Quantity(("r",), "a score", NO_BIAS)
    rng = np.random.default_rng(0)
    assert Tally(quantity, "", "", list(0.1 + 0.1 * rng.standard_normal(99))).verdict == (
        "biased upwards"
    )
    assert Tally(quantity, "", "", list(0.01 * rng.standard_normal(99))).verdict == "as stated"


def test_at_least_is_not_offended_by_more():
    quantity = Quantity(("k_ci95",), "a count", AT_LEAST)
    assert Tally(quantity, "", "", [1.0] * 300).verdict == "as stated"
    assert Tally(quantity, "", "", [1.0] * 200 + [0.0] * 100).verdict == "too rarely"


def test_rejected_at_five_per_cent():
    assert [rejected(p) for p in (0.05, 0.051)] == [1, 0]
    assert np.isnan(rejected(np.nan))
    assert any_rejected(np.array([np.nan, 0.2, 0.01])) == 1
    assert any_rejected(np.array([np.nan, 0.2])) == 0
    assert np.isnan(any_rejected(np.array([np.nan])))


def test_pictures_have_unit_variance_and_fall_off_with_frequency():
    made = pictures(4000, np.random.default_rng(0))
    assert made.std() == pytest.approx(1.0, abs=0.03)
    near = (made[:, 3, 3] * made[:, 3, 4]).mean() / (made**2).mean()
    far = (made[:, 3, 0] * made[:, 3, 9]).mean() / (made**2).mean()
    assert near > 0.6 > far + 0.2


def test_the_spread_of_what_fields_see_is_that_of_many_pictures():
    fields, spread, _ = fields_of(99, 20)
    seen = pictures(6000, np.random.default_rng(1)).reshape(6000, -1) @ fields.T
    np.testing.assert_allclose(seen.std(axis=0), spread, rtol=0.06)


def test_cells_of_a_null_recording_know_nothing_of_the_pictures_and_carriers_do():
    kind = Kind(images=2000, cells=8, repeats=1, carriers=4, threshold=-np.inf)
    found = recording(kind, np.random.default_rng(2))
    fields, spread, _ = fields_of(kind.population, 8)
    seen = found.picture.reshape(2000, -1) @ fields.T / spread
    r = [np.corrcoef(found.drive[:, cell], seen[:, cell])[0, 1] for cell in range(8)]
    assert min(r[:4]) > 0.999
    assert np.abs(r[4:]).max() < 0.12
    assert not LEVELS["R = 0"].carriers


def test_noise_remembers_as_much_as_it_is_told():
    noise = autoregressive(0.8, (40_000, 2), np.random.default_rng(0))
    assert noise.std() == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(noise[1:, 0], noise[:-1, 0])[0, 1] == pytest.approx(0.8, abs=0.02)


def test_runs_of_a_study_are_the_same_whatever_else_is_run():
    quantity = Quantity(("x",), "a number", NO_BIAS)

    def run(rng):
        yield quantity, "", float(rng.standard_normal())

    study = Study("invented", "one", (quantity,), run)
    (few,), _ = study.tallies(3, seed=1)
    (more,), _ = study.tallies(5, seed=1)
    assert more.found[:3] == few.found
    assert len(set(more.found)) == 5
    (other,), _ = study.tallies(3, seed=2)
    assert other.found != few.found
    (half,), _ = Study("invented", "one", (quantity,), run, every=2).tallies(5, seed=1)
    assert half.found == few.found


def test_the_page_names_settings_that_are_off_and_cites_other_pages():
    good, bad = students(1.0), students(0.6)
    bad.setting = "narrow ones"
    text = page([good, bad], "python benchmarks/validation", 60.0)
    row = next(line for line in text.splitlines() if line.startswith("| `x_ci95`"))
    assert "too narrow in 1 of 2: narrow ones" in row
    assert f"({100 * bad.measured:.1f} to {100 * good.measured:.1f})" in row
    assert all(f"../benchmarks/results/{row.page}" in text for row in ROWS)


def test_rows_made_anew_take_the_place_of_older_ones_and_unknown_ones_go():
    quantities = [
        Quantity((name,), f"of {name}", COVERAGE) for name in ("a_ci95", "b_ci95", "c_ci95")
    ]
    right = students(1.0).found
    tallies = [Tally(each, "", "one", right) for each in quantities]
    old = page(tallies, "python benchmarks/validation", 60.0)
    new = Quantity(("d_ci95",), "of d_ci95", COVERAGE)
    narrow = [Tally(each, "", "one", students(0.6).found) for each in (quantities[1], new)]
    text = updated(old, narrow, {*quantities[:2], new}, "python benchmarks/validation b", 60.0)
    for part in (text.split("## Every setting")[0], text.split("## Every setting")[1]):
        rows = [line for line in part.splitlines() if line.startswith("| `")]
        own = [line for line in rows if "../benchmarks" not in line]
        assert [line[3] for line in own] == ["a", "b", "d"]
        assert ["too narrow" in line for line in own] == [False, True, True]
    assert "`c_ci95`" not in text
    assert text.count("Made on ") == 1
    assert "Rows of `b_ci95`, `d_ci95`: made on " in text
    again = updated(text, narrow, {*quantities[:2], new}, "python benchmarks/validation b", 60.0)
    assert again == text
