"""Parts of the movie decoder against independent formulas, and what they may not see."""

import numpy as np
import pytest
from planted_clips import planted

from twophoton_decode.deep.movies.choice import STRENGTHS, Choice, tried
from twophoton_decode.deep.movies.deconvolution import differenced
from twophoton_decode.deep.movies.framewise import BestFramewise
from twophoton_decode.deep.movies.ladder import FILTERED, SMOOTHED, TEMPORAL, Plan, rungs
from twophoton_decode.deep.movies.moments import Ridge, moments_of
from twophoton_decode.deep.movies.parts import summarised, sums_of_folds
from twophoton_decode.deep.movies.showings import Clips, Showings, Signal
from twophoton_decode.deep.movies.smoothing import smoothed
from twophoton_decode.deep.movies.temporal.filters import FilterSums
from twophoton_decode.deep.movies.temporal.held_out_gain import HeldOutGain
from twophoton_decode.simulation.clips.responses import ClipParameters, simulate_clips

LAGS = (-1, 0, 2)


def data(session=None, shown=None, parts=5):
    session = session or planted()
    given = session.parameters
    pixels = session.picture.reshape(given.clips, given.frames, -1)
    part = np.arange(given.clips) % parts
    clips = Clips(
        pixels, np.full(given.clips, given.frames), (given.side,) * 2, np.arange(given.clips),
        part, parts, given.rate_hz,
    )  # fmt: skip
    every = np.ones((len(session.clip), given.frames), bool) if shown is None else shown
    showings = Showings(session.clip, every)
    return clips, showings, Signal(session.at_frames(session.dff), showings)


def design(signal, showings, lags=LAGS):
    """Lagged responses laid out by hand, first and last frames held."""
    rows = []
    for showing in showings:
        response = np.asarray(signal.response[showing], float)
        for frame in range(len(response)):
            places = np.clip(np.array(lags) + frame, 0, len(response) - 1)
            rows.append(response[places].ravel())
    return np.array(rows)


def test_lags_stand_beside_each_other_with_the_ends_held():
    _, _, signal = data()
    np.testing.assert_allclose(signal.lagged(3, LAGS), design(signal, [3]), rtol=1e-6)


def test_frames_that_were_not_shown_take_the_response_to_the_nearest():
    shown = np.ones((14, 40), bool)
    shown[2, 5:8] = False
    shown[2, -2:] = False
    _, _, signal = data(shown=shown)
    held = signal.of(2)
    np.testing.assert_array_equal(held[5], signal.response[2, 4])
    np.testing.assert_array_equal(held[7], signal.response[2, 8])
    np.testing.assert_array_equal(held[-1], signal.response[2, -3])


@pytest.mark.parametrize("strength", [0.1, 3.0])
def test_ridge_from_sums_is_ridge_on_scaled_columns(strength):
    clips, showings, signal = data()
    chosen = np.array([0, 3, 4, 9])
    found = Ridge(moments_of(signal, clips, chosen, LAGS)).fit(strength)
    x = design(signal, chosen)
    y = clips.pixels[showings.clip[chosen]].reshape(len(x), -1).astype(float)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    penalty = strength * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(z.T @ z + penalty, z.T @ (y - y.mean(axis=0)))
    tried_on = design(signal, [1])
    wanted = (tried_on - x.mean(axis=0)) / x.std(axis=0) @ weights + y.mean(axis=0)
    np.testing.assert_allclose(found(signal.lagged(1, LAGS)), wanted, atol=2e-3)


def test_the_sums_of_a_fold_are_those_of_its_training_clips():
    clips, showings, signal = data()
    for sums in sums_of_folds(signal, clips, LAGS, 0):
        training = showings.of(clips.part != sums.fold)
        direct = Ridge(moments_of(signal, clips, training, LAGS))
        np.testing.assert_allclose(sums.ridge().covariance, direct.covariance, atol=2e-4)
        assert sums.choosing != sums.fold
        assert all(sums.fold not in parts for parts in sums.cross_parts())


