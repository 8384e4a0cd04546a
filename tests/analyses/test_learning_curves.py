"""Score against the amount of training data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from fitted_recording import carried, decoded

from twophoton_decode.analyses.cell_count import learning as module
from twophoton_decode.analyses.cell_count.learning import learning_curves
from twophoton_decode.analyses.cell_count.refits import decoded_pictures


@pytest.fixture(scope="module")
def recording():
    responses = carried(6, cells=16, images=40, noise=0.5)
    reconstruction = decoded(responses, folds=4)
    return reconstruction, responses, decoded_pictures(reconstruction)


def test_sizes_are_counted(recording):
    curves = learning_curves(*recording, seed=0)
    np.testing.assert_array_equal(curves.images, [8, 15, 22, 30, 30, 30])
    np.testing.assert_array_equal(curves.repeats, [4, 4, 4, 4, 1, 2])
    assert np.isfinite(curves.r).all()


def test_more_images_and_more_repeats_help(recording):
    r = learning_curves(*recording, seed=0).r.mean(axis=0)
    assert r[0] + 0.05 < r[1] < r[3]
    assert r[4] + 0.02 < r[3]


def test_the_seed_decides_the_subsets(recording):
    first, again, other = (learning_curves(*recording, seed=seed).r for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[:, 0], other[:, 0])
    np.testing.assert_allclose(first[:, 3], other[:, 3])


def test_fewer_presentations_than_cells_go_the_shorter_way():
    """A fit to very few presentations equals the same ridge in its other form."""
    rng = np.random.default_rng(0)
    centred, test = rng.normal(size=(6, 16)), rng.normal(size=(3, 16))
    image = np.array([0, 0, 1, 1, 2, 2])
    sums = module.sums_by_image(centred, image)
    found = module._ridge(centred, sums, test, image, 2.0)
    tiny = module.TINY * (centred**2).sum() / 6
    gram = centred.T @ centred + (2.0 + tiny) * np.eye(16)
    np.testing.assert_allclose(found, test @ np.linalg.solve(gram, sums.T), atol=1e-12)


def test_large_recordings_score_fewer_folds(recording, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_COST", 1.0)
    curves = learning_curves(*recording, seed=0)
    scored = np.isfinite(curves.r).all(axis=1)
    np.testing.assert_array_equal(scored, recording[0].fold == 0)
    assert np.isnan(curves.r[~scored]).all()


def test_permuted_images_are_learned_at_chance():
    responses = carried(6, cells=16, images=40, noise=0.5)
    order = np.random.default_rng(2).permutation(40)
    shuffled = dataclasses.replace(responses, picture=responses.picture[order])
    reconstruction = decoded(shuffled, folds=4)
    r = learning_curves(reconstruction, shuffled, decoded_pictures(reconstruction), seed=0).r
    error = r.std(axis=0) / np.sqrt(len(r))
    assert (np.abs(r.mean(axis=0)) < 4 * error).all()
