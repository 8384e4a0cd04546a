"""A short form of ``benchmarks/validation``: few runs, and what so few can show.

Bounds are binomial: what is as stated passes in all but one of 10 000 seeds, and the seed is
fixed. The long form is in docs/validation.md.
"""

import json
import runpy
import sys

import numpy as np
import pytest
from conftest import ROOT
from scipy import stats

sys.path.insert(0, str(ROOT / "benchmarks" / "validation"))

from catalogue import studies
from measures import (
    AT_LEAST,
    AT_MOST,
    CHANCE,
    COVERAGE,
    REJECTION,
)

STUDIES = studies()
SEED = 12
STATED = {COVERAGE: 0.95, REJECTION: 0.95, AT_MOST: 0.95, AT_LEAST: 0.93}
"""How often an interval holds the truth, or a test does not reject."""
SURE = 1e-4
FEW = {
    "scores: R = 0, 20 images": 20,
    "leakage: 20 pictures, also shifted by a pixel": 20,
    "planted: 15 of 80 cells, linear": 12,
    "repeats: nothing evoked, 20 images": 20,
    "sharing: dealt out at random, 50 cells, 40 images": 8,
    "session: noise autocorrelation 0, 40 images × 4": 60,
    "session: noise autocorrelation 0.5, 40 images × 4": 60,
    "session: noise autocorrelation 0.9, 40 images × 4": 60,
    "session: nothing evoked, 40 images × 4": 40,
    "brightness: 10 min, autocorrelation 0.3 from 10 s to 10 s": 60,
    "sessions: 12 mice × 1 sessions, SD 0.05 between mice": 60,
    "sessions: 4 mice × 3 sessions, SD 0.05 between mice": 60,
}


def named(study):
    return f"{study.name}: {study.setting}"


@pytest.mark.parametrize("study", {each.name: each for each in STUDIES}.values(), ids=named)
def test_one_run_measures_all_that_the_study_registers(study):
    found = study.tallies(1, SEED)[0]
    assert {each.quantity for each in found} == set(study.quantities)


@pytest.mark.parametrize("name", FEW)
def test_few_runs_show_nothing_but_what_is_stated(name):
    study = next(each for each in STUDIES if named(each) == name)
    for tally in study.tallies(FEW[name], SEED)[0]:
        kind, values = tally.quantity.claim, tally.defined
        where = f"{tally.quantity.names[0]} {tally.about}: {tally.measured:.3f}"
        if kind is CHANCE:
            error = values.std(ddof=1) / np.sqrt(len(values))
            assert values.mean() < stats.norm.isf(SURE) * error, where
        if kind in STATED and np.isin(values, (0, 1)).all():
            wrong = (values == 0) if kind in (COVERAGE, AT_LEAST) else (values == 1)
            assert wrong.sum() <= stats.binom.isf(SURE, len(values), 1 - STATED[kind]), where


@pytest.fixture
def run(monkeypatch):
    """The command, run here: another process would only compile everything anew."""

    def called(*options):
        monkeypatch.setattr(sys, "argv", ["validation", *options])
        runpy.run_path(str(ROOT / "benchmarks" / "validation"), run_name="__main__")

    return called


def test_one_quantity_can_be_measured_by_its_name(run, capsys):
    run("cell_bleaching_ci95", "--runs", "3")
    said = capsys.readouterr().out
    assert said.count("frame_bleaching_ci95") == 4
    assert "r_average_ci95" not in said


def test_what_cannot_be_done_is_said(run, capsys):
    with pytest.raises(SystemExit, match="2"):
        run("r_avrage_ci95")
    said = capsys.readouterr().err
    assert all(words in said for words in ("no such quantity", "r_average_ci95", "scores"))


def test_runs_that_are_kept_are_not_made_again(run, capsys, tmp_path):
    run("brightness", "--runs", "2", "--keep", str(tmp_path))
    first = capsys.readouterr().out
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    assert {len(each.read_text().splitlines()) for each in files} == {2}
    lines = files[0].read_text().splitlines()
    files[0].write_text(f"{lines[0]}\n")
    run("brightness", "--runs", "2", "--keep", str(tmp_path))
    again = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert again == [line for line in first.splitlines() if line.startswith("  ")]
    found = files[0].read_text().splitlines()
    assert json.loads(found[1])["found"] == json.loads(lines[1])["found"]
