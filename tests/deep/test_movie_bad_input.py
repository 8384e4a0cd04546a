"""Clips that do not move, clips that are all alike, and cells that are silent."""

import warnings

import numpy as np
import pytest

from twophoton_decode.deep.movies.decode import movie_fields, movies_of
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.records import FrameResponses
from twophoton_decode.settings import DecodingSettings

CLIPS, FRAMES, SIDE, CELLS = 12, 10, 6, 8
SETTINGS = DecodingSettings(features="pixels", folds=4)


def responses(picture, response):
    every = np.arange(len(picture))
    return FrameResponses(
        response=response,
        shown=np.ones(response.shape[:2], bool),
        frame_s=(every[:, None] * FRAMES + np.arange(FRAMES)) / 2.0,
        clip=every,
        repeat=np.zeros(len(every)),
        picture=picture,
        clip_frames=np.full(len(every), FRAMES),
        clip_name=every.astype(str),
        clip_group=np.full(len(every), -1),
        roi=np.arange(CELLS),
        clip_rate_hz=2.0,
        response_unit="a.u.",
        signal="deconvolved",
        indicator_decay_s=np.nan,
        notes=[],
    )


def decoded(picture, response):
    movies = movies_of(responses(picture, response), FeatureSpace((SIDE, SIDE)), SETTINGS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return movie_fields(movies, SETTINGS, (-0.5, 1.0))


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def test_clips_that_stand_still_have_no_motion_to_score():
    still = np.repeat(noise(CLIPS, 1, SIDE, SIDE), FRAMES, axis=1)
    cells = still.reshape(CLIPS, FRAMES, -1)[..., :CELLS] + 0.1 * noise(
        CLIPS, FRAMES, CELLS, seed=1
    )
    found = decoded(still, cells)
    scores = dict(zip(found["score"], found["value_mean"][-1], strict=True))
    assert scores["video_r"] > 0.1
    assert np.isnan(scores["motion_r"])
    assert np.isnan(scores["energy_r"])


def test_frames_that_are_all_alike_are_no_different_clips():
    alike = np.broadcast_to(noise(SIDE, SIDE), (CLIPS, FRAMES, SIDE, SIDE))
    with pytest.raises(AnalysisError, match="at least 6 different clips, found 1 among 12"):
        movies_of(
            responses(alike, noise(CLIPS, FRAMES, CELLS)), FeatureSpace((SIDE, SIDE)), SETTINGS
        )


def test_silent_cells_give_the_mean_frame_and_no_decoder_of_time():
    found = decoded(noise(CLIPS, FRAMES, SIDE, SIDE), np.zeros((CLIPS, FRAMES, CELLS), np.float32))
    assert set(found["temporal_by"]) == {"best lag, smoothed"}
    assert any("decoding over time is used in 0 of 4 folds" in note for note in found["notes"])
    last = np.asarray(found["decoded"][-1])
    assert np.abs(last - last[:, :1]).max() < 1e-6
    assert abs(found["value_mean"][-1][0]) < 0.2


def test_three_folds_are_too_few_to_judge_time():
    few = DecodingSettings(features="pixels", folds=3)
    given = responses(noise(CLIPS, FRAMES, SIDE, SIDE), noise(CLIPS, FRAMES, CELLS, seed=1))
    found = movie_fields(movies_of(given, FeatureSpace((SIDE, SIDE)), few), few, (-0.5, 1.0))
    assert set(found["temporal_by"]) == {"best lag, smoothed"}
    assert any("too few folds to judge by training clips" in note for note in found["notes"])


def test_identification_at_its_ceiling_has_an_interval_below_one():
    picture = noise(CLIPS, FRAMES, SIDE, SIDE)
    cells = picture.reshape(CLIPS, FRAMES, -1)[..., :CELLS]
    found = decoded(picture, cells)
    share = found["score"].index("identification")
    assert found["value_mean"][-1, share] == 1.0
    low, high = found["value_ci95"][-1, share]
    assert 0.5 < low < 1.0
    assert high == 1.0
