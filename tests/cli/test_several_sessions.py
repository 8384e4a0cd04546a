"""Several sessions in one call: refused beforehand, worked through, told at the end."""

import json
import shutil

import numpy as np
import pytest
from conftest import linear_population

from twophoton_decode.cli.several import sessions_given
from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stages.reconstruct import score_line
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source

DECODING = {"permutations": 2, "bootstraps": 100, "folds": 2, "features": "pixels"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two sessions, `a` and `b`, with reconstructions by ridge; and what was said meanwhile."""
    folder, said = tmp_path_factory.mktemp("two"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.figures.canvas.rendering.render_all", lambda drawings: [])
        for seed, name in enumerate(("a", "b")):
            responses, pictures = linear_population(images=8, repeats=2, cells=8, side=6, seed=seed)
            np.save(folder / f"R{name}.npy", responses)
            np.save(folder / f"I{name}.npy", pictures)
            source = Source(
                kind="arrays",
                responses=f"../R{name}.npy",
                axes="repeat image cell",
                images=f"../I{name}.npy",
            )
            settings = {"source": source, "decoding": DECODING, "run": {"decoders": ["ridge"]}}
            session = SessionFolder.create(folder / name, Settings.model_validate(settings))
            work = Session(session, say=said.append)
            work.run_only("respond")
            work.run_only("reconstruct")
    return folder, said


@pytest.fixture
def two(made, tmp_path, monkeypatch):
    """The two sessions, one's own, in the current folder."""
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs(monkeypatch):
    """The sessions that `Session.run` was called for, in place of hours of work."""
    called = []

    def run(self, decoders=(), *, discard_curation=False):
        called.append(self.folder.path.name)
        if self.folder.path.name in FAILING:
            raise FAILING[self.folder.path.name]

    monkeypatch.setattr(Session, "run", run)
    FAILING.clear()
    return called


FAILING = {}


def test_sessions_run_one_after_the_other_with_a_table_at_the_end(two, tpdecode, runs):
    code, output, error = tpdecode("run", "b", "a")
    assert (code, runs) == (0, ["b", "a"]), error
    assert output.index("\nb (1 of 2)") < output.index("\na (2 of 2)")
    numbers = json.loads((two / "a/summary.json").read_text())["reconstruct"]["ridge"]
    header, b, a = output.splitlines()[-3:]
    assert header.split() == ["session", "result"]
    assert b.startswith("b        done  8 cells, ridge: R ")
    assert a.startswith(f"a        done  8 cells, ridge: R {number(numbers['r_average'])} (")


@pytest.mark.parametrize(
    "error", [SessionError("no such thing"), ZeroDivisionError("no such thing")]
)
def test_one_that_fails_is_named_and_the_others_go_on(two, tpdecode, runs, error):
    FAILING["b"] = error
    code, output, errors = tpdecode("run", "b", "a")
    assert (code, runs) == (1, ["b", "a"])
    [told] = errors.splitlines()
    assert told.startswith("b: ")
    assert "no such thing" in told
    b, a = output.splitlines()[-2:]
    assert b.startswith("b        failed  ")
    assert a.startswith("a        done    8 cells, ridge: R ")


def test_ctrl_c_stops_all(two, tpdecode, runs):
    FAILING["a"] = KeyboardInterrupt()
    code, _, _ = tpdecode("run", "a", "b")
    assert (code, runs) == (130, ["a"])


@pytest.mark.parametrize("command", ["run", "status", "summary"])
def test_what_is_no_session_is_refused_before_anything_runs(two, tpdecode, command, runs):
    code, output, error = tpdecode(command, "a", "Ra.npy", "gone", "b")
    assert (code, output, runs) == (2, "", [])
    assert "2 of 4 paths are not sessions, so nothing was done" in error
    assert "Ra.npy (a file), gone (does not exist)" in error


def test_settings_that_cannot_be_used_are_refused_before_anything_runs(two, tpdecode, runs):
    with (two / "b/session.toml").open("a") as file:
        file.write("[nonsense]\n")
    code, _, error = tpdecode("run", "a", "b")
    assert (code, runs) == (2, [])
    assert "nonsense" in error


def test_a_list_of_cells_is_for_one_session(two, tpdecode, runs):
    (two / "cells.txt").write_text("0\n1\n")
    code, _, error = tpdecode("run", "a", "b", "--cells", "cells.txt")
    assert (code, runs) == (2, [])
    assert "--cells lists the ROIs of one session" in error


def test_a_session_counts_once_and_may_be_named_by_its_settings(two):
    given = [two / "a", two / "b" / "session.toml", two / "a" / "session.toml"]
    assert sessions_given(given) == (two / "a", two / "b")
    with pytest.raises(UsageError, match="1 of 2 paths"):
        sessions_given([two / "a", two])


def test_status_of_several_stands_under_each_other(two, tpdecode):
    code, output, _ = tpdecode("status", "a", "b")
    assert code == 0
    lines = output.splitlines()
    at = lines.index("b")
    assert lines[0] == "a"
    assert [line.split()[:2] for line in lines[1:at]] == [
        line.split()[:2] for line in lines[at + 1 :]
    ]
    assert {line.index("missing") for line in lines if "missing" in line} == {26}


def test_summaries_of_several(two, tpdecode):
    code, output, _ = tpdecode("summary", "a", "b", "--json")
    assert code == 0
    found = json.loads(output)
    assert found == {name: json.loads((two / name / "summary.json").read_text()) for name in "ab"}
    code, output, _ = tpdecode("summary", "b", "a")
    assert code == 0
    header, *rows = output.splitlines()[:3]
    assert header.split()[:3] == ["session", "cells", "decoder"]
    for name, row in zip("ba", rows, strict=True):
        r = found[name]["reconstruct"]["ridge"]["r_average"]
        assert row.split()[:4] == [name, "8", "ridge", f"{r:.2f}"]


def test_a_session_without_results_is_named_and_the_others_are_shown(two, tpdecode):
    (two / "b/summary.json").unlink()
    code, output, error = tpdecode("summary", "a", "b", "--json")
    assert code == 1
    assert list(json.loads(output)) == ["a"]
    assert "b: SessionError: b has no results yet" in error


def test_the_score_is_told_when_it_is_made_and_when_it_is_unchanged(made, two, tpdecode):
    numbers = json.loads((two / "a/summary.json").read_text())["reconstruct"]["ridge"]
    low, high = numbers["r_average_ci95"]
    told = (
        f"reconstruct:ridge: R {number(numbers['r_average'])} ({number(low)} to {number(high)}), "
        f"chance {number(numbers['chance_r'])}, p ≤ 1/3"
    )
    assert told in made[1]
    code, output, _ = tpdecode("reconstruct", "a")
    assert code == 0
    assert output.splitlines()[:2] == ["reconstruct:ridge: unchanged, nothing to do", told]


def test_without_permutations_no_test_is_claimed():
    numbers = {"r_average": 0.5, "r_average_ci95": [0.4, 0.6], "chance_r": None, "p_value": None}
    assert score_line(numbers) == "R 0.50 (0.40 to 0.60), no test against chance"
