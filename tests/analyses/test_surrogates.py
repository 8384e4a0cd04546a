"""Surrogate decoders and trials: at chance where they must be, and apart where they must be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import random_recording, reconstruction_of, responses_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from twophoton_decode.analyses.stability import presentations as perturbed_presentations
from twophoton_decode.analyses.stability import surrogates
from twophoton_decode.analyses.stability.gain import (
    independent_part,
    noise_autocorrelation,
    similarity_and_gain,
)
from twophoton_decode.analyses.stability.presentations import images_to_perturb
from twophoton_decode.analyses.stability.stability import stability
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.permutation import effect_size, two_sided_p


def recording(seed, *, cells=80, images=24, repeats=6, matched=True, shared=0.0, side=6):
    """Cells with smooth filters and tuning; `matched`: the filters know the tuning.

    `shared` adds noise along one pattern over cells, which the decoder turns into one
    picture.
    """
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(images), repeats)
    y, x = np.mgrid[:side, :side]
    waves = np.stack([np.cos(np.pi * (y * a + x * b) / side) for a in range(3) for b in range(3)])
    waves = waves.reshape(9, -1)[1:]
    picture = rng.normal(size=(images, 8)) @ waves
    fields = rng.normal(size=(cells, 8))
    drive = picture @ waves.T @ fields.T / side**2
    response = drive[image] + rng.normal(size=(image.size, cells)) * drive.std()
    pattern = fields[:, 0] if matched else rng.normal(size=cells)
    response += shared * drive.std() * rng.normal(size=(image.size, 1)) * pattern
    filters = fields @ waves if matched else rng.normal(size=(cells, 8)) @ waves
    responses = responses_of(response, image, picture.reshape(-1, side, side))
    made = reconstruction_of(
        responses,
        np.arange(images) % 2,
        np.zeros((2, side, side)),
        np.repeat(response.mean(axis=0)[None], 2, axis=0),
        np.repeat(filters[None], 2, axis=0),
    )
    return made, responses


def test_a_decoder_that_knows_the_cells_is_more_stable_than_permuted_ones():
    found = stability(*recording(0), seed=0)
    assert found.similarity_perturbed > found.permuted_weights.max()
    assert found.permuted_weights_p == pytest.approx(1 / (surrogates.DRAWS + 1))
    assert found.permuted_weights_effect > 4
    assert found.similarity_perturbed == pytest.approx(found.reconstruction_similarity.mean())


def test_a_decoder_that_does_not_know_the_cells_is_not():
    """Its filters are in random order already; smooth pictures alone make no difference."""
    p = [stability(*recording(seed, matched=False), seed=0).permuted_weights_p for seed in range(6)]
    assert min(p) > 0.01
    assert max(p) > 0.3


def test_shared_noise_makes_reconstructions_less_alike_than_shuffled_trials():
    apart = stability(*recording(1, shared=1.5), seed=0)
    assert apart.shuffled_trials_p < 0.05
    assert apart.shuffled_trials_effect < -3
    assert apart.similarity_allowed == pytest.approx(apart.shuffled_trials.mean())
    beyond = apart.similarity_perturbed - apart.similarity_allowed
    assert apart.similarity_beyond_allowed == pytest.approx(beyond)
    low, high = apart.similarity_beyond_allowed_ci95
    assert low < beyond < high < 0
    # Noise of its own for every cell is the same after shuffling.
    p = [stability(*recording(seed), seed=0).shuffled_trials_p for seed in range(2, 6)]
    assert min(p) > 0.01


def test_the_gain_of_a_trial_is_seen_to():
    made, responses = recording(7)
    rng = np.random.default_rng(0)
    # Weak trials lose their signal in noise that stays.
    gain = rng.uniform(0.1, 2, responses.presentations)[:, None]
    mean = responses.averages()[responses.image]
    noise = rng.normal(size=mean.shape) * mean.std() * 2
    response = gain * (mean + 3 * mean.std()) + noise
    again = responses_of(response, responses.image, responses.picture)
    weak = reconstruction_of(
        again,
        made.fold,
        made.mean_picture,
        np.repeat(response.mean(axis=0)[None], 2, axis=0),
        made.reverse_filter,
    )
    found = stability(weak, again, seed=0)
    assert found.gain_correlation > 0.1
    assert found.gain_p < 0.05
    assert np.bincount(responses.image, found.gain_of_trial) == pytest.approx(np.zeros(24))


def test_effect_size_and_p_by_hand():
    draws = np.array([1.0, 2.0, 3.0])
    assert effect_size(5.0, draws) == 3.0
    assert two_sided_p(5.0, draws) == 0.5
    assert two_sided_p(2.5, draws) == 1.0
    assert np.isnan(effect_size(1.0, np.ones(4)))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_rotation_keeps_each_columns_values_in_each_group(seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 4, 15)
    groups = ImageGroups.of(image)
    ordered = rng.normal(size=(15, 6))
    rotated = groups.rotated(ordered, rng)
    for start, count in zip(groups.start, groups.count, strict=True):
        rows = slice(start, start + count)
        for before, after in zip(ordered[rows].T, rotated[rows].T, strict=True):
            shifts = [np.roll(before, shift).tolist() for shift in range(count)]
            assert after.tolist() in shifts


def test_rotations_are_equally_frequent():
    groups = ImageGroups.of(np.zeros(4, int))
    ordered = np.tile(np.arange(4.0)[:, None], 4000)
    first = groups.rotated(ordered, np.random.default_rng(0))[0]
    np.testing.assert_allclose(np.bincount(first.astype(int)) / 4000, 0.25, atol=0.03)


def test_of_large_recordings_some_images_are_perturbed(monkeypatch):
    made, responses = random_recording(np.random.default_rng(0), images=12, repeats=4)
    monkeypatch.setattr(perturbed_presentations, "MOST", 21)
    monkeypatch.setattr(perturbed_presentations, "FEWEST", 0)
    chosen = images_to_perturb(responses, 25, np.random.default_rng(0))
    assert chosen.sum() == 5
    found = stability(made, responses, seed=0)
    assert found.perturbed.sum() == 5
    np.testing.assert_array_equal(np.isfinite(found.dropout_r[:, 0]), found.perturbed)
    mean = found.reconstruction_similarity[found.perturbed].mean()
    assert found.similarity_perturbed == pytest.approx(mean, abs=1e-5)
    assert any("computed for 5 of the 12 images" in note for note in found.notes)


def test_images_of_equal_content_are_not_other_images():
    made, responses = recording(8, images=6)
    picture = responses.picture.copy()
    picture[3] = picture[0]
    twice = dataclasses.replace(responses, picture=picture)
    found = stability(dataclasses.replace(made, picture=picture), twice, seed=0)
    plain = stability(made, responses, seed=0)
    m = np.array([made.single[made.image == i].mean(axis=0).ravel() for i in range(6)])
    trials = made.single[made.image == 0].reshape(6, -1)
    r = [[np.corrcoef(trial, m[j])[0, 1] for j in (1, 2, 4, 5)] for trial in trials]
    assert found.reconstruction_similarity_other[0] == pytest.approx(np.mean(r), abs=1e-5)
    same = found.reconstruction_similarity_other == plain.reconstruction_similarity_other
    np.testing.assert_array_equal(same, [False, True, True, False, True, True])


def slow(rng, memory, length):
    """Noise whose neighbours correlate by `memory`."""
    noise = rng.normal(size=length)
    for step in range(1, length):
        noise[step] = memory * noise[step - 1] + np.sqrt(1 - memory**2) * noise[step]
    return noise


def test_the_correlation_with_gain_is_that_of_deviations_from_the_image_means():
    rng = np.random.default_rng(0)
    image = np.repeat(np.arange(5), 4)
    similarity, gain = rng.normal(size=(2, 20))
    similarity += image
    free = [
        values - np.repeat(values.reshape(5, 4).mean(axis=1), 4) for values in (similarity, gain)
    ]
    found = similarity_and_gain(similarity, gain, image, np.full(20, np.nan))
    r = np.corrcoef(*free)[0, 1]
    assert found["gain_correlation"] == pytest.approx(r)
    # 20 trials less 5 means, and one for the slope.
    t = abs(r) * np.sqrt(14 / (1 - r**2))
    assert found["gain_p"] == pytest.approx(2 * stats.t.sf(t, 14))


@pytest.mark.parametrize("memory", [0.0, 0.9])
def test_slow_changes_of_similarity_and_gain_are_no_relation(memory):
    p = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        image = np.concatenate([rng.permutation(20) for _ in range(6)])
        series = (slow(rng, memory, 120) for _ in range(2))
        p.append(similarity_and_gain(*series, image, np.arange(120.0))["gain_p"])
    # Exchanged within images, more than a third of the slow ones are related.
    assert 1 <= np.count_nonzero(np.array(p) < 0.05) <= 17


def test_samples_that_are_independent_count_as_such():
    rng = np.random.default_rng(0)
    assert independent_part(rng.normal(size=(4000, 2))) > 0.9
    pairs = np.stack([slow(rng, 0.8, 40000), slow(rng, 0.8, 40000)], axis=1)
    # Of two first-order series: (1 - 0.64) / (1 + 0.64).
    assert independent_part(pairs) == pytest.approx(0.36 / 1.64, rel=0.1)


def test_the_noise_of_successive_presentations():
    rng = np.random.default_rng(1)
    image = np.concatenate([rng.permutation(30) for _ in range(20)])
    response = np.stack([slow(rng, 0.5, 600) for _ in range(8)], axis=1) + image[:, None]
    responses = responses_of(response, image, np.zeros((30, 2, 2)))
    assert np.isnan(noise_autocorrelation(responses))
    # Presentations are put in time first.
    order = rng.permutation(600)
    timed = dataclasses.replace(
        responses, response=response[order], image=image[order], onset_s=np.arange(600.0)[order]
    )
    assert noise_autocorrelation(timed) == pytest.approx(0.5, abs=0.06)
