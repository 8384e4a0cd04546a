"""``tpdecode import suite2p``: a session that begins at suite2p's traces."""

import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from suite2p_results import save_objects, signals_of, write_plane

import twophoton_decode as tp
from twophoton_decode.cli.main import tpdecode
from twophoton_decode.errors import AlignmentError, UsageError

CELLS, IMAGES, REPEATS, RATE_HZ = 6, 6, 4, 10.0
PERIOD = 16
"""Frames from onset to onset."""


def run(*arguments):
    return CliRunner().invoke(tpdecode, [str(each) for each in arguments], catch_exceptions=False)


def shown_signals():
    """F doubles from 0 to 1 s after the onset of the picture with the cell's own number."""
    shown = np.tile(np.arange(IMAGES), REPEATS)
    onset = 20 + PERIOD * np.arange(shown.size)
    signals = signals_of(CELLS, onset[-1] + 30)
    signals["Fneu"][:] = 50
    for image, frame in zip(shown, onset, strict=True):
        signals["F"][image, frame : frame + 10] += 100
    return signals, shown, onset / RATE_HZ


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """suite2p's folder, a log and pictures."""
    folder = tmp_path_factory.mktemp("recorded")
    signals, shown, onset = shown_signals()
    frames = signals["F"].shape[1]
    write_plane(folder / "suite2p" / "plane0", CELLS, frames=frames, signals=signals, fs=RATE_HZ)
    np.save(folder / "suite2p/plane0/iscell.npy", np.ones((CELLS, 2)))
    lines = [f"{image},{second:.3f}" for image, second in zip(shown, onset, strict=True)]
    (folder / "shown.csv").write_text("\n".join(["image,onset_s", *lines]))
    pictures = np.random.default_rng(1).random((IMAGES, 16, 16))
    np.save(folder / "pictures.npy", pictures)
    return folder


@pytest.fixture(scope="module")
def session(recorded):
    given = ["--log", recorded / "shown.csv", "--images", recorded / "pictures.npy"]
    done = run("import", "suite2p", recorded / "suite2p", *given, "-o", recorded / "S")
    assert done.exit_code == 0, done.output
    return recorded / "S"


def test_responses_are_those_of_the_traces(session):
    responses = tp.open(session).responses
    assert responses.response.shape == (IMAGES * REPEATS, CELLS)
    mean = np.stack([responses.response[responses.image == image].mean(axis=0)
                     for image in range(IMAGES)])  # fmt: skip
    np.testing.assert_allclose(np.diag(mean), 1.0, atol=0.06)
    assert np.abs(mean[~np.eye(IMAGES, dtype=bool)]).max() < 0.1


def test_the_session_has_no_stages_of_a_movie(session):
    told = run("status", session).output
    assert "extract" in told
    assert "reconstruct" in told
    assert "register" not in told


def test_a_change_in_suite2ps_gui_is_read_by_the_next_run(recorded, session):
    assert tp.open(session).traces.is_cell.sum() == CELLS
    labels = np.ones((CELLS, 2))
    labels[2, 0] = 0
    np.save(recorded / "suite2p/plane0/iscell.npy", labels)
    assert "traces changed" in run("status", session).output
    files = list((recorded / "suite2p").rglob("*"))
    before = [file.stat().st_mtime_ns for file in files]
    assert run("extract", session).exit_code == 0
    assert tp.open(session).traces.is_cell.sum() == CELLS - 1
    assert sorted((recorded / "suite2p").rglob("*")) == sorted(files)
    assert [file.stat().st_mtime_ns for file in files] == before


def test_what_fails_leaves_no_session(recorded, tmp_path):
    shutil.copytree(recorded / "suite2p", tmp_path / "suite2p")
    (tmp_path / "log.csv").write_text("image,onset_s\n0,1.0\n1,9999.0\n")
    given = ["--log", tmp_path / "log.csv", "--images", recorded / "pictures.npy"]
    with pytest.raises(AlignmentError, match="9999"):
        run("import", "suite2p", tmp_path / "suite2p", *given, "-o", tmp_path / "S")
    assert not (tmp_path / "S" / "session.toml").exists()
    assert not (tmp_path / "S" / "traces.nc").exists()
    save_objects(tmp_path / "suite2p/plane0/ops.npy", {})
    with pytest.raises(UsageError, match="--frame-rate-hz"):
        run("import", "suite2p", tmp_path / "suite2p", "-o", tmp_path / "S")
    assert not (tmp_path / "S").exists()


def test_log_and_images_are_given_together(recorded, tmp_path):
    with pytest.raises(UsageError, match="belong together"):
        run("import", "suite2p", recorded / "suite2p", "--log", recorded / "shown.csv",
            "-o", tmp_path / "S")  # fmt: skip
