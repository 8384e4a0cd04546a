"""Decoded codes, cleaned: what is decoded from which cells, what drives it, what is refused."""

import dataclasses

import numpy as np
import pytest
from test_latent_decoder import FINE, SIDE, recorded, session, shown, small

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.deep.decoders.latent_diffusion import Decoder
from twophoton_decode.deep.latent import decoded_codes, opened
from twophoton_decode.deep.latent.content import Decoded, DecodedContent
from twophoton_decode.deep.latent.denoiser import make
from twophoton_decode.deep.latent.denoiser.file import read_denoiser
from twophoton_decode.deep.latent.populations import sources
from twophoton_decode.errors import AnalysisError, TrainingError, WeightsError
from twophoton_decode.features import Pixels
from twophoton_decode.settings import DeepSettings
from twophoton_decode.stimulus.colour_pictures import ColourPictures

CHOICE = make.Choice("taef2@random:0", "resnet18@random:0", FINE, width=8, steps=30)
DEEP = DeepSettings(
    generator="taef2@random:0", input_px=FINE, denoiser_steps=3, denoiser_strength=0.8
)
SPACE = Pixels((SIDE, SIDE))
AREAS = np.repeat(["V1", "LM", ""], [30, 25, 5])


@pytest.fixture(autouse=True)
def few_are_looked_at(monkeypatch):
    monkeypatch.setattr(decoded_codes, "LOOKED_AT", 6)


def source(pictures):
    bytes_ = np.repeat((255 * pictures)[..., None], 3, axis=-1).astype(np.uint8)
    return ColourPictures(np.arange(len(bytes_)).astype(str), [], lambda index: bytes_[index])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A denoiser of other pictures than `recorded` shows."""
    made = tmp_path_factory.mktemp("made") / "denoiser.npz"
    make.make_denoiser(source(shown(60, seed=8)), made, CHOICE)
    return made


@pytest.fixture(scope="module")
def fitted(file):
    """A decoder of a session with two populations, its responses, and what it was given."""
    R, image, fine = recorded()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoded_codes, "LOOKED_AT", 6)
        given = session(fine, SPACE, DEEP, denoiser=file, population=AREAS)
        made = Decoder.for_session(SPACE, given)
        return made.fit(R, SPACE.encode(small(fine))[image]), R, given


def test_z_is_of_the_first_population_and_c_of_the_second(fitted):
    made, R, _ = fitted
    assert made.warnings_ == ["z is decoded from V1, c from LM."]
    first = made.predict(R[:2])
    without = R[:2].copy()
    without[:, 55:] = 99
    np.testing.assert_allclose(made.predict(without), first, atol=1e-6)
    for cells in (slice(0, 30), slice(30, 55)):
        without = R[:2].copy()
        without[:, cells] = R[7, cells]
        assert not np.allclose(made.predict(without), first, atol=1e-6)


@pytest.mark.parametrize(("drive", "silent"), [("z", slice(30, 55)), ("c", slice(0, 30))])
def test_what_drives_it_alone_decides(fitted, drive, silent):
    made, R, given = fitted
    alone = Decoder(SPACE, dataclasses.replace(given, deep=DEEP.model_copy(
        update={"driven_by": drive})))  # fmt: skip
    alone.__dict__.update({key: value for key, value in vars(made).items() if key[-1] == "_"})
    without = R[:2].copy()
    without[:, silent] = R[7, silent]
    np.testing.assert_allclose(alone.predict(without), alone.predict(R[:2]), atol=1e-6)
    assert not np.allclose(alone.predict(R[:2]), made.predict(R[:2]), atol=1e-6)


def test_one_response_gives_one_picture_whatever_it_is_decoded_with(fitted):
    made, R, _ = fitted
    np.testing.assert_allclose(made.predict(R[:3])[1:2], made.predict(R[1:2]), atol=1e-4)
    assert made.finer_pictures(R[:1]).shape == (1, FINE, FINE)


def test_components_are_as_reliable_as_left_out_images_say():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(200, 3))
    image = np.tile(np.arange(200), 2)
    R = np.column_stack([true[image, 0], np.zeros(400), true[image, 1]]) + 0.5 * rng.normal(
        size=(400, 3)
    )
    found = DecodedContent.fit(TrainingResponses(R, image, image), true)
    single, twice = found.components(R, 1)[1], found.components(R, 2)[1]
    assert single[:2] == pytest.approx([1 / np.sqrt(1.25)] * 2, abs=0.05)
    assert twice[:2] == pytest.approx([1 / np.sqrt(1.125)] * 2, abs=0.05)
    assert single[2] < 0.2
    made = found.components(R, 1)[0]
    np.testing.assert_allclose(made.std(axis=0)[:2], true.std(axis=0)[:2], rtol=0.05)


def test_reliability_is_the_correlation_and_never_negative():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(50, 3))
    decoded = np.column_stack([2 * true[:, 0] + rng.normal(size=50), -true[:, 1], np.zeros(50)])
    found = Decoded.of(decoded, true)
    assert found.reliability[0] == pytest.approx(np.corrcoef(decoded[:, 0], true[:, 0])[0, 1])
    np.testing.assert_array_equal(found.reliability[1:], 0)
    np.testing.assert_allclose(found.spread, decoded.std(axis=0))


def test_populations_are_chosen_or_refused():
    both = sources(60, AREAS, "", "")
    np.testing.assert_array_equal(both.of_code, np.arange(30))
    np.testing.assert_array_equal(both.of_content, np.arange(30, 55))
    one = sources(60, None, "", "")
    assert one.of_code.size == one.of_content.size == 60
    assert "no two populations" in one.notes[0]
    named = sources(60, AREAS, "all", "V1")
    assert (named.of_code.size, named.content_name) == (60, "V1")
    with pytest.raises(AnalysisError, match="no population is called 'PM'; known are V1, LM, all"):
        sources(60, AREAS, "PM", "")
    with pytest.raises(AnalysisError, match="the population LM has 5 cells; 10 or more"):
        sources(15, np.repeat(["V1", "LM"], [10, 5]), "", "")


def test_a_denoiser_that_has_seen_the_pictures_is_refused(tmp_path):
    R, image, fine = recorded()
    seen = tmp_path / "seen.npz"
    other = shown(60, seed=8)
    other[3] = fine[5]
    make.make_denoiser(source(other), seen, CHOICE)
    made = Decoder.for_session(SPACE, session(fine, SPACE, DEEP, denoiser=seen))
    with pytest.raises(TrainingError, match="1 of 68 pictures that were shown are among the 60"):
        made.fit(R, SPACE.encode(small(fine))[image])


def test_denoisers_that_do_not_fit_are_refused(file, tmp_path, monkeypatch):
    R, image, fine = recorded()
    with pytest.raises(WeightsError, match="latent-diffusion needs a denoiser"):
        Decoder.for_session(SPACE, session(fine, SPACE, DEEP))
    rgb = DEEP.model_copy(update={"colour": "rgb"})
    made = Decoder.for_session(SPACE, session(fine, SPACE, rgb, denoiser=file))
    with pytest.raises(WeightsError, match="grey pictures True there, False here"):
        made.fit(R, SPACE.encode(small(fine))[image])
    read = read_denoiser(file)
    other = tmp_path / "other.npz"
    changed = dataclasses.replace(read.origin, network_sha256="0" * 64)
    dataclasses.replace(read, origin=changed).write(other)
    with pytest.raises(WeightsError, match="was trained beside resnet18@random:0"):
        opened.opened_denoiser(other, None, "cpu")
