"""Tests over sessions on measurements made by hand."""

import numpy as np
import pytest
from conftest import over_images

from twophoton_decode.analyses.sessions.comparisons import paired_comparisons
from twophoton_decode.analyses.sessions.measures import Single, measurements


def study(sessions=7, sign=1.0, decoders=("ridge",), offset=0.0, of_a_mouse=1):
    """Sessions in which Max. is above All by 0.1, 0.2 …"""
    found = []
    for number in range(sessions):
        for place, decoder in enumerate(decoders):
            every = np.linspace(0.1, 0.3, 5) + offset * place
            gain = sign * 0.1 * (number + 1)
            found += measurements(
                f"S{number}", f"m{number // of_a_mouse}", decoder,
                over_images({
                    ("r", "All"): every,
                    ("r", "Resp."): every + np.array([0.0, 0, 0.05, 0, np.nan]),
                    ("r", "Max."): every + gain,
                    ("r_average", ""): every + 0.2,
                    ("chance_r", ""): Single(0.05),
                }),
            )  # fmt: skip
    return found


def compared(found, score="r_average"):
    tests = paired_comparisons(
        found, primary_score=score, resamplings=500, rng=np.random.default_rng(0)
    )
    return {(each.decoder, each.comparison): each for each in tests}


def test_seven_sessions_that_agree():
    test = compared(study())["ridge", "Max. − All"]
    assert (test.sessions, test.higher) == (7, 7)
    assert test.difference == pytest.approx(0.4)
    assert test.p == pytest.approx(2 / 2**7)
    assert test.rank_biserial == 1.0


def test_sessions_of_a_mouse_count_once():
    test = compared(study(sessions=12, of_a_mouse=2))["ridge", "Max. − All"]
    assert (test.sessions, test.units, test.level) == (12, 6, "mice")
    assert test.p == pytest.approx(2 / 2**6)
    few = compared(study(of_a_mouse=2))["ridge", "Max. − All"]
    assert np.isnan(few.p)
    assert "4 mice differ" in few.note
    # Mice: means of (0.1, 0.2), (0.3, 0.4), (0.5, 0.6) and 0.7.
    assert few.mean.mean == pytest.approx((0.15 + 0.35 + 0.55 + 0.7) / 4)
    assert (few.mean.level, few.mean.units) == ("mice", 4)
    assert few.mean.low < few.mean.mean < few.mean.high


def test_sessions_are_tested_where_all_are_of_one_mouse():
    test = compared(study(of_a_mouse=7))["ridge", "Max. − All"]
    assert (test.units, test.level) == (7, "sessions")
    assert test.p == pytest.approx(2 / 2**7)


def test_the_sign_of_the_difference_is_first_minus_second():
    test = compared(study(sign=-1.0))["ridge", "Max. − All"]
    assert test.difference == pytest.approx(-0.4)
    assert (test.higher, test.rank_biserial) == (0, -1.0)
    assert test.p == pytest.approx(2 / 2**7)


def test_a_single_value_is_compared_with_medians_over_images():
    test = compared(study())["ridge", "R − chance"]
    assert test.difference == pytest.approx(0.4 - 0.05)
    assert test.mean.mean == pytest.approx(0.35)


def test_five_mice_are_too_few_and_it_is_said():
    test = compared(study(sessions=5))["ridge", "Max. − All"]
    assert np.isnan([test.p, test.p_holm]).all()
    assert "5 mice differ" in test.note
    assert "fewer than 6" in test.note
    assert test.rank_biserial == 1.0


def test_it_is_said_where_the_correction_cannot_be_passed():
    six = compared(study(sessions=6))["ridge", "Max. − All"]
    assert six.note == "with 6 mice and 2 tests, the smallest p is 0.062"
    assert compared(study(sessions=7))["ridge", "Max. − All"].note == ""


def test_p_is_corrected_within_a_question_of_a_decoder():
    tests = compared(study(decoders=("ridge", "bayes")))
    for decoder in ("ridge", "bayes"):
        family = [tests[decoder, f"{name}"] for name in ("Max. − All", "Max. − Resp.")]
        assert all(each.p_holm == pytest.approx(2 * 2 / 2**7) for each in family)
        assert tests[decoder, "R − chance"].p_holm == pytest.approx(2 / 2**7)


def test_decoders_are_compared_in_pairs_by_the_primary_score():
    found = study(decoders=("ridge", "bayes", "lasso"), offset=-0.01)
    tests = compared(found)
    names = [comparison for decoder, comparison in tests if not decoder]
    assert names == [f"r_average, {pair}" for pair in
                     ("ridge − bayes", "ridge − lasso", "bayes − lasso")]  # fmt: skip
    assert tests["", names[1]].difference == pytest.approx(0.02)
    assert compared(found, "r_single").keys().isdisjoint([("", name) for name in names])


def test_sessions_without_one_of_the_two_are_left_out_of_the_pair():
    found = [
        each for each in study(sessions=8)
        if not (each.session == "S3" and each.condition == "Max.")
    ]  # fmt: skip
    tests = compared(found)
    assert tests["ridge", "Max. − All"].sessions == 7
    assert tests["ridge", "Resp. − All"].sessions == 8


def test_what_is_undefined_is_no_measurement():
    given = over_images({("r", "All"): np.array([np.nan]), ("p", ""): Single(0.5)})
    found = measurements("S", "m", "d", given)
    assert [each.measure for each in found] == ["p"]


def test_the_order_of_sessions_does_not_matter():
    found = study()
    one, other = compared(found), compared(found[::-1])
    assert one.keys() == other.keys()
    for key, test in one.items():
        again = other[key]
        pair = (again.p, again.difference)
        assert (test.p, test.difference) == pytest.approx(pair, nan_ok=True)
        assert test.mean.mean == pytest.approx(again.mean.mean)
