"""A stage that another package fails in, and what is run all the same."""

import contextlib
from importlib.metadata import EntryPoint

import pytest

from twophoton_decode.errors import AnalysisError, PlugInError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.faults import Faults
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stage import Stage
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source

ODD = """
from twophoton_decode.features.pixels import FeatureSpace

class Odd(FeatureSpace):
    def encode(self, pictures):
        raise RuntimeError("no features today")
"""


def stage(name, *reads, per=""):
    return Stage(name=name, title="", run=None, reads=reads, per=per)


STEPS = (
    (stage("respond"), ""),
    (stage("encode", "respond"), ""),
    (stage("fields", "encode"), ""),
    (stage("reconstruct", "respond", per="decoder"), "ridge"),
    (stage("reconstruct", "respond", per="decoder"), "mine"),
    (stage("shared", "encode", "reconstruct", per="decoder"), "ridge"),
    (stage("shared", "encode", "reconstruct", per="decoder"), "mine"),
    (stage("stable", "reconstruct", per="decoder"), "ridge"),
    (stage("stable", "reconstruct", per="decoder"), "mine"),
    (stage("report"), ""),
)


def run_with(failing):
    """What was done and said, and the error; `failing` maps keys to what is raised there."""
    said, done = [], []
    faults = Faults(said.append)
    for each, decoder in faults.others(STEPS):
        key = each.key(decoder)
        with faults.told(key, decoder):
            if key in failing:
                raise failing[key]
            done.append(key)
    error = ""
    try:
        faults.finish()
    except PlugInError as raised:
        error = str(raised)
    return done, said, error


def test_a_fault_without_a_decoder_concerns_only_what_reads_its_result():
    done, said, error = run_with({"encode": PlugInError("odd features")})
    assert done == [
        "respond", "reconstruct:ridge", "reconstruct:mine", "stable:ridge", "stable:mine",
        "report",
    ]  # fmt: skip
    assert said == [
        "encode: failed, and is left out",
        "fields: left out, as it reads the result of encode",
        "shared:ridge: left out, as it reads the result of encode",
        "shared:mine: left out, as it reads the result of encode",
    ]
    assert error == "odd features"


def test_after_a_decoders_fault_nothing_more_is_done_for_it():
    done, said, error = run_with({"reconstruct:mine": PlugInError("mine is broken")})
    assert [key for key in done if key.endswith(":mine")] == []
    assert done[-3:] == ["shared:ridge", "stable:ridge", "report"]
    assert said == ["reconstruct:mine: failed, and is left out"]
    assert error == "mine is broken"


def test_the_first_of_several_faults_is_the_error():
    first, second = PlugInError("first"), PlugInError("second")
    assert run_with({"encode": first, "report": second})[2] == "first"


def test_what_the_data_do_not_allow_is_no_fault():
    done, said, error = run_with({"encode": AnalysisError("too few pictures.")})
    assert "fields" in done
    assert said == ["encode: unavailable. too few pictures."]
    assert error == ""


def test_a_reason_is_said_once_and_every_stage_named():
    why = AnalysisError("too few pictures.")
    after = AnalysisError("it needs the result of reconstruct: too few pictures.")
    _, said, error = run_with(
        {
            "encode": AnalysisError("no pictures."),
            "reconstruct:ridge": why,
            "reconstruct:mine": why,
            "stable:ridge": after,
            "stable:mine": after,
        }
    )
    assert said == [
        "encode: unavailable. no pictures.",
        "reconstruct:ridge: unavailable. too few pictures.",
        "unavailable for reasons given above: reconstruct (mine), stable (ridge, mine)",
    ]
    assert error == ""


@pytest.fixture
def folder(tmp_path, small_arrays, monkeypatch):
    """A session of imported arrays, with features of another package at hand."""
    (tmp_path / "lab_features.py").write_text(ODD)
    monkeypatch.syspath_prepend(tmp_path)
    points = {"tpdecode.features": [EntryPoint("odd", "lab_features:Odd", "tpdecode.features")]}
    monkeypatch.setattr(
        "twophoton_decode.registry.entry_points", lambda group: points.get(group, [])
    )

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
    options = dict(zip(small_arrays[::2], small_arrays[1::2], strict=True))
    source = Source(
        kind="arrays",
        responses=options["--responses"],
        axes=options["--axes"],
        images=options["--images"],
    )
    settings = {
        "source": source, "run": {"decoders": ["ridge"]}, "decoding": {"features": "odd"}
    }  # fmt: skip
    return SessionFolder.create(tmp_path / "S", Settings.model_validate(settings))


def test_features_of_another_package_that_fail_are_named_and_the_page_is_laid_out(folder):
    said = []
    with pytest.raises(PlugInError, match=r"^the feature space 'odd' failed in Odd\.encode"):
        Session(folder, say=said.append).run()
    assert "encode: failed, and is left out" in said
    assert "reconstruct:ridge: failed, and is left out" in said
    assert any(line.startswith("report: done") for line in said)
    assert folder.report.exists()
    verdicts = Session(folder).verdicts()
    assert (verdicts["respond"].state, verdicts["encode"].state) == ("fresh", "missing")
    # Nothing is entered for what failed, so the next run tries it again.
    again = []
    with contextlib.suppress(PlugInError):
        Session(folder, say=again.append).run()
    assert "encode: failed, and is left out" in again
