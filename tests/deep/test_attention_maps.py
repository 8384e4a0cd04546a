"""Maps of attention: read with care, at the right place and size, as networks make them."""

import numpy as np
import pytest
import torch

from twophoton_decode.deep.attention.class_activation import class_activation_maps
from twophoton_decode.deep.attention.maps import at_units, peak_at_one, read_maps, resized
from twophoton_decode.deep.attention.token_attention import token_attention_maps
from twophoton_decode.deep.features.extract import FeatureChoice
from twophoton_decode.deep.networks.architecture import Architecture
from twophoton_decode.deep.networks.named import Network, open_network
from twophoton_decode.errors import AnalysisError, UsageError
from twophoton_decode.stimulus.colour_pictures import ColourPictures


def saved(tmp_path, value):
    np.save(tmp_path / "maps.npy", value)
    return tmp_path / "maps.npy"


@pytest.fixture
def value():
    return np.random.default_rng(0).random((5, 8, 8))


def test_maps_of_a_file_are_used_as_they_are(tmp_path, value):
    found = read_maps(saved(tmp_path, value), "", 5)
    np.testing.assert_array_equal(found.value, value)
    assert found.notes == []
    assert found.source == "maps.npy"


def test_maps_above_one_are_divided_by_the_largest_value_of_all(tmp_path, value):
    found = read_maps(saved(tmp_path, 255 * value), "", 5)
    np.testing.assert_allclose(found.value, value / value.max())
    assert "divided by their largest value" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda value: value[:4], r"for each of 5 pictures, .*found an array \(4, 8, 8\)"),
        (lambda value: value[:, :6], r"found an array \(5, 6, 8\)"),
        (lambda value: value[0], r"found an array \(8, 8\)"),
        (lambda value: value - 0.5, "negative values"),
        (lambda value: np.where(np.arange(5)[:, None, None] == 3, 0.2, value), "picture 3"),
        (lambda value: np.where(value > 0.99, np.nan, value), "is NaN or infinite"),
    ],
)  # fmt: skip
def test_maps_of_another_size_constant_or_negative_are_refused(tmp_path, value, change, said):
    with pytest.raises(AnalysisError, match=said):
        read_maps(saved(tmp_path, change(value)), "", 5)


def test_a_file_that_is_not_there_and_one_with_a_pickle_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_maps(tmp_path / "no.npy", "", 5)
    with pytest.raises(AnalysisError, match=r"maps\.npy"):
        read_maps(saved(tmp_path, np.array([{}], dtype=object)), "", 1)


def test_smaller_is_the_mean_over_areas_and_larger_is_bilinear(value):
    np.testing.assert_allclose(
        resized(value, 4), value.reshape(5, 4, 2, 4, 2).mean(axis=(2, 4)), atol=1e-12
    )
    np.testing.assert_allclose(resized(value, 3).mean(), value.mean(), atol=1e-12)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(value)[:, None], (20, 20), mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(resized(value, 20), expected[:, 0].numpy(), atol=1e-12)


def test_units_get_the_attention_of_their_own_place(value):
    place = np.array([[0, 3, 1], [7, 2, 2], [1, 5, 5]])
    found = at_units(value, place, 8)
    np.testing.assert_allclose(found, value[:, [7, 2, 2], [1, 5, 5]])


def test_negative_parts_attend_nowhere_and_empty_maps_are_counted():
    given = np.array([[[-2.0, 1], [4, 0]], [[-1, -1], [-1, 0]]])
    found, empty = peak_at_one(given)
    np.testing.assert_array_equal(found, [[[0, 0.25], [1, 0]], [[0, 0], [0, 0]]])
    assert empty == 1


def pictures(count, side=32):
    values = np.random.default_rng(1).random((count, side, side))
    return ColourPictures(np.arange(count).astype(str), [], lambda i: values[i])


def test_class_activation_weighs_the_last_maps_by_the_most_probable_class():
    """By hand: the mean over places of the map, plus the bias, is the class's own score."""
    torch.manual_seed(3)
    network = open_network("efficientnet-lite0@random:0")
    given = pictures(3)
    kept = {}
    network.module.bn2.register_forward_hook(lambda m, i, o: kept.setdefault("last", o.clone()))
    network.module.classifier.register_forward_hook(lambda m, i, o: kept.setdefault("score", o))
    found = class_activation_maps(network, given, FeatureChoice(input_px=96))
    best = kept["score"].argmax(1)
    weight = network.module.classifier.weight[best]
    by_hand = (weight[:, :, None, None] * kept["last"]).sum(1).numpy()
    bias = network.module.classifier.bias[best].numpy()
    np.testing.assert_allclose(
        by_hand.mean(axis=(1, 2)) + bias, kept["score"].max(1).values.numpy(), rtol=1e-4
    )
    np.testing.assert_allclose(found.value, peak_at_one(by_hand)[0], atol=1e-5)
    assert found.value.shape == (3, 3, 3)
    assert found.source == "class activation of efficientnet-lite0@random:0"


def test_networks_without_class_activation_are_refused_with_what_to_do():
    linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3, 2))
    architecture = Architecture("tiny", lambda: linear, lambda module: {}, "")
    with pytest.raises(AnalysisError, match=r"tiny has no class activation maps.*--attention dino"):
        class_activation_maps(
            Network("tiny", architecture, linear, ""), pictures(1), FeatureChoice()
        )


def test_the_class_token_attends_as_the_softmax_of_its_query():
    network = open_network("dinov2-small@random:0")
    attention = network.module.blocks[-1].attn
    kept = []
    attention.register_forward_hook(lambda m, given, out: kept.append((given[0], out)))
    found = token_attention_maps(network, pictures(2), FeatureChoice())
    tokens, output = kept[0]
    with torch.inference_mode():
        projected = attention.qkv(tokens).reshape(2, 82, 3, 6, 64).permute(2, 0, 3, 1, 4)
        query, key, value = projected
        weights = (query @ key.transpose(-2, -1) / 8).softmax(dim=-1)
        # The weights are right: they give what the block gives.
        mixed = (weights @ value).transpose(1, 2).reshape(2, 82, 384)
        np.testing.assert_allclose(attention.proj(mixed), output, atol=1e-5)
    by_hand = weights[:, :, 0, 1:].mean(1).reshape(2, 9, 9).numpy()
    np.testing.assert_allclose(
        found.value, by_hand / by_hand.max(axis=(1, 2), keepdims=True), rtol=1e-4
    )
