"""The decoder feature-inversion: what it makes, that pictures do not mix, and what it says."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

import twophoton_decode as tp
from twophoton_decode.decoding import contract
from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.deep.decoders.feature_inversion import Decoder
from twophoton_decode.deep.inversion import studio
from twophoton_decode.deep.inversion.descent import Descent
from twophoton_decode.deep.networks.autoencoders.named import open_autoencoder
from twophoton_decode.errors import ArgumentError, UnknownNameError, WeightsError
from twophoton_decode.features import Pixels
from twophoton_decode.records import Reconstruction
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import DeepSettings

SIDE = 16
NETWORK = "efficientnet-lite0@random:0"
GENERATORS = ("pixels", "taef2@random:0")


def visible(*given):
    """An autoencoder with random weights whose pictures lie between black and white."""
    coder = open_autoencoder(*given)
    if "random" in coder.name:
        coder.decoder[-1].bias.fill_(0.5)
        coder.decoder[-1].weight.mul_(5)
    return coder


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    monkeypatch.setattr(studio, "FOR_PIXELS", Descent("lbfgs", 12))
    monkeypatch.setattr(studio, "FOR_CODES", Descent("adam", 6, 0.005))
    monkeypatch.setattr(studio, "open_autoencoder", visible)
    studio.studio_of.cache_clear()
    torch.set_num_threads(1)


def deep(generator="pixels", **more):
    given = {"networks": [NETWORK], "units": 1500, "inversion_px": 32, "generator": generator}
    return DeepSettings(**{**given, "inversion_layers": ["stem"], **more})


def waves(count, seed=0):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    return np.stack([
        0.5 + 0.4 * np.sin(2 * np.pi * (a * x + b * y) + phase)
        for a, b, phase in rng.uniform(-2, 2, (count, 3))
    ])  # fmt: skip


def recorded(images=24, cells=80, repeats=1, noise=0.1):
    rng = np.random.default_rng(1)
    pictures = waves(images)
    rows = pictures.reshape(images, -1) - pictures.mean(axis=0).ravel()
    clean = rows @ rng.standard_normal((SIDE**2, cells))
    clean /= clean.std()
    image = np.tile(np.arange(images), repeats)
    return clean[image] + noise * rng.standard_normal((len(image), cells)), image, pictures


def made_for(generator, images=24, run=None, **more):
    """A fitted decoder with what it was fitted to."""
    R, image, pictures = recorded(images)
    space = Pixels((SIDE, SIDE))
    Y = space.encode(pictures)[image]
    session = SessionContext(deep=deep(generator, **more))
    session = session.about(np.arange(images).astype(str), pictures, space.encode(pictures))
    decoder = Decoder.for_session(space, session)
    return decoder.fit_long(R, Y, image, run or TrainingRun()), R, pictures


def test_it_declares_what_it_is():
    decoder = made_for("pixels")[0]
    for what in ("Decoder", "Trains", "Warns", "Slow", "DrawsFiner", "MadeForSession"):
        assert isinstance(decoder, getattr(contract, what)), what
    assert not isinstance(decoder, contract.Affine)
    assert contract.problems(Decoder) == []
    with pytest.raises(NotFittedError):
        Decoder(Pixels((SIDE, SIDE))).predict(np.zeros((1, 3)))


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_picture_does_not_depend_on_what_it_is_decoded_with(generator):
    decoder, R, _ = made_for(generator)
    together = decoder.predict(R[:3])
    other, _, _ = made_for(generator)
    np.testing.assert_allclose(other.predict(R[1:2]), together[1:2], atol=1e-12)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_pixels_come_near_to_what_was_shown(monkeypatch):
    monkeypatch.setattr(studio, "FOR_PIXELS", Descent("lbfgs", 15))
    decoder, R, pictures = made_for("pixels", images=40)
    made = decoder.predict(R[:4])
    r = [np.corrcoef(a, b.ravel())[0, 1] for a, b in zip(made, pictures[:4], strict=True)]
    assert min(r) > 0.6
    finer = decoder.finer_pictures(R[:4])
    assert finer.shape == (4, 32, 32)
    assert finer.min() >= 0
    assert finer.max() <= 1
    small = finer.reshape(4, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(decoder.readout_.brightness(small).reshape(4, -1), made, atol=1e-5)


def test_a_generator_starts_at_the_decoded_code_around_that_of_ridges_picture():
    decoder, R, _ = made_for("taef2@random:0")
    latent, code = decoder.readout_.latent(R[:1]), decoder.readout_.code
    ridge = np.clip(code.picture.mean + code.picture.deviation(R[:1]), 0, 1)
    shown = np.repeat(np.float32(ridge), 3, axis=1)
    np.testing.assert_array_equal(latent.centre, code.encode(shown))
    np.testing.assert_array_equal(latent.start, code(R[:1])[0])
    assert np.abs(latent.start - latent.centre).max() > 1e-6
    start = decoder.studio_.inversion().generated(latent.start)
    assert np.abs(decoder.pictures(R[:1]) - start).max() > 1e-4


def test_pictures_are_kept_and_an_interrupted_run_goes_on(tmp_path):
    run = TrainingRun(checkpoint=tmp_path / "fold0.npz")
    decoder, R, _ = made_for("pixels", run=run)
    made = decoder.predict(R[:2])
    again, _, _ = made_for("pixels", run=run)
    again.readout_ = None
    np.testing.assert_array_equal(again.pictures(R[:2]), decoder.pictures(R[:2]))
    other, _, _ = made_for("pixels", run=run, inversion_layers=["b0"])
    assert other.warnings_[-1] == "pictures kept under other settings, or damaged, were discarded."
    assert np.abs(other.predict(R[:1]) - made[:1]).max() > 1e-6


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_picture_that_was_read_back_changes_no_bit_of_a_prediction(tmp_path, generator):
    decoder, R, _ = made_for(generator)
    whole = decoder.predict(R[:3])
    run = TrainingRun(checkpoint=tmp_path / "fold0.npz")
    made_for(generator, run=run)[0].predict(R[:1])
    resumed = made_for(generator, run=run)[0]
    assert len(resumed.kept_) == 1
    assert resumed.predict(R[:3]).tobytes() == whole.tobytes()


def test_the_time_of_a_picture_and_enlarged_pictures_are_told():
    decoder, _, _ = made_for("pixels")
    assert decoder.seconds_per_picture_ > 0
    assert "enlarged to 32" in decoder.warnings_[0]


def test_doubts_that_arise_while_pictures_are_made_are_counted(monkeypatch):
    decoder, R, _ = made_for("pixels")
    monkeypatch.setattr(studio, "FOR_PIXELS", Descent("adam", 0))
    decoder.predict(R[:3])
    said = decoder.warnings_[-1]
    assert said.startswith("in 3 of 3 pictures no step came nearer")


def test_without_a_session_pictures_of_the_space_stand_for_finer_ones(monkeypatch):
    monkeypatch.setattr("twophoton_decode.settings.DeepSettings", deep)
    R, image, pictures = recorded()
    space = Pixels((SIDE, SIDE))
    session = SessionContext(deep=deep())
    monkeypatch.setattr("twophoton_decode.deep.decoders.feature_inversion.NO_SESSION", session)
    Y = space.encode(pictures)[image]
    alone = Decoder.for_features(space).fit(R, Y)
    np.testing.assert_allclose(alone.predict(R[:1]), made_for("pixels")[0].predict(R[:1]))


def test_what_cannot_be_had_is_named(monkeypatch, tmp_path):
    with pytest.raises(UnknownNameError, match=r"dreams.*deep.generator.*taef2.*pixels"):
        made_for("dreams")
    with pytest.raises(UnknownNameError, match="conv9"):
        made_for("pixels", inversion_layers=["conv9"])
    monkeypatch.setenv("TPDECODE_WEIGHTS", str(tmp_path))
    monkeypatch.setattr("twophoton_decode.deep.weights.find.store", lambda: tmp_path)
    with pytest.raises(WeightsError, match=r'weights add taef2-encoder.*generator = "pixels"'):
        made_for("taef2")
    with pytest.raises(ArgumentError, match=r"FeatureInversion\.for_features"):
        Decoder().fit(np.ones((3, 2)), np.ones((3, 2)))


def test_a_session_is_reconstructed_and_what_was_kept_is_read_again(tmp_path, tpdecode):
    images = 12
    R, _, pictures = recorded(images, cells=120, noise=0.02)
    np.save(tmp_path / "R.npy", R)
    np.save(tmp_path / "I.npy", pictures)
    session = tmp_path / "S"
    arrays = ("--responses", tmp_path / "R.npy", "--axes", "image cell")
    shown = ("--images", tmp_path / "I.npy")
    code, _, err = tpdecode("import", "arrays", "-o", session, *arrays, *shown)
    assert code == 0, err
    opened = tp.open(session)
    for name in ("networks", "generator", "units", "inversion_px", "inversion_layers"):
        opened.set(f"deep.{name}", getattr(deep(), name))
    for name, value in (("features", "pixels"), ("folds", 3), ("bootstraps", 100)):
        opened.set(f"decoding.{name}", value)
    code, _, err = tpdecode("reconstruct", session, "--decoder", "feature-inversion")
    assert code == 0, err
    made = read_record(session / "reconstruction/feature-inversion.nc", Reconstruction)
    assert made.r_average.mean() > 0.3
    assert made.finer_average.shape == (images, 32, 32)
    kept = list((session / ".tpdecode/training/feature-inversion").glob("*.npz"))
    assert len(kept) == 3
