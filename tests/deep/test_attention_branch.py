"""The attention branch network: its tensors, its map, and weights that are a user's own."""

import dataclasses

import numpy as np
import pytest
import torch
from tiny_attention_branch import SIDE, as_input, simulated_pictures, tiny, trained

from twophoton_decode.deep.attention.branch_attention import branch_attention_maps
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks import named
from twophoton_decode.deep.networks.attention_branch import NAME
from twophoton_decode.deep.networks.named import Network, open_network
from twophoton_decode.deep.weights import add, find
from twophoton_decode.errors import AnalysisError, WeightsError
from twophoton_decode.stimulus.colour_pictures import ColourPictures

CHOICE = FeatureChoice(input_px=SIDE)


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """An empty store of weights, and nothing in the environment."""
    place = tmp_path / "store"
    monkeypatch.setattr(find, "store", lambda: place)
    monkeypatch.setattr(add, "store", lambda: place)
    monkeypatch.delenv(find.VARIABLE, raising=False)
    return place


@pytest.fixture
def small(monkeypatch):
    """A small network in the place of the large one."""
    architecture = dataclasses.replace(named.architecture_of(NAME), build=tiny)
    monkeypatch.setitem(named._BUILT_IN, NAME, architecture)
    return architecture


@pytest.fixture(scope="module")
def learned():
    return trained()


def pictures(values):
    return ColourPictures(np.arange(len(values)).astype(str), [], lambda index: values[index])


def test_tensors_have_the_names_of_the_published_checkpoint():
    import torchvision

    own = open_network(f"{NAME}@random:0").module.state_dict()
    # The perception branch is ResNet-50; the rest is what the authors' code calls it.
    plain = torchvision.models.resnet50(weights=None).state_dict()
    assert [name for name in plain if name not in own or own[name].shape != plain[name].shape] == []
    assert {name.split(".")[0] for name in own if name not in plain} == {
        "att_layer4", "bn_att", "att_conv", "bn_att2", "att_conv2", "att_conv3", "bn_att3",
    }  # fmt: skip
    shapes = {name: tuple(own[name].shape) for name in own if name.startswith("att_conv")}
    assert shapes == {
        "att_conv.weight": (1000, 2048, 1, 1),
        "att_conv2.weight": (1000, 1000, 1, 1),
        "att_conv3.weight": (1, 1000, 3, 3),
    }
    assert own["att_layer4.0.downsample.0.weight"].shape == (2048, 1024, 1, 1)


def test_the_perception_branch_goes_on_from_attended_features():
    torch.manual_seed(1)
    network, kept = tiny().eval(), {}
    for name in ("layer3", "sigmoid", "layer4"):
        getattr(network, name).register_forward_hook(
            lambda m, given, out, name=name: kept.update({name: (given[0].clone(), out.clone())})
        )
    with torch.inference_mode():
        network(as_input(simulated_pictures(2, 0)[0]))
    features, attention, attended = kept["layer3"][1], kept["sigmoid"][1], kept["layer4"][0]
    assert attention.shape == (2, 1, 4, 4)
    torch.testing.assert_close(attended, (1 + attention) * features)


def test_it_learns_and_its_map_is_of_the_picture(learned):
    network, losses = learned
    assert np.mean(losses[-8:]) < 0.6 * np.mean(losses[:8])
    values, kind, _ = simulated_pictures(60, 9)
    with torch.inference_mode():
        perceived = network((as_input(values) - 0.5) / 0.2)[1]
    assert (perceived.argmax(dim=1).numpy() == kind).mean() > 0.8
    architecture = dataclasses.replace(
        named.architecture_of(NAME), mean=(0.5, 0.5, 0.5), sd=(0.2, 0.2, 0.2)
    )
    found = branch_attention_maps(
        Network(NAME, architecture, network, "ab12"), pictures(values), CHOICE
    )
    assert found.value.shape == (60, 4, 4)
    assert found.value.min() > 0
    assert found.value.max() < 1
    assert np.ptp(found.value, axis=(1, 2)).min() > 0.02
    assert found.value.std(axis=0).min() > 0.02
    assert (found.source, found.sha256) == (f"attention branch of {NAME}", "ab12")
    kept = []
    network.sigmoid.register_forward_hook(lambda m, given, out: kept.append(out))
    with torch.inference_mode():
        network((as_input(values) - 0.5) / 0.2)
    np.testing.assert_allclose(found.value, kept[0][:, 0].numpy(), atol=1e-5)


def test_maps_that_are_flat_attend_nowhere():
    torch.manual_seed(2)
    flat = tiny().eval()
    flat.att_conv3.weight.data.zero_()
    with pytest.raises(AnalysisError, match=r"the same attention everywhere.*untrained or damaged"):
        branch_attention_maps(
            Network(NAME, named.architecture_of(NAME), flat, ""), pictures(np.ones((2, 64, 64))),
            CHOICE,
        )  # fmt: skip


