"""The README's commands on the sample recording: from TIFFs to the report, and back again."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import suite2p_gui
from click.testing import CliRunner

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.errors import CellListError, SessionError
from twophoton_decode.extraction.suite2p.extract import extract
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.results.writing import write_output
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Quality, Responses, Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting

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
    recovered = summary["recovery"]
    assert recovered["planted_cells"] == 18
    assert recovered["planted_cells_found"] == recovered["true_cells"] >= 8
    assert recovered["trace_r"] > 0.8
    assert recovered["response_r"] > 0.7
    page = (finished / "S" / "report.html").read_text()
    assert "Simulated recording (S)</p>" in page
    assert page.count("data:image/webp;base64,") >= 8


def test_nothing_is_written_outside_the_session(finished):
    # Caches lie in the user's own cache folder, not in a session, which may be a stranger's.
    outside = {path.relative_to(finished / "home") for path in (finished / "home").rglob("*")}
    cache = Path(".cache", "tpdecode")
    assert all(cache == path or cache in path.parents or path in cache.parents for path in outside)
    assert {path.name for path in finished.iterdir()} == {"home", "S"}
    assert list((finished / "S" / ".tpdecode").glob("scratch/*")) == []


def test_extracting_again_does_nothing(session):
    said = []
    Session(session, say=said.append).run_only("extract")
    stages = ("register", "detect", "extract")
    assert said == [f"{stage}: unchanged, nothing to do" for stage in stages]


def test_the_registered_movie_is_given_back_and_nothing_becomes_stale(session, tpdecode):
    movie = session.suite2p / "plane0" / "data.bin"
    size = f"{movie.stat().st_size / 1e6:.3g} MB"
    code, out, _ = tpdecode("clean", session.path)
    assert (code, movie.exists()) == (0, True)
    assert f"{size} can be given back. Nothing was removed: add --yes" in out
    code, out, _ = tpdecode("clean", session.path, "--yes")
    assert (code, movie.exists()) == (0, False)
    assert f"{size} given back." in out
    assert {each.state for each in Session(session).verdicts().values()} == {"fresh"}
    said = []
    Session(session, say=said.append).run_only("extract")
    assert said == [f"{stage}: unchanged, nothing to do" for stage in ("register", "detect",
                                                                       "extract")]  # fmt: skip
    assert "there is no registered movie in it" in tpdecode("clean", session.path)[1]


def test_a_registered_movie_that_could_not_be_made_again_is_kept(session, tpdecode):
    movie = session.suite2p / "plane0" / "data.bin"
    change_setting(session.settings_file, "extraction", "block_size_px", 48)
    code, out, _ = tpdecode("clean", session.path, "--yes")
    assert (code, movie.exists()) == (0, True)
    assert "register and detect and extract will need the registered movie" in out
    change_setting(session.settings_file, "source", "movie", ["gone.tif"])
    code, out, _ = tpdecode("clean", session.path, "--yes")
    assert (code, movie.exists()) == (0, True)
    assert "could not be made again" in out
    assert "gone.tif" in out


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


@pytest.fixture
def quick_figures(monkeypatch):
    """Figures as their tables alone."""

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)


@pytest.fixture
def drawn_and_merged(session, quick_figures):
    """A session in which an ROI was drawn by hand and the next two were merged."""
    plane = session.suite2p / "plane0"
    suite2p_gui.draw_roi(plane, (30, 30))
    suite2p_gui.merge_rois(plane, [1, 2])
    return session


# What torch says of its own functions, in suite2p's.
@pytest.mark.filterwarnings("ignore:Sparse", "ignore:The given NumPy array is not writable")
def test_drawn_and_merged_rois_are_read_and_never_lost(finished, drawn_and_merged, monkeypatch):
    session, plane = drawn_and_merged, drawn_and_merged.suite2p / "plane0"
    before = read_record(finished / "S" / "traces.nc", Traces)
    edited = {name: (plane / name).read_bytes() for name in suite2p_gui.SAVED}
    said = []
    Session(session, say=said.append).run_only("extract")
    assert any("ROIs were changed in suite2p's GUI" in line for line in said)
    traces = read_record(session.path / "traces.nc", Traces)
    rois = before.is_cell.size
    assert traces.fluorescence.shape[0] == rois + 2
    # The drawn one is first and its trace is what the registered movie shows in its place.
    assert (traces.center_y[0], traces.center_x[0]) == (30, 30)
    shape = traces.mean_image.shape[1:]
    movie = np.memmap(plane / "data.bin", np.int16, "r").reshape(-1, *shape)
    pixels = slice(0, traces.pixel_offset[1])
    seen = movie[:, traces.pixel_y[pixels], traces.pixel_x[pixels]].astype(float)
    assert np.corrcoef(traces.fluorescence[0], seen.mean(axis=1))[0, 1] > 0.9
    # The others have moved by one, with their own traces; the merged one is last.
    assert np.array_equal(traces.fluorescence[1 : rois + 1], before.fluorescence[:])
    parts = traces.fluorescence[1:3].mean(axis=0)
    np.testing.assert_allclose(traces.fluorescence[rois + 1], parts, rtol=1e-5)
    assert traces.is_cell[[0, 1, 2, rois + 1]].tolist() == [True, False, False, True]
    Session(session).run_only("respond")
    used = read_record(session.path / "responses.nc", Responses)
    assert set(used.roi) | set(used.dropped_rois) == set(np.flatnonzero(traces.is_cell))
    Session(session).run_only("report")

    def unchanged(folder):
        return all((folder / name).read_bytes() == data for name, data in edited.items())

    change_setting(session.settings_file, "extraction", "threshold_scaling", 1.1)
    for command in (Session.run, lambda work: work.run_only("extract")):
        with pytest.raises(SessionError, match="--discard-curation"):
            command(Session(session))
    assert unchanged(plane)
    monkeypatch.setattr("twophoton_decode.extraction.suite2p.extract.extract", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        Session(session).run_only("extract", discard_curation=True)
    assert unchanged(plane)
    assert unchanged(session.path / "suite2p.backup-1" / "plane0")


def _interrupted(*arguments, **options):
    raise KeyboardInterrupt


def _interrupted_after_detection(stage, *arguments):
    if stage.name == "detect":
        raise KeyboardInterrupt
    write_output(stage, *arguments)


@pytest.mark.parametrize("lost", ["plane0/spks.npy", "tpdecode.json"])
def test_a_curated_folder_that_is_not_whole_is_backed_up(session, monkeypatch, lost):
    cell = unmark_one_cell(session)
    Session(session).run_only("extract")
    (session.suite2p / lost).unlink()
    change_setting(session.settings_file, "extraction", "threshold_scaling", 1.1)
    monkeypatch.setattr("twophoton_decode.extraction.suite2p.extract.extract", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        Session(session).run_only("extract")
    kept = np.load(session.path / "suite2p.backup-1" / "plane0" / "iscell.npy", allow_pickle=False)
    assert kept[cell, 0] == 0


def test_a_run_killed_while_results_are_written_is_finished_by_the_next(session, monkeypatch):
    change_setting(session.settings_file, "extraction", "threshold_scaling", 1.3)
    with monkeypatch.context() as killed:
        killed.setattr("twophoton_decode.pipeline.run.write_output", _interrupted_after_detection)
        with pytest.raises(KeyboardInterrupt):
            Session(session).run_only("extract")
    # The ROIs are new, and nobody edited them.
    Session(session).run_only("extract")
    assert not read_record(session.path / "traces.nc", Traces).curated
    assert Session(session).verdicts()["extract"].state == "fresh"


def test_motion_corrected_by_itself_waits_for_detection(session, quick_figures, monkeypatch):
    rois = (session.suite2p / "plane0" / "stat.npy").read_bytes()
    change_setting(session.settings_file, "extraction", "nonrigid", False)
    said = []
    Session(session, say=said.append).run_only("register")
    verdicts = Session(session).verdicts()
    assert verdicts["register"].state == "fresh"
    assert verdicts["detect"].changes == ("register changed",)
    assert (session.path / "suite2p.building" / "plane0" / "registered.json").is_file()
    assert (session.suite2p / "plane0" / "stat.npy").read_bytes() == rois
    monkeypatch.setattr("twophoton_decode.extraction.suite2p.folder.correct_motion", _interrupted)
    Session(session).run_only("detect")
    assert not (session.path / "suite2p.building").exists()
    verdicts = Session(session).verdicts()
    assert verdicts["detect"].state == "fresh"
    assert verdicts["extract"].state == "stale"
    Session(session).run_only("extract")
    assert Session(session).verdicts()["extract"].state == "fresh"


def test_detect_detects_once_where_motion_is_stale(session, quick_figures, monkeypatch):
    begun = []

    def counted(*arguments, **options):
        begun.append(arguments)
        return extract(*arguments, **options)

    monkeypatch.setattr("twophoton_decode.extraction.suite2p.extract.extract", counted)
    change_setting(session.settings_file, "extraction", "nonrigid", False)
    ran = CliRunner().invoke(tpdecode, ["detect", str(session.path)], catch_exceptions=False)
    assert ran.exit_code == 0
    assert len(begun) == 1
    verdicts = Session(session).verdicts()
    stages = ("register", "detect", "extract", "quality")
    assert {verdicts[stage].state for stage in stages} == {"fresh"}
    assert [line.split(": done")[0] for line in ran.output.splitlines() if ": done" in line] == [
        *stages, "deep-detect",
    ]  # fmt: skip


def test_what_stops_register_names_the_command_that_goes_on(session, quick_figures):
    unmark_one_cell(session)
    change_setting(session.settings_file, "extraction", "nonrigid", False)
    refused = CliRunner().invoke(tpdecode, ["register", str(session.path)])
    command = f"tpdecode extract {session.path} --discard-curation"
    assert f"`{command}`" in str(refused.exception)
    with pytest.raises(SessionError, match="nonrigid changed"):
        Session(session).run_only("detect")
    ran = CliRunner().invoke(tpdecode, command.split()[1:], catch_exceptions=False)
    assert ran.exit_code == 0
    assert Session(session).verdicts()["extract"].state == "fresh"
    assert (session.path / "suite2p.backup-1" / "plane0" / "iscell.npy").is_file()


def test_another_classifier_under_the_same_name_is_noticed(session, quick_figures):
    builtin = Path(find_spec("suite2p").origin).parent / "classifiers" / "classifier.npy"
    mine = session.path / "mine.npy"
    shutil.copy(builtin, mine)
    change_setting(session.settings_file, "extraction", "classifier", "mine.npy")
    Session(session).run_only("extract")
    assert Session(session).verdicts()["extract"].state == "fresh"
    with mine.open("ab") as stream:
        stream.write(b" ")
    verdict = Session(session).verdicts()["detect"]
    assert verdict.changes == ("extraction.classifier changed",)
    unmark_one_cell(session)
    with pytest.raises(SessionError, match=r"extraction\.classifier changed"):
        Session(session).run_only("extract")


def test_an_improved_program_keeps_the_users_rois(session, quick_figures):
    cell = unmark_one_cell(session)
    Session(session).run_only("extract")
    ledger = Ledger(session.private / "ledger.json")
    entry = ledger["extract"]
    ledger.write("extract", replace(entry, revision=entry.revision - 1))
    assert Session(session).verdicts()["extract"].changes == ("the stage was improved",)
    Session(session).run_only("extract")
    traces = read_record(session.path / "traces.nc", Traces)
    assert traces.curated
    assert not traces.is_cell[cell]


def test_a_list_of_cells_is_used_saved_and_watched(session, quick_figures, tpdecode):
    rois = read_record(session.path / "traces.nc", Traces).is_cell.size
    unmark_one_cell(session)
    Session(session).run_only("extract")
    chosen = session.path / "chosen.txt"
    chosen.write_text("0\n1\n3\n")
    code, output, _ = tpdecode("respond", session.path, "--cells", chosen)
    assert code == 0
    assert "[responses] cells_file = chosen.txt" in output
    assert f"3 of {rois} ROIs are used" in output
    assert "1 of them are not classified as cells" in output
    assert "older than the ROIs" not in output
    responses = read_record(session.path / "responses.nc", Responses)
    assert [*responses.roi, *responses.dropped_rois] == [0, 1, 3]
    assert Session(session).verdicts()["respond"].state == "fresh"
    chosen.write_text("0\n1\n")
    verdicts = Session(session).verdicts()
    assert verdicts["respond"].changes == ("responses.cells_file changed",)
    assert verdicts["reconstruct:ridge"].state == "stale"
    chosen.unlink()
    code, _, error = tpdecode("respond", session.path)
    assert code == 2
    assert "chosen.txt: no such file" in error


def test_a_list_never_means_other_rois_than_it_names(session, quick_figures):
    rois = read_record(session.path / "traces.nc", Traces).is_cell.size
    plane = session.suite2p / "plane0"
    np.save(session.path / "chosen.npy", np.arange(rois) < 4)
    change_setting(session.settings_file, "responses", "cells_file", "chosen.npy")
    for name in ("F", "Fneu", "spks", "iscell", "stat"):
        values = np.load(plane / f"{name}.npy", allow_pickle=name == "stat")
        np.save(plane / f"{name}.npy", np.concatenate([values[:1], values]))
    with pytest.raises(SessionError, match="changed in suite2p's GUI since extraction read them"):
        Session(session).run_only("respond")
    Session(session).run_only("extract")
    with pytest.raises(CellListError, match=f"to {rois} ROIs, but the session has {rois + 1}"):
        Session(session).run_only("respond")
    np.save(session.path / "chosen.npy", np.arange(4))
    os.utime(session.path / "chosen.npy", ns=(0, (plane / "stat.npy").stat().st_mtime_ns - 1))
    said = []
    Session(session, say=said.append).run_only("respond")
    assert any("chosen.npy is older than the ROIs" in line for line in said)


def test_neuropil_coefficients_of_a_movie_are_estimated_and_kept(session, quick_figures):
    change_setting(session.settings_file, "traces", "neuropil_coefficient", "estimated")
    said = []
    Session(session, say=said.append).run_only("respond")
    responses = read_record(session.path / "responses.nc", Responses)
    estimated = responses.neuropil_coefficient[responses.neuropil_origin == "estimated"]
    # The simulated tissue leaks 0.7 into somata, whose ROIs reach beyond them.
    assert estimated.size >= 0.8 * responses.cells
    assert 0.5 < np.median(estimated) < 0.8
    assert any("coefficient was estimated for" in line for line in said)
    table = (session.figures / "responsive_cells.csv").read_text().splitlines()
    assert "neuropil_coefficient" in table[0]
    assert sum(",estimated" in line for line in table) == estimated.size
    change_setting(session.settings_file, "traces", "neuropil_coefficient", 0.6)
    Session(session).run_only("respond")
    responses = read_record(session.path / "responses.nc", Responses)
    assert set(responses.neuropil_coefficient) == {0.6}
    assert set(responses.neuropil_origin) == {"fixed"}


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
