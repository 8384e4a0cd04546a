"""The end-to-end decoder: it begins as ridge, corrects what it can, and says when it does not."""

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity as skimage_ssim
from sklearn.exceptions import NotFittedError

from twophoton_decode.decoding import contract
from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.deep.decoders import end_to_end
from twophoton_decode.deep.decoders.end_to_end import Decoder
from twophoton_decode.deep.end_to_end import correction
from twophoton_decode.deep.end_to_end.examples import Examples, cross_fitted, left_out_fits, parts
from twophoton_decode.deep.end_to_end.loss import picture_loss, structural_similarity
from twophoton_decode.deep.end_to_end.synthetic import encoding_model, synthetic_examples
from twophoton_decode.deep.end_to_end.unet import correction_network
from twophoton_decode.errors import ArgumentError, DeviceError
from twophoton_decode.features import Gabor, Pixels
from twophoton_decode.settings import DeepSettings

SIDE = 12
SHORT = {"steps": 150, "learning_rate": 3e-3}


def bars(images, seed):
    """Pictures that are black but for two white bars: no linear read-out makes such pictures."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((images, SIDE, SIDE))
    places = rng.permutation(4 * (SIDE - 2) ** 2)[:images]
    every = np.unravel_index(places, (SIDE - 2, SIDE - 2, 2, 2))
    for picture, across, down, thin, narrow in zip(pictures, *every, strict=True):
        picture[across : across + 1 + thin] = 1.0
        picture[:, down : down + 1 + narrow] = 1.0
    return pictures


def recorded(images=160, cells=60, repeats=2, seed=0, noise=0.6):
    """Responses (presentations, cells) of linear cells, the image of each, and the pictures."""
    rng = np.random.default_rng(seed)
    pictures = bars(images, seed)
    filters = rng.standard_normal((SIDE**2, cells)) / SIDE
    image = np.repeat(np.arange(images), repeats)
    clean = (pictures.reshape(images, -1) - pictures.mean()) @ filters
    clean /= clean.std()
    return clean[image] + noise * rng.standard_normal((image.size, cells)), image, pictures


def error(made, pictures):
    return ((made - pictures.reshape(len(made), -1)) ** 2).mean()


@pytest.mark.parametrize("shape", [(12, 12), (31, 31), (36, 64), (5, 9), (1, 1)])
def test_an_untrained_network_returns_the_picture(shape):
    pictures = torch.rand(3, 1, *shape)
    with torch.no_grad():
        found = correction_network(0)(pictures)
    torch.testing.assert_close(found, pictures, rtol=0, atol=0)


def test_the_network_has_about_0_2_million_weights_that_follow_from_the_seed():
    first, again, other = (list(correction_network(seed).parameters()) for seed in (3, 3, 4))
    assert 0.1e6 < sum(value.numel() for value in first) < 0.3e6
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("shape", [(12, 12), (31, 20), (7, 7)])
def test_ssim_is_that_of_scikit_image(shape):
    rng = np.random.default_rng(0)
    true, found = rng.random((2, 4, *shape))
    expected = [
        skimage_ssim(a, b, data_range=1.0, win_size=7) for a, b in zip(found, true, strict=True)
    ]
    tensors = [torch.from_numpy(each[:, None]) for each in (found, true)]
    np.testing.assert_allclose(structural_similarity(*tensors), expected, atol=1e-10)
    mse = ((found - true) ** 2).mean(axis=(1, 2))
    np.testing.assert_allclose(
        picture_loss(*tensors), 10 * mse + 0.5 * (1 - np.array(expected)), atol=1e-10
    )


def test_small_and_uniform_pictures_have_a_loss():
    for shape in ((1, 1), (2, 5), (6, 6)):
        loss = picture_loss(torch.zeros(2, 1, *shape), torch.zeros(2, 1, *shape))
        assert torch.isfinite(loss).all()
        np.testing.assert_allclose(loss, 0.0, atol=1e-6)


def test_ridge_of_a_presentation_comes_from_a_fit_without_its_group():
    R, image, pictures = recorded(images=24)
    Y = pictures.reshape(24, -1)[image]
    found = cross_fitted(left_out_fits(Ridge, R, Y, image, seed=5), R)
    part = parts(image, 8, 5)
    assert all(np.unique(part[image == each]).size == 1 for each in range(24))
    out = part == 2
    expected = Ridge().fit(R[~out], Y[~out], groups=image[~out]).predict(R[out])
    np.testing.assert_allclose(found[out], expected, atol=1e-10)
    shuffled = Y.copy()
    shuffled[out] = 9.0
    np.testing.assert_allclose(
        cross_fitted(left_out_fits(Ridge, R, shuffled, image, seed=5), R)[out], expected, atol=1e-10
    )


def test_examples_are_means_of_an_images_own_presentations():
    _, image, pictures = recorded(images=6, repeats=3)
    mixed = np.random.default_rng(0).permutation(image.size)
    made = np.arange(image.size, dtype=float)[:, None, None] * np.ones((1, 2, 2))
    shown = pictures[image[mixed]][:, :2, :2] + image[mixed, None, None]
    examples = Examples.of(made, shown, mixed)
    assert examples.edges.tolist() == list(range(0, 19, 3))
    every = examples.made[:, 0, 0].reshape(6, 3)
    assert all(np.unique(image[mixed][own.astype(int)]).size == 1 for own in every)
    drawn = examples.some(np.arange(6), np.random.default_rng(1))[:, 0, 0]
    assert (drawn >= every.min(axis=1)).all()
    assert (drawn <= every.max(axis=1)).all()


@pytest.fixture(scope="module")
def fitted():
    """An end-to-end decoder and ridge of the same responses, with those that are tested."""
    R, image, pictures = recorded()
    train = image < 120
    Y = pictures.reshape(len(pictures), -1)[image]
    space = Pixels((SIDE, SIDE))
    ridge = Ridge().fit(R[train], Y[train], groups=image[train])
    decoder = Decoder(space, **SHORT).fit(R[train], Y[train], groups=image[train])
    return decoder, ridge, R[~train], Y[~train], (R[train], Y[train], image[train])


def test_the_network_corrects_what_ridge_cannot_make(fitted):
    decoder, ridge, R, Y, _ = fitted
    assert decoder.correction_ is not None
    assert error(decoder.predict(R), Y) < 0.8 * error(ridge.predict(R), Y)
    averages, shown = R.reshape(-1, 2, R.shape[1]).mean(axis=1), Y[::2]
    assert error(decoder.predict(averages), shown) < 0.8 * error(ridge.predict(averages), shown)


def test_each_response_is_decoded_for_itself(fitted):
    decoder, _, R, _, _ = fitted
    together = decoder.predict(R[:7])
    np.testing.assert_allclose(together[3:4], decoder.predict(R[3:4]), atol=1e-5)


def test_the_same_data_give_the_same_fit(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr(correction, "CERTAIN", -np.inf)
    _, ridge, R, _, training = fitted
    run = TrainingRun(checkpoint=tmp_path / "kept.npz")
    plain, kept, read = (
        Decoder(Pixels((SIDE, SIDE)), steps=12, learning_rate=3e-3).fit_long(*training, each)
        for each in (TrainingRun(), run, run)
    )
    assert not np.array_equal(plain.predict(R), ridge.predict(R))
    np.testing.assert_array_equal(kept.predict(R), plain.predict(R))
    np.testing.assert_array_equal(read.predict(R), plain.predict(R))


def test_few_images_leave_ridge_as_it_is_and_that_is_said():
    R, image, pictures = recorded(images=40)
    Y = pictures.reshape(40, -1)[image]
    decoder = Decoder(Pixels((SIDE, SIDE))).fit(R, Y, groups=image)
    ridge = Ridge().fit(R, Y, groups=image)
    np.testing.assert_array_equal(decoder.predict(R), ridge.predict(R))
    assert "40 training images cannot train a network" in decoder.warnings_[-1]


def test_few_images_are_known_before_ridge_is_fitted_again(monkeypatch):
    def fitted_again(*_):
        raise AssertionError

    monkeypatch.setattr(end_to_end, "cross_fitted", fitted_again)
    R, image, pictures = recorded(images=40)
    decoder = Decoder(Pixels((SIDE, SIDE))).fit(R, pictures.reshape(40, -1)[image])
    assert "40 training images cannot train a network" in decoder.warnings_[-1]


def test_near_duplicates_count_once():
    R, image, pictures = recorded(images=80, repeats=1)
    decoder = Decoder(Pixels((SIDE, SIDE)))
    decoder.fit(R, pictures.reshape(80, -1)[image], groups=np.minimum(image, 20))
    assert "21 training images cannot train a network" in decoder.warnings_[-1]


def test_responses_that_know_nothing_leave_ridge_as_it_is():
    R, image, pictures = recorded(images=80, repeats=1)
    Y = pictures.reshape(80, -1)
    noise = np.random.default_rng(3).standard_normal(R.shape)
    decoder = Decoder(Pixels((SIDE, SIDE)), steps=50, learning_rate=3e-3)
    decoder.fit(noise, Y, groups=image)
    assert decoder.correction_ is None
    assert "not shown to help" in decoder.warnings_[-1]


def test_other_feature_spaces_are_corrected_as_pictures(monkeypatch):
    monkeypatch.setattr(correction, "CERTAIN", -np.inf)
    R, image, pictures = recorded(images=70, repeats=1)
    space = Gabor((16, 16))
    Y = space.encode(np.kron(pictures, np.ones((2, 2)))[:, :16, :16])
    decoder = Decoder(space, steps=20, learning_rate=3e-3).fit(R, Y, groups=image)
    ridge = Ridge.for_features(space).fit(R, Y, groups=image).predict(R[:5])
    added = decoder.predict(R[:5]) - ridge
    assert np.abs(added).max() > 1e-6
    made = (space.decode(ridge) - decoder.low_) / decoder.range_
    expected = space.encode(decoder.range_ * decoder.correction_(made))
    np.testing.assert_allclose(added, expected, atol=1e-6)


def test_a_correction_is_measured_against_images_of_other_groups():
    made = np.arange(12.0)[None, :, None, None] * np.ones((correction.DRAWS, 12, 2, 2))
    group = np.repeat([4, 7, 9], [7, 3, 2])
    held = correction._HeldOut(made, np.zeros((12, 2, 2)), group)
    taken = held.of_others().made[0, :, 0, 0].astype(int)
    assert (group[taken] != group).all()
    gain = held.gain(lambda pictures: 0 * pictures, "cpu")
    assert gain.shape == (3,)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"learning_rate": 0.0}])
def test_parameters_out_of_range_are_named(wrong):
    R, image, pictures = recorded(images=20)
    Y = pictures.reshape(20, -1)[image]
    with pytest.raises(ArgumentError, match="steps must be 1 or more"):
        Decoder(Pixels((SIDE, SIDE)), **wrong).fit(R, Y)
    with pytest.raises(ArgumentError, match=r"EndToEnd\.for_features"):
        Decoder().fit(R, Y)


def test_it_declares_what_it_is():
    decoder = Decoder(Pixels((SIDE, SIDE)))
    assert isinstance(decoder, contract.Decoder)
    assert isinstance(decoder, contract.Trains)
    assert not isinstance(decoder, contract.Affine)
    with pytest.raises(NotFittedError):
        decoder.predict(np.zeros((1, 3)))


def test_the_session_says_how_many_steps_and_on_which_device():
    space = Pixels((SIDE, SIDE))
    made = Decoder.for_session(space, SessionContext(deep=DeepSettings(training_steps=7)))
    assert (made.space, made.steps) == (space, 7)
    assert isinstance(Decoder, contract.MadeForSession)
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="cuda was asked for"):
            Decoder.for_session(space, SessionContext(deep=DeepSettings(device="cuda")))


def test_synthetic_pairs_are_mirrored_pictures_with_responses_like_those_of_the_cells():
    R, image, pictures = recorded(images=160, repeats=2, noise=0.2)
    space = Pixels((SIDE, SIDE))
    Y = space.encode(pictures)[image]
    fits = left_out_fits(Ridge, R, Y, image, seed=0)
    made, shown, group = synthetic_examples(fits, R, Y, image, space, seed=0)
    assert made.shape == shown.shape == (3 * len(R), Y.shape[1])
    of_first = {row.tobytes() for row in space.decode(shown[group == 0]).round(9)}
    first = pictures[0].round(9)
    assert of_first == {each.tobytes() for each in (first[:, ::-1], first[::-1], first[::-1, ::-1])}
    # Ridge makes of them as much as it makes of real ones.
    real = cross_fitted(fits, R)
    errors = [((a - b) ** 2).mean() for a, b in ((real, Y), (made, shown))]
    assert 0.7 < errors[1] / errors[0] < 1.4


def test_the_encoding_model_predicts_linear_cells():
    R, image, pictures = recorded(images=160, noise=0.05)
    Y = Pixels((SIDE, SIDE)).encode(pictures)[image]
    train = image < 140
    model, strength = encoding_model(R[train], Y[train], image[train])
    means = np.stack([R[image == each].mean(axis=0) for each in range(140)])
    found = model.readout(Y[~train], strength).predict(means) + R[train].mean(axis=0)
    assert np.corrcoef(found.ravel(), R[~train].ravel())[0, 1] > 0.9


def test_pictures_of_held_out_groups_are_not_trained_on_when_mirrored(monkeypatch):
    R, image, pictures = recorded(images=80)
    space = Pixels((SIDE, SIDE))
    seen = []
    some = Examples.some

    def noted(self, chosen, rng):
        seen.append(np.unique(self.group[chosen]))
        return some(self, chosen, rng)

    monkeypatch.setattr(Examples, "some", noted)
    Decoder(space, 20, synthetic_pairs=True).fit(R, space.encode(pictures)[image], image)
    part = parts(np.arange(80), correction.HELD_OUT_PARTS, 0)
    # First the held-out draws, of one part each, then the steps.
    held_out, steps = seen[: 2 * correction.DRAWS], seen[2 * correction.DRAWS :]
    assert all(np.unique(part[groups]).size == 1 for groups in held_out)
    assert len(steps) == 20
    assert (part[np.concatenate(steps)] > 1).all()
