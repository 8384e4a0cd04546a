"""What a stage's declaration is enough for: status, summary, page, figures."""

import json

import numpy as np
import pytest
from conftest import linear_population
from matplotlib.figure import Figure

from twophoton_decode.cli.headline import headline
from twophoton_decode.figures.canvas.drawing import Drawing, table_csv
from twophoton_decode.pipeline import chain
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stage import Number, Stage, StageOutput
from twophoton_decode.records import Responses
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source


def run(work):
    responses = work.read(Responses, "responses.nc")
    return StageOutput(record=responses, summary={"strongest": float(responses.response.max())})


def draw(work):
    responses = work.read(Responses, "loudness.nc")
    table = {"mean": responses.response.mean(axis=0)}
    return [Drawing("loudness", Figure(), "How loud each cell is.", table)]


LOUDNESS = Stage(
    name="loudness",
    title="how loud each cell is",
    section="How loud is it?",
    run=run,
    draw=draw,
    file="loudness.nc",
    record=Responses,
    numbers=(Number("strongest", "strongest response"),),
    reads=("respond",),
    brief=lambda numbers: f"strongest response {numbers['strongest']:.2f}",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
    monkeypatch.setattr(chain, "FROM_RESPONSES", (LOUDNESS,))
    monkeypatch.setattr(chain, "ALL", (*chain.ALL, LOUDNESS))
    responses, pictures = linear_population(images=6, repeats=3, cells=5, side=6)
    np.save(tmp_path / "R.npy", responses)
    np.save(tmp_path / "I.npy", pictures)
    source = Source(
        kind="arrays", responses=str(tmp_path / "R.npy"), images=str(tmp_path / "I.npy"),
        axes="repeat image cell",
    )  # fmt: skip
    folder = SessionFolder.create(tmp_path / "S", Settings(source=source))
    Session(folder).run()
    return folder


def test_a_declaration_is_all_that_the_program_needs_of_a_stage(folder):
    verdicts = Session(folder).verdicts()
    assert {key: each.state for key, each in verdicts.items()} == dict.fromkeys(
        ("respond", "loudness", "report"), "fresh"
    )
    summary = json.loads(folder.summary.read_text())
    strongest = float(np.load(folder.settings().source.responses).max())
    assert summary["loudness"] == {"strongest": pytest.approx(strongest)}
    assert f"strongest response {strongest:.2f}" in headline(folder)
    page = folder.report.read_text()
    assert "How loud is it?" in page
    assert "How loud each cell is." in page
    assert (folder.figures / "loudness.csv").read_text().startswith("mean\n")
