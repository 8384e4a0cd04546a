import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.decoding.crossvalidation import balanced_folds, image_folds
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


def test_near_duplicates_in_different_folds_are_told():
    pictures = noise_pictures(6)
    pictures[4] = pictures[1] + 0.05 * noise_pictures(1, seed=9)[0]
    *_, warnings = image_folds(pictures, 6, 0)
    assert len(warnings) == 1
    assert "correlation above 0.95 that lie in different folds: 1 " in warnings[0]
    assert "images 1 and 4" in warnings[0]
