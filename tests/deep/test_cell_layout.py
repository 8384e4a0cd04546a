"""Cells laid out by their predicted responses: what UMAP keeps is counted, not believed."""

import numpy as np
import pytest

from twophoton_decode.deep.attention.embedding import (
    DIMENSIONS,
    SEEDS,
    colours,
    distances,
    embeddings,
    nearest,
    nearness,
    neighbour_count,
    shared,
)
from twophoton_decode.deep.attention.layout import layout_fields


def test_nearest_are_the_nearest_others():
    place = np.array([[0.0], [1], [3], [7]])
    found = nearest(distances(place), 2)
    assert found.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]


def test_shared_neighbours_are_counted_whatever_their_order():
    first = np.array([[1, 2, 3], [0, 2, 3]])
    second = np.array([[3, 1, 5], [7, 8, 9]])
    assert shared(first, second) == pytest.approx(2 / 6)


@pytest.mark.parametrize(("cells", "count"), [(500, 10), (12, 5), (10, 4)])
def test_at_most_half_of_the_others_are_neighbours(cells, count):
    assert neighbour_count(cells) == count


def test_neighbours_that_lie_together_are_found_and_others_are_not():
    rng = np.random.default_rng(0)
    place = rng.random((60, 2)) * 100
    gap = distances(place)
    np.fill_diagonal(gap, np.nan)
    near = nearness(gap, nearest(distances(place), 5), rng)
    pairs = gap[np.arange(60)[:, None], nearest(distances(place), 5)]
    assert near.neighbours == pytest.approx(pairs.mean())
    assert near.chance == pytest.approx(np.nanmean(gap), rel=0.05)
    assert near.p == pytest.approx(2 / 1000)
    far = nearness(gap, rng.integers(60, size=(60, 5)), rng)
    assert far.p > 0.01


def test_cells_without_a_place_keep_out():
    rng = np.random.default_rng(1)
    place = rng.random((30, 2))
    gap = distances(place)
    np.fill_diagonal(gap, np.nan)
    gap[:12] = gap[:, :12] = np.nan
    found = nearness(gap, rng.integers(30, size=(30, 5)), rng)
    assert found.chance == pytest.approx(np.nanmean(gap), rel=0.1)
    gap[:21] = gap[:, :21] = np.nan
    assert np.isnan(nearness(gap, rng.integers(30, size=(30, 5)), rng).p)


def test_two_kinds_are_laid_out_apart_by_every_seed():
    rng = np.random.default_rng(2)
    kind = np.repeat([0, 1], 20)
    place = 6 * kind[:, None] + rng.random((40, 2))
    found = embeddings(distances(place), 0)
    assert found.shape == (SEEDS, 40, DIMENSIONS)
    for each in found:
        neighbours = nearest(distances(each), 10)
        assert (kind[neighbours] == kind[:, None]).mean() > 0.95
    np.testing.assert_array_equal(embeddings(distances(place), 0)[0], found[0])


def test_colours_follow_the_rank_along_each_dimension():
    found = colours(np.array([[5.0, 1, 1], [0, 2, 9], [9, 3, 5]]))
    np.testing.assert_allclose(found[:, 0], [0.5, 0.1, 0.9])
    assert found.min() >= 0
    assert found.max() <= 1


def test_noise_is_not_laid_out():
    fields, notes = layout_fields(None, None, None, seed=0)
    assert fields["layout"].size == fields["embedded_cell"].size == fields["neighbours"] == 0
    assert notes == ["no cell is predicted above chance, so that there is nothing to lay out."]
