"""Permutations at once, against a refit for each."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from simulated_trials import trials

from twophoton_decode.decoding.decoders import all_cells, bayes, ridge
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.permuted_images import permuted_images
from twophoton_decode.features.gabor import FeatureSpace as Gabor
from twophoton_decode.features.pixels import FeatureSpace as Pixels

FEW = partial(ridge.Decoder, strengths=(0.01, 0.1, 1.0, 10.0))


def fold_of(make, space_of=Pixels, side=8, transforms=("none",), repeats=(1, 2, 3, 4)):
    response, image, pictures = trials(12, list(repeats) * 3, 25, side**2, 0.5, 3, 6)
    space = space_of((side, side))
    prepared = space.prepare(100 + pictures.reshape(12, side, side))
    pixels = prepared.reshape(12, -1)
    given = Trials(response, image, pixels, space.encode(prepared), space)
    return Fold.split(given, np.arange(12) % 4 == 0, make, transforms)


@pytest.mark.parametrize("make", [FEW, all_cells.Decoder], ids=["ridge", "all-cells"])
@pytest.mark.parametrize(
    ("space", "side", "transforms"),
    [(Pixels, 8, ("none",)), (Gabor, 32, ("none",)), (Pixels, 8, ("square-root",))],
)
def test_scores_are_those_of_refits(make, space, side, transforms):
    fold = fold_of(make, space, side, transforms)
    orders = permuted_images(np.arange(12), np.zeros(12, int), 8, seed=1)
    orders[0, [3, 5, 6]] = orders[0, 2]  # a picture in place of several
    expected = np.array([fold.permuted_r(order) for order in orders])
    found = fold.chance(orders, refits=0)
    np.testing.assert_allclose(found.swapaxes(0, 1), expected, atol=1e-7)


def test_every_permutation_chooses_its_strength():
    fold = fold_of(FEW)
    orders = permuted_images(np.arange(12), np.zeros(12, int), 30, seed=2)
    chosen = {fold.choose(fold.trials.features[o[fold.known]])[0].strength for o in orders}
    assert len(chosen) > 1  # so that the comparison above means something


def test_other_decoders_are_refitted_so_often_as_asked_for():
    fold = fold_of(bayes.Decoder)
    orders = permuted_images(np.arange(12), np.zeros(12, int), 6, seed=1)
    found = fold.chance(orders, refits=2)
    assert found.shape == (2, 2, 3)
    np.testing.assert_array_equal(found[:, 1], fold.permuted_r(orders[1]))
    assert fold.chance(orders, refits=0).shape == (2, 0, 3)


def test_a_decoder_that_chooses_its_transform_is_refitted():
    fold = fold_of(FEW, transforms=("none", "square-root"))
    orders = permuted_images(np.arange(12), np.zeros(12, int), 3, seed=1)
    np.testing.assert_array_equal(fold.chance(orders, refits=3)[:, 2], fold.permuted_r(orders[2]))