def test_layers_are_those_of_the_perception_branch(small):
    network = open_network(f"{NAME}@random:3")
    found = extract_features(network, pictures(simulated_pictures(3, 0)[0]), CHOICE)
    assert list(found.layers) == ["stem", "layer1", "layer2", "layer3", "layer4", "gap"]
    assert found.layer_shape[0].tolist() == [8, 32, 32]
    again = open_network(f"{NAME}@random:3").module.state_dict()
    for name, each in network.module.state_dict().items():
        assert torch.equal(each, again[name]), name


def parallel(state):
    return {f"module.{name}": each for name, each in state.items()}


def without_counters(state):
    return {name: each for name, each in state.items() if not name.endswith("batches_tracked")}


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("plain.pth", lambda state: state),
        # As the authors' training script writes it.
        ("model_best.pth.tar",
         lambda state: {"epoch": 3, "state_dict": parallel(state), "optimizer": {"state": {}}}),
        ("old.pth", without_counters),
    ],
)  # fmt: skip
def test_a_users_checkpoint_is_read(small, learned, tmp_path, name, made):
    state = learned[0].state_dict()
    torch.save(made(state), tmp_path / name)
    opened = open_network(NAME, tmp_path / name)
    assert opened.sha256 == find.sha256_of(tmp_path / name)
    for key, each in without_counters(opened.module.state_dict()).items():
        assert torch.equal(each, state[key]), key


class RunsCode:
    """A pickle that would make a file where it is loaded."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_checkpoint_that_would_run_code_is_refused(small, tmp_path, store, tpdecode):
    touched, file = tmp_path / "touched", tmp_path / "best.pth.tar"
    torch.save({"state_dict": tiny().state_dict(), "args": RunsCode(touched)}, file)
    code, _, err = tpdecode("weights", "add", NAME, "--file", file)
    assert code == 1
    assert "could run code: it is refused" in err
    assert not touched.exists()
    assert not store.exists()


def test_tensors_that_do_not_fit_are_named(small, tmp_path):
    state = dict(tiny().state_dict())
    del state["att_conv2.weight"], state["bn_att.bias"]
    state |= {"head.weight": torch.ones(2), "evil\x1b[31m": torch.ones(2)}
    state["fc.weight"] = torch.ones(5, 64)
    torch.save(state, tmp_path / "net.pth")
    with pytest.raises(WeightsError) as error:
        open_network(NAME, tmp_path / "net.pth")
    told = str(error.value)
    assert "does not fit abn-resnet50" in told
    assert "missing: 2 (bn_att.bias, att_conv2.weight)" in told
    assert r"unexpected: 2 (head.weight, evil\x1b[31m)" in told
    assert "of another shape: 1 (fc.weight (5, 64), not (3, 64))" in told
    torch.save({f"x{n}": torch.ones(1) for n in range(30)}, tmp_path / "other.pth")
    with pytest.raises(WeightsError, match=r"unexpected: 30 \(x0, .*x9 and 20 more\)"):
        open_network(NAME, tmp_path / "other.pth")


def test_own_weights_are_added_if_they_fit_and_take_the_place_of_earlier_ones(
    small, store, tmp_path, tpdecode
):
    for seed in (1, 2):
        torch.manual_seed(seed)
        torch.save({"state_dict": parallel(tiny().state_dict())}, tmp_path / "best.pth.tar")
        code, out, err = tpdecode("weights", "add", NAME, "--file", tmp_path / "best.pth.tar")
        assert code == 0, err
        assert "abn-resnet50: its tensors fit by name and shape; kept as" in out + err
        digest = find.sha256_of(tmp_path / "best.pth.tar")
        assert [path.name for path in store.iterdir()] == [f"{NAME}-{digest[:8]}.pth.tar"]
    assert open_network(NAME).sha256 == digest
    _, out, _ = tpdecode("weights", "list")
    row = next(line for line in out.splitlines() if line.startswith(NAME))
    assert f"added weights, SHA-256 {digest[:8]}…, none was published" in row
    torch.save({"a": torch.ones(2)}, tmp_path / "other.pth")
    code, _, err = tpdecode("weights", "add", NAME, "--file", tmp_path / "other.pth")
    assert code == 1
    assert "does not fit abn-resnet50" in err
    assert len(list(store.iterdir())) == 1


def test_own_weights_in_a_folder_are_known_by_their_name(small, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv(find.VARIABLE, str(folder))
    torch.save(tiny().state_dict(), folder / "something.pth")
    with pytest.raises(WeightsError, match="abn-resnet50: its weights were not found"):
        open_network(NAME)
    torch.save(tiny().state_dict(), folder / "ABN-ResNet50_best.pth")
    assert open_network(NAME).sha256 == find.sha256_of(folder / "ABN-ResNet50_best.pth")
    torch.save(tiny().state_dict(), folder / "abn-resnet50-2.pth")
    with pytest.raises(WeightsError, match=r"holds 2 files of weights of abn-resnet50"):
        open_network(NAME)
