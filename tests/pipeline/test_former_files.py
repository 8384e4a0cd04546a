"""What a stage wrote before and does not write any more is removed, and nothing else."""

import dataclasses

import numpy as np
from conftest import linear_population

from twophoton_decode.pipeline.fingerprints import NOTHING, hash_of, sampled_fingerprint
from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import Settings, Source


def test_figures_of_an_earlier_run_go_and_those_of_others_stay(tmp_path):
    responses, pictures = linear_population(images=6, repeats=3, cells=5, side=6)
    np.save(tmp_path / "R.npy", responses)
    np.save(tmp_path / "I.npy", pictures)
    source = Source(
        kind="arrays", responses=str(tmp_path / "R.npy"), images=str(tmp_path / "I.npy"),
        axes="repeat image cell",
    )  # fmt: skip
    folder = SessionFolder.create(tmp_path / "S", Settings(source=source))
    Session(folder).run_only("respond")
    session = Session(folder)
    entry = session.ledger["respond"]
    kept = {*entry.outputs, *entry.figures}
    former = folder.figures / "former.png"
    former.write_bytes(b"old")
    figures = entry.figures | {"figures/former.png": hash_of(former)}
    session.ledger.write("respond", dataclasses.replace(entry, figures=figures))
    (folder.figures / "mine.png").write_bytes(b"mine")
    change_setting(folder.settings_file, "responses", "false_discovery_rate", 0.1)
    Session(folder).run_only("respond")
    assert not (folder.figures / "former.png").exists()
    assert (folder.figures / "mine.png").read_bytes() == b"mine"
    assert all((folder.path / name).exists() for name in kept)


def test_an_input_that_an_earlier_version_sampled_is_not_said_to_have_changed(tmp_path):
    responses, pictures = linear_population(images=6, repeats=3, cells=5, side=6)
    np.save(tmp_path / "R.npy", responses)
    np.save(tmp_path / "I.npy", pictures)
    source = Source(
        kind="arrays", responses=str(tmp_path / "R.npy"), images=str(tmp_path / "I.npy"),
        axes="repeat image cell",
    )  # fmt: skip
    folder = SessionFolder.create(tmp_path / "S", Settings(source=source))
    Session(folder).run_only("respond")
    session = Session(folder)
    entry = session.ledger["respond"]
    former = sampled_fingerprint([tmp_path / "R.npy"])
    inputs = entry.inputs | {"responses": former, "images": NOTHING}
    session.ledger.write("respond", dataclasses.replace(entry, inputs=inputs))
    verdict = Session(folder).verdicts()["respond"]
    assert verdict.changes == (
        "images changed",
        "responses: an earlier version compared only samples of it",
    )
