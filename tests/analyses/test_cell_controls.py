"""The strongest cells against others: which pairs, which tests, which correction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.analyses.cell_count.controls import compared

CELLS = np.array([0, 1, 2, 3, 4, 50])
IMAGES, WIDENING = 20, 1.3


def comparison(strongest, controls, at=(2, 4), content=None):
    content = np.arange(IMAGES) if content is None else content
    return compared(strongest, controls, CELLS, at, content, WIDENING)


@pytest.fixture
def curves():
    rng = np.random.default_rng(1)
    return {name: rng.normal(0.5, 0.1, (IMAGES, 6)) for name in ("strongest", "random", "weakest")}


def test_differences_tests_and_effects_are_those_of_the_pairs(curves):
    strongest = curves.pop("strongest")
    found = comparison(strongest + 0.05, curves)
    assert found["compared_with"].tolist() == ["random", "random", "weakest", "weakest"]
    np.testing.assert_array_equal(found["compared_cells"], [2, 4, 2, 4])
    for row, (name, n) in enumerate(
        zip(found["compared_with"], found["compared_cells"], strict=True)
    ):
        gain = strongest[:, n] + 0.05 - curves[name][:, n]
        assert found["compared_gain"][row] == pytest.approx(gain.mean())
        error = WIDENING * stats.sem(gain)
        p = 2 * stats.t.sf(abs(gain.mean()) / error, (IMAGES - 1) / 2)
        assert found["compared_p"][row] == pytest.approx(p)
        ranks = stats.rankdata(np.abs(gain)) * np.sign(gain)
        assert found["compared_effect"][row] == pytest.approx(ranks.sum() / np.abs(ranks).sum())
        half = stats.t.ppf(0.975, (IMAGES - 1) / 2) * error
        ends = found["compared_gain_low"][row], found["compared_gain_high"][row]
        assert ends == pytest.approx((gain.mean() - half, gain.mean() + half))


def test_p_values_are_corrected_over_controls_and_counts(curves):
    found = comparison(curves.pop("strongest") + 0.05, curves)
    p = np.sort(found["compared_p"])
    expected = np.minimum(np.maximum.accumulate(p * [4, 3, 2, 1]), 1)
    np.testing.assert_allclose(np.sort(found["compared_p_holm"]), expected)


def test_all_cells_are_one_value_per_image_and_counts_off_the_curve_are_left_out(curves):
    strongest = curves["strongest"]
    found = comparison(strongest, {"all": strongest[:, -1:]}, at=(3, 10, 50, 3, 0))
    np.testing.assert_array_equal(found["compared_cells"], [3])
    gain = (strongest[:, 3] - strongest[:, 5]).mean()
    np.testing.assert_allclose(found["compared_gain"], [gain])


def test_equal_curves_do_not_differ(curves):
    found = comparison(curves["strongest"], {"same": curves["strongest"] + 1e-12})
    assert not found["compared_gain"].any()
    assert (found["compared_p_holm"] == 1).all()


def test_nothing_to_compare_is_no_comparison(curves):
    found = comparison(curves.pop("strongest"), curves, at=())
    assert all(len(values) == 0 for values in found.values())
