"""Autoencoders: their layout, their files, and what they give back."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from twophoton_decode.deep.networks.autoencoders.named import (
    autoencoder_of,
    known_autoencoders,
    open_autoencoder,
)
from twophoton_decode.deep.networks.catalogue import listed_files, published_file
from twophoton_decode.deep.weights import add, find
from twophoton_decode.errors import (
    ArgumentError,
    DeviceError,
    UnknownNameError,
    UsageError,
    WeightsError,
)

RANDOM = "taef2@random:0"
SHARED = Path(__file__).parents[3] / "shared" / "weights"


@pytest.fixture(scope="module")
def trained():
    """The published weights, where this machine has them."""
    places = [SHARED, *map(Path, filter(None, os.environ.get(find.VARIABLE, "").split(os.pathsep)))]
    try:
        return open_autoencoder("taef2", next((each for each in places if each.exists()), None))
    except WeightsError as error:
        pytest.skip(str(error))


def pictures(count=3, side=32):
    """Smooth coloured pictures."""
    y, x = np.mgrid[:side, :side] / side
    waves = [np.sin(2 * np.pi * (n * x + colour * y)) for n in range(count) for colour in range(3)]
    return (0.5 + 0.3 * np.reshape(waves, (count, 3, side, side))).astype(np.float32)


def test_the_published_weights_give_back_pictures(trained):
    shown = pictures(side=64)
    found = trained.decode(trained.encode(shown))
    assert found.shape == shown.shape
    assert np.sqrt(((found - shown) ** 2).mean()) < 0.05
    assert trained.sha256.split() == [each.sha256 for each in trained.kind.weights.values()]


def test_grey_pictures_are_three_colours_alike(trained):
    grey = pictures()[:, 0]
    assert np.array_equal(trained.encode(grey), trained.encode(np.stack([grey] * 3, axis=1)))


def test_a_code_is_an_eighth_of_the_picture_and_does_not_depend_on_its_batch():
    net = open_autoencoder(RANDOM)
    assert net.latent_shape(128) == (32, 16, 16)
    shown = pictures(40, 16)
    codes = net.encode(shown)
    assert codes.shape == (40, 32, 2, 2)
    assert np.allclose(codes[35:36], net.encode(shown[35:36]), atol=1e-6)
    assert net.decode(codes[:2]).shape == (2, 3, 16, 16)
    assert (net.sha256, net.drawn_by[:6]) == ("", "torch ")


def test_random_weights_follow_from_their_seed_alone():
    shown = pictures(1, 16)
    torch.manual_seed(5)
    first = open_autoencoder(RANDOM).encode(shown)
    assert np.array_equal(first, open_autoencoder(RANDOM).encode(shown))
    assert not np.allclose(first, open_autoencoder("taef2@random:1").encode(shown))


def test_gradients_pass_through_to_the_code():
    net = open_autoencoder(RANDOM)
    code = torch.zeros(1, 32, 2, 2, requires_grad=True)
    net.decoder(code).sum().backward()
    assert code.grad is not None
    assert code.grad.abs().sum() > 0
    assert not any(each.requires_grad for each in net.decoder.parameters())


def test_what_cannot_be_used_is_refused():
    with pytest.raises(UnknownNameError, match="taef2"):
        autoencoder_of("vqgan")
    with pytest.raises(ArgumentError, match="a multiple of 8 px; found 30 px"):
        open_autoencoder(RANDOM).encode(pictures(1, 30))
    with pytest.raises(DeviceError, match="tpu"):
        open_autoencoder(RANDOM, device="tpu")


def test_each_half_is_a_file_of_its_own(tmp_path, monkeypatch):
    assert known_autoencoders() == ("taef2",)
    assert {"taef2-encoder", "taef2-decoder"} < set(listed_files())
    with pytest.raises(UsageError, match="add them as taef2-encoder and taef2-decoder"):
        published_file("taef2")
    monkeypatch.setattr(find, "store", lambda: tmp_path)
    monkeypatch.setattr(add, "store", lambda: tmp_path)
    monkeypatch.delenv(find.VARIABLE, raising=False)
    with pytest.raises(WeightsError, match=r"taef2_encoder\.pth of github\.com/madebyollin/taesd"):
        open_autoencoder("taef2")
    other = tmp_path / "other.pth"
    torch.save({"0.weight": torch.zeros(1)}, other)
    with pytest.raises(WeightsError, match="is not the file of weights of taef2-decoder"):
        add.add_file("taef2-decoder", published_file("taef2-decoder"), other)


def test_one_file_given_is_of_one_half(trained, monkeypatch, tmp_path):
    """The other half is then looked for elsewhere."""
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here")
    file = find.find_weights("taef2-decoder", published_file("taef2-decoder"), SHARED).path
    monkeypatch.setenv(find.VARIABLE, str(SHARED))
    assert open_autoencoder("taef2", file).sha256 == trained.sha256
