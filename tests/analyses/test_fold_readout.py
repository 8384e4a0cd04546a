"""Decoding in a basis of the filters gives what pixels give."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import random_recording

from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.analyses.readout import FilterReadout


def readout(seed=0, **options):
    reconstruction, responses = random_recording(np.random.default_rng(seed), **options)
    trials = FoldTrials.of(reconstruction, responses, 1)
    return FilterReadout.of(reconstruction, trials), reconstruction


def pictures(found, reconstruction):
    """The fold's reconstructions and images over pixels, less the mean training image."""
    trials, mean = found.trials, reconstruction.mean_picture[1]
    made = (reconstruction.single[trials.index] - mean).reshape(len(trials.index), -1)
    shown = (reconstruction.picture[trials.image] - mean).reshape(len(trials.index), -1)
    return made.astype(float), shown.astype(float)


@pytest.mark.parametrize("cells", [6, 40])
def test_scores_are_those_over_pixels(cells):
    found, reconstruction = readout(cells=cells)
    made, shown = pictures(found, reconstruction)
    decoded = found.decoded(found.amplitude)
    assert decoded.shape[1] == min(cells, 24)
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(made, shown, strict=True)]
    np.testing.assert_allclose(found.r(decoded), r, atol=1e-5)
    similarity = []
    for t, image in enumerate(found.trials.image):
        same = np.flatnonzero(found.trials.image == image)
        others = made[same[same != t]].mean(axis=0)
        similarity.append(np.corrcoef(made[t], others)[0, 1])
    np.testing.assert_allclose(found.similarity(decoded), similarity, atol=1e-5)
    by_image = np.reshape(similarity, (-1, 3)).mean(axis=1)
    np.testing.assert_allclose(found.by_image(found.similarity(decoded)), by_image, atol=1e-5)


def test_filters_of_low_rank_need_few_numbers():
    reconstruction, responses = random_recording(np.random.default_rng(1), cells=20)
    filters = reconstruction.reverse_filter.copy()
    filters[1] = np.random.default_rng(2).normal(size=(20, 3)) @ filters[1, :3].astype(float)
    reconstruction = dataclasses.replace(reconstruction, reverse_filter=filters)
    found = FilterReadout.of(reconstruction, FoldTrials.of(reconstruction, responses, 1))
    assert found.filters.shape == (20, 3)


def test_transformed_responses_are_what_the_filters_multiply():
    reconstruction, responses = random_recording(np.random.default_rng(3))
    root = dataclasses.replace(reconstruction, transform=np.array(["square-root"] * 3))
    trials = FoldTrials.of(root, responses, 1)
    expected = np.sign(trials.response) * np.sqrt(np.abs(trials.response))
    expected = expected - root.mean_response[1]
    np.testing.assert_allclose(FilterReadout.of(root, trials).amplitude, expected, atol=1e-6)


def test_silent_filters_score_zero():
    reconstruction, responses = random_recording(np.random.default_rng(4))
    silent = dataclasses.replace(
        reconstruction, reverse_filter=np.zeros_like(reconstruction.reverse_filter)
    )
    found = FilterReadout.of(silent, FoldTrials.of(silent, responses, 1))
    decoded = found.decoded(found.amplitude)
    np.testing.assert_array_equal(found.r(decoded), 0.0)
    np.testing.assert_array_equal(found.similarity(decoded), 0.0)
