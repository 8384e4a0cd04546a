"""Complementarity and distractors through the program: commands, records, summary, page."""

import json

import numpy as np
import pytest

from twophoton_decode.errors import SessionError, StimulusImageError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages.reconstruct import distractors_of
from twophoton_decode.records import Complementarity, Reconstruction
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import Settings, Source

FAST = {
    "decoding": {"permutations": 0, "bootstraps": 100, "features": "pixels", "folds": 4},
    # Cells of this population respond to half of the pictures: their own null has no power.
    "responses": {"responsive_test": "mann-whitney"},
    "run": {"decoders": ["ridge"]},
}


@pytest.fixture(scope="module")
def session(tmp_path_factory, small_arrays, quick_figures):
    folder = tmp_path_factory.mktemp("complementarity")
    options = dict(zip(small_arrays[::2], small_arrays[1::2], strict=True))
    shown = np.load(options["--images"])
    rng = np.random.default_rng(1)
    others = np.kron(rng.normal(size=(30, 4, 4)), np.ones((3, 3)))
    np.save(folder / "others.npy", np.concatenate([others, shown[:2]]).astype(np.float32))
    source = Source(
        kind="arrays",
        responses=options["--responses"],
        axes=options["--axes"],
        images=options["--images"],
        distractors="../others.npy",
    )
    made = SessionFolder.create(folder / "S", Settings.model_validate({**FAST, "source": source}))
    for stage in ("respond", "reconstruct"):
        Session(made).run_only(stage, ("ridge",))
    return made


@pytest.fixture(scope="module", autouse=True)
def quick_figures():
    """Figures as their tables alone: drawing them takes most of the time of a small session."""

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
        yield


def test_what_reads_an_unavailable_result_is_unavailable_and_the_run_goes_on(
    tmp_path, small_arrays
):
    """Five pictures are too few for encoding models, which complementarity reads."""
    options = dict(zip(small_arrays[::2], small_arrays[1::2], strict=True))
    np.save(tmp_path / "R.npy", np.load(options["--responses"])[:, :5])
    np.save(tmp_path / "I.npy", np.load(options["--images"])[:5])
    source = Source(
        kind="arrays",
        responses=str(tmp_path / "R.npy"),
        axes=options["--axes"],
        images=str(tmp_path / "I.npy"),
    )
    made = SessionFolder.create(tmp_path / "S", Settings.model_validate({**FAST, "source": source}))
    said = []
    Session(made, say=said.append).run()
    (why,) = (line for line in said if line.startswith("encode: unavailable."))
    assert "5 were shown" in why
    assert "unavailable for reasons given above: complementarity (ridge)" in said
    states = {key: verdict.state for key, verdict in Session(made).verdicts().items()}
    assert states["encode"] == states["complementarity:ridge"] == "unavailable"
    assert states["report"] == "fresh"
    assert (
        "5 were shown"
        in json.loads(made.summary.read_text())["complementarity"]["ridge"]["unavailable"]
    )


def test_the_report_of_stability_has_both(session, tpdecode, monkeypatch):
    ran = []
    monkeypatch.setattr(Session, "run_only", lambda self, *given: ran.append(given))
    assert tpdecode("stability-report", session.path, "--decoder", "ridge")[0] == 0
    assert ran == [
        ("stability-report", ("ridge",)),
        # What complementarity needs, and nothing has made yet.
        ("encode",),
        ("complementarity", ("ridge",)),
    ]


def test_encoding_models_come_first_and_then_every_number_is_kept(session):
    with pytest.raises(SessionError, match="needs the result of encode: encode has not run yet"):
        Session(session).run_only("complementarity")
    Session(session).run_only("encode")
    Session(session).run_only("complementarity")
    found = read_record(session.path / "complementarity" / "ridge.nc", Complementarity)
    assert found.decoder == "ridge"
    numbers = json.loads(session.summary.read_text())["complementarity"]["ridge"]
    # Whether enough fields lie apart in pictures this small is up to the encoding models.
    assert found.unavailable.keys() <= {"local"}
    assert ("local_variability_alone" in numbers) == ("local" not in found.unavailable)
    assert len(found.unavailable) == sum("unavailable" in note for note in found.notes)
    assert numbers["fitting_error_percent"] == pytest.approx(np.nanmean(found.fitting_error))
    assert numbers["fitting_p"] == found.fitting_p
    assert numbers["feature_overlap"] == pytest.approx(np.nanmean(found.overlap))
    table = (session.figures / "complementarity_ridge.csv").read_text()
    assert table.splitlines()[0].startswith("overlap,overlap_share,")


def test_distractors_are_candidates_but_not_those_that_the_session_shows(session):
    made = read_record(session.path / "reconstruction" / "ridge.nc", Reconstruction)
    assert list(made.pool_name) == ["session", "external"]
    assert list(made.pool_size) == [24, 31]
    told = "2 of 32 distractors show the same as a picture of the session"
    assert any(told in text for text in made.warnings)
    # The population decodes well: far above one in thirty-one.
    assert np.nanmean(made.top1_average[1, :, -1]) > 0.5
    numbers = json.loads(session.summary.read_text())["reconstruct"]["ridge"]
    assert numbers["top1"]["external"]["candidates"] == 31
    assert numbers["top1"]["external"]["average"] == pytest.approx(
        made.top1_average[1, :, -1].mean()
    )


def test_changed_distractors_make_reconstructions_stale(session):
    file = session.path.parent / "others.npy"
    before = file.read_bytes()
    np.save(file, np.load(file)[:-1])
    verdict = Session(session).verdicts()["reconstruct:ridge"]
    file.write_bytes(before)
    assert verdict.state == "stale"
    assert "distractors changed" in verdict.changes


def test_distractors_of_another_shape_are_refused(session):
    file = session.path.parent / "others.npy"
    before = file.read_bytes()
    np.save(file, np.random.default_rng(0).random((5, 12, 9)))
    work = StageInput(session, session.settings(), Session(session).ledger, "ridge")
    with pytest.raises(
        StimulusImageError, match="are 12 × 9 pixels, but the session's pictures are 12 × 12"
    ):
        distractors_of(work, (12, 12))
    file.write_bytes(before)
