"""Dissimilarities, agreement and ceilings equal rsatoolbox 0.3.2 (reference_rsa.py made them)."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.deep.comparison.agreement import ceilings, spearman, whitened_cosine
from twophoton_decode.deep.comparison.dissimilarity import (
    as_matrix,
    correlation_distance,
    crossnobis,
    mean_patterns,
    pictures_of,
)
from twophoton_decode.deep.comparison.dual_bootstrap import (
    agreement,
    dual_variance,
    picture_variance,
)


@pytest.fixture(scope="module")
def reference():
    with np.load(Path(__file__).parent / "reference_rsa.npz", allow_pickle=False) as held:
        return dict(held)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_dissimilarities(reference):
    R, image, repeat = (reference[name] for name in ("R", "image", "repeat"))
    close(crossnobis(R, image, repeat, 12), reference["crossnobis"])
    close(correlation_distance(mean_patterns(R, image, 12)), reference["correlation"])


@pytest.mark.parametrize(
    ("name", "measure"), [("spearman", spearman), ("whitened", whitened_cosine)]
)
def test_agreement_and_ceilings(reference, name, measure):
    several = reference["several"]
    close(measure(several, reference["correlation"][None]), reference[name])
    close(measure(reference["tied"], several), reference[f"{name}_tied"])
    close(ceilings(several, measure), reference[f"{name}_ceiling"])


def test_dual_variance(reference):
    close(dual_variance(reference["variances"], 4, 12), reference["dual_variance"])


def test_crossnobis_of_unequal_repeats_is_the_mean_over_pairs_of_repeats():
    rng = np.random.default_rng(0)
    image = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    repeat = np.array([0, 1, 2, 0, 2, 0, 1, 2])
    R = rng.normal(size=(8, 5))

    def kernel(i, j):
        products = [
            R[a] @ R[b]
            for a in np.flatnonzero(image == i)
            for b in np.flatnonzero(image == j)
            if repeat[a] != repeat[b]
        ]
        return np.mean(products)

    expected = [kernel(i, i) + kernel(j, j) - 2 * kernel(i, j) for i, j in ((0, 1), (0, 2), (1, 2))]
    close(crossnobis(R, image, repeat, 3), np.array(expected) / 5)


def test_noise_alone_has_no_distance_on_average():
    rng = np.random.default_rng(1)
    image, repeat = np.tile(np.arange(30), 6), np.repeat(np.arange(6), 30)
    found = crossnobis(rng.normal(size=(180, 200)), image, repeat, 30)
    assert abs(found.mean()) < 0.01
    once = image < 30
    once[30:60] = image[30:60] != 4
    single = crossnobis(np.ones((31, 2)), np.append(np.arange(30), 0), np.append(np.zeros(30), 1)
                        .astype(int), 30)  # fmt: skip
    assert np.isnan(single).all()


def test_flat_patterns_and_flat_dissimilarities_have_no_agreement():
    patterns = np.random.default_rng(2).normal(size=(4, 6))
    patterns[1] = 3.0
    row = correlation_distance(patterns)
    assert np.isnan(as_matrix(row)[1]).sum() == 3
    assert np.isnan(spearman(np.ones((1, 6)), np.arange(6.0)[None])).all()
    defined = spearman(row[None], np.arange(6.0)[None])[0, 0]
    kept = np.isfinite(row)
    assert defined == pytest.approx(stats.spearmanr(row[kept], np.arange(6)[kept])[0])


def test_pairs_and_matrices():
    assert [pictures_of(pairs) for pairs in (1, 3, 6, 4950)] == [2, 3, 4, 100]
    np.testing.assert_array_equal(
        as_matrix(np.array([1.0, 2, 3])), [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    )
    assert np.isnan(ceilings(np.ones((1, 3)))).all()


def population(rng, truth, cells, noise):
    """Dissimilarities of cells that mix the true components of each picture."""
    mixed = truth @ rng.normal(size=(truth.shape[1], cells))
    return correlation_distance(mixed + noise * rng.normal(size=mixed.shape))


def test_intervals_hold_the_agreement_of_new_pictures():
    """The share of 95 % intervals that hold what very many pictures give."""
    rng = np.random.default_rng(3)
    A, B = rng.normal(size=(2, 6, 40))

    def both(images):
        components = rng.normal(size=(images, 6))
        first = components @ A + 2 * rng.normal(size=(images, 40))
        return correlation_distance(first)[None], correlation_distance(components @ B)[None]

    truth = np.mean([spearman(*both(400))[0, 0] for _ in range(5)])
    held = []
    for _ in range(60):
        found = agreement(*both(40), 300, rng)
        held.append(found.low[0] <= truth <= found.high[0])
    assert 0.85 <= np.mean(held) <= 1.0


def test_variance_is_that_of_new_pictures_where_nothing_is_in_common():
    """There the bootstrap alone is three times as large, the jackknife twice."""
    rng = np.random.default_rng(5)
    found, half = [], []
    for _ in range(60):
        one, other = (correlation_distance(rng.normal(size=(30, 12)))[None] for _ in range(2))
        told = agreement(one, other, 200, rng)
        found.append(told.mean[0])
        half.append((told.high[0] - told.low[0]) / 2)
    widths = np.mean(half) / (stats.t.ppf(0.975, 14.5) * np.std(found))
    assert 0.85 < widths < 1.35
    many = 10**6
    for bootstrap, jackknife in ((3, 2), (1, 1)):
        found = picture_variance(np.array(bootstrap), np.array(jackknife / many), many)
        assert found == pytest.approx(1, abs=1e-4)


def test_the_mean_is_spearmans_and_equal_models_do_not_differ():
    rng = np.random.default_rng(4)
    models, data = rng.normal(size=(3, 190)), rng.normal(size=(4, 190))
    models[2] = models[0]
    found = agreement(models, data, 200, rng)
    close(found.mean, spearman(models, data).mean(axis=1))
    assert found.difference_low[0, 2] == pytest.approx(0, abs=1e-6)
    assert found.difference_high[0, 2] == pytest.approx(0, abs=1e-6)
    assert found.resampled.shape == (200, 3)
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()
