"""Scores of decoded clips against independent formulas, and their nulls."""

import numpy as np
import pytest

from twophoton_decode.deep.movies.scores import Frames, identification, pair_scores
from twophoton_decode.deep.movies.scoring import NULLS, clip_scores
from twophoton_decode.deep.movies.showings import Clips, Showings

RNG = np.random.default_rng(0)
SHAPE = (8, 8)


def frames(made, true, mean=None, successive=None):
    count = len(true)
    return Frames(
        made.reshape(count, -1),
        true.reshape(count, -1),
        np.zeros(64) if mean is None else mean,
        np.ones(count - 1, bool) if successive is None else successive,
        SHAPE,
    )


def test_scores_are_what_their_formulas_say():
    made, true, mean = RNG.normal(size=(10, 8, 8)), RNG.normal(size=(10, 8, 8)), RNG.normal(size=64)
    video, frame, motion, energy = pair_scores(frames(made, true, mean))
    a, b = made.reshape(10, 64) - mean, true.reshape(10, 64) - mean
    assert video == pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    by_frame = [np.corrcoef(x, y)[0, 1] for x, y in zip(a, b, strict=True)]
    assert frame == pytest.approx(np.mean(by_frame))
    x, y = ((v - v.mean(axis=0)).ravel() for v in (made, true))
    assert motion == pytest.approx(x @ y / np.sqrt((x @ x) * (y @ y)))
    change = [
        np.abs(np.diff(v, axis=0)).reshape(9, 2, 4, 2, 4).mean(axis=(2, 4)).ravel()
        for v in (made, true)
    ]
    assert energy == pytest.approx(np.corrcoef(*change)[0, 1])


def test_a_clip_decoded_perfectly_scores_one():
    true = RNG.normal(size=(10, 8, 8))
    np.testing.assert_allclose(pair_scores(frames(true, true)), 1.0)


def test_a_still_picture_has_no_motion():
    true = RNG.normal(size=(10, 8, 8)) + RNG.normal(size=(8, 8))
    still = np.repeat(true.mean(axis=0, keepdims=True), 10, axis=0)
    video, _, motion, energy = pair_scores(frames(still, true))
    assert video > 0.3
    assert (motion, energy) == (0.0, 0.0)
    _, _, motion, energy = pair_scores(frames(true, still))
    assert np.isnan([motion, energy]).all()


def test_steps_over_missing_frames_are_no_motion_energy():
    made, true = RNG.normal(size=(2, 6, 8, 8))
    gap = np.array([True, True, False, True, True])
    cut = pair_scores(frames(made, true, successive=gap))[3]
    change = [
        np.abs(np.diff(v, axis=0))[gap].reshape(4, 2, 4, 2, 4).mean(axis=(2, 4)).ravel()
        for v in (made, true)
    ]
    assert cut == pytest.approx(np.corrcoef(*change)[0, 1])


def test_identification_counts_ties_half():
    assert identification(0.5, np.array([0.1, 0.5, 0.9, np.nan])) == pytest.approx(0.5)
    assert np.isnan(identification(0.5, np.array([])))


def clips(count=6, length=50, parts=3):
    pixels = RNG.normal(size=(count, length, 64)).cumsum(axis=1).astype(np.float32)
    part = np.arange(count) % parts
    return Clips(pixels, np.full(count, length), SHAPE, np.arange(count), part, parts, 10.0)


def test_a_perfect_decoder_is_far_above_both_nulls():
    made = clips()
    showings = Showings(np.arange(6), np.ones((6, 50), bool))
    found = clip_scores(made.pixels, made, showings, np.zeros((3, 64)))
    np.testing.assert_allclose(found.value[:4], 1.0, rtol=1e-5)
    np.testing.assert_allclose(found.value[4], 1.0)
    assert found.null.shape == (len(NULLS), 5, 6)
    # A clip's motion shifted against itself is no motion that it has: on average below zero.
    assert np.nanmean(found.null[0, 2]) < 0.05
    assert np.abs(np.nanmean(found.null[1, 0])) < 0.5
    assert np.isnan(found.null[:, 4]).all()


def test_clips_below_four_seconds_have_no_shifts_of_two():
    made = clips(length=30)
    showings = Showings(np.arange(6), np.ones((6, 30), bool))
    found = clip_scores(made.pixels, made, showings, np.zeros((3, 64)))
    assert np.isnan(found.null[0]).all()
    assert np.isfinite(found.null[1, :4]).all()


def test_clips_of_one_source_are_no_candidates_for_each_other():
    made = clips()
    alike = Clips(made.pixels, made.frames, SHAPE, np.arange(6) % 3, made.part, 3, 10.0)
    showings = Showings(np.arange(6), np.ones((6, 50), bool))
    found = clip_scores(made.pixels, alike, showings, np.zeros((3, 64)))
    assert np.isnan(found.value[4]).all()
    assert np.isnan(found.null[1]).all()


def test_frames_that_were_not_shown_count_nowhere():
    made = clips()
    shown = np.ones((6, 50), bool)
    shown[:, 40:] = False
    wrong = made.pixels.copy()
    wrong[:, 40:] = 1e3
    found = clip_scores(wrong, made, Showings(np.arange(6), shown), np.zeros((3, 64)))
    np.testing.assert_allclose(found.value[:4], 1.0, rtol=1e-5)


def test_showings_of_a_clip_are_averaged():
    made = clips()
    showings = Showings(np.array([0, 1, 2, 3, 4, 5, 0]), np.ones((7, 50), bool))
    video = np.concatenate([made.pixels, -made.pixels[:1]])
    found = clip_scores(video, made, showings, np.zeros((3, 64)))
    assert found.value[0, 0] == pytest.approx(0.0, abs=1e-6)
    assert found.value[0, 1] == pytest.approx(1.0)
