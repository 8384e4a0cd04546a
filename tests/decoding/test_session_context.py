"""A decoder that is made for a session: what it is told, what it may draw, what makes it stale."""

from dataclasses import replace
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from simulated_trials import responses, trials

from twophoton_decode.analyses.slow import (
    pictures_of_curves,
    pictures_of_stability,
    require_time,
)
from twophoton_decode.decoding.contract import problems
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.decoding.scoring.scores import similarity
from twophoton_decode.errors import AnalysisError, ArgumentError
from twophoton_decode.pipeline.inputs.decoder_context import needs_of, time_allowed
from twophoton_decode.pipeline.stage import Needs
from twophoton_decode.pipeline.stages.reconstruct import RECONSTRUCT
from twophoton_decode.settings import CellCountSettings, DecodingSettings, DeepSettings, Settings

THEIRS = """
import numpy as np

class Decoder:
    # The finer picture of the training response that is nearest.
    settings_read, sources_read = ("deep.input_px",), ("images",)
    seconds_per_picture_, predicted, seen = 1.0, [], []

    @classmethod
    def for_session(cls, space, session):
        made = cls()
        made.session = session
        return made

    @property
    def warnings_(self):
        return ["it has predicted"] if self.predicted else []

    def fit(self, R, Y, groups=None):
        self.R_, self.Y_, self.finer_ = R, Y, self.session.finer(14)
        self.seen.append(set(self.finer_.image(Y).tolist()))

    def nearest(self, R):
        return self.Y_[((R[:, None] - self.R_) ** 2).sum(axis=2).argmin(axis=1)]

    def predict(self, R):
        self.predicted.append(len(R))
        return self.nearest(R)

    def finer_pictures(self, R):
        return self.finer_.of(self.nearest(R)).mean(axis=1)
"""
SETTINGS = DecodingSettings(features="pixels", folds=3, permutations=0, bootstraps=100)


