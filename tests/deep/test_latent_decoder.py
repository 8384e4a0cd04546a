"""The decoder of codes: linear parts against independent fits, variance, few images, a session."""

import numpy as np
import pytest

from twophoton_decode.decoding import contract
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.deep.decoders import latent
from twophoton_decode.deep.decoders.latent import Decoder
from twophoton_decode.deep.latent import decoded_codes
from twophoton_decode.deep.latent.codes import Remembered
from twophoton_decode.deep.latent.left_out_ridge import LeftOutRidge
from twophoton_decode.deep.latent.matching import Matching, Moments
from twophoton_decode.deep.latent.picture_scale import PictureScale
from twophoton_decode.errors import ArgumentError, DeviceError, UnknownNameError
from twophoton_decode.features import Gabor, Pixels
from twophoton_decode.settings import DeepSettings

SIDE, FINE = 16, 32
DEEP = DeepSettings(generator="taef2@random:0", input_px=FINE)


@pytest.fixture(autouse=True)
def few_are_looked_at(monkeypatch):
    monkeypatch.setattr(decoded_codes, "LOOKED_AT", 6)


def shown(images, side=FINE, seed=0):
    """Grey pictures of three waves, from 0 to 1, (images, side, side)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    wave = rng.uniform(-3, 3, (2, images, 3, 1, 1))
    phase = rng.uniform(0, 2 * np.pi, (images, 3, 1, 1))
    made = np.sin(2 * np.pi * (wave[0] * x + wave[1] * y) + phase).sum(axis=1)
    return (0.5 + made / 8).clip(0, 1).astype(np.float32)


def small(pictures, side=SIDE):
    step = pictures.shape[-1] // side
    return pictures.reshape(len(pictures), side, step, side, step).mean(axis=(2, 4)).astype(float)


def recorded(images=68, cells=60, repeats=2, noise=0.5):
    """Responses (presentations, cells), the image of each, and finer pictures."""
    rng, fine = np.random.default_rng(1), shown(images)
    rows = small(fine).reshape(images, -1)
    clean = (rows - rows.mean(axis=0)) @ rng.standard_normal((rows.shape[1], cells))
    image = np.tile(np.arange(images), repeats)
    return (
        clean[image] / clean.std() + noise * rng.standard_normal((image.size, cells)),
        image,
        fine,
    )


def session(fine, space, deep=DEEP, **more):
    names = np.arange(len(fine)).astype(str)

    def read(name, side):
        assert side == fine.shape[-1]
        return np.repeat(fine[int(name)][None], 3, axis=0)

    working = small(fine)
    return SessionContext(deep, read=read, **more).about(names, working, space.encode(working))


def test_left_out_predictions_equal_fits_without_the_group():
    R, image, fine = recorded(images=12)
    targets = small(fine).reshape(12, -1)
    group = np.repeat(np.arange(6), 2)[image]
    training = TrainingResponses(R, image, group)
    ridge = LeftOutRidge.fit(training, targets)
    alpha = ridge.strength * training.variance / training.cells
    for number in (0, 4):
        out = group == number
        X, Y = R[~out], targets[image[~out]]
        centred = X - X.mean(axis=0)
        weights = np.linalg.solve(centred.T @ centred + alpha * np.eye(X.shape[1]),
                                  centred.T @ (Y - Y.mean(axis=0)))  # fmt: skip
        expected = Y.mean(axis=0) + (R[out] - X.mean(axis=0)) @ weights
        found = ridge.mean + ridge.left_out(ridge.of_single[out])
        np.testing.assert_allclose(found, expected, atol=2e-4)
        mine = np.unique(image[out])
        average = np.stack([expected[image[out] == each].mean(axis=0) for each in mine])
        np.testing.assert_allclose(ridge.mean + ridge.left_out(ridge.of_average[mine]), average,
                                   atol=2e-4)  # fmt: skip


def test_it_decodes_as_ridge_of_the_same_strength_does():
    R, image, fine = recorded(images=30)
    targets = small(fine).reshape(30, -1)
    ridge = LeftOutRidge.fit(TrainingResponses(R, image, image), targets)
    plain = Ridge().fit(R, targets[image])
    assert plain.strength_ == pytest.approx(ridge.strength * np.sum((R - R.mean(axis=0)) ** 2) / 60)
    np.testing.assert_allclose(ridge.mean + ridge.deviation(R[:5]), plain.predict(R[:5]), atol=1e-4)


def test_codes_vary_as_they_should_once_matched():
    rng = np.random.default_rng(0)
    first, second = (
        rng.normal(size=(2, 50, 3, 4, 4)) * np.array([1.0, 0.5])[:, None, None, None, None]
    )
    second += 0.3 * first
    moments = Moments.of(first, second)
    wanted = np.array([4.0, 2.0, 0.5])
    factor = moments.factor(wanted)
    made = first + factor[:, None, None] * second
    varies = ((made - made.mean(axis=0)) ** 2).mean(axis=(0, 2, 3))
    np.testing.assert_allclose(varies[:2], wanted[:2])
    assert factor[2] == 0
    assert not Moments.of(first, np.zeros_like(first)).factor(wanted).any()


def test_matching_lies_between_single_trials_and_averages():
    one = np.ones(1)
    single, average = Moments(one, 0 * one, 4 * one), Moments(one, 0 * one, 2 * one)
    matching = Matching(single, average, 0.25, 3 * one)
    assert matching.factor(1) == pytest.approx(np.sqrt(2 / 4))
    assert matching.factor(4) == pytest.approx(np.sqrt(2 / 2))
    assert matching.factor(2) == pytest.approx(np.sqrt(2 / (2 + 2 * (0.5 - 0.25) / 0.75)))
    assert matching.factor(100) == matching.factor(4)
    assert Matching(single, average, 1.0, 3 * one).factor(4) == matching.factor(1)


@pytest.mark.parametrize("space", [Pixels, Gabor])
def test_the_scale_of_the_session_is_found(space):
    fine = shown(40)
    features = space((SIDE, SIDE))
    stored = features.encode(100 * small(fine, features.shape[0]) - 20)
    coloured = np.repeat(fine[:, None], 3, axis=1)
    scale = PictureScale.of(features, stored, coloured)
    assert scale.slope == pytest.approx(100, rel=1e-4)
    np.testing.assert_allclose(scale.features(coloured), stored, atol=1e-3 * np.abs(stored).max())
    assert scale.notes == ()
    other = PictureScale.of(features, stored, coloured[::-1])
    assert "explain" in other.notes[0]


def test_a_picture_is_encoded_once():
    asked = []

    def make(pictures):
        asked.append(len(pictures))
        return pictures.mean(axis=(1, 2, 3))

    remembered, pictures = Remembered(make, "means"), np.random.default_rng(0).random((20, 3, 2, 2))
    first = remembered.of(pictures[:5])
    again = remembered.of(pictures[[4, 4, 7]])
    assert asked == [5, 1]
    np.testing.assert_array_equal(again[:2], first[[4, 4]])


def test_a_session_gives_finer_pictures_and_features():
    R, image, fine = recorded()
    space = Pixels((SIDE, SIDE))
    Y = space.encode(small(fine))
    made = Decoder.for_session(space, session(fine, space)).fit(R, Y[image])
    assert isinstance(made, contract.DrawsFiner)
    assert isinstance(made, contract.Slow)
    assert isinstance(made, contract.Averages)
    assert not isinstance(made, contract.Affine)
    assert made.warnings_ == []
    assert made.seconds_per_picture_ > 0
    assert made.predict(R[:3]).shape == (3, SIDE**2)
    finer = made.finer_pictures(R[:3])
    assert finer.shape == (3, FINE, FINE)
    assert finer.min() >= 0
    assert finer.max() <= 1
    # Each response is decoded by itself.
    np.testing.assert_allclose(made.predict(R[2:3]), made.predict(R[:3])[2:], atol=1e-4)
    assert not np.allclose(made.predict_mean(R[:1], 2), made.predict(R[:1]))


def test_untested_pictures_alone_are_looked_up():
    """What a test image is never enters a fit."""
    R, image, fine = recorded()
    space, kept = Pixels((SIDE, SIDE)), image < 65
    Y = space.encode(small(fine))
    first = Decoder.for_session(space, session(fine, space)).fit(R[kept], Y[image[kept]])
    fine[65:] = 1 - fine[65:]
    Y = space.encode(small(fine))
    second = Decoder.for_session(space, session(fine, space)).fit(R[kept], Y[image[kept]])
    np.testing.assert_array_equal(first.predict(R[-3:]), second.predict(R[-3:]))


def test_few_images_leave_ridge_as_it_is():
    R, image, fine = recorded(images=latent.FEWEST - 1)
    space = Pixels((SIDE, SIDE))
    Y = space.encode(small(fine))[image]
    made = Decoder.for_session(space, session(fine, space)).fit(R, Y)
    assert "63 training images cannot show" in made.warnings_[-1]
    np.testing.assert_array_equal(made.predict(R[:4]), Ridge().fit(R, Y).predict(R[:4]))
    assert made.finer_pictures(R[:2]).shape == (2, FINE, FINE)
    with_twins = np.repeat(np.arange(40), 2)[image]
    made = Decoder.for_session(space, session(fine, space)).fit(R, Y, groups=with_twins)
    assert "32 training images" in made.warnings_[-1]


def test_without_a_session_small_pictures_are_enlarged_which_is_said(monkeypatch):
    from twophoton_decode.decoding.folds import context

    R, image, fine = recorded(images=66)
    space = Pixels((SIDE, SIDE))
    bare = context.SessionContext(DEEP)
    monkeypatch.setattr(latent, "NO_SESSION", bare)
    made = Decoder(space).fit(R, space.encode(small(fine))[image])
    assert made.warnings_ == ["pictures of 16 × 16 px are enlarged to 32 × 32 px."]


def test_what_cannot_be_used_is_refused():
    space, fine = Pixels((SIDE, SIDE)), shown(4)
    with pytest.raises(ArgumentError, match="latent needs to know the feature space"):
        Decoder().fit(np.ones((4, 2)), np.ones((4, 3)))
    with pytest.raises(UnknownNameError, match="taef2"):
        Decoder.for_session(space, session(fine, space, DeepSettings(generator="vqgan")))
    with pytest.raises(UnknownNameError, match=r"whose codes are decoded.*pixels.*deep.generator"):
        Decoder.for_session(space, session(fine, space, DeepSettings(generator="pixels")))
    cuda = DeepSettings(generator="taef2@random:0", device="mps")
    with pytest.raises(DeviceError, match="mps was asked for"):
        Decoder.for_session(space, session(fine, space, cuda))
