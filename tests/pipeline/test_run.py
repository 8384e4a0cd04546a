"""The chain from arrays: what is fresh, what is stale, what survives an interruption."""

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.cli.headline import headline
from twophoton_decode.errors import AnalysisError, SessionError, UnknownNameError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.fingerprints import sampled_fingerprint
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Reconstruction
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import Settings, Source

DECODERS = ["ridge", "all-cells"]
FAST = {
    "decoding": {"permutations": 2, "bootstraps": 100, "features": "pixels", "folds": 4},
    "cell_count": {"minimum_responsive": 1, "derangements": 200},
    "run": {"decoders": DECODERS},
}


def make_session(folder, small_arrays):
    options = dict(zip(small_arrays[::2], small_arrays[1::2], strict=True))
    source = Source(
        kind="arrays",
        responses=options["--responses"],
        axes=options["--axes"],
        images=options["--images"],
    )
    return SessionFolder.create(folder, Settings.model_validate({**FAST, "source": source}))


@pytest.fixture(scope="module", autouse=True)
def quick_figures():
    """Figures as their tables alone: drawing them takes most of the time of a small session."""

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory, small_arrays):
    folder = make_session(tmp_path_factory.mktemp("finished") / "S", small_arrays)
    Session(folder).run()
    return folder


@pytest.fixture
def session(finished, tmp_path):
    """A finished session of one's own."""
    shutil.copytree(finished.path, tmp_path / "S")
    return SessionFolder.open(tmp_path / "S")


def states(folder):
    return {key: verdict.state for key, verdict in Session(folder).verdicts().items()}


def contents(folder):
    """Hashes of everything a user keeps; the report and summary hold times of day."""
    return {
        path.relative_to(folder.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.path.rglob("*"))
        if path.is_file() and ".tpdecode" not in path.parts and path.suffix not in (".html", ".nc")
    } | {key: entry.content for key, entry in Session(folder).ledger.items()}


def test_everything_is_made_and_then_fresh(session):
    assert set(states(session).values()) == {"fresh"}
    figures = {path.suffix for path in session.figures.iterdir()}
    assert figures == {".pdf", ".svg", ".png", ".csv"}
    summary = json.loads(session.summary.read_text())
    assert summary["reconstruct"]["ridge"]["r_average"] > 0.3
    assert set(summary["sparsity"]) == set(summary["stability"]) == set(DECODERS)
    assert summary["respond"]["presentations"] == 72


def test_the_headline_numbers_of_every_stage_are_in_the_summary(session):
    summary, checked = json.loads(session.summary.read_text()), []
    for stage in stages_of(session.settings()):
        section = summary.get(stage.in_summary, {})
        if stage.per:
            section = {key: each for one in section.values() for key, each in one.items()}
        elif stage.name == "compare-decoders":
            assert set(section) == set(DECODERS)
            section = section["all-cells"] | section["ridge"]
        declared = {number.key for number in stage.numbers}
        # Of complementarity, what so few cells do not allow is left out.
        if section and declared:
            assert declared <= set(section), stage.name
            checked.append(stage.name)
    assert len(checked) >= 6


def test_a_second_run_does_nothing(session):
    before = contents(session)
    said = []
    Session(session, say=said.append).run()
    assert contents(session) == before
    unchanged = [line for line in said if "unchanged" in line]
    assert len(unchanged) == len(states(session))
    # Besides, the score and the cells of each decoder are told again, and whether any is better.
    told = [line.split(": ")[0] for line in said if line not in unchanged]
    stages = ("reconstruct", "sparsity-report")
    each = [f"{stage}:{name}" for stage in stages for name in DECODERS]
    assert told == [*each, "compare-decoders"]
    (line,) = (line for line in said if line.startswith("compare-decoders: Mean"))
    assert "all-cells" in line


def test_a_changed_setting_makes_stale_what_depends_on_it_and_no_more(session):
    change_setting(session.settings_file, "cell_count", "minimum_responsive", 2)
    found = states(session)
    assert {key for key, state in found.items() if state == "stale"} == {
        "sparsity-report:ridge",
        "sparsity-report:all-cells",
        "compare-decoders",
        "report",
    }
    reason = Session(session).verdicts()["sparsity-report:ridge"].changes
    assert reason == ("setting cell_count.minimum_responsive changed",)