@pytest.fixture
def nearest(tmp_path, monkeypatch):
    """The plug-in's class, fresh for each test."""
    (tmp_path / f"nearest_{tmp_path.name}.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("nearest", f"nearest_{tmp_path.name}:Decoder", "tpdecode.decoders")
    monkeypatch.setattr("twophoton_decode.registry.entry_points", lambda group: [point])
    yield point.load()
    needs_of.cache_clear()


def recorded(side=7, images=9, repeats=3):
    response, image, pictures = trials(images=images, repeats=repeats, pixels=side * side)
    return responses(response, image, pictures.reshape(-1, side, side))


def of_source(name, side):
    return np.full((3, side, side), (1 + int(name)) / 16, np.float32)


def test_it_is_a_decoder(nearest):
    assert problems(nearest) == []


def test_it_finds_the_finer_pictures_of_what_it_is_trained_on_alone(nearest):
    made = reconstruct(recorded(), "nearest", SETTINGS, session=SessionContext(read=of_source))
    for fold, seen in enumerate(nearest.seen):
        assert seen == set(np.flatnonzero(made.fold != fold).tolist())


def test_what_a_decoder_says_once_it_has_predicted_is_kept(nearest):
    made = reconstruct(recorded(), "nearest", SETTINGS, session=SessionContext(read=of_source))
    assert "it has predicted (In all 3 folds.)" in made.warnings


def test_how_long_a_slow_decoder_will_take_is_told_before_it_predicts(nearest):
    told = []
    reconstruct(
        recorded(images=9, repeats=3), "nearest", SETTINGS, lambda *given: told.append(given),
        session=SessionContext(read=of_source),
    )  # fmt: skip
    # Nine presentations, three averages, and 24 scrambled responses of each kind.
    first = next(each for each in told if "s each" in each[2])
    assert first == (0, 60, "fold 1 of 3: pictures of this fold, 1.0 s each, 60 s in all")


def test_what_it_draws_stands_beside_what_was_shown(nearest):
    made = reconstruct(recorded(), "nearest", SETTINGS, session=SessionContext(read=of_source))
    np.testing.assert_allclose(made.finer_picture[:, 0, 0], (1 + np.arange(9)) / 16)
    drawn = np.rint(16 * made.finer_average[:, 0, 0] - 1).astype(int)
    assert (made.fold[drawn] != made.fold).all()
    assert made.finer_average.shape == (9, 14, 14)
    expected = similarity(made.finer_picture, made.finer_average, 1.0)
    np.testing.assert_allclose(made.finer_ssim, expected)


def test_without_a_source_the_sessions_own_pictures_are_enlarged(nearest):
    given = recorded()
    made = reconstruct(given, "nearest", SETTINGS)
    low, high = given.picture.min(), given.picture.max()
    own = (given.picture - low) / (high - low)
    # Twice the side: a pixel of the small picture lies between four of the large one.
    corners = made.finer_picture.reshape(9, 7, 2, 7, 2).mean(axis=(2, 4))[:, 1:-1, 1:-1]
    smooth = own[:, 1:-1] * 0.75 + (own[:, :-2] + own[:, 2:]) / 8
    smooth = smooth[:, :, 1:-1] * 0.75 + (smooth[:, :, :-2] + smooth[:, :, 2:]) / 8
    np.testing.assert_allclose(corners, smooth, atol=1e-6)


def test_pictures_that_are_not_square_are_stretched_and_that_is_said():
    pictures = np.arange(24.0).reshape(1, 4, 6)
    context = SessionContext(read=of_source).about(
        np.array(["0"]), pictures, pictures.reshape(1, -1)
    )
    finer = context.finer(12)
    assert finer.picture(0).shape == (3, 12, 12)
    assert finer.picture(0).min() == 0
    assert finer.notes == ("pictures of 4 × 6 px are enlarged to 12 × 12 px.",)


def test_features_of_no_picture_are_refused():
    pictures = np.arange(8.0).reshape(2, 2, 2)
    context = NO_SESSION.about(np.array(["a", "b"]), pictures, pictures.reshape(2, -1))
    finer = context.finer(4)
    np.testing.assert_array_equal(finer.image(pictures.reshape(2, -1)[::-1]), [1, 0])
    with pytest.raises(ArgumentError, match="that no picture of the session has"):
        finer.of(np.ones((1, 4)))


def test_of_a_slow_decoder_few_scrambled_responses_are_predicted(nearest):
    reconstruct(recorded(images=30, repeats=20), "nearest", SETTINGS)
    # In each fold 200 tested trials and 10 averages; the 400 trained on, scrambled, are too many.
    assert max(nearest.predicted) == 200
    assert set(nearest.predicted) - {200, 10} == {24}


def test_many_pictures_of_a_slow_decoder_need_leave(nearest):
    given = recorded(images=30, repeats=20)
    made = reconstruct(given, "nearest", SETTINGS)
    assert made.seconds_per_picture == 1.0
    pictures = pictures_of_curves(given, CellCountSettings(random_draws=1))
    # 600 presentations, 0, 1, 2, 3, 5 and 7 cells, five orders of them.
    assert pictures == 600 * 6 * 5
    with pytest.raises(AnalysisError, match=r"18000 would be predicted: about 5 h. Allow it by"):
        require_time(made, pictures, 4.0)
    require_time(made, pictures, 6.0)
    require_time(replace(made, seconds_per_picture=None), pictures, 0.0)
    assert pictures_of_stability(given) > 600 * 400
    assert time_allowed("nearest") == Needs(("deep.most_hours",))
    assert time_allowed("ridge") == Needs()


def test_its_own_settings_and_sources_make_it_stale_and_no_other_decoder(nearest):
    needs_of.cache_clear()
    assert needs_of("nearest") == Needs(("deep.input_px",), ("images",))
    assert needs_of("ridge") == needs_of("gone-since") == Needs()
    changed = Settings(deep=DeepSettings(input_px=64))
    own, others = RECONSTRUCT.of("nearest"), RECONSTRUCT.of("ridge")
    assert own.settings_used(changed) != own.settings_used(Settings())
    assert others.settings_used(changed) == others.settings_used(Settings())
    assert "images" in own.sources
    assert "images" not in others.sources
