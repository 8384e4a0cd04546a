import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.responses.sparseness import lifetime_sparseness, population_sparseness


def test_one_cell_is_sparse_and_all_alike_are_not():
    rates = np.array([[1.0, 5.0, 2.0], [1.0, 0.0, 0.0], [1.0, 0.0, -7.0]])
    np.testing.assert_allclose(population_sparseness(rates), [0.0, 1.0, 1.0], atol=1e-15)


def test_a_share_of_cells_responding_alike():
    # With k of n cells at one rate, mean² / mean of squares is k / n.
    rates = np.repeat([1.0, 0.0], [3, 9])[:, None] * 4.2
    assert population_sparseness(rates) == pytest.approx((1 - 3 / 12) / (1 - 1 / 12))


def test_exponential_rates_have_sparseness_one_half():
    rates = np.random.default_rng(0).exponential(size=(200_000, 2))
    np.testing.assert_allclose(population_sparseness(rates), 0.5, atol=0.01)


def test_undefined_where_nothing_responds():
    assert np.isnan(population_sparseness(np.array([[0.0, -1.0], [0.0, -2.0]]))).all()
    assert np.isnan(population_sparseness(np.ones((1, 4)))).all()


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1e4))
def test_lifetime_is_population_turned_and_scale_does_not_matter(seed, scale):
    rates = np.random.default_rng(seed).standard_normal((6, 5)) + 1
    np.testing.assert_array_equal(lifetime_sparseness(rates), population_sparseness(rates.T))
    np.testing.assert_allclose(
        population_sparseness(scale * rates), population_sparseness(rates), rtol=1e-9
    )
    values = population_sparseness(rates)
    assert ((values >= -1e-12) & (values <= 1 + 1e-12) | np.isnan(values)).all()
