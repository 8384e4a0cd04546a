"""Parameters out of their range are refused by `fit`, by name."""

import numpy as np
import pytest
from sklearn.base import clone

import twophoton_decode as tp

D = tp.decoders
R = np.random.default_rng(0).normal(size=(24, 6))
Y = np.repeat(np.random.default_rng(1).normal(size=(12, 3)), 2, axis=0)

PENALTIES = r"strengths must be a list of one or more finite numbers, 0 or above, found "
FRACTIONS = r"strengths must be a list of one or more numbers above 0 and up to 1, each smaller "


@pytest.mark.parametrize(
    ("decoder", "said"),
    [
        (D.Ridge(strengths=[-1e3]), PENALTIES + r"\[-1000.0\]\."),
        (D.Ridge(strengths=[-1e3], per_feature=True), PENALTIES),
        (D.Ridge(strengths=[]), PENALTIES + r"\[\]\."),
        (D.Ridge(strengths=2.0), PENALTIES + r"2\.0\."),
        (D.Ridge(strengths=[1.0, np.nan]), PENALTIES + r"\[1.0, nan\]"),
        (D.Ridge(strengths=["much"]), PENALTIES + r"\['much'\]"),
        (D.CellSelection(strengths=np.array([-1.0])), PENALTIES + r"\[-1.0\]\."),
        (D.CellSelection(threshold=-3), "threshold must be a finite number, 0 or above, found -3"),
        (D.CellSelection(threshold=None), "threshold must be .* found None"),
        (D.Lasso(strengths=[5]), FRACTIONS + r"than the one before, found \[5\]\."),
        (D.Lasso(strengths=()), FRACTIONS),
        (D.Lasso(strengths=[0.5, 0.0]), FRACTIONS),
        (D.Lasso(strengths=[0.1, 0.5]), FRACTIONS),
        (D.ElasticNet(strengths=[0.5, 0.5]), FRACTIONS),
        (D.ElasticNet(l1_share=3), "l1_share must be a number above 0 and up to 1, found 3"),
        (D.ElasticNet(l1_share=0), "l1_share must be .* found 0"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(decoder, said):
    with pytest.raises(tp.errors.ArgumentError, match=said) as caught:
        clone(decoder).fit(R, Y)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "decoder",
    [
        D.Ridge(strengths=np.array([0.1, 1.0])),
        D.CellSelection(threshold=0, strengths=(0,)),
        D.Lasso(strengths=[1, 0.5]),
        D.ElasticNet(l1_share=1, strengths=[0.3]),
    ],
)
def test_the_ends_of_a_range_are_allowed(decoder):
    assert np.isfinite(decoder.fit(R, Y).coef_).all()
