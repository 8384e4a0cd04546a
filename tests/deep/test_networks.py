"""Networks by name: real weights give known answers, random ones the same every time."""

import os

import numpy as np
import pytest
import skimage.data
import torch
import torchvision

from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import (
    architecture_of,
    file_name,
    known_networks,
    open_network,
    random_twin,
    split_name,
)
from twophoton_decode.deep.networks.pairing import in_order
from twophoton_decode.errors import UnknownNameError, UsageError, WeightsError
from twophoton_decode.stimulus.colour_pictures import ColourPictures
from twophoton_decode.stimulus.enlarging import enlarged


def opened(name):
    """The network, or a skip that says what is missing."""
    try:
        return open_network(name)
    except WeightsError as error:
        pytest.skip(str(error))


def cat(side):
    """Chelsea, a tabby, as a picture (1, 3, side, side) from 0 to 1."""
    pixels = skimage.data.cat()[:, 75:375] / 255
    step = pixels.shape[0] / side
    rows = (np.arange(side) * step).astype(int)
    return torch.from_numpy(pixels[rows][:, rows].transpose(2, 0, 1)[None].astype(np.float32))


def test_the_default_network_knows_a_cat():
    """Chelsea is ginger: class 282 of ImageNet is the tiger cat, 281 tabby, 285 Egyptian cat."""
    network = opened("efficientnet-lite0")
    with torch.inference_mode():
        scores = network.module(cat(224) * 2 - 1)[0]
    assert scores.argmax().item() == 282
    assert {281, 282, 285} <= set(scores.topk(5).indices.tolist())


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_v2_l", "inception_v3"])
def test_torchvision_networks_take_pictures_as_their_weights_were_trained(name):
    published = next(iter(torchvision.models.get_model_weights(name))).transforms()
    found = architecture_of(name)
    assert (list(found.mean), list(found.sd)) == (published.mean, published.std)


def test_inception_scales_pictures_as_with_published_weights():
    assert open_network("inception_v3@random:0").module.transform_input


@pytest.mark.skipif("TPDECODE_WEIGHTS" not in os.environ, reason="weights are not installed here")
def test_dinov2_sees_that_two_cats_are_alike():
    network = opened("dinov2-small")
    coffee = skimage.data.coffee()[:378, 100:478] / 255
    other = torch.from_numpy(coffee[::3, ::3].transpose(2, 0, 1)[None].astype(np.float32))
    mean = torch.tensor(network.architecture.mean)[:, None, None]
    sd = torch.tensor(network.architecture.sd)[:, None, None]
    with torch.inference_mode():
        seen = [
            network.module((each - mean) / sd)[0] for each in (cat(126), cat(126).flip(-1), other)
        ]
    alike = torch.cosine_similarity(seen[0], seen[1], dim=0)
    assert alike > 0.9
    assert torch.cosine_similarity(seen[0], seen[2], dim=0) < 0.6
    # Stored when all tokens at 224 px equalled those of the file's own graph, run by onnx, to 3e-5.
    np.testing.assert_allclose(seen[0][:4], [0.0077, -0.5945, 0.4275, -1.8198], atol=2e-3)


def test_random_weights_follow_from_the_seed_alone():
    state = torch.random.get_rng_state()
    first, again, other = (
        open_network(f"efficientnet-lite0@random:{seed}").module.conv_stem.weight
        for seed in (5, 5, 6)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("efficientnet-lite0", {"stem": (32, 32, 32), "b3": (80, 4, 4), "gap": (1280, 1, 1)}),
        ("dinov2-small", {"block0": (384, 9, 9), "cls": (384, 1, 1)}),
        ("alexnet", {"conv1": (64, 15, 15), "conv5": (256, 3, 3), "fc6": (4096, 1, 1)}),
        ("resnet18", {"stem": (64, 32, 32), "layer4": (512, 2, 2), "gap": (512, 1, 1)}),
        ("vgg19", {"conv1": (64, 64, 64), "conv5": (512, 4, 4), "fc8": (1000, 1, 1)}),
        ("squeezenet1_1", {"features.0": (64, 31, 31)}),
    ],
)
def test_layers_have_the_shapes_of_the_architecture(name, layers):
    """Sides follow from 64 px (DINOv2: 126 px) and the published strides."""
    twin = random_twin(name)
    picture = np.random.default_rng(0).random((3, 64, 64), np.float32)
    pictures = ColourPictures(np.array(["a"]), [], lambda index: picture.transpose(1, 2, 0))
    found = extract_features(open_network(twin), pictures, FeatureChoice(input_px=64, units=50))
    shapes = dict(zip(found.layers, map(tuple, found.layer_shape.tolist()), strict=True))
    assert layers.items() <= shapes.items()
    assert found.network == twin
    assert all(found.of(layer).shape == (1, 50) for layer in layers)


def test_names_are_checked_before_anything_is_built():
    assert split_name("alexnet@random:12") == ("alexnet", 12)
    assert file_name("alexnet@random:12") == "alexnet-random-12"
    wrongs = (
        "alexnet@random",
        "alexnet@7",
        "@random:1",
        "alexnet@random:\u0663",
        "alexnet@random:007",
    )
    for wrong in wrongs:
        with pytest.raises(UsageError, match="NAME@random:SEED"):
            split_name(wrong)
    with pytest.raises(UnknownNameError, match="no network is called 'lenet'"):
        architecture_of("lenet@random:0")
    assert "efficientnet-lite0" in known_networks()


def test_every_listed_network_has_weights_that_can_be_checked():
    for name in known_networks():
        published = architecture_of(name).weights
        # Without a published hash, by the names of tensors in a file that is known by its own name.
        assert len(published.sha256) in (8, 64) or published.own
        assert published.licence


def test_tensors_that_do_not_pair_are_named():
    network = torch.nn.Linear(3, 2)
    with pytest.raises(WeightsError, match="holds 1 tensors, the network has 2"):
        in_order(network, {"a": torch.ones(2, 3)})
    with pytest.raises(WeightsError, match=r"bias is \(2,\) in the network, but b in the file"):
        in_order(network, {"a": torch.ones(2, 3), "b": torch.ones(3)})
    paired = in_order(network, {"a": torch.ones(2, 3), "b": torch.zeros(2)})
    assert list(paired) == ["weight", "bias"]


def test_enlarging_keeps_means_and_straight_lines():
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32), (3, 8, 8))
    large = enlarged(ramp, 16)
    np.testing.assert_allclose(large[0, 0, 1:-1], np.arange(14) / 2 + 0.25, atol=1e-6)
    np.testing.assert_allclose(large.mean(), ramp.mean(), atol=1e-6)
    assert enlarged(ramp, 8) is ramp