def test_a_setting_that_came_later_makes_stale_only_what_deviates_from_its_default(session):
    ledger = Ledger(session.private / "ledger.json")
    for key, entry in ledger.items():
        former = {k: v for k, v in entry.settings.items() if k != "cell_count.random_draws"}
        ledger.write(key, replace(entry, settings=former))
    assert '"cell_count.random_draws"' not in (session.private / "ledger.json").read_text()
    assert set(states(session).values()) == {"fresh"}
    change_setting(session.settings_file, "cell_count", "random_draws", 3)
    reason = Session(session).verdicts()["sparsity-report:ridge"].changes
    assert reason == ("setting cell_count.random_draws changed",)


def test_choosing_other_decoders_changes_no_result(session):
    change_setting(session.settings_file, "run", "decoders", ["ridge"])
    found = states(session)
    assert found.pop("report") == "stale"
    assert set(found.values()) == {"fresh"}


def test_the_report_names_what_is_stale_and_does_not_show_it(session):
    change_setting(session.settings_file, "cell_count", "minimum_responsive", 2)
    Session(session).run_only("report")
    page = session.report.read_text()
    assert "sparsity-report:ridge: stale, and therefore not shown" in page
    assert "cell_count_ridge" not in page
    assert states(session)["report"] == "fresh"
    Session(session).run_only("sparsity-report")
    assert states(session)["report"] == "stale"
    Session(session).run_only("report")
    assert "cell_count_ridge" in session.report.read_text()


def test_identical_output_leaves_later_stages_fresh(session):
    """A setting changes and changes back the responses' settings, but not the responses."""
    change_setting(session.settings_file, "images", "size_px", 64)
    assert states(session)["reconstruct:ridge"] == "stale"
    work = Session(session)
    work.run_only("respond")
    assert states(session)["reconstruct:ridge"] == "fresh"


def test_changed_input_data_are_noticed(session, tmp_path):
    settings = session.settings()
    responses = np.load(settings.source.responses)
    responses[0, 0, 0] += 1
    np.save(tmp_path / "R.npy", responses)
    change_setting(session.settings_file, "source", "responses", str(tmp_path / "R.npy"))
    assert "responses changed" in Session(session).verdicts()["respond"].changes


