"""Decoded frames through the codes of an autoencoder, by one whose codes are its pictures."""

from itertools import islice

import numpy as np
import pytest
from test_movie_decoders import data

from twophoton_decode.deep.movies.ladder import SMOOTHED, Plan, rungs
from twophoton_decode.deep.movies.latents import (
    ALONE,
    ANCHORED,
    KEPT,
    FrameLatents,
    after_the_one_before,
)
from twophoton_decode.deep.movies.showings import Clips
from twophoton_decode.errors import AnalysisError

SIDE = 16


class Plain:
    """Codes are the red channel of pictures."""

    name = "plain"

    def latent_shape(self, side):
        return 1, side, side

    def encode(self, pictures):
        return np.ascontiguousarray(pictures[:, :1])

    def decode(self, codes):
        return np.repeat(codes, 3, axis=1).clip(0, 1)


def made_by_ridge(clips, signal):
    """Tested clips by ridge of one lag, and what was chosen."""
    plan = Plan(((0,), (2,)), (0, 2), 0)
    found = next(each for each in rungs(signal, None, clips, plan) if each.name == SMOOTHED)
    return found.made, found.chosen


def test_frames_by_codes_are_as_varied_as_those_shown_and_resemble_them():
    clips, showings, signal = data()
    made, chosen = made_by_ridge(clips, signal)
    latents = FrameLatents(clips, Plain(), SIDE, 0)
    alone, anchored = latents.of(signal, chosen, made)
    assert set(latents.kept) <= set(KEPT)
    true = clips.pixels[showings.clip]
    about = clips.pixels.mean(axis=(0, 1))
    spread = [np.std(each - about) for each in (made, alone, true)]
    assert spread[0] < spread[1] < 1.2 * spread[2]
    for each in (alone, anchored):
        assert np.corrcoef((each - about).ravel(), (true - about).ravel())[0, 1] > 0.3


def test_tested_clips_teach_their_codes_nothing():
    clips, _, signal = data()
    made, chosen = made_by_ridge(clips, signal)
    other = clips.pixels.copy()
    other[clips.part == 0] = np.random.default_rng(5).random(other[clips.part == 0].shape)
    changed = Clips(other, clips.frames, clips.shape, clips.content, clips.part, 5, 10.0)
    tested = signal.showings.of(clips.part == 0)
    one, two = (FrameLatents(each, Plain(), SIDE, 0) for each in (clips, changed))
    for first, second in zip(
        one.of(signal, chosen, made), two.of(signal, chosen, made), strict=True
    ):
        np.testing.assert_allclose(first[tested], second[tested], atol=1e-4)
    assert one.kept[0] == two.kept[0]


def test_each_code_holds_a_share_of_the_one_before():
    codes = np.array([[1.0], [0.0], [0.0]])
    np.testing.assert_allclose(after_the_one_before(codes, 0.5).ravel(), [1, 0.5, 0.25])
    np.testing.assert_array_equal(after_the_one_before(codes, 0.0), codes)


def test_the_ladder_has_both_before_time_is_decoded():
    clips, _, signal = data()
    plan = Plan(((0,), (2,)), (0, 2), 0)
    latents = FrameLatents(clips, Plain(), SIDE, 0)
    names = [each.name for each in islice(rungs(signal, None, clips, plan, latents=latents), 6)]
    assert names[-3:] == ["static", ALONE, ANCHORED]


def test_codes_that_do_not_fit_into_memory_are_refused():
    clips, _, _ = data()
    with pytest.raises(AnalysisError, match="Lower input_px"):
        FrameLatents(clips, Plain(), 2000, 0)


def test_pixels_of_any_unit_pass_unchanged():
    clips, _, _ = data()
    other = Clips(
        200 * clips.pixels - 40, clips.frames, clips.shape, clips.content, clips.part, 5, 10.0
    )
    latents = FrameLatents(other, Plain(), clips.shape[0], 0)
    frames = other.pixels[3]
    back = latents.scale.features(latents.generator.decode(latents.encoded(frames)))
    np.testing.assert_allclose(back, frames, atol=1e-2)
