"""``tpdecode deep encode`` as a user types it, from the import to the page."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

import twophoton_decode as tp
from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.stages.deep.encode import _attending
from twophoton_decode.records.deep.attention import AttentionEncoding
from twophoton_decode.session.netcdf import read_record

TWIN = "efficientnet-lite0@random:0"
FILE = "deep/encoding/efficientnet-lite0-random-0.nc"


@pytest.fixture(scope="module")
def session(tmp_path_factory, small_arrays):
    from click.testing import CliRunner

    from twophoton_decode.cli.main import tpdecode

    place = tmp_path_factory.mktemp("encode") / "S"
    for arguments in (
        ["import", "arrays", "-o", str(place), *small_arrays],
        ["respond", str(place), "-q"],
        ["encode", str(place), "-q"],
    ):
        found = CliRunner().invoke(tpdecode, arguments, catch_exceptions=False)
        assert found.exit_code == 0, found.output
    return place


def test_attention_of_a_file_is_told_with_its_controls(session, tpdecode, tmp_path):
    maps = np.random.default_rng(0).random((24, 6, 6))
    np.save(tmp_path / "maps.npy", maps)
    code, out, err = tpdecode(
        "deep", "encode", session, "--network", TWIN, "--attention", tmp_path / "maps.npy"
    )
    assert code == 0, err
    found = read_record(session / FILE, AttentionEncoding)
    numbers = json.loads((session / "summary.json").read_text())["deep"]["encode"][TWIN]
    assert numbers == json.loads(json.dumps(found.headline).replace("NaN", "null"))
    assert numbers["r_on"] == pytest.approx(np.nanmedian(found.r_on))
    assert found.attention == "maps.npy"
    assert found.twin == "efficientnet-lite0@random:1"
    np.testing.assert_allclose(found.delta, found.r_on - found.r_off)
    np.testing.assert_allclose(
        found.delta_counted, found.r_on - np.maximum(found.r_other_map, found.r_mean_map)
    )
    np.testing.assert_allclose(found.mean_map, maps.mean(axis=0), atol=1e-6)
    assert "gap left out, as attention to places cannot weigh them" in " ".join(found.notes)
    counts = " is not shown to help" if not found.attention_counts else " helps "
    assert f"Attention (maps.npy){counts}" in out
    expected = np.where(found.r_on > 0, np.minimum(found.r_on // 0.1, 3), -1)
    np.testing.assert_array_equal(found.r_bin, expected)
    assert set(found.embedded_cell.tolist()) <= set(np.flatnonzero(found.r_on > 0).tolist())
    opened = tp.open(session)
    assert list(opened.attention) == [TWIN]
    np.testing.assert_array_equal(opened.attention[TWIN].layer_r, found.layer_r)
    with pytest.raises(SessionError, match=r"tpdecode deep encode .* --network alexnet`"):
        opened.attention["alexnet"]
    names = {path.name for path in (session / "figures").iterdir()}
    assert "attention_efficientnet-lite0-random-0.svg" in names
    assert "attention_cells_efficientnet-lite0-random-0.png" in names
    assert tpdecode("report", session)[0] == 0
    page = (session / "report.html").read_text(encoding="utf-8")
    assert 'id="layout-0"' in page
    assert f"{len(found.embedded_cell)} cells by their predicted responses · {TWIN}" in page
    assert "a cluster says nothing by itself" in page


def test_maps_for_other_pictures_are_refused(session, tpdecode, tmp_path):
    np.save(tmp_path / "few.npy", np.random.default_rng(0).random((23, 6, 6)))
    code, _, err = tpdecode(
        "deep", "encode", session, "--network", TWIN, "--attention", tmp_path / "few.npy"
    )
    assert code == 1
    assert "expected a square map for each of 24 pictures" in err


def test_a_network_without_weights_or_maps_is_told(session, tpdecode, monkeypatch, tmp_path):
    from twophoton_decode.deep.weights import find

    monkeypatch.setattr(find, "store", lambda: tmp_path / "store")
    monkeypatch.setattr(find, "_hub", lambda: tmp_path / "hub")
    monkeypatch.setattr(find, "_files_of", lambda package, ending: [])
    monkeypatch.delenv(find.VARIABLE, raising=False)
    code, _, err = tpdecode("deep", "encode", session, "--network", TWIN, "--attention", "dino")
    assert code == 1
    assert "dinov2-small" in err
    assert "not found" in err


def attended(session, tpdecode, network, *options):
    """The record of a run, and what was said."""
    code, out, err = tpdecode("deep", "encode", session, "--network", network, *options)
    assert code == 0, err
    file = session / f"deep/encoding/{network.replace('@random:', '-random-')}.nc"
    return read_record(file, AttentionEncoding), out + err


def test_dinos_token_attends_for_its_own_layers_with_random_weights(session, tpdecode, monkeypatch):
    import timm

    from twophoton_decode.deep.networks import dinov2_small, named

    (architecture,) = dinov2_small.ARCHITECTURES
    shallow = dataclasses.replace(
        architecture,
        build=lambda: timm.create_model(
            "vit_small_patch14_dinov2", img_size=126, num_classes=0, depth=2
        ),
    )
    monkeypatch.setitem(named._BUILT_IN, architecture.name, shallow)
    network = "dinov2-small@random:1"
    found, _ = attended(session, tpdecode, network, "--attention", "dino")
    assert found.attention == f"class token of {network}"
    assert found.attention_sha256 == ""
    assert found.twin == "dinov2-small@random:0"
    assert found.example_map.shape == (6, 9, 9)
    np.testing.assert_allclose(found.example_map.max(axis=(1, 2)), 1)
    assert found.layer.tolist() == ["block0", "block1"]
    assert np.isfinite(found.beyond_other)
    # The map has the places of the layers.
    assert not any(" is averaged to " in note or " is enlarged to " in note for note in found.notes)
    assert any("dinov2-small@random:1: cls left out" in note for note in found.notes)


@pytest.fixture
def small_branch(monkeypatch, tmp_path):
    """A small attention branch network in the place of the large one, and a file of it."""
    import torch
    from tiny_attention_branch import tiny, trained

    from twophoton_decode.deep.networks import attention_branch, named
    from twophoton_decode.deep.weights import find

    monkeypatch.delenv(find.VARIABLE, raising=False)
    monkeypatch.setattr(find, "store", lambda: tmp_path / "store")
    architecture = attention_branch.ARCHITECTURES[0]
    network, _ = trained(steps=8)
    small = dataclasses.replace(architecture, build=tiny)
    monkeypatch.setitem(named._BUILT_IN, architecture.name, small)
    torch.save({"state_dict": network.state_dict()}, tmp_path / "best.pth.tar")
    return tmp_path / "best.pth.tar"


def test_an_attention_branch_attends_with_a_users_weights(session, tpdecode, small_branch):
    """The file is the branch's, whatever network the layers are of; the map is brought to them."""
    from twophoton_decode.deep.weights import find

    digest = find.sha256_of(small_branch)
    found, said = attended(
        session, tpdecode, TWIN, "--attention", "branch", "--weights", small_branch
    )
    assert found.attention == "attention branch of abn-resnet50"
    assert found.attention_sha256 == digest
    assert found.sha256 == ""
    assert found.example_map.shape == (6, 8, 8)
    assert np.ptp(found.example_map, axis=(1, 2)).min() > 0
    (note,) = [note for note in found.notes if "8 × 8 places" in note]
    assert note in said
    used = dict.fromkeys(found.fold_layer.tolist())
    sides = {"stem": 64, "b0": 64, "b1": 32, "b2": 16, "b3": 8, "b4": 8, "b5": 4, "b6": 4}
    for name in used:
        way = {True: "averaged", False: "enlarged"}[sides[name] < 8]
        part = f"{way} to the {sides[name]} × {sides[name]} of {name}"
        assert (part in note) == (sides[name] != 8)


@pytest.mark.parametrize(
    ("attention", "network", "attends"),
    [
        ("cam", TWIN, TWIN),
        ("dino", TWIN, "dinov2-small"),
        ("dino", "dinov2-small@random:4", "dinov2-small@random:4"),
        ("branch", TWIN, "abn-resnet50"),
        ("branch", "abn-resnet50@random:2", "abn-resnet50@random:2"),
        ("branch", "dinov2-small", "abn-resnet50"),
    ],
)
def test_a_network_attends_for_itself_where_it_can(attention, network, attends):
    deep = SimpleNamespace(attention=attention)
    work = SimpleNamespace(network=network, settings=SimpleNamespace(deep=deep))
    assert _attending(work) == attends


def test_an_attention_branch_without_weights_is_told(session, tpdecode, small_branch):
    code, _, err = tpdecode(
        "deep", "encode", session, "--network", TWIN, "--attention", "branch",
        "--weights", small_branch.parent,
    )  # fmt: skip
    assert code == 1
    assert "abn-resnet50: its weights were not found" in err
    assert "tpdecode weights add abn-resnet50 --file FILE" in err