def test_two_pictures_exchanged_in_place_are_noticed(session, tmp_path):
    """In a file so large that samples of it would miss them."""
    coarse = np.load(session.settings().source.images)
    pictures = np.kron(coarse, np.ones((20, 20), np.float32))
    path = tmp_path / "I.npy"
    np.save(path, pictures)
    assert path.stat().st_size > 5_000_000
    change_setting(session.settings_file, "source", "images", str(path))
    change_setting(session.settings_file, "run", "decoders", ["ridge"])
    Session(session).run()
    assert states(session)["reconstruct:ridge"] == "fresh"
    before = path.stat()
    with path.open("r+b") as stream:
        stream.seek(before.st_size - pictures.nbytes)
        stream.write(pictures[[0, 2, 1]].tobytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    verdicts = Session(session).verdicts()
    assert verdicts["respond"].changes == ("images changed",)
    assert verdicts["reconstruct:ridge"].changes == ("respond is stale",)


def test_samples_of_an_earlier_version_are_compared_and_then_replaced(session, monkeypatch):
    """As if the arrays of this session had been a movie, which took hours to extract."""
    monkeypatch.setattr("twophoton_decode.pipeline.freshness.COSTLY", ("images",))
    ledger = Ledger(session.private / "ledger.json")
    entry = ledger["respond"]
    old = {"images": sampled_fingerprint([Path(session.settings().source.images)])}
    ledger.write("respond", replace(entry, inputs=entry.inputs | old))
    assert states(session)["respond"] == "fresh"
    Session(session).run_only("respond")
    kept = Ledger(session.private / "ledger.json")["respond"].inputs["images"]
    assert kept == entry.inputs["images"]
    assert kept.startswith("whole:")
    ledger.write("respond", replace(entry, inputs=entry.inputs | {"images": "0" * 40}))
    assert Session(session).verdicts()["respond"].changes == (
        "images: an earlier version compared only samples of it",
    )


def test_a_flipped_byte_is_noticed_and_mended(session):
    record = session.path / "reconstruction" / "ridge.nc"
    before = contents(session)
    data = bytearray(record.read_bytes())
    data[len(data) // 2] ^= 1
    record.write_bytes(data)
    verdicts = Session(session).verdicts()
    assert verdicts["reconstruct:ridge"].changes == (
        "reconstruction/ridge.nc is damaged: it is not what was written",
    )
    change_setting(session.settings_file, "cell_count", "minimum_responsive", 2)
    with pytest.raises(SessionError, match="damaged"):
        Session(session).run_only("sparsity-report", ("ridge",))
    change_setting(session.settings_file, "cell_count", "minimum_responsive", 1)
    Session(session).run()
    assert set(states(session).values()) == {"fresh"}
    assert contents(session) == before


def test_a_deleted_figure_is_made_again(session):
    figure = session.figures / "responsiveness.pdf"
    before = figure.read_bytes()
    figure.unlink()
    verdict = Session(session).verdicts()["respond"]
    assert (verdict.state, verdict.figures.gone) == ("fresh", ("figures/responsiveness.pdf",))
    Session(session).run()
    assert figure.read_bytes() == before


STAGES = [
    stage.name
    for stage in stages_of(Settings(source=Source(kind="arrays")))
    if not stage.on_request
]


def test_interrupted_in_every_stage_once_the_last_run_ends_with_the_same_results(
    finished, tmp_path, small_arrays, monkeypatch
):
    folder = make_session(tmp_path / "S", small_arrays)
    for interrupted in STAGES:

        def write(self, key, entry, here=interrupted, plainly=Ledger.write):
            if key.split(":")[0] == here:
                raise KeyboardInterrupt
            plainly(self, key, entry)

        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "write", write)
            with pytest.raises(KeyboardInterrupt):
                Session(folder).run()
        found = {state for key, state in states(folder).items() if key.startswith(interrupted)}
        assert found == {"missing"}, interrupted
    Session(folder).run()
    assert contents(folder) == contents(finished)


def test_a_stage_before_its_input_says_what_to_run(tmp_path, small_arrays):
    folder = make_session(tmp_path / "S", small_arrays)
    with pytest.raises(SessionError, match=r"needs the result of respond: respond has not run yet"):
        Session(folder).run_only("reconstruct")
    with pytest.raises(SessionError, match=r"has no stage 'extract'"):
        Session(folder).run_only("extract")


def test_what_was_said_before_the_work_is_not_said_again(tmp_path, small_arrays):
    folder, said = make_session(tmp_path / "S", small_arrays), []
    Session(folder, say=said.append).run_only("respond")
    (told,) = (line.removeprefix("respond: ") for line in said if "is the first picture" in line)
    shutil.rmtree(folder.path)
    folder, said = make_session(tmp_path / "S", small_arrays), []
    session = Session(folder, say=said.append)
    session._say_before(f"note: {told}")
    session.run_only("respond")
    assert [line for line in said if told in line] == [f"note: {told}"]


def test_one_repeat_has_no_stability_but_everything_else(tmp_path, small_arrays):
    folder = make_session(tmp_path / "S", small_arrays)
    responses = np.load(folder.settings().source.responses)[:1]
    np.save(tmp_path / "one.npy", responses)
    change_setting(folder.settings_file, "source", "responses", str(tmp_path / "one.npy"))
    change_setting(folder.settings_file, "run", "decoders", ["ridge"])
    said = []
    Session(folder, say=said.append).run()
    found = states(folder)
    assert found["stability-report:ridge"] == "unavailable"
    assert found["reconstruct:ridge"] == found["report"] == "fresh"
    assert any("stability-report:ridge: unavailable" in line for line in said)
    summary = json.loads(folder.summary.read_text())
    assert "unavailable" in summary["stability"]["ridge"]
    assert summary["respond"]["responsive_cells"] is None
    assert summary["respond"]["percent_responsive_per_image"] is None
    assert any("an image drives an unknown share of the cells" in line for line in headline(folder))
    with pytest.raises(AnalysisError):
        Session(folder).run_only("stability-report")


def test_the_summary_keeps_to_what_is_up_to_date_and_comes_back(session):
    summary = json.loads(session.summary.read_text())
    session.summary.unlink()
    Session(session).run()
    assert json.loads(session.summary.read_text()) == summary
    change_setting(session.settings_file, "decoding", "folds", 6)
    Session(session).run_only("reconstruct", ("ridge",))
    summary = json.loads(session.summary.read_text())
    assert set(summary["reconstruct"]) == {"ridge"}
    assert "sparsity" not in summary


def test_the_summary_has_a_result_again_that_is_fresh_again(session):
    before = session.summary.read_bytes()
    change_setting(session.settings_file, "decoding", "permutations", 3)
    Session(session).run_only("encode")
    assert "reconstruct" not in json.loads(session.summary.read_text())
    change_setting(session.settings_file, "decoding", "permutations", 2)
    said = []
    Session(session, say=said.append).run_only("reconstruct", ("ridge",))
    assert said[0] == "reconstruct:ridge: unchanged, nothing to do"
    assert session.summary.read_bytes() == before
    written = session.summary.stat()
    Session(session).run_only("reconstruct", ("ridge",))
    assert session.summary.stat().st_ino == written.st_ino
    assert session.summary.stat().st_mtime_ns == written.st_mtime_ns


def test_the_command_reconstruct_also_compares_the_decoders(tmp_path, small_arrays, tpdecode):
    folder = make_session(tmp_path / "S", small_arrays)
    Session(folder).run_only("respond")
    assert not (folder.figures / "decoders.svg").exists()
    code, output, error = tpdecode("reconstruct", folder.path, "--decoder", "ridge")
    assert code == 0, error
    assert "compare-decoders: done in" in output
    assert {"reconstructions.svg", "decoders.svg"} <= {p.name for p in folder.figures.iterdir()}
    assert set(json.loads(folder.summary.read_text())["decoders"]) == {"ridge"}


def test_a_misspelt_name_in_the_settings_is_found_before_any_work(tmp_path, small_arrays):
    folder = make_session(tmp_path / "S", small_arrays)
    for section, key, value in (("run", "decoders", ["rigde"]), ("decoding", "features", "gabr")):
        before = folder.settings_file.read_text()
        change_setting(folder.settings_file, section, key, value)
        with pytest.raises(UnknownNameError, match=rf"\({key} in \[{section}\]\); known are"):
            Session(folder).run()
        assert not (folder.path / "responses.nc").exists()
        folder.settings_file.write_text(before)


@pytest.mark.parametrize("text", ["{", "[]", '{"respond": 3}', '{"respond": {"age": 3}}'])
def test_a_damaged_ledger_is_named(session, text):
    for name in ("ledger.json", "ledger-copy.json"):
        (session.private / name).write_text(text)
    with pytest.raises(SessionError, match=r"ledger\.json is damaged"):
        Session(session)


def test_a_damaged_ledger_costs_nothing_while_its_copy_is_whole(session, tpdecode):
    before = contents(session)
    file = session.private / "ledger.json"
    file.write_bytes(file.read_bytes().replace(b'"r_average": 0.', b'"r_average": 9.'))
    code, output, _ = tpdecode("run", session.path)
    assert code == 0
    assert "ledger.json is damaged" in output
    assert "its copy is used instead" in output
    assert contents(session) == before
    assert "damaged" not in tpdecode("status", session.path)[1]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"reconstruct": 3}', "\xff", "[" * 100_000])
