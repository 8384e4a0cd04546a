"""Networks for mouse vision: read at 64 px, and files checked by what they hold."""

import numpy as np
import pytest
import torch

from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.mouse_vision import ARCHITECTURES
from twophoton_decode.deep.networks.named import architecture_of, open_network, refuse_unfit
from twophoton_decode.deep.networks.traits import traits_of
from twophoton_decode.deep.weights import add, find
from twophoton_decode.errors import WeightsError
from twophoton_decode.stimulus.colour_pictures import ColourPictures

ALEXNET = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"]
DUAL = ["VISp", "ventral", "dorsal", "VISpor", "VISam"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    place = tmp_path / "store"
    for module in (find, add):
        monkeypatch.setattr(module, "store", lambda: place)
    monkeypatch.delenv(find.VARIABLE, raising=False)
    return place


def checkpoint(path, name="mouse-dual-stream", change=lambda state: state):
    """As training saves it: the network's state, the optimiser's, the epoch."""
    state = open_network(f"{name}@random:3").module.state_dict()
    held = {f"module.{key}": value for key, value in change(state).items()}
    torch.save({"model_state_dict": held, "optimizer_state_dict": {"lr": 0.1}, "epoch": 199}, path)
    return path


@pytest.mark.parametrize(
    ("name", "layers"), [("mouse-alexnet", ALEXNET), ("mouse-dual-stream", DUAL)]
)
def test_layers_are_those_that_the_study_reads(name, layers):
    pixels = np.random.default_rng(0).random((2, 3, 64, 64)).astype(np.float32)
    pictures = ColourPictures(np.array(["a", "b"]), [], lambda index: np.uint8(
        255 * pixels[index].transpose(1, 2, 0)))  # fmt: skip
    made = extract_features(open_network(f"{name}@random:1"), pictures, FeatureChoice(units=50))
    assert made.layer.tolist() == layers
    assert made.input_px == 64
    first = made.layer_shape[0].tolist()
    # (64 + 2·2 − 11) / 4 + 1 = 15, pooled by 3 with stride 2.
    assert first == [64, 7, 7]
    assert np.ptp(made.of(layers[-1]), axis=0).max() > 0


def test_names_are_those_of_the_checkpoints():
    state = open_network("mouse-alexnet@random:0").module.state_dict()
    assert {"features.0.weight", "features.15.running_mean", "classifier.1.weight",
            "classifier.6.bias"} <= state.keys()  # fmt: skip
    assert state["classifier.1.weight"].shape == (4096, 9216)
    assert not any(key.startswith(("classifier.8", "flatten")) for key in state)
    streams = open_network("mouse-six-stream@random:0").module.state_dict()
    for name in ("input_VISp.0.weight", "VISp_VISpor.1.bias", "VISpl_VISam.0.weight",
                 "VISp_VISrl.4.weight"):  # fmt: skip
        assert f"model_layers.{name}" in streams
    assert streams["model_layers.VISp_VISam.0.weight"].shape == (256, 64, 3, 3)


def test_an_end_adds_what_comes_from_the_areas_and_from_v1():
    network = open_network("mouse-dual-stream@random:0").module
    pictures = torch.rand(1, 3, 64, 64)
    seen = {}
    for name, area in network.areas.items():
        area.register_forward_hook(lambda _, __, out, name=name: seen.__setitem__(name, out))
    network(pictures)
    step = network.model_layers
    expected = step["VISp_VISam"](seen["VISp"]) + step["ventral_VISam"](seen["ventral"])
    expected = expected + step["dorsal_VISam"](seen["dorsal"])
    torch.testing.assert_close(seen["VISam"], expected)


def test_a_users_checkpoint_is_added_and_used(store, tmp_path, tpdecode):
    file = checkpoint(tmp_path / "dual_stream_ir.pt")
    code, out, err = tpdecode("weights", "add", "mouse-dual-stream", "--file", file)
    assert code == 0, err
    assert "its tensors fit by name and shape" in out
    kept = next(store.iterdir())
    network = open_network("mouse-dual-stream")
    assert kept.name == f"mouse-dual-stream-{network.sha256[:8]}.pt"
    same = open_network("mouse-dual-stream@random:3").module.state_dict()
    for key, value in network.module.state_dict().items():
        torch.testing.assert_close(value, same[key])
    out = tpdecode("weights", "list")[1]
    assert f"SHA-256 {network.sha256[:8]}…, none was published" in out
    other = checkpoint(tmp_path / "other.pt", change=lambda s: {k: v + 1 for k, v in s.items()})
    code, _, err = tpdecode("weights", "add", "mouse-dual-stream", "--file", other)
    assert code == 0, err
    assert [each.name[-12:-3] for each in store.iterdir()] == [f"-{find.sha256_of(other)[:8]}"]


def test_other_files_are_refused_naming_keys(store, tmp_path):
    published = architecture_of("mouse-alexnet").weights

    def added(file, name="mouse-dual-stream"):
        return add.add_file(name, published, file, lambda each: refuse_unfit(name, each))

    def less(state):
        return {key: each for key, each in state.items() if "input_VISp.0" not in key}

    wrong = checkpoint(tmp_path / "a.pt", change=less)
    with pytest.raises(WeightsError, match=r"missing: 2 .model_layers\.input_VISp\.0\.weight"):
        added(wrong)
    more = checkpoint(
        tmp_path / "b.pt", change=lambda s: s | {"classifier.2.weight": torch.ones(2)}
    )
    with pytest.raises(WeightsError, match=r"unexpected: 1 .classifier\.2\.weight"):
        added(more)
    shape = checkpoint(tmp_path / "c.pt", change=lambda s: s | {
        "model_layers.input_VISp.0.bias": torch.ones(3)})  # fmt: skip
    with pytest.raises(WeightsError, match=r"input_VISp\.0\.bias \(3,\), not \(64,\)"):
        added(shape)
    assert not store.exists() or not any(store.iterdir())


def test_other_files_of_a_folder_are_not_taken_for_it(store, tmp_path, monkeypatch):
    checkpoint(tmp_path / "something.pt")
    monkeypatch.setenv(find.VARIABLE, str(tmp_path))
    with pytest.raises(WeightsError, match=r"not found.*dual_stream_ir\.pt of github"):
        open_network("mouse-dual-stream")
    file = checkpoint(tmp_path / "dual_stream_ir.pt")
    assert open_network("mouse-dual-stream").sha256 == find.sha256_of(file)


def test_pictures_are_given_at_the_size_of_training():
    assert [architecture.side(128) for architecture in ARCHITECTURES] == [64] * 3
    assert not traits_of(open_network("mouse-alexnet@random:0")).skips
    assert traits_of(open_network("mouse-dual-stream@random:0")).skips
