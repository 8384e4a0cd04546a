"""A session of a simulated movie says what was recovered; others have no such stage."""

import json

import numpy as np
import pytest
from extracted_session import pretend_extracted
from planted_traces import traces_of

from twophoton_decode.cli.headline import headline
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Recovery
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import RecordingSettings, Settings, Source
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.truth import read_truth
from twophoton_decode.simulation.writing import write

TINY = SimulationParameters(
    cells=4, images=3, repeats=2, picture_px=16, field_px=60, seed=7, files=1, spontaneous_hz=0.3
)
SHAPE = (60, 60)


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session of a simulated movie in which three ROIs were found, two of them called cells."""

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    write(simulate(TINY), tmp_path / "mouse")
    planted = read_truth(tmp_path / "mouse/truth.npz", SHAPE, TINY.frames)
    traces = traces_of(planted, SHAPE, [2, 0, 3], [True, True, False])
    summary = {"planes": 1, "frames": TINY.frames, "rois": 3, "cells": 2}
    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
    source = Source(movie=["../mouse/raw"], truth="../mouse/truth.npz")
    settings = Settings(source=source, recording=RecordingSettings(frame_rate_hz=8.0))
    folder = SessionFolder.create(tmp_path / "S", settings)
    pretend_extracted(folder, traces, summary)
    return folder


def test_what_was_recovered_stands_in_summary_report_and_headline(session):
    work = Session(session)
    for stage in ("recovery", "report"):
        work.run_only(stage)
    found = read_record(session.path / "recovery.nc", Recovery)
    assert found.found.tolist() == [True, False, True, False]
    numbers = json.loads(session.summary.read_text())["recovery"]
    assert numbers["planted_cells"] == 4
    assert numbers["planted_cells_found"] == numbers["true_cells"] == numbers["cells"] == 2
    assert numbers["trace_r"] == pytest.approx(np.nanmedian(found.trace_r))
    assert numbers["response_r"] is None
    page = session.report.read_text()
    assert "<h1>Simulated recording (S)</h1>" in page
    assert "What was recovered of the truth" in page
    assert "Of 4 planted cells, 2 were found; of 2 ROIs taken for cells, 2 match" in page
    assert any("simulated: 2 of 4 planted cells found" in line for line in headline(session))


def test_the_truth_of_another_movie_makes_the_comparison_unavailable(session):
    write(simulate(SimulationParameters(cells=2, images=2, repeats=1, picture_px=16, field_px=40)),
          session.path.parent / "other")  # fmt: skip
    (session.path.parent / "other/truth.npz").replace(session.path.parent / "mouse/truth.npz")
    said = []
    Session(session, say=said.append).run()
    [told] = [line for line in said if line.startswith("recovery: unavailable.")]
    assert "is not the truth of this movie" in told
    assert session.report.is_file()


def test_other_sessions_have_no_such_stage():
    real = Settings(source=Source(movie=["raw"], log="log.csv", images="pictures"))
    assert "recovery" not in {stage.name for stage in stages_of(real)}