def test_a_damaged_summary_is_said_and_its_numbers_come_from_the_ledger(session, tpdecode, text):
    before = tpdecode("summary", session.path, "--json")
    shown = tpdecode("summary", session.path)
    session.summary.write_text(text, encoding="latin-1")
    after = tpdecode("summary", session.path, "--json")
    assert json.loads(after[1]) == json.loads(before[1])
    assert "summary.json is damaged" in after[2]
    assert tpdecode("summary", session.path)[1] == shown[1]
    tpdecode("run", session.path)
    assert "damaged" not in tpdecode("summary", session.path)[2]


def test_a_flipped_digit_of_the_summary_is_not_shown(session, tpdecode):
    before = tpdecode("summary", session.path)
    found = json.loads(session.summary.read_text())
    found["reconstruct"]["ridge"]["r_average"] += 0.3
    session.summary.write_text(json.dumps(found))
    after = tpdecode("summary", session.path)
    assert after[1] == before[1]
    assert "does not agree with the ledger" in after[2]


def test_constant_reconstructions_are_said(session, monkeypatch):
    made = read_record(session.path / "reconstruction" / "ridge.nc", Reconstruction)
    made = replace(made, constant_reconstructions=3)
    step = "twophoton_decode.decoding.reconstruction.reconstruct"
    monkeypatch.setattr(step, lambda *arguments: made)
    change_setting(session.settings_file, "decoding", "folds", 6)
    said = []
    Session(session, say=said.append).run_only("reconstruct", ("ridge",))
    assert any("3 of 72 single-trial reconstructions are constant" in line for line in said)


def test_what_a_stage_notes_alike_of_two_decoders_is_said_once(tmp_path, small_arrays):
    folder, said = make_session(tmp_path / "S", small_arrays), []
    Session(folder, say=said.append).run()
    ledger = Ledger(folder.private / "ledger.json")
    first, second = (ledger[f"complementarity:{name}"].notes for name in DECODERS)
    shared = set(first) & set(second)
    assert shared
    for note in shared:
        assert [line for line in said if line.endswith(note)] == [f"complementarity:ridge: {note}"]
