"""Stability of whole recordings: known answers, unequal repeats, what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import (
    random_recording,
    reconstruction_of,
    responses_of,
    with_an_image_never_shown,
)
from scipy import stats

from twophoton_decode.analyses.stability.stability import stability
from twophoton_decode.errors import AnalysisError, RecordError


def recording(response, image, *, responsive=None, side=20, mean=0.0, seed=0):
    """Reconstructions by random filters from the given responses, in two folds."""
    rng = np.random.default_rng(seed)
    images, cells = int(image.max()) + 1, response.shape[1]
    responses = responses_of(
        response, image, rng.normal(size=(images, side, side)), responsive=responsive
    )
    reconstruction = reconstruction_of(
        responses,
        np.arange(images) % 2,
        np.full((2, side, side), mean) + mean * rng.normal(size=(2, side, side)),
        np.zeros((2, cells)),
        rng.normal(size=(2, cells, side * side)),
    )
    return reconstruction, responses


def test_identical_trials_are_perfectly_stable():
    image = np.repeat(np.arange(6), 4)
    response = np.random.default_rng(0).normal(size=(6, 30))[image]
    found = stability(*recording(response, image, mean=3.0), seed=0)
    for what in ("reconstruction", "response"):
        for name in ("similarity", "similarity_including", "split_half"):
            np.testing.assert_allclose(getattr(found, f"{what}_{name}"), 1.0, atol=1e-6)
        for name in ("variability", "variability_including"):
            np.testing.assert_allclose(getattr(found, f"{what}_{name}"), 0.0, atol=1e-6)
    np.testing.assert_array_equal(found.repeats, 4)
    assert found.notes == []


def test_pure_noise_is_not_stable_although_the_papers_version_says_so():
    image = np.repeat(np.arange(30), 4)
    response = np.random.default_rng(0).normal(size=(120, 200))
    found = stability(*recording(response, image), seed=0)
    for what in ("reconstruction", "response"):
        assert getattr(found, f"{what}_similarity").mean() == pytest.approx(0.0, abs=0.03)
        including = getattr(found, f"{what}_similarity_including").mean()
        assert including == pytest.approx(0.5, abs=0.03)
        assert getattr(found, f"{what}_similarity_other").mean() == pytest.approx(0.0, abs=0.03)
    assert found.p_reconstruction_over_other > 0.01


def test_repeated_images_are_told_from_other_images():
    rng = np.random.default_rng(0)
    image = np.repeat(np.arange(12), 5)
    response = rng.normal(size=(12, 60))[image] + rng.normal(size=(60, 60))
    found = stability(*recording(response, image), seed=0)
    own, other = found.reconstruction_similarity, found.reconstruction_similarity_other
    assert own.min() > 0.4
    assert abs(other.mean()) < 0.1
    # Student's t, its error widened by 1.2 and with half of the degrees of freedom.
    difference = own - other
    error = 1.2 * stats.sem(difference)
    p = 2 * stats.t.sf(difference.mean() / error, 5.5)
    assert found.p_reconstruction_over_other == pytest.approx(p)
    reach = stats.t.ppf(0.975, 5.5) * 1.2 * stats.sem(own)
    ends = (own.mean() - reach, own.mean() + reach)
    assert found.reconstruction_similarity_ci95 == pytest.approx(ends)
    expected = stats.spearmanr(own, found.response_similarity).statistic
    assert found.similarity_correlation == pytest.approx(expected)


def test_r_stands_beside_the_similarity():
    image = np.repeat(np.arange(6), 3)
    made, responses = recording(np.random.default_rng(0).normal(size=(18, 10)), image)
    made = dataclasses.replace(made, r_single=np.arange(6) / 10, r_single_ci95=(0.1, 0.4))
    found = stability(made, responses, seed=0)
    assert found.r_single == pytest.approx(0.25)
    assert found.r_single_ci95 == (0.1, 0.4)


def test_the_mean_training_image_does_not_enter():
    image = np.repeat(np.arange(6), 3)
    response = np.random.default_rng(1).normal(size=(18, 10))
    plain = stability(*recording(response, image, mean=0.0), seed=0)
    lifted = stability(*recording(response, image, mean=5.0), seed=0)
    for name, spec in plain.arrays():
        if spec.axes == ("image",):
            np.testing.assert_allclose(getattr(lifted, name), getattr(plain, name), atol=1e-4)


def test_average_of_the_other_reconstructions_is_that_of_their_average_response():
    """Checked through the filters, since the program never makes that reconstruction."""
    reconstruction, responses = random_recording(np.random.default_rng(3))
    found = stability(reconstruction, responses, seed=0)
    fold = reconstruction.fold[2]
    filters = reconstruction.reverse_filter[fold].astype(float)
    gain = responses.response[responses.image == 2] - reconstruction.mean_response[fold]
    r = []
    for t in range(3):
        others = np.delete(gain, t, axis=0).mean(axis=0)
        r.append(np.corrcoef(gain[t] @ filters, others @ filters)[0, 1])
    assert found.reconstruction_similarity[2] == pytest.approx(np.mean(r), abs=1e-5)


def test_responses_are_compared_over_the_responsive_cells():
    rng = np.random.default_rng(0)
    image = np.repeat(np.arange(4), 3)
    response = rng.normal(size=(12, 20))
    responsive = rng.random((20, 4)) < 0.5
    responsive[:, 3] = np.arange(20) < 2
    found = stability(*recording(response, image, responsive=responsive), seed=0)
    trials = response[image == 1][:, responsive[:, 1]]
    r = [np.corrcoef(trials[t], np.delete(trials, t, axis=0).mean(axis=0))[0, 1] for t in range(3)]
    assert found.response_similarity[1] == pytest.approx(np.mean(r))
    assert np.isnan(found.response_similarity[3])
    assert np.isfinite(found.reconstruction_similarity[3])
    np.testing.assert_array_equal(found.responsive_cells, responsive.sum(axis=0))
    assert "1 of 4 images has fewer than 3 responsive cells" in found.notes[0]


def test_unequal_repeats():
    image = np.array([0, 1, 1, 2, 2, 2, 3, 3, 3, 3])
    response = np.random.default_rng(0).normal(size=(10, 15))
    found = stability(*recording(response, image), seed=0)
    np.testing.assert_array_equal(found.repeats, [1, 2, 3, 4])
    for name in ("reconstruction_similarity", "response_split_half", "response_variability"):
        np.testing.assert_array_equal(np.isfinite(getattr(found, name)), [False, True, True, True])
    assert found.notes == ["1 of 4 images was presented once only and left out."]


def test_constant_reconstructions_are_counted():
    image = np.repeat(np.arange(4), 3)
    response = np.random.default_rng(0).normal(size=(12, 5))
    response[2] = 0.0
    found = stability(*recording(response, image), seed=0)
    assert found.notes == ["1 of 12 reconstructions is constant; such similarity counts as 0."]
    assert np.isfinite(found.reconstruction_similarity).all()


def test_one_presentation_of_each_image_is_refused_in_words():
    image = np.arange(5)
    records = recording(np.random.default_rng(0).normal(size=(5, 4)), image)
    with pytest.raises(AnalysisError, match="at least two presentations of an image; this session"):
        stability(*records, seed=0)


def test_other_presentations_are_refused():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    backwards = dataclasses.replace(reconstruction, image=reconstruction.image[::-1])
    with pytest.raises(RecordError, match="in another order"):
        stability(backwards, responses, seed=0)


def test_progress_ends_at_the_number_of_images():
    calls = []
    records = random_recording(np.random.default_rng(0))
    stability(*records, seed=0, progress=lambda *call: calls.append(call))
    assert calls[-1] == (3, 3, "folds decoded with perturbations")
    assert calls[17] == (8, 8, "images whose responses were compared")
    assert calls[8] == (8, 8, "images whose reconstructions were compared")


def test_too_few_images_have_no_rank_correlation():
    records = random_recording(np.random.default_rng(0), images=2, folds=2)
    found = stability(*records, seed=0)
    assert np.isnan(found.similarity_correlation)
    assert 0 < found.p_reconstruction_over_other <= 1


def test_images_never_shown_change_nothing():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    plain = stability(reconstruction, responses, seed=0)
    again = stability(reconstruction, with_an_image_never_shown(responses), seed=0)
    np.testing.assert_array_equal(again.response_similarity, plain.response_similarity)
    np.testing.assert_array_equal(again.reconstruction_split_half, plain.reconstruction_split_half)
    np.testing.assert_array_equal(again.repeats, plain.repeats)


def with_gaps(seed=0):
    """A recording in which some responses are missing, and filled in by the cell's mean."""
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(8), 5)
    response = rng.normal(size=(8, 30))[image] + rng.normal(size=(40, 30))
    filled = np.zeros(response.shape, bool)
    filled[rng.integers(40, size=25), rng.integers(30, size=25)] = True
    mean = np.where(filled, np.nan, response)
    response = np.where(filled, np.nanmean(mean, axis=0), response)
    made, responses = recording(response, image)
    return made, dataclasses.replace(responses, filled=filled, onset_s=rng.permutation(40) * 2.0)


