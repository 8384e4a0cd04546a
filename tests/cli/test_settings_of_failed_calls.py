"""Settings of a call that fails: session.toml and results stay as they were."""

import shutil

import numpy as np
import pytest

from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.settings.file import change_setting

TWIN = "efficientnet-lite0@random:0"
ATTENTION = f"deep-encode:{TWIN}"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, small_arrays):
    """A session with a table of its pictures, and fresh results of two deep commands."""
    from click.testing import CliRunner

    from twophoton_decode.cli.main import tpdecode

    folder = tmp_path_factory.mktemp("failed")
    place = folder / "S"
    np.save(folder / "maps.npy", np.random.default_rng(0).random((24, 6, 6)))
    patch = pytest.MonkeyPatch()
    patch.setattr("twophoton_decode.pipeline.run.draw_figures", lambda *given: [])
    for arguments in (
        ["import", "arrays", "-o", str(place), *small_arrays],
        ["respond", str(place), "-q"],
        ["encode", str(place), "-q"],
        ["deep", "rsa", str(place), "-q", "--network", TWIN],
        ["deep", "encode", str(place), "-q", "--attention", str(folder / "maps.npy")],
    ):
        found = CliRunner().invoke(tpdecode, arguments, catch_exceptions=False)
        assert found.exit_code == 0, found.output
        if arguments[0] == "import":
            change_setting(place / "session.toml", "deep", "input_px", 32)
            change_setting(place / "session.toml", "decoding", "bootstraps", 100)
            (folder / "table.csv").write_text("original,seen\n" + ",\n" * 23 + "0,familiar\n")
            change_setting(place / "session.toml", "source", "picture_table", "../table.csv")
    patch.undo()
    return place


@pytest.fixture
def session(finished, tmp_path):
    """A copy, as calls may change it; what its settings name lies where it did."""
    shutil.copytree(finished, tmp_path / "S")
    shutil.copy(finished.parent / "table.csv", tmp_path)
    return tmp_path / "S"


@pytest.fixture(autouse=True)
def nothing_there(monkeypatch, tmp_path):
    """No weights of any network, and no device but the processor."""
    import torch

    from twophoton_decode.deep.weights import find

    monkeypatch.setattr(find, "store", lambda: tmp_path / "store")
    monkeypatch.setattr(find, "_hub", lambda: tmp_path / "hub")
    monkeypatch.setattr(find, "_files_of", lambda package, ending: [])
    monkeypatch.delenv(find.VARIABLE, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize(
    ("command", "options", "told"),
    [
        ("rsa", ("--network", "alexnet"), "alexnet: its weights were not found"),
        ("rsa", ("--device", "cuda"), "finds no such device here"),
        ("features", ("--network", "efficientnet-lite0@random:7", "--device", "cuda"), "device"),
        ("encode", ("--attention", "branch"), "abn-resnet50: its weights were not found"),
        ("encode", ("--attention", "dino"), "dinov2-small: its weights were not found"),
        ("encode", ("--attention", "gone.npy"), "gone.npy: no such file"),
        ("completion", ("--degraded", "originl"), "originl"),
        ("completion", ("--degraded", "original", "--familiar", "sen"), "'sen'"),
        ("completion", ("--degraded", "original", "--before-after", "seen"), "phase_column"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_not_saved(session, tpdecode, command, options, told):
    settings = (session / "session.toml").read_bytes()
    _, before, _ = tpdecode("status", session)
    assert all(f"{key} " in before for key in ("deep-rsa", ATTENTION))
    assert "stale" not in before
    code, _, err = tpdecode("deep", command, session, *options)
    assert code != 0
    assert told in err
    assert (session / "session.toml").read_bytes() == settings
    assert tpdecode("status", session)[1] == before


def test_that_settings_were_taken_back_is_said(session, tpdecode):
    _, out, _ = tpdecode("deep", "rsa", session, "--network", "alexnet")
    assert "saved to" in out
    assert out.rstrip().endswith("is as before: nothing was made with these settings")
    _, out, _ = tpdecode("deep", "encode", session, "--network", "alexnet")
    assert "is as before" not in out, "nothing was set"


def test_what_a_result_was_made_with_stays(session, tpdecode, tmp_path):
    (tmp_path / "weights").mkdir()
    networks = ("--network", "efficientnet-lite0@random:7", "--network", "alexnet")
    code, _, err = tpdecode(
        "deep", "features", session, *networks, "--weights", tmp_path / "weights"
    )
    assert code == 1
    assert "alexnet: its weights were not found" in err
    assert f'weights = "{tmp_path}/weights"' in (session / "session.toml").read_text()


def test_an_interrupted_call_goes_on_with_its_settings(session, tpdecode, monkeypatch):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "run_deep", interrupted)
    assert tpdecode("deep", "rsa", session, "--network", "alexnet")[0] == 130
    assert 'networks = ["alexnet"]' in (session / "session.toml").read_text()


def test_what_a_user_writes_meanwhile_stays(session, tpdecode, monkeypatch):
    def edited(*given):
        change_setting(session / "session.toml", "deep", "splits", 7)
        raise SessionError("failed")

    monkeypatch.setattr(Session, "run_deep", edited)
    assert tpdecode("deep", "rsa", session, "--network", "alexnet")[0] == 1
    assert "splits = 7" in (session / "session.toml").read_text()
