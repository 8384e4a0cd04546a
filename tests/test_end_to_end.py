"""The README's commands on the sample recording: from TIFFs to the report, and back again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Quality, Responses, Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings_file import change_setting

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"


def run(*arguments, **options):
    """The program as a user starts it: another process, with a home of its own."""
    command = [sys.executable, "-c", "from twophoton_decode.cli.main import main; main()"]
    texts = [str(argument) for argument in arguments]
    return subprocess.run(
        [*command, *texts], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The sample recording taken through every stage, and the home it was done in."""
    folder = tmp_path_factory.mktemp("e2e")
    (folder / "home").mkdir()
    environment = os.environ | {"HOME": str(folder / "home")}
    with np.load(SAMPLE / "truth.npz", allow_pickle=False) as truth:
        rate = float(truth["frame_rate_hz"])
    made = run(
        "init", folder / "S", "--movie", SAMPLE / "raw", "--log", SAMPLE / "shown.csv",
        "--images", SAMPLE / "pictures", "--frame-rate-hz", rate, env=environment,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    change_setting(folder / "S" / "session.toml", "run", "decoders", ["ridge"])
    done = run("run", folder / "S", env=environment)
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.fixture
def session(finished, tmp_path):
    shutil.copytree(finished / "S", tmp_path / "S")
    return SessionFolder.open(tmp_path / "S")


def test_the_whole_chain_ends_in_numbers_from_the_data(finished):
    summary = json.loads((finished / "S" / "summary.json").read_text())
    with np.load(SAMPLE / "truth.npz", allow_pickle=False) as truth:
        frames, presentations = truth["dff"].shape[1], truth["image"].size
    assert summary["extract"]["frames"] == frames
    assert 8 <= summary["extract"]["cells"] <= summary["extract"]["rois"]
    assert 0 < summary["quality"]["noise_level_percent"] < 8
    assert summary["respond"]["presentations"] == presentations
    assert -1 <= summary["reconstruct"]["ridge"]["r_average"] <= 1
    page = (finished / "S" / "report.html").read_text()
    assert page.count("data:image/png;base64,") >= 8


def test_nothing_is_written_outside_the_session(finished):
    assert list((finished / "home").rglob("*")) == []
    assert {path.name for path in finished.iterdir()} == {"home", "S"}
    assert list((finished / "S" / ".tpdecode").glob("scratch/*")) == []


def test_extracting_again_does_nothing(session):
    said = []
    Session(session, say=said.append).run_only("extract")
    assert said == ["extract: unchanged, nothing to do"]


def unmark_one_cell(session):
    """What a user does in suite2p's GUI: one cell becomes no cell."""
    file = session.suite2p / "plane0" / "iscell.npy"
    iscell = np.load(file, allow_pickle=False)
    cell = int(np.flatnonzero(iscell[:, 0])[0])
    iscell[cell, 0] = 0
    np.save(file, iscell)
    return cell


def test_curation_is_noticed_and_respected(session):
    before = read_record(session.path / "traces.nc", Traces).is_cell
    cell = unmark_one_cell(session)
    verdict = Session(session).verdicts()["extract"]
    assert verdict.changes == ("ROIs were changed in suite2p's GUI",)
    Session(session).run()
    traces = read_record(session.path / "traces.nc", Traces)
    assert traces.curated
    assert np.flatnonzero(traces.is_cell != before).tolist() == [cell]
    assert cell not in read_record(session.path / "responses.nc", Responses).roi
    assert {v.state for v in Session(session).verdicts().values()} == {"fresh"}


def test_curation_is_not_replaced_unless_told_and_then_backed_up(session):
    cell = unmark_one_cell(session)
    change_setting(session.settings_file, "extraction", "threshold_scaling", 1.1)
    refused = run("extract", session.path)
    assert refused.returncode == 1
    assert "--discard-curation" in refused.stderr
    kept = np.load(session.suite2p / "plane0" / "iscell.npy", allow_pickle=False)
    assert kept[cell, 0] == 0
    again = run("extract", session.path, "--discard-curation")
    assert again.returncode == 0, again.stderr
    backups = [
        file
        for file in session.path.rglob("iscell.npy")
        if file != session.suite2p / "plane0" / "iscell.npy"
    ]
    assert len(backups) == 1
    assert np.load(backups[0], allow_pickle=False)[cell, 0] == 0


def test_curation_that_was_read_is_not_replaced_either(session):
    unmark_one_cell(session)
    Session(session).run_only("extract")
    (session.path / "traces.nc").unlink()
    Session(session).run_only("extract")
    assert read_record(session.path / "traces.nc", Traces).curated
    edited = (session.suite2p / "plane0" / "iscell.npy").read_bytes()
    change_setting(session.settings_file, "extraction", "threshold_scaling", 1.1)
    with pytest.raises(SessionError, match="--discard-curation"):
        Session(session).run_only("extract")
    assert (session.suite2p / "plane0" / "iscell.npy").read_bytes() == edited
    change_setting(session.settings_file, "extraction", "threshold_scaling", 1.0)
    assert Session(session).verdicts()["extract"].state == "fresh"
    Session(session).run_only("extract", discard_curation=True)
    assert not read_record(session.path / "traces.nc", Traces).curated
    kept = session.path / "suite2p.backup-1" / "plane0" / "iscell.npy"
    assert kept.read_bytes() == edited


def test_a_log_with_an_unknown_image_changes_nothing(session):
    log = session.path / "shown.csv"
    log.write_text((SAMPLE / "shown.csv").read_text().replace("picture_003", "picture_999", 1))
    before = (session.path / "responses.nc").read_bytes()
    change_setting(session.settings_file, "source", "log", "shown.csv")
    result = run("run", session.path)
    assert result.returncode == 1
    assert "picture_999" in result.stderr
    assert "line " in result.stderr
    assert (session.path / "responses.nc").read_bytes() == before


def test_a_log_that_outlasts_the_movie_names_line_and_rate(session):
    log = session.path / "shown.csv"
    log.write_text((SAMPLE / "shown.csv").read_text() + "picture_000.png,99999,0.5,999,0\n")
    change_setting(session.settings_file, "source", "log", "shown.csv")
    result = run("run", session.path)
    assert result.returncode == 1
    assert "AlignmentError" in result.stderr
    assert "frame_rate_hz" in result.stderr


def test_extraction_alone_is_a_complete_use(tmp_path):
    movie = next((SAMPLE / "raw").glob("*.tif"))
    result = run("extract", movie, "-o", tmp_path / "S", "--frame-rate-hz", 8)
    assert result.returncode == 0, result.stderr
    rois = read_record(tmp_path / "S" / "traces.nc", Traces).fluorescence.shape[0]
    assert read_record(tmp_path / "S" / "quality.nc", Quality).snr.shape == (rois,)
    result = run("run", tmp_path / "S")
    assert result.returncode == 0
    assert (tmp_path / "S" / "report.html").is_file()