def test_responses_that_were_filled_in_are_not_shown_or_compared():
    made, responses = with_gaps()
    found = stability(made, responses, seed=0)
    measured = np.where(responses.filled, np.nan, responses.response)
    shown = measured[found.typical_presentation][:, found.typical_cell]
    assert np.isnan(shown).any()
    np.testing.assert_array_equal(found.typical_response, shown)
    mean = np.nanmean(measured[responses.image == found.typical_image], axis=0)
    np.testing.assert_allclose(found.typical_mean_response, mean[found.typical_cell])
    pairs = 0
    for image in range(8):
        trials = measured[responses.image == image]
        trials = trials[:, np.isfinite(trials).all(axis=0)]
        pairs += 30 - trials.shape[1]
        r = [np.corrcoef(t, np.delete(trials, i, axis=0).mean(axis=0))[0, 1]
             for i, t in enumerate(trials)]  # fmt: skip
        assert found.response_similarity[image] == pytest.approx(np.mean(r))
    assert f"{pairs} of 240 responsive pairs of cell and image miss presentations" in "".join(
        found.notes
    )


def test_responses_that_were_filled_in_have_no_gain_or_noise():
    made, responses = with_gaps()
    found = stability(made, responses, seed=0)
    measured = np.where(responses.filled, np.nan, responses.response)
    means = np.stack([np.nanmean(measured[responses.image == i], axis=0) for i in range(8)])
    noise = measured - means[responses.image]
    np.testing.assert_allclose(found.gain_of_trial, np.nanmean(noise, axis=1))
    ordered = noise[np.argsort(responses.onset_s)]
    by_cell = np.nanmean(ordered[1:] * ordered[:-1], axis=0) * 39
    expected = (by_cell / (np.nanmean(ordered**2, axis=0) * 40)).mean()
    assert found.noise_autocorrelation == pytest.approx(expected)
