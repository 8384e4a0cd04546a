"""Sessions with degraded pictures: by command, on the page, in Python, from a log."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from extracted_session import pretend_extracted
from planted_traces import traces_of_signal

from twophoton_decode.figures.deep.degraded.pictures import degraded_figure
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import DegradedDecoding
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import Settings
from twophoton_decode.simulation.degraded import blurred, completed, noisy

NETWORK = "efficientnet-lite0@random:3"
FILE = "deep/degraded/efficientnet-lite0-random-3.nc"
ORIGINALS, TESTED, CELLS, SIDE = 50, 24, 60, 24
WORD = "completion"
SETTINGS = {
    "images": {"size_px": SIDE},
    "decoding": {"bootstraps": 300, "folds": 5},
    "deep": {"networks": [NETWORK], "input_px": 32, "units": 200},
}


def pictures(seed=0):
    """Smooth noise, 0 to 1; then the first ones blurred or with noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((ORIGINALS, SIDE // 4, SIDE // 4))
    intact = np.kron(coarse, np.ones((4, 4)))
    half = TESTED // 2
    degraded = [blurred(intact[:half], 3.0), noisy(intact[half:TESTED], 0.3, rng)]
    return np.concatenate([intact, *degraded])


def rates(share, familiar, seed=1):
    """Cells that read pixels at random; familiar pictures are seen in part as their originals."""
    rng = np.random.default_rng(seed)
    rows = pictures().reshape(ORIGINALS + TESTED, -1)
    rows = rows - rows.mean(axis=0)
    made = rows @ rng.normal(size=(rows.shape[1], CELLS))
    made[ORIGINALS:] = completed(made[ORIGINALS:], made[:TESTED], share, familiar)
    return made / made[:ORIGINALS].std(axis=0)


FAMILIAR = np.random.default_rng(2).permutation(TESTED) < TESTED // 2
KIND = ["blur"] * (TESTED // 2) + ["noise"] * (TESTED // 2)


def table_rows():
    """Original, familiarity and degradation of every picture."""
    none = [["", "", ""]] * ORIGINALS
    return [
        *none,
        *(
            [str(place), "familiar" if seen else "unfamiliar", kind]
            for place, (seen, kind) in enumerate(zip(FAMILIAR, KIND, strict=True))
        ),
    ]


def responded(path):
    """Responses without their figures, which take longer than all else here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.pipeline.run.draw_figures", lambda *given: [])
        Session(SessionFolder.open(path)).run_only("respond")
    return path


def array_session(folder, share):
    """Imported responses, two repeats; originals that are not familiar were never shown."""
    rng = np.random.default_rng(5)
    unseen = np.flatnonzero(~FAMILIAR)
    image = np.tile(np.setdiff1d(np.arange(ORIGINALS + TESTED), unseen), 2)
    made = rates(share, FAMILIAR)[image]
    np.save(folder / "R.npy", made + 0.3 * rng.normal(size=made.shape))
    np.save(folder / "L.npy", image)
    np.save(folder / "I.npy", pictures())
    with (folder / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["original", "seen", "how"], *table_rows()])
    source = {
        "kind": "arrays", "responses": "../R.npy", "axes": "presentation cell",
        "labels": "../L.npy", "images": "../I.npy", "picture_table": "../table.csv",
    }  # fmt: skip
    SessionFolder.create(folder / "S", Settings.model_validate({"source": source, **SETTINGS}))
    return responded(folder / "S")


OPTIONS = ("--degraded", "original", "--familiar", "seen", "--degradation", "how")


@pytest.fixture(scope="module")
def driven(tmp_path_factory):
    """A mouse that answers to nothing but the picture shown."""
    return array_session(tmp_path_factory.mktemp("driven"), 0.0)


@pytest.fixture(scope="module")
def seeing_more(tmp_path_factory):
    """A mouse that answers to the originals of familiar pictures."""
    return array_session(tmp_path_factory.mktemp("more"), 1.0)


def test_nothing_that_a_stimulus_driven_mouse_gives_names_what_was_not_found(
    driven, tpdecode, monkeypatch
):
    code, out, err = tpdecode("deep", WORD, driven, *OPTIONS)
    assert code == 0, err
    assert "[deep] degraded_column = original" in out
    assert "is not shown to lie nearer to the original with familiar originals" in out
    assert "pictures in each group would be needed (power 80 %" in out
    assert WORD not in (out + err).lower()
    found = read_record(driven / FILE, DegradedDecoding)
    assert not found.found().any()
    assert found.originals == ORIGINALS - TESTED
    assert found.degradation.tolist() == ["all", "blur", "noise"]
    assert found.twin == ""
    assert set(found.kind) == {"network", "pixels", "gabor"}
    # The page would draw the figures of the responses first.
    monkeypatch.setattr("twophoton_decode.pipeline.run.draw_figures", lambda *given: [])
    code, _, err = tpdecode("report", driven)
    assert code == 0, err
    page = (driven / "report.html").read_text(encoding="utf-8")
    assert "Degraded pictures" in page
    assert "is not shown to lie nearer to the original" in page
    assert "biased" in page
    assert WORD not in page.lower()
    for file in (driven / "figures").glob("deep_degraded*"):
        assert WORD not in file.name.lower()
        if file.suffix in (".csv", ".svg"):
            assert WORD not in file.read_text(encoding="utf-8").lower()


def test_without_a_test_nothing_is_claimed(driven, tpdecode):
    session = Session(SessionFolder.open(driven))
    deep = session.settings.deep.model_copy(
        update={"degraded_column": "original", "familiar_column": "", "degradation_column": ""}
    )
    session.settings = session.settings.model_copy(update={"deep": deep})
    told = []
    session.say = told.append
    session.run_deep("deep-degraded")
    said = " ".join(told)
    assert "Which originals the animal had seen is not known, so that nothing is tested" in said
    assert "they are grouped by their correlation with the original" in said
    assert WORD not in said.lower()
    found = read_record(driven / FILE, DegradedDecoding)
    assert found.design == ""
    assert not found.degradation_known
    assert [name[:2] for name in found.degradation.tolist()] == ["al", "r ", "r "]
    assert np.isfinite(found.delta_mean).all()


def test_what_the_design_shows_is_told_with_its_limits(seeing_more, tpdecode):
    code, out, err = tpdecode("deep", WORD, seeing_more, *OPTIONS)
    assert code == 0, err
    assert re.search(r"lies nearer to the original with familiar .*\(12 and 12 originals\)", out)
    assert f"This is {WORD} as far as the design goes: it holds if" in out
    found = read_record(seeing_more / FILE, DegradedDecoding)
    assert found.found().any()
    assert found.design == "familiar minus unfamiliar"
    summary = json.loads((seeing_more / "summary.json").read_text())["deep"][WORD][NETWORK]
    stem = summary["stem"]
    row = found.space.tolist().index("stem")
    assert stem["design_difference"] == pytest.approx(found.design_difference[0, row])
    assert stem["biased_noise_matched_gain"] == pytest.approx(found.noise_matched_mean[0, row])
    assert set(stem["planned_pictures"]) == {"10%", "20%", "30%", "50%"}
    assert summary["group_pictures"] == [12, 12]
    assert set(summary["delta_by_degradation"]) == {"blur", "noise"}
    png = seeing_more / "figures/deep_degraded_efficientnet-lite0-random-3.png"
    assert png.exists()
    import twophoton_decode as tp

    session = tp.open(seeing_more)
    assert list(session.completion) == [NETWORK]
    opened = session.completion[NETWORK]
    np.testing.assert_allclose(opened.delta, found.delta)
    assert opened.to_xarray()["delta"].sel(degraded="50").sizes == {"space": len(found.space)}
    told = []
    session.run("deep-degraded", say=told.append)
    assert any("unchanged, nothing to do" in line for line in told)
    with pytest.raises(tp.errors.SessionError, match=r"tpdecode deep completion .*alexnet"):
        session.completion["alexnet"]


def test_changes_are_called_so_and_twins_that_are_not_there_are_not_named(seeing_more):
    found = read_record(seeing_more / FILE, DegradedDecoding)
    panels = degraded_figure(found).figure.axes
    legend = [text.get_text() for text in panels[2].get_legend().get_texts()]
    assert legend == ["network", "pixels"]
    assert panels[1].get_ylabel() == "Δ = r with original − with picture shown"
    both = replace(found, design="familiar minus unfamiliar, after minus before")
    drawing = degraded_figure(both)
    assert drawing.figure.axes[1].get_ylabel() == "Δ after − Δ before"
    legend = [text.get_text() for text in drawing.figure.axes[1].get_legend().get_texts()]
    assert legend == ["familiar", "unfamiliar"]
    assert "delta_change_familiar" in drawing.table
    assert "delta_familiar" not in drawing.table


def test_settings_name_it_for_run(driven):
    session = Session(SessionFolder.open(driven))
    run = session.settings.run.model_copy(update={"deep": ["degraded"]})
    session.settings = session.settings.model_copy(update={"run": run})
    keys = [stage.key(name) for stage, name in session.steps()]
    assert f"deep-degraded:{NETWORK}" in keys


def test_columns_and_tables_that_are_missing_are_named(driven, tmp_path, tpdecode):
    code, _, err = tpdecode("deep", WORD, driven, "--degraded", "source")
    assert code != 0
    assert "has no column 'source'" in err
    assert "original, seen, how" in err
    code, _, err = tpdecode(
        "deep", WORD, driven, "--degraded", "original", "--before-after", "when"
    )
    assert code != 0
    assert "phase_column under [deep] needs a log" in err
    bare = array_session(tmp_path, 0.0)
    code, _, err = tpdecode("deep", WORD, bare)
    assert "by --degraded COLUMN (degraded_column under [deep])" in err
    (tmp_path / "table.csv").write_text("original\n\n0\n")
    code, _, err = tpdecode("deep", WORD, bare, "--degraded", "original")
    assert f"expected a row for each of the {ORIGINALS + TESTED} pictures, found 2" in err
    from twophoton_decode.session.settings.file import change_setting

    change_setting(bare / "session.toml", "source", "picture_table", "")
    code, _, err = tpdecode("deep", WORD, bare, "--degraded", "original")
    assert "name it by picture_table under [source]" in err


RATE, APART = 8.0, 12
"""Frames between onsets; cells respond from 2 to 6 frames after one."""


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """A movie's session: degraded pictures before and after their originals were shown."""
    folder = tmp_path_factory.mktemp("logged")
    rng = np.random.default_rng(6)
    tested = np.arange(ORIGINALS, ORIGINALS + TESTED)
    order = np.concatenate(
        [rng.permutation(each) for each in (tested, np.arange(ORIGINALS), tested)]
    )
    phase = [*["before"] * TESTED, *[""] * ORIGINALS, *["after"] * TESTED]
    before, after = (rates(share, np.ones(TESTED, bool)) for share in (0.0, 1.0))
    onset = 8 + APART * np.arange(len(order))
    signal = np.full((CELLS, onset[-1] + APART + 8), 100.0)
    for place, (image, frame) in enumerate(zip(order, onset, strict=True)):
        evoked = (after if phase[place] == "after" else before)[image]
        signal[:, frame + 2 : frame + 6] += 10 * evoked[:, None]
    signal += rng.normal(0, 1.0, signal.shape)
    with (folder / "log.csv").open("w", newline="") as file:
        rows = [
            [image, frame / RATE, table_rows()[image][0], when]
            for image, frame, when in zip(order, onset, phase, strict=True)
        ]
        csv.writer(file).writerows([["image", "onset_s", "Original", "phase"], *rows])
    np.save(folder / "pictures.npy", pictures())
    (folder / "movie.tif").write_bytes(b"never read")
    source = {"movie": ["../movie.tif"], "log": "../log.csv", "images": "../pictures.npy"}
    SessionFolder.create(
        folder / "S",
        Settings.model_validate({
            "source": source,
            "recording": {"frame_rate_hz": RATE},
            "responses": {"baseline_window_s": [-0.5, 0.0], "response_window_s": [0.25, 0.75]},
            "traces": {"signal": "corrected"},
            **SETTINGS,
        }),
    )  # fmt: skip
    pretend_extracted(SessionFolder.open(folder / "S"), traces_of_signal(signal, RATE))
    return responded(folder / "S")


def test_a_log_pairs_what_was_shown_before_and_after(logged, tpdecode):
    code, out, err = tpdecode(
        "deep", WORD, logged, "--degraded", "original", "--before-after", "phase"
    )
    assert code == 0, err
    assert f"({TESTED} originals, paired)" in out
    assert "anything else that changed in between would look alike" in out
    found = read_record(logged / FILE, DegradedDecoding)
    assert found.design == "after minus before"
    assert found.group_pictures[0].tolist() == [TESTED, 0]
    change = (found.delta_after - found.delta_before).mean(axis=1)
    np.testing.assert_allclose(found.design_difference[0], change, atol=1e-6)
    row = found.space.tolist().index("pixels")
    before, after = found.group_delta[0, :, row]
    assert before < after


def test_a_column_that_the_log_lacks_is_named(logged, tpdecode):
    code, _, err = tpdecode("deep", WORD, logged, "--degraded", "source", "--before-after", "phase")
    assert code != 0
    assert "degraded_column under [deep] names the column 'source'" in err
    assert "Original, phase" in err
