import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.decoding.folds.crossvalidation import balanced_folds, image_folds
from twophoton_decode.errors import ResponseError


def noise_pictures(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 8, 8))


@given(count=st.integers(2, 60), folds=st.integers(2, 60), seed=st.integers(0, 99))
def test_folds_differ_in_size_by_one_at_most(count, folds, seed):
    folds = min(folds, count)
    fold = balanced_folds(np.ones(count, int), folds, seed)
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.sum() == count
    assert sizes.max() - sizes.min() <= 1
    assert sizes.min() >= 1


def test_the_seed_decides():
    fold = balanced_folds(np.ones(40, int), 5, seed=1)
    np.testing.assert_array_equal(fold, balanced_folds(np.ones(40, int), 5, seed=1))
    assert not np.array_equal(fold, balanced_folds(np.ones(40, int), 5, seed=2))


@given(seed=st.integers(0, 50))
def test_identical_pictures_share_a_fold(seed):
    copies = np.random.default_rng(seed).integers(0, 9, 20)
    copies[:9] = np.arange(9)
    identity, _, fold, warnings = image_folds(noise_pictures(9)[copies], 4, seed)
    same = copies[:, None] == copies
    np.testing.assert_array_equal(identity[:, None] == identity, same)
    assert np.all((fold[:, None] == fold)[same])
    assert "11 of 20 images are identical" in warnings[0]


def test_as_many_folds_as_images_leaves_one_out():
    _, _, fold, warnings = image_folds(noise_pictures(12), 12, 0)
    assert sorted(fold) == list(range(12))
    assert warnings == []


@pytest.mark.parametrize(("images", "folds"), [(5, 10), (3, 2)])
def test_folds_that_cannot_be_had_become_one_per_image_and_are_told(images, folds):
    _, _, fold, warnings = image_folds(noise_pictures(images), folds, 0)
    assert sorted(fold) == list(range(images))
    assert f"{folds} folds were asked for" in warnings[0]


def test_too_few_different_images_are_refused():
    pictures = np.repeat(noise_pictures(2), 5, axis=0)
    with pytest.raises(ResponseError, match=r"at least 3 different images.*found 2 among 10"):
        image_folds(pictures, 2, 0)


@given(seed=st.integers(0, 50), folds=st.integers(2, 6))
def test_groups_are_kept_whole_and_folds_even(seed, folds):
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 6, 12)
    fold = balanced_folds(size, folds, seed)
    images = np.bincount(fold, weights=size, minlength=folds)
    assert images.min() >= 1
    # Dealt out from the largest on, no fold exceeds the mean by more than one group.
    assert images.max() - size.sum() / folds < size.max()


def test_groups_that_are_given_share_a_fold_with_near_duplicates_of_their_members():
    pictures = noise_pictures(12)
    pictures[7] = 0.5 * pictures[2] + 3.0
    group = np.full(12, -1)
    group[[2, 5]], group[[3, 9, 11]] = 4, 0
    found = image_folds(pictures, 12, 0, group=group)
    assert len(np.unique(found.identity)) == 12
    expected = np.array([0, 1, 2, 3, 4, 2, 5, 2, 6, 3, 7, 3])
    np.testing.assert_array_equal(found.content, expected)
    assert sorted(np.unique(found.fold)) == list(range(8))
    np.testing.assert_array_equal(found.fold, found.fold[np.unique(expected, True)[1]][expected])
    near, given, fewer = found.warnings
    assert "2 of 12 images show nearly the same as another one" in near
    assert "1 groups, the largest of 2 images, the first pair images 2 and 7" in near
    assert "5 images belong to 2 groups that were given, the largest of 3 images" in given
    assert "12 folds were asked for, but there are 8 groups of images that differ" in fewer


def test_near_duplicates_can_be_kept_apart():
    pictures = noise_pictures(6)
    pictures[4] = 2 * pictures[1]
    assert len(np.unique(image_folds(pictures, 6, 0).fold)) == 5
    assert sorted(image_folds(pictures, 6, 0, near_duplicate=1.0).fold) == list(range(6))


def test_too_few_groups_are_refused_with_the_setting():
    pictures = np.concatenate([noise_pictures(2), 0.5 * noise_pictures(2)])
    with pytest.raises(
        ResponseError, match=r"found 4 among 4, which form 2 groups.*0\.95.*near_du"
    ):
        image_folds(pictures, 2, 0)
