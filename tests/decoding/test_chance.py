import numpy as np
import pytest

from twophoton_decode.decoding.permuted_images import permuted_images, shown_in_blocks
from twophoton_decode.statistics.permutation import p_above


def of_different(images, permutations, seed):
    """Orders of images that all differ, shown in one block."""
    return permuted_images(np.arange(images), np.zeros(images, int), permutations, seed)


def test_every_row_is_a_permutation_and_the_seed_decides():
    orders = of_different(30, 8, seed=3)
    assert orders.shape == (8, 30)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(30), (8, 1)))
    assert len(np.unique(orders, axis=0)) == 8
    np.testing.assert_array_equal(orders, of_different(30, 8, seed=3))
    assert not np.array_equal(orders, of_different(30, 8, seed=4))


def test_no_permutations_are_an_empty_table():
    assert of_different(5, 0, seed=0).shape == (0, 5)


def test_groups_of_one_size_are_exchanged_whole():
    content = np.array([0, 1, 2, 0, 1, 2, 3, 3])
    orders = permuted_images(content, np.zeros(8, int), 200, seed=1)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(8), (200, 1)))
    for order in orders:
        same = content[order][:, None] == content[order]
        np.testing.assert_array_equal(same, content[:, None] == content)
    # Group 0 gets the pictures of every group equally often: 50 of 200, SD 6.
    taken = np.bincount(content[orders[:, 0]])
    assert taken.min() > 25


def test_a_larger_group_gets_the_pictures_of_a_smaller_one_in_turn():
    content = np.array([0, 0, 0, 1, 1])
    orders = permuted_images(content, np.zeros(5, int), 20, seed=0)
    kept, changed = [0, 1, 2, 3, 4], [3, 4, 3, 0, 1]
    assert {tuple(order) for order in orders.tolist()} == {tuple(kept), tuple(changed)}


def test_images_are_permuted_within_blocks():
    block = np.array([0, 1, 0, 1, 0, 1])
    orders = permuted_images(np.arange(6), block, 50, seed=2)
    np.testing.assert_array_equal(block[orders], np.tile(block, (50, 1)))
    assert len(np.unique(orders, axis=0)) > 20


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ([0, 1, 2, 1, 2, 0], [0, 0, 0]),
        ([2, 0, 2, 0, 1, 3, 3, 1], [0, 1, 0, 1]),
        # All repeats in a row: alone, so that nothing could be exchanged within.
        ([3, 3, 1, 1, 0, 0, 2, 2], [0, 0, 0, 0]),
        ([0, 1, 2, 3], [0, 0, 0, 0]),
        # One that was alone joins its neighbours; several that were, are a block.
        ([4, 0, 1, 0, 1, 2, 3, 2, 3], [0, 0, 1, 1, 0]),
        ([4, 5, 0, 1, 0, 1, 2, 2, 3], [1, 1, 1, 1, 0, 0]),
    ],
)
def test_blocks_end_where_no_image_comes_again(image, expected):
    block, warnings = shown_in_blocks(np.array(image), np.arange(max(image) + 1))
    np.testing.assert_array_equal(block, expected)
    blocks = len(set(expected))
    assert [f"shown in {blocks} blocks" in text for text in warnings] == [True] * (blocks > 1)


def test_images_of_a_group_lie_in_one_block():
    image = np.array([0, 1, 0, 1, 2, 3, 2, 3])
    block, _ = shown_in_blocks(image, np.array([0, 1, 1, 2]))
    np.testing.assert_array_equal(block, [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("score", "expected"), [(0.9, 1 / 5), (0.3, 2 / 5), (0.15, 3 / 5), (-1.0, 1.0)]
)
def test_p_value_counts_the_true_order_too(score, expected):
    assert p_above(score, np.array([0.3, 0.2, 0.0, 0.1])) == pytest.approx(expected)


def test_p_value_without_permutations_is_undefined():
    assert np.isnan(p_above(0.5, np.array([])))
