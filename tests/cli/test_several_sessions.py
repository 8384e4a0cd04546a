"""Several sessions in one call: refused beforehand, worked through, told at the end."""

import json

import numpy as np
import pytest
from conftest import linear_population

from twophoton_decode.cli.several import sessions_given
from twophoton_decode.errors import UsageError
from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.settings_file import change_setting


@pytest.fixture
def two(tmp_path, monkeypatch, tpdecode):
    """Two sessions with responses in the current folder: `a` decodes well, `b` is empty yet."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("a", "b")):
        responses, pictures = linear_population(images=8, repeats=2, cells=8, side=6, seed=seed)
        np.save(f"R{name}.npy", responses)
        np.save(f"I{name}.npy", pictures)
        code, _, error = tpdecode(
            "import", "arrays", "--responses", f"R{name}.npy", "--axes", "repeat image cell",
            "--images", f"I{name}.npy", "-o", name, "--mouse", f"mouse {name}", "-q",
        )  # fmt: skip
        assert code == 0, error
        for key, value in (("permutations", 2), ("folds", 2), ("features", "pixels")):
            change_setting(tmp_path / name / "session.toml", "decoding", key, value)
        change_setting(tmp_path / name / "session.toml", "run", "decoders", ["ridge"])
    return tmp_path


@pytest.fixture
def recorded_runs(monkeypatch):
    """What `Session.run` was called for, in place of hours of work."""
    called = []

    def run(self, decoders=(), *, discard_curation=False):
        called.append(self.folder.path.name)
        self.run_only("reconstruct", ("ridge",))

    monkeypatch.setattr(Session, "run", run)
    monkeypatch.setattr("twophoton_decode.report.rendering.render_all", lambda drawings: [])
    return called


def test_the_mouse_is_kept_as_a_setting(two):
    assert SessionFolder.open(two / "b").settings().subject.mouse == "mouse b"


def test_sessions_run_one_after_the_other_with_a_table_at_the_end(two, tpdecode, recorded_runs):
    code, output, error = tpdecode("run", "b", "a")
    assert (code, recorded_runs) == (0, ["b", "a"]), error
    assert output.index("\nb (1 of 2)") < output.index("\na (2 of 2)")
    numbers = json.loads((two / "a/summary.json").read_text())["reconstruct"]["ridge"]
    header, b, a = output.splitlines()[-3:]
    assert header.split() == ["session", "result"]
    assert b.startswith("b        done  8 cells, ridge: R ")
    assert f"a        done  8 cells, ridge: R {numbers['r_average']:.2f} (" in a.replace("−", "-")


def test_one_that_fails_is_named_and_the_others_go_on(two, tpdecode, recorded_runs):
    (two / "Rb.npy").unlink()
    code, output, error = tpdecode("run", "b", "a")
    assert (code, recorded_runs) == (1, ["b", "a"])
    assert "b: " in error
    assert "Rb.npy" in error
    b, a = output.splitlines()[-2:]
    assert b.startswith("b        failed  ")
    assert a.startswith("a        done    8 cells, ridge: R ")


def test_an_unexpected_error_in_one_does_not_stop_the_others(two, tpdecode, monkeypatch):
    def run(self, decoders=(), *, discard_curation=False):
        if self.folder.path.name == "a":
            raise ZeroDivisionError("of a plug-in")
        self.run_only("reconstruct", ("ridge",))

    monkeypatch.setattr(Session, "run", run)
    code, output, error = tpdecode("run", "a", "b")
    assert code == 1
    assert "of a plug-in" in error
    assert "b        done" in output


def test_ctrl_c_stops_all(two, tpdecode, monkeypatch):
    called = []

    def run(self, decoders=(), *, discard_curation=False):
        called.append(self.folder.path.name)
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "run", run)
    code, _, _ = tpdecode("run", "a", "b")
    assert (code, called) == (130, ["a"])


@pytest.mark.parametrize("command", ["run", "status", "summary"])
def test_what_is_no_session_is_refused_before_anything_runs(two, tpdecode, command, recorded_runs):
    code, output, error = tpdecode(command, "a", "Ra.npy", "gone", "b")
    assert (code, output, recorded_runs) == (2, "", [])
    assert "2 of 4 paths are not sessions, and nothing was done" in error
    assert "Ra.npy (a file), gone (does not exist)" in error


def test_settings_that_cannot_be_used_are_refused_before_anything_runs(
    two, tpdecode, recorded_runs
):
    with (two / "b/session.toml").open("a") as file:
        file.write("[nonsense]\n")
    code, _, error = tpdecode("run", "a", "b")
    assert (code, recorded_runs) == (2, [])
    assert "nonsense" in error


def test_a_list_of_cells_is_for_one_session(two, tpdecode, recorded_runs):
    (two / "cells.txt").write_text("0\n1\n")
    code, _, error = tpdecode("run", "a", "b", "--cells", "cells.txt")
    assert (code, recorded_runs) == (2, [])
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
    session = Session(SessionFolder.open(two / "a"))
    session.run_only("reconstruct", ("ridge",))
    code, output, _ = tpdecode("summary", "a", "b", "--json")
    assert code == 0
    found = json.loads(output)
    assert list(found) == ["a", "b"]
    assert found["a"] == json.loads((two / "a/summary.json").read_text())
    code, output, _ = tpdecode("summary", "b", "a")
    assert code == 0
    header, b, a = output.splitlines()
    assert header.split()[:3] == ["session", "cells", "decoder"]
    assert b.split()[:4] == ["b", "8", "–", "–"]
    assert a.split()[:4] == [
        "a",
        "8",
        "ridge",
        f"{found['a']['reconstruct']['ridge']['r_average']:.2f}",
    ]


def test_a_session_without_results_is_named_and_the_others_are_shown(two, tpdecode):
    (two / "b/summary.json").unlink()
    code, output, error = tpdecode("summary", "a", "b", "--json")
    assert code == 1
    assert list(json.loads(output)) == ["a"]
    assert "b: SessionError: b has no results yet" in error


def test_the_score_is_told_after_reconstruct(two, tpdecode):
    for _ in ("new", "unchanged"):
        code, output, _ = tpdecode("reconstruct", "a")
        assert code == 0
        numbers = json.loads((two / "a/summary.json").read_text())["reconstruct"]["ridge"]
        low, high = numbers["r_average_ci95"]
        told = (
            f"reconstruct:ridge: R {numbers['r_average']:.2f} ({low:.2f} to {high:.2f}), "
            f"chance {numbers['chance_r']:.2f}, p = {numbers['p_value']:.2g}"
        )
        assert told in output.replace("−", "-")


def test_without_permutations_no_test_is_claimed(two, tpdecode):
    change_setting(two / "a/session.toml", "decoding", "permutations", 0)
    code, output, _ = tpdecode("reconstruct", "a")
    assert code == 0
    assert "no test against chance" in output
