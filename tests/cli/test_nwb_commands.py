"""``tpdecode import nwb`` and ``export nwb``: there and back, and what a stranger's file can do."""

import json
import warnings
from types import SimpleNamespace

import h5py
import numpy as np
import nwb_files as made
import pytest
from click.testing import CliRunner

import twophoton_decode as tp
from twophoton_decode.cli.main import tpdecode
from twophoton_decode.errors import SessionError, SettingsError, UsageError
from twophoton_decode.pipeline.results.nwb import _not_kept
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source


def run(*arguments):
    done = CliRunner().invoke(tpdecode, [str(each) for each in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session of a file in the Allen Institute's layout, from its ΔF/F."""
    folder = tmp_path_factory.mktemp("nwb")
    made.allen_like(folder / "allen.nwb")
    run("import", "nwb", folder / "allen.nwb", "--series", "DfOverF/DfOverF", "-o", folder / "S",
        "--mouse", "m1", "--set", "responses.response_window_s=[0.0, 0.9]")  # fmt: skip
    return folder / "S"


def test_responses_are_those_of_the_presentations(session):
    responses = tp.open(session).responses
    assert responses.response.shape == (made.SCENES * made.REPEATS, made.CELLS)
    assert responses.blank_response.shape[0] == made.REPEATS
    mean = np.stack([responses.response[responses.image == scene].mean(axis=0)
                     for scene in range(made.CELLS)])  # fmt: skip
    np.testing.assert_allclose(mean, np.eye(made.CELLS), atol=0.02)
    assert responses.response_unit == "ΔF/F"


@pytest.fixture(scope="module")
def there_and_back(session):
    """The session reconstructed, exported, and what was exported imported again."""
    run("reconstruct", session, "--decoder", "ridge")
    run("export", "nwb", session, session.parent / "out.nwb", "--species", "Mus musculus",
        "--sex", "F", "--age", "P90D")  # fmt: skip
    run("import", "nwb", session.parent / "out.nwb", "-o", session.parent / "T")
    return session.parent / "out.nwb", session.parent / "T"


def test_an_export_imported_again_gives_the_same_responses(session, there_and_back):
    one, other = tp.open(session).responses, tp.open(there_and_back[1]).responses
    np.testing.assert_array_equal(one.response, other.response)
    np.testing.assert_array_equal(one.blank_response, other.blank_response)
    np.testing.assert_array_equal(one.picture, other.picture)
    np.testing.assert_array_equal(one.responsive, other.responsive)
    assert one.image_name.tolist() == other.image_name.tolist()
    settings = tp.open(there_and_back[1]).settings
    assert settings.responses.response_window_s == (0.0, 0.9)
    assert settings.subject.mouse == "m1"


def test_the_export_holds_what_the_session_computed(session, there_and_back):
    found = tp.open(session)
    with h5py.File(there_and_back[0]) as file:
        module = file["processing/tpdecode"]
        response = module["responses/response"][()]
        rebuilt = module["reconstruction_ridge/reconstruction"][()]
        names = [each.decode() for each in module["responses/image"][()]]
    np.testing.assert_allclose(response, found.responses.response, rtol=1e-6)
    np.testing.assert_array_equal(rebuilt, found.reconstruction["ridge"].average)
    assert names == found.responses.image_name[found.responses.image].tolist()


def test_nwbinspector_finds_nothing_critical(there_and_back):
    inspector = pytest.importorskip("nwbinspector")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(inspector.inspect_nwbfile(nwbfile_path=str(there_and_back[0])))
    grave = {"CRITICAL", "ERROR", "PYNWB_VALIDATION"}
    assert not [each.message for each in found if each.importance.name in grave]


def test_settings_from_a_file_are_checked_and_name_no_files(there_and_back, tmp_path):
    path = tmp_path / "hostile.nwb"
    path.write_bytes(there_and_back[0].read_bytes())
    place = "processing/tpdecode/settings"
    with h5py.File(path, "a") as file:
        keys = [each.decode() for each in file[f"{place}/key"][()]]
        file[f"{place}/key"][0] = "source.images"
        file[f"{place}/value"][0] = json.dumps("/etc")
        file[f"{place}/key"][1] = "responses.cells_file"
        file[f"{place}/value"][1] = json.dumps("/etc/passwd")
        file[f"{place}/value"][keys.index("responses.response_window_s")] = json.dumps([5, "x"])
    with pytest.raises(SettingsError, match="response_window_s"):
        run("import", "nwb", path, "-o", tmp_path / "S")
    assert not (tmp_path / "S").exists()


def test_nothing_is_replaced(session, there_and_back, tmp_path):
    with pytest.raises(UsageError, match="is there already"):
        run("export", "nwb", session, there_and_back[0])
    with pytest.raises(UsageError, match="is there already"):
        run("import", "nwb", there_and_back[0], "-o", there_and_back[1])
    with pytest.raises(UsageError, match=r"ends in \.nwb"):
        run("export", "nwb", session, tmp_path / "out.h5")


def test_a_session_of_arrays_has_no_traces_to_export(tmp_path):
    SessionFolder.create(tmp_path / "S", Settings(source=Source(kind="arrays")))
    with pytest.raises(SessionError, match="response matrices and has no traces"):
        run("export", "nwb", tmp_path / "S", tmp_path / "out.nwb")


def test_what_an_export_does_not_keep_is_said():
    assert _not_kept(Settings(), SimpleNamespace(unknown_pause=None)) == []
    settings = Settings.model_validate(
        {"responses": {"time_bins_s": [0.0, 0.5]}, "decoding": {"folds_from": "block"}}
    )
    said = _not_kept(settings, SimpleNamespace(unknown_pause=np.array([3])))
    assert [each.split(" is not")[0] for each in said[:2]] == [
        "time_bins_s under [responses]", "folds_from under [decoding]",
    ]  # fmt: skip
    assert "pauses of unknown length are not kept" in said[2]
