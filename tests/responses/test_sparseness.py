import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.responses.statistics.sparseness import (
    lifetime_sparseness,
    population_sparseness,
    sparseness_by_repeats,
)


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


def test_averaging_ends_at_the_sparseness_of_all_trials():
    rng = np.random.default_rng(1)
    image = rng.permutation(np.repeat(np.arange(12), 6))
    response = rng.exponential(size=(image.size, 40))
    found = sparseness_by_repeats(response, image, rng)
    assert found["repeats_averaged"].tolist() == [1, 2, 4, 6]
    rates = np.array([response[image == i].mean(0) for i in range(12)]).T
    expected = population_sparseness(rates)
    assert found["sparseness_of_averages"][-1] == pytest.approx(expected.mean())
    error = expected.std(ddof=1) / np.sqrt(12)
    assert found["sparseness_of_averages_error"][-1] == pytest.approx(error)
    assert found["sparseness_of_averages"][0] == pytest.approx(0.5, abs=0.03)


def test_shuffled_images_lose_sparseness_and_tuned_ones_keep_it():
    rng = np.random.default_rng(2)
    image = np.tile(np.arange(20), 8)
    tuned = (rng.random((20, 200)) < 0.1)[image] * rng.gamma(20, 0.05, (160, 200))
    found = sparseness_by_repeats(tuned, image, rng)
    assert found["sparseness_of_averages"].min() > 0.88
    single = found["sparseness_of_averages"][0]
    assert found["sparseness_of_shuffled"][0] == pytest.approx(single, abs=0.01)
    assert found["sparseness_of_shuffled"][-1] < 0.65


def test_every_point_has_the_images_with_the_usual_number_of_repeats():
    rng = np.random.default_rng(3)
    image = np.repeat(np.arange(5), [1, 4, 4, 4, 9])
    response = rng.exponential(size=(image.size, 10))
    response[image == 0] = np.eye(10)[0]
    found = sparseness_by_repeats(response, image, rng)
    assert found["repeats_averaged"].tolist() == [1, 2, 4]
    assert found["sparseness_of_averages"].max() < 0.7
    once = sparseness_by_repeats(response[:5], np.arange(5), rng)
    assert once["repeats_averaged"].tolist() == [1]