def test_the_best_choice_is_the_largest_entry_of_the_table():
    clips, _, signal = data()
    found = tried(signal, clips, [(0,), (2,)], 0)
    assert found.score.shape == (5, 2, len(STRENGTHS), 7)
    for fold, choice in enumerate(found.best(smooth=True)):
        table = found.score[fold]
        lag, strength, sd = np.unravel_index(table.argmax(), table.shape)
        assert choice == Choice([(0,), (2,)][lag], STRENGTHS[strength], found.smoothing[sd])
    assert {each.smoothing for each in found.best(smooth=False)} == {0.0}
    assert {each.lags for each in found.best(smooth=True, only=(0,))} == {(0,)}


def test_tested_pictures_never_reach_their_own_decoder():
    """What stands in the tested clips' pictures changes nothing of how they are decoded."""
    clips, _, signal = data()
    other = clips.pixels.copy()
    other[clips.part == 0] = np.random.default_rng(5).random(other[clips.part == 0].shape)
    changed = Clips(other, clips.frames, clips.shape, clips.content, clips.part, 5, 10.0)
    plan = Plan(((0,), (2,)), (-1, 0, 1, 2), 0)
    tested = signal.showings.of(clips.part == 0)
    for one, two in zip(
        rungs(signal, None, clips, plan), rungs(signal, None, changed, plan), strict=True
    ):
        np.testing.assert_allclose(one.made[tested], two.made[tested], atol=1e-4)


def test_lags_are_in_time_whatever_the_rate():
    assert Plan.of(10.0, (-0.1, 0.5), 0).several == (-1, 0, 1, 2, 3, 4, 5)
    assert Plan.of(30.0, (-0.1, 0.5), 0).several == (-3, 0, 3, 6, 9, 12, 15)
    assert Plan.of(10.0, (-0.1, 0.5), 0).single == tuple((lag,) for lag in range(9))


def test_an_exponential_decay_is_deconvolved_to_its_spikes():
    spikes = np.zeros((1, 30, 1))
    spikes[0, [4, 11, 12], 0] = 1, 2, 1
    decayed = np.zeros(30)
    for frame in range(30):
        before = decayed[frame - 1] if frame else 0.0
        decayed[frame] = before * np.exp(-1 / (10 * 0.7)) + spikes[0, frame, 0]
    found = differenced(decayed[None, :, None], 10.0, 0.7)
    np.testing.assert_allclose(found, spikes, atol=1e-6)


def test_smoothing_keeps_what_is_constant_and_spreads_what_is_not():
    video = np.ones((3, 20, 4))
    np.testing.assert_allclose(smoothed(video, 2.0), video)
    video[:, 10] = 2
    found = smoothed(video, 1.0)
    assert found.sum() == pytest.approx(video.sum())
    assert smoothed(video, 0) is video


def test_filters_undo_a_delay_that_training_clips_show():
    clips, showings, _ = data()
    late = np.stack([clips.pixels[c, np.maximum(np.arange(40) - 2, 0)] for c in showings.clip])
    mean = clips.pixels.reshape(-1, clips.pixels.shape[2]).mean(axis=0)
    training, tested = np.arange(10), 12
    found = FilterSums.of([late, late], training, mean, showings, clips).filters(mean)
    true = clips.pixels[showings.clip[tested]]
    before, after = (
        np.abs(each - true).mean() for each in (late[tested], found([late[tested]] * 2))
    )
    assert after < 0.3 * before


def test_many_cells_are_summarised_by_training_clips_alone():
    _, showings, signal = data()
    training = np.arange(8)
    one = summarised(signal, training, 10, 0)
    assert one.columns == 10
    other = np.array(signal.response)
    other[8:] = 1e6
    two = summarised(Signal(other, showings), training, 10, 0)
    np.testing.assert_allclose(one.basis, two.basis)


