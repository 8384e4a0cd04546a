"""Sessions of earlier versions: extraction was one stage, and figures were results."""

import json
from dataclasses import asdict

import pytest

from twophoton_decode.pipeline.fingerprints import NOTHING, Fingerprints, hash_of
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.summary import read_summary
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import Settings, Source

KINDS = ("pdf", "svg", "png", "csv")
REVISION = 3
"""Of extraction, when it was one stage."""


@pytest.fixture
def folder(tmp_path):
    """A session as version 0.1 left it after extraction: traces, figures, ledger, summary."""
    movie = tmp_path / "movie.tif"
    movie.write_bytes(b"a movie")
    settings = Settings(source=Source(movie=[str(movie)]))
    folder = SessionFolder.create(tmp_path / "S", settings)
    folder.private.mkdir()
    (folder.path / "traces.nc").write_bytes(b"traces")
    folder.figures.mkdir()
    for kind in KINDS:
        (folder.figures / f"field_of_view.{kind}").write_bytes(kind.encode())
    write_former(folder, movie)
    return folder


def write_former(folder, movie, revision=REVISION, **changed):
    """The ledger without a checksum or a copy, and without the fields of later versions."""
    settings = folder.settings()
    used = {f"extraction.{k}": v for k, v in settings.extraction.model_dump(mode="json").items()}
    for key in ("frame_rate_hz", "planes", "channels", "functional_channel", "use_planes",
                "line_offset_px"):  # fmt: skip
        used[f"recording.{key}"] = getattr(settings.recording, key)
    names = ["traces.nc", *(f"figures/field_of_view.{kind}" for kind in KINDS)]
    entry = Entry(
        settings=used,
        inputs={
            "movie": Fingerprints(folder.private / "none.json").of([movie], movie=True),
            "extraction.classifier": NOTHING,
            "rois": "the first ones",
        },
        outputs={name: hash_of(folder.path / name) for name in names},
        content="traces as they were",
        revision=revision,
        versions={},
        seed=0,
        finished="2026-01-01T00:00:00+00:00",
        seconds=125.5,
        summary={"planes": 1, "cells": 7, "movie": "90 frames of 64 × 64 px", "microscope": "8 Hz"},
        notes=["odd"],
        captions={"field_of_view": "7 cells."},
    )
    fields = asdict(entry) | changed
    for later in ("figures", "drawn", "in_drawing"):
        del fields[later]
    (folder.private / "ledger.json").write_text(json.dumps({"extract": fields}))
    numbers = {"session": "S", "version": "0.1", "extract": entry.summary | {"seconds": 125.5}}
    folder.summary.write_text(json.dumps(numbers))


def states(folder):
    found = Session(folder).verdicts()
    return {key: found[key].state for key in ("register", "detect", "extract")}


def test_what_was_fresh_is_fresh_and_nothing_runs_again(folder):
    assert set(states(folder).values()) == {"fresh"}
    said = []
    Session(folder, say=said.append).run_only("extract")
    assert said == [
        f"{stage}: unchanged, nothing to do" for stage in ("register", "detect", "extract")
    ]


def test_figures_of_it_are_no_results_any_more(folder):
    figure = folder.figures / "field_of_view.svg"
    figure.write_bytes(b"edited")
    verdict = Session(folder).verdicts()["extract"]
    assert (verdict.state, verdict.figures.edited) == ("fresh", ("figures/field_of_view.svg",))
    assert verdict.figures.complete
    figure.unlink()
    verdict = Session(folder).verdicts()["extract"]
    assert (verdict.state, verdict.figures.gone) == ("fresh", ("figures/field_of_view.svg",))


def test_its_time_and_its_words_are_kept(folder):
    said = []
    numbers = read_summary(folder, said.append)["extract"]
    assert said == []
    assert (numbers["seconds"], numbers["cells"]) == (125.5, 7)
    ledger = Session(folder).ledger
    assert ledger["detect"].summary["movie"] == "90 frames of 64 × 64 px"
    assert ledger["extract"].notes == ["odd"]


def test_the_next_command_that_writes_keeps_three_entries(folder):
    work = Session(folder)
    work.ledger.mend()
    found = Ledger(folder.private / "ledger.json")
    assert [key for key, _ in found.items()] == ["detect", "extract", "register"]
    assert set(states(folder).values()) == {"fresh"}


@pytest.mark.parametrize(
    ("setting", "value", "stale"),
    [
        ("threshold_scaling", 1.2, ("detect", "extract")),
        ("nonrigid", False, ("register", "detect", "extract")),
    ],
)
def test_a_setting_makes_stale_the_part_that_depends_on_it(folder, setting, value, stale):
    change_setting(folder.settings_file, "extraction", setting, value)
    assert {key for key, state in states(folder).items() if state == "stale"} == set(stale)


def test_another_movie_makes_all_of_it_stale(folder):
    (folder.path.parent / "movie.tif").write_bytes(b"another")
    verdicts = Session(folder).verdicts()
    assert verdicts["register"].changes == ("movie changed",)
    assert verdicts["detect"].changes == ("register is stale",)
    assert verdicts["extract"].changes == ("detect is stale",)


def test_what_an_older_version_extracted_is_looked_at_again(folder):
    write_former(folder, folder.path.parent / "movie.tif", revision=REVISION - 1)
    verdicts = Session(folder).verdicts()
    for key in ("register", "detect", "extract"):
        assert "the stage was improved" in verdicts[key].changes


def test_a_setting_that_came_later_had_its_default(folder):
    used = json.loads((folder.private / "ledger.json").read_text())["extract"]["settings"]
    del used["extraction.max_overlap"]
    write_former(folder, folder.path.parent / "movie.tif", settings=used)
    assert set(states(folder).values()) == {"fresh"}
