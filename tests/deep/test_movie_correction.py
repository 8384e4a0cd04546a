"""The network that corrects clips: it begins as nothing, and is used only where it helps."""

import numpy as np
import pytest
import torch
from test_movie_decoders import data

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.movies.temporal.correction import Corrector
from twophoton_decode.deep.movies.temporal.network import clip_network
from twophoton_decode.deep.training.loop import Budget
from twophoton_decode.simulation.clips.responses import ClipParameters, simulate_clips

BUDGET = Budget(steps=60, learning_rate=5e-3, check_every=20)


@pytest.fixture(scope="module")
def many():
    """Fifty short clips, so that ten of them decide."""
    given = ClipParameters(clips=50, frames=20, cells=4, side=8)
    return data(simulate_clips(given))


def decoded(clips, showings, blur):
    """Clips as a decoder might give them: with noise that averages out over neighbours."""
    noise = np.random.default_rng(1).normal(0, blur, clips.pixels.shape)
    return (clips.pixels + noise)[showings.clip].astype(np.float32)


def corrector(clips, showings, **given):
    mean = np.stack([clips.pixels[clips.part != k].mean(axis=(0, 1)) for k in range(clips.folds)])
    return Corrector(clips, showings, mean, budget=given.pop("budget", BUDGET), **given)


def sets(clips, showings, fold=0):
    return showings.of(clips.part != fold), showings.of(clips.part == fold)


def test_a_network_that_has_learned_nothing_changes_nothing():
    clip = torch.rand(2, 1, 5, 6, 7)
    with torch.no_grad():
        assert torch.equal(clip_network(0)(clip), clip)


def test_clips_of_noise_are_corrected_and_come_nearer(many):
    clips, showings, _ = many
    made = decoded(clips, showings, 0.3)
    training, tested = sets(clips, showings)
    one = corrector(clips, showings)
    found = one.tested(0, made, training, tested)
    true = clips.pixels[showings.clip[tested]]
    assert one.used.tolist() == [True] + [False] * 4
    before, after = (((each - true) ** 2).mean() for each in (made[tested], found))
    assert after < 0.6 * before


def test_what_cannot_be_improved_stays_to_the_bit_and_is_said(many):
    clips, showings, _ = many
    made = decoded(clips, showings, 0.0)
    training, tested = sets(clips, showings)
    one = corrector(clips, showings)
    np.testing.assert_array_equal(one.tested(0, made, training, tested), made[tested])
    assert not one.used.any()
    assert any("fold 1: decoded clips stay as they are" in note for note in one.notes)


def test_tested_clips_do_not_teach_the_network(many):
    clips, showings, _ = many
    training, tested = sets(clips, showings)
    made = decoded(clips, showings, 0.3)
    other = made.copy()
    other[tested] = 0
    results = []
    for each in (made, other):
        one = corrector(clips, showings)
        one.tested(0, each, training, tested)
        results.append(one.notes)
    assert results[0] == results[1]


def test_few_folds_leave_clips_as_they_are():
    clips, showings, _ = data(parts=4)
    made = decoded(clips, showings, 0.3)
    one = corrector(clips, showings)
    training, tested = sets(clips, showings)
    np.testing.assert_array_equal(one.tested(0, made, training, tested), made[tested])
    assert one.notes == ["decoded clips stay as they are: 5 folds are needed."]


def test_a_fit_that_was_interrupted_goes_on_to_the_same_end(many, tmp_path):
    clips, showings, _ = many
    made = decoded(clips, showings, 0.3)
    training, tested = sets(clips, showings)

    def stop(done, total, what):
        if done == 30:
            raise KeyboardInterrupt

    whole = corrector(clips, showings).tested(0, made, training, tested)
    file = tmp_path / "network"
    with pytest.raises(KeyboardInterrupt):
        corrector(clips, showings, run=TrainingRun(file, stop)).tested(0, made, training, tested)
    again = corrector(clips, showings, run=TrainingRun(file))
    np.testing.assert_array_equal(again.tested(0, made, training, tested), whole)
    assert again.notes == []
