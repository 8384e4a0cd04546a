"""Overlap of feature sets: counted by hand, against chance, and where there is nothing."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from twophoton_decode.analyses.complementarity import feature_overlap as module
from twophoton_decode.analyses.complementarity.feature_overlap import (
    FeatureOverlap,
    beyond_sizes,
    feature_overlap,
    superiority,
)
from twophoton_decode.errors import AnalysisError
from twophoton_decode.statistics.permutation import p_as_far


def sets_of(*members, features=8):
    return np.array([np.isin(np.arange(features), each) for each in members])


def random_population(seed, cells=30, features=60, images=12, share=0.3):
    rng = np.random.default_rng(seed)
    selected = rng.random((cells, features)) < 0.2
    selected[:, 0] = True
    return selected, rng.random((cells, images)) < share, rng


def run(selected, responsive, rng, cells=None):
    cells = np.ones(len(selected), bool) if cells is None else cells
    return feature_overlap(selected, responsive, cells, rng)


def test_overlap_of_two_sets():
    found = FeatureOverlap.of(sets_of([0, 1, 2], [1, 2, 3, 4, 5]))
    np.testing.assert_allclose(found.jaccard, [[0, 2 / 6], [2 / 6, 0]])
    np.testing.assert_allclose(found.share, [[0, 2 / 3], [2 / 5, 0]])


def test_each_image_is_the_mean_over_its_pairs():
    selected, responsive, rng = random_population(0)
    found = run(selected, responsive, rng)
    for image in range(12):
        cells = np.flatnonzero(responsive[:, image])
        both = [(selected[a], selected[b]) for a, b in combinations(cells, 2)]
        jaccard = [(a & b).sum() / (a | b).sum() for a, b in both]
        share = [0.5 * ((a & b).sum() / a.sum() + (a & b).sum() / b.sum()) for a, b in both]
        np.testing.assert_allclose(found["overlap"][image], np.mean(jaccard), rtol=1e-5)
        np.testing.assert_allclose(found["overlap_share"][image], np.mean(share), rtol=1e-5)
    np.testing.assert_array_equal(found["overlap_cells"], responsive.sum(axis=0))


def test_pairs_are_counted_once_and_split_by_common_images():
    selected = sets_of([0, 1], [0, 1], [2, 3], [2, 3])
    responsive = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool)
    found = run(selected, responsive, np.random.default_rng(0))
    assert found["overlap_together"].sum() == 2
    assert found["overlap_together"][-1] == 2
    assert found["overlap_apart"].sum() == 4
    assert found["overlap_apart"][0] == 4
    assert (found["overlap_mean_together"], found["overlap_mean_apart"]) == (1, 0)
    assert found["overlap_superiority"] == 1
    np.testing.assert_allclose(found["overlap_by_chance"], 2 / 6)


def test_cells_that_share_features_because_they_share_images_are_found():
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(4), 10)
    selected = rng.random((40, 80)) < np.where(np.arange(80) // 20 == group[:, None], 0.5, 0.1)
    responsive = rng.random((40, 20)) < np.where(np.arange(20) // 5 == group[:, None], 0.7, 0.05)
    found = run(selected, responsive, rng)
    assert found["overlap_p"] == 1 / 501
    assert np.nanmean(found["overlap"]) > 1.3 * found["overlap_by_chance"]
    assert found["overlap_superiority"] > 0.65


def test_without_a_relation_p_is_uniform():
    p = [run(*random_population(seed))["overlap_p"] for seed in range(40)]
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_large_sets_of_cells_that_respond_often_are_no_relation():
    """Sets drawn at random, larger the more images the cell responds to."""

    def tied(seed):
        rng = np.random.default_rng(seed)
        share = np.sort(rng.beta(1, 8, 40))
        responsive = rng.random((40, 30)) < share[:, None]
        size = np.linspace(4, 40, 40)
        return rng.random((40, 120)) < size[:, None] / 120, responsive, rng

    p = [run(*tied(seed))["overlap_p"] for seed in range(40)]
    # Exchanged with their sizes, the sets of all forty are related at p < 0.01.
    assert np.count_nonzero(np.array(p) < 0.05) <= 6


def test_sizes_and_levels_of_cells_are_taken_off():
    rng = np.random.default_rng(2)
    sets = rng.random((9, 50)) < rng.uniform(0.1, 0.6, (9, 1))
    size = sets.sum(axis=1)
    common = np.outer(size, size) / 50
    expected = common / (size[:, None] + size - common)
    level = rng.normal(size=9)
    off = ~np.eye(9, dtype=bool)
    explained = np.where(off, 0.7 * expected, 0.0)
    np.testing.assert_allclose(beyond_sizes(explained, sets), 0, atol=1e-12)
    equal = np.arange(50) < np.full((9, 1), 10)
    levels = np.where(off, 0.3 + level[:, None] + level, 0.0)
    np.testing.assert_allclose(beyond_sizes(levels, equal), 0, atol=1e-12)
    rest = beyond_sizes(FeatureOverlap.of(sets).jaccard, sets)
    np.testing.assert_allclose(rest.sum(axis=1), 0, atol=1e-6)


def test_exchanging_sets_gives_the_expected_overlap_on_average():
    selected, responsive, rng = random_population(3)
    jaccard = FeatureOverlap.of(selected).jaccard
    draws = module._exchanged(jaccard, responsive.astype(np.float32), rng)
    expected = jaccard.sum() / (30 * 29)
    assert abs(draws.mean() - expected) < 4 * draws.std() / np.sqrt(len(draws))
    assert draws.std() > 0


def test_random_sets_of_the_same_sizes_overlap_as_their_sizes_say():
    rng = np.random.default_rng(0)
    selected = sets_of(*[np.arange(40)] * 20, features=200)
    found = run(selected, np.ones((20, 3), bool), rng)
    # 40 of 200 features each: 8 in common on average, of 72.
    np.testing.assert_allclose(found["overlap_random_sets"], 8 / 72, atol=0.01)
    np.testing.assert_allclose(found["overlap"], 1, rtol=1e-6)


def test_only_cells_with_a_field_and_features_take_part():
    selected, responsive, rng = random_population(4)
    cells = np.ones(30, bool)
    cells[:5] = False
    without = selected.copy()
    without[5] = False
    found = run(without, responsive, rng, cells)
    np.testing.assert_array_equal(found["overlap_cells"], responsive[6:].sum(axis=0))
    np.testing.assert_allclose(
        found["overlap"], run(selected[6:], responsive[6:], rng)["overlap"], rtol=1e-6
    )


def test_more_cells_than_fit_are_sampled(monkeypatch):
    monkeypatch.setattr(module, "MOST_CELLS", 10)
    selected, responsive, rng = random_population(5)
    found = run(selected, responsive, rng)
    assert found["overlap_together"].sum() + found["overlap_apart"].sum() == 45


def test_without_pairs_there_is_no_overlap():
    selected, _, rng = random_population(6)
    with pytest.raises(AnalysisError, match="no image has two responsive cells"):
        run(selected, np.eye(30, dtype=bool), rng)
    with pytest.raises(AnalysisError, match="no image has two responsive cells"):
        run(selected, np.zeros((30, 4), bool), rng)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_cells_does_not_matter(random):
    selected, responsive, _ = random_population(7, cells=8)
    order = random.sample(range(8), 8)
    plain = FeatureOverlap.of(selected).jaccard
    np.testing.assert_allclose(
        FeatureOverlap.of(selected[order]).jaccard, plain[np.ix_(order, order)]
    )
    np.testing.assert_allclose(
        module._pair_mean(plain, responsive.astype(float)),
        module._pair_mean(plain[np.ix_(order, order)], responsive[order].astype(float)),
        rtol=1e-5,
    )


def test_superiority_is_that_of_the_rank_sum_test():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 9, 40), rng.integers(0, 7, 25)
    expected = stats.mannwhitneyu(first, second).statistic / (40 * 25)
    np.testing.assert_allclose(superiority(first, second), expected)
    assert np.isnan(superiority(first, np.empty(0)))


def test_p_as_far_counts_what_is_as_far_from_the_expectation():
    chance = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert p_as_far(1.0, chance, 0.0) == (1 + 4) / 6
    assert p_as_far(3.0, chance, 0.0) == 1 / 6
