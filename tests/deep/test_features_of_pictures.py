"""Layers of pictures: the right units, kept once, whatever interrupts."""

import errno
import tempfile
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
import torch

from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.features import cache as cache_module
from twophoton_decode.deep.features import extract as extract_module
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.features.layers import LayerReader, chosen_units
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.networks.named import Network, open_network
from twophoton_decode.errors import AnalysisError, DeviceError, RecordError
from twophoton_decode.stimulus.colour_pictures import ColourPictures

SIDE = 32


@pytest.fixture
def network():
    """Two layers; the second writes over the first one's output, as many networks do."""
    torch.manual_seed(0)
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.ReLU(inplace=True), torch.nn.MaxPool2d(4)
    )
    architecture = Architecture(
        name="tiny",
        title="",
        build=lambda: layers,
        places=lambda module: {"conv": Place(module[0]), "pool": Place(module[2])},
        mean=(0.5, 0.5, 0.5),
        sd=(0.25, 0.25, 0.25),
    )
    return Network("tiny", architecture, layers.eval().requires_grad_(False), "")


@pytest.fixture
def pictures():
    values = np.random.default_rng(1).random((10, SIDE, SIDE, 3))
    return ColourPictures(np.array([f"p{i}" for i in range(10)]), [], lambda i: values[i])


def directly(network, pictures):
    """Both layers computed without hooks, whole."""
    given = np.stack([pictures.read(index, SIDE) for index in range(len(pictures))])
    module = network.module
    with torch.inference_mode():
        conv = module[0]((torch.from_numpy(given) - 0.5) / 0.25)
        pool = torch.nn.functional.max_pool2d(conv.clamp(min=0), 4)
    return conv.flatten(1).numpy(), pool.flatten(1).numpy()


def choice(**more):
    return FeatureChoice(**{"input_px": SIDE, "grey": False, "units": 100} | more)


def test_features_are_the_units_that_the_record_names(network, pictures):
    found = extract_features(network, pictures, choice())
    conv, pool = directly(network, pictures)
    assert found.layers == ("conv", "pool")
    assert found.layer_shape.tolist() == [[4, 32, 32], [4, 8, 8]]
    np.testing.assert_allclose(found.of("conv"), conv[:, found.place[:100]], atol=1e-6)
    np.testing.assert_allclose(found.of("pool"), pool[:, found.place[100:]], atol=1e-6)
    channel, y, x = found.place_of("pool")
    np.testing.assert_array_equal(channel * 64 + y * 8 + x, found.place[100:])
    with pytest.raises(RecordError, match="no layer 'gap'; it has conv, pool"):
        found.of("gap")


def test_all_units_where_none_are_cut(network, pictures):
    found = extract_features(network, pictures, choice(units=0))
    np.testing.assert_allclose(found.of("pool"), directly(network, pictures)[1], atol=1e-6)


def test_units_are_the_same_in_every_session():
    """These first units must never change: decoders of former sessions hold them."""
    assert chosen_units(5000, 1000, 0)[:5].tolist() == chosen_units(5000, 1000, 0)[:5].tolist()
    kept = chosen_units(5000, 1000, 2)
    assert len(set(kept.tolist())) == 1000
    assert (np.diff(kept) > 0).all()
    assert not np.array_equal(kept, chosen_units(5000, 1000, 3))
    assert chosen_units(300, 1000, 0).tolist() == list(range(300))


def test_groups_of_pictures_make_no_difference(network, pictures, monkeypatch):
    whole = extract_features(network, pictures, choice())
    monkeypatch.setattr(extract_module, "_CHUNK", 3)
    found = extract_features(network, pictures, choice())
    np.testing.assert_allclose(found.value, whole.value, atol=1e-6)