def test_a_summary_of_all_components_decodes_as_the_cells_do(monkeypatch):
    clips, _, signal = data()
    whole = [sums.ridge().fit(1.0) for sums in sums_of_folds(signal, clips, (1,), 0)]
    monkeypatch.setattr("twophoton_decode.deep.movies.parts.MOST_COLUMNS", 39)
    some = list(sums_of_folds(signal, clips, (1,), 0))
    assert some[0].signal.columns == 39
    made = some[0].ridge().fit(1.0)(some[0].signal.lagged(0, (1,)))
    wanted = whole[0](signal.lagged(0, (1,)))
    assert np.corrcoef(made.ravel(), wanted.ravel())[0, 1] > 0.9


def judged(clips, **changed):
    """What stands for the temporal decoder in each of four folds, and the rungs' clips."""
    given = {"frames": 30, "cells": 40, "side": 8, "seed": 3, "noise": 1.0, "mean_hz": 6.0}
    session = simulate_clips(ClipParameters(clips=clips, **(given | changed)))
    clips, _, signal = data(session, parts=4)
    plan = Plan(((0,), (2,)), (0, 1, 2, 3), 0)
    found = {each.name: each for each in rungs(signal, None, clips, plan)}
    return found, [signal.showings.of(clips.part == fold) for fold in range(4)]


def test_filters_are_used_where_held_out_training_clips_gain():
    found, sets = judged(36, side=16, cells=100, frames=40, mean_hz=3.0, seed=4)
    used = found[TEMPORAL].used
    assert [each.name for each in used].count(TEMPORAL) >= 3
    for each, tested in zip(used, sets, strict=True):
        assert each.gain.helps == (each.name == TEMPORAL)
        assert each.gain.clips == 27
        same = FILTERED if each.gain.helps else SMOOTHED
        np.testing.assert_array_equal(found[TEMPORAL].made[tested], found[same].made[tested])


def test_cells_that_see_nothing_leave_the_frame_wise_decoder_to_the_last_digit():
    found, sets = judged(32, noise=1e4, seed=7)
    for each, tested in zip(found[TEMPORAL].used, sets, strict=True):
        assert each.name == SMOOTHED
        np.testing.assert_array_equal(found[TEMPORAL].made[tested], found[SMOOTHED].made[tested])


def test_the_better_frame_wise_decoder_is_taken_fold_by_fold():
    clips, showings, signal = data()
    other = Signal(signal.response, showings)
    best = BestFramewise(clips)
    choices = [Choice((1,), 1.0, 0.0)] * 5
    first, second = np.zeros((2, *clips.pixels.shape))
    second += 1
    best.offer("first", signal, choices, np.array([0.5, 0.1, 0.5, 0.5, 0.3]), first)
    best.offer("second", other, choices, np.array([0.4, 0.2, 0.5, 0.1, 0.4]), second)
    assert [each.name for each in best.of_fold] == ["first", "second", "first", "first", "second"]
    made = best.made[:, 0, 0]
    assert made.tolist() == [float(clips.part[clip] in (1, 4)) for clip in showings.clip]


@pytest.mark.parametrize(
    ("gain", "content", "helps"),
    [
        ([0.02, 0.03, 0.02, 0.01] * 2, range(8), True),
        ([0.02, 0.03, 0.02, 0.01] * 2, [0] * 4 + [*range(4)], False),
        ([0.02, 0.03, 0.02, 0.01], range(4), False),
        ([0.5, -0.5, 0.4, -0.3] * 2, range(8), False),
        ([-0.02, -0.03, -0.02, -0.01] * 2, range(8), False),
        ([0.0] * 8, range(8), False),
        ([np.nan] * 8, range(8), False),
    ],
)
def test_a_gain_is_shown_by_enough_clips_of_different_sources(gain, content, helps):
    assert HeldOutGain.of(np.array(gain), np.array(content)).helps == helps