def test_an_interrupted_extraction_goes_on_where_it_was(network, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(extract_module, "_CHUNK", 4)
    whole = extract_features(network, pictures, choice())
    groups = []
    read = LayerReader.read

    def interrupted(reader, given):
        groups.append(len(given))
        if len(groups) == 2:
            raise KeyboardInterrupt
        return read(reader, given)

    monkeypatch.setattr(LayerReader, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        extract_features(network, pictures, choice(), FeatureCache(tmp_path / "kept"))
    found = extract_features(network, pictures, choice(), FeatureCache(tmp_path / "kept"))
    assert groups == [4, 4, 4, 2]
    np.testing.assert_array_equal(found.value, whole.value)
    extract_features(network, pictures, choice(), FeatureCache(tmp_path / "kept"))
    assert len(groups) == 4
    extract_features(network, pictures, choice(units=50), FeatureCache(tmp_path / "kept"))
    assert len(groups) == 7


def test_random_weights_of_other_versions_share_no_cache(network, pictures, tmp_path):
    """The same name and seed, drawn by another torch: neither found nor used together."""
    first, second = (replace(network, drawn_by=f"torch {number}") for number in (1, 2))
    made = extract_features(first, pictures, choice(), FeatureCache(tmp_path))
    kept = set(tmp_path.iterdir())
    extract_features(first, pictures, choice(), FeatureCache(tmp_path))
    assert set(tmp_path.iterdir()) == kept
    other = extract_features(second, pictures, choice(), FeatureCache(tmp_path))
    assert len(set(tmp_path.iterdir())) == 2 * len(kept)
    assert made.drawn_by == "torch 1"
    with pytest.raises(RecordError, match="drawn_by is 'torch 1' for one and 'torch 2'"):
        made.refuse_other(other)


def test_a_network_says_what_drew_its_weights():
    found = open_network("resnet18@random:0").drawn_by
    assert found == f"torch {version('torch')}, torchvision {version('torchvision')}"


def cut(file):
    file.write_bytes(file.read_bytes()[:-200])


def one_array(file):
    with file.open("wb") as stream:
        np.save(stream, np.ones(3), allow_pickle=False)


def texts(file):
    with np.load(file, allow_pickle=False) as held:
        shape = held["value"].shape
    with file.open("wb") as stream:
        np.savez(stream, value=np.full(shape, "x"), allow_pickle=False)


def unknown(file):
    with np.load(file, allow_pickle=False) as held:
        value = held["value"]
    value[1, 2] = np.nan
    with file.open("wb") as stream:
        np.savez(stream, value=value, allow_pickle=False)


@pytest.mark.parametrize("damage", [cut, one_array, texts, unknown])
def test_a_damaged_group_is_computed_anew(network, pictures, tmp_path, damage):
    kept = FeatureCache(tmp_path)
    whole = extract_features(network, pictures, choice(), kept)
    (file,) = tmp_path.iterdir()
    damage(file)
    again = extract_features(network, pictures, choice(), kept)
    np.testing.assert_array_equal(again.value, whole.value)
    assert FeatureCache(tmp_path).get(file.stem) is not None


def test_a_full_disk_is_said_and_costs_only_the_cache(network, pictures, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache_module.np, "savez", full)
    found = extract_features(network, pictures, choice(), FeatureCache(tmp_path))
    assert any("the disk is full" in note for note in found.notes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["mkdir", "mkstemp", "replace"])
def test_a_disk_that_cannot_be_written_costs_only_the_cache(
    network, pictures, tmp_path, monkeypatch, step
):
    def refuses(*arguments, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    place = tempfile if step == "mkstemp" else cache_module.Path
    monkeypatch.setattr(place, step, refuses)
    found = extract_features(network, pictures, choice(), FeatureCache(tmp_path / "kept"))
    monkeypatch.undo()
    (note,) = [note for note in found.notes if "not kept" in note]
    assert f"{tmp_path / 'kept'} (Read-only file system)" in note
    np.testing.assert_array_equal(found.value, extract_features(network, pictures, choice()).value)
    assert list(tmp_path.rglob("*.*")) == []


def test_short_memory_halves_the_pictures_at_a_time_twice(network, pictures, monkeypatch):
    whole = extract_features(network, pictures, choice())
    sizes, most = [], [3]
    read = LayerReader._read_once

    def limited(reader, given):
        sizes.append(len(given))
        if len(given) > most[0]:
            raise RuntimeError("DefaultCPUAllocator: not enough memory")
        return read(reader, given)

    monkeypatch.setattr(LayerReader, "_read_once", limited)
    monkeypatch.setattr("twophoton_decode.deep.features.layers._BATCH", 8)
    monkeypatch.setattr(LayerReader, "_batch", 8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LayerReader, "__post_init__", _with_batch(LayerReader.__post_init__, 8))
        found = extract_features(network, pictures, choice())
        assert sizes == [8, 4, 2, 2, 2, 2, 2]
        np.testing.assert_allclose(found.value, whole.value, atol=1e-6)
        assert sum("memory is short" in note for note in found.notes) == 2
        most[0] = 1
        with pytest.raises(DeviceError, match=r"Reduce input_px in \[deep\], now 32"):
            extract_features(network, pictures, choice())


def _with_batch(made, size):
    def post(reader):
        reader._batch = size
        made(reader)

    return post


def test_small_pictures_are_enlarged_which_is_said_once(network, pictures):
    small = ColourPictures(pictures.name, [], lambda i: pictures._pixels(i)[:20, :24])
    found = extract_features(network, small, choice())
    assert found.source_px == 20
    assert found.notes == [
        "pictures of 20 px are enlarged to the network's 32 px. Pictures below 64 px hold less "
        "detail than early layers could read."
    ]


def test_values_that_are_not_finite_are_an_error(network, pictures):
    network.module[0].bias[0] = torch.inf
    with pytest.raises(AnalysisError, match="tiny gives values that are not finite"):
        extract_features(network, pictures, choice())


def test_features_of_other_preprocessing_are_refused(network, pictures):
    first = extract_features(network, pictures, choice())
    first.refuse_other(extract_features(network, pictures, choice()))
    with pytest.raises(RecordError, match="grey is False for one and True for the other"):
        first.refuse_other(extract_features(network, pictures, choice(grey=True)))
    with pytest.raises(RecordError, match="units_per_layer is 100 for one and 50"):
        first.refuse_other(extract_features(network, pictures, choice(units=50)))


def test_a_device_that_is_not_there_is_an_error():
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="cuda was asked for"):
            device_of("cuda")
    with pytest.raises(DeviceError, match="known are cpu, cuda, mps"):
        device_of("tpu")
    assert device_of("cpu").type == "cpu"
