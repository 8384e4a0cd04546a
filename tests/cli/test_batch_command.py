"""`tpdecode batch`: what it says, what it writes down, and what it tries again."""

import csv
import shutil
import sys

import numpy as np
import pytest
import tifffile

from twophoton_decode.pipeline.batch import child
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source

SESSION = """
import pathlib, sys
session = pathlib.Path(sys.argv[1])
with open(session.parent / "begun.txt", "a") as begun:
    print(session.name, *sys.argv[2:], file=begun)
print("respond: done in 0.1 s")
if (session / "broken").exists():
    sys.exit("MovieError: the movie is gone.")
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory, small_arrays):
    """A session of arrays, in which nothing has been run."""
    folder = tmp_path_factory.mktemp("made") / "a"
    options = dict(zip(small_arrays[::2], small_arrays[1::2], strict=True))
    source = Source(
        kind="arrays", responses=options["--responses"], axes=options["--axes"],
        images=options["--images"],
    )  # fmt: skip
    SessionFolder.create(folder, Settings(source=source))
    return folder


@pytest.fixture
def three(tmp_path, monkeypatch, session):
    """Sessions a, b and c in the current folder; b fails. In place of `run`, a script."""
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        shutil.copytree(session, tmp_path / name)
    (tmp_path / "b" / "broken").touch()
    (tmp_path / "pretend.py").write_text(SESSION)
    monkeypatch.setattr(
        child, "_command",
        lambda job: [sys.executable, "-u", tmp_path / "pretend.py", job.session, *job.arguments],
    )  # fmt: skip
    return tmp_path


def rows(file):
    with open(file, newline="") as stream:
        return {row["session"]: row for row in csv.DictReader(stream)}


def begun(folder):
    file = folder / "begun.txt"
    found = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return sorted(found)


def test_one_fails_and_is_tried_again(three, tpdecode):
    code, out, err = tpdecode("batch", "a", "b/session.toml", "c", "a", "--decoder", "ridge")
    assert code == 1
    assert begun(three) == ["a --decoder ridge", "b --decoder ridge", "c --decoder ridge"]
    assert "3 sessions, 1 at a time" in out
    assert "2 of 3 sessions done; batch.csv has the table." in out
    assert "b: failed in 1 s. MovieError: the movie is gone." in err
    found = rows("batch.csv")
    assert {path.rsplit("/", 1)[1]: each["state"] for path, each in found.items()} == {
        "a": "done", "b": "failed", "c": "done",
    }  # fmt: skip
    (three / "b" / "broken").unlink()
    code, out, err = tpdecode("batch", "--retry-failed")
    assert (code, begun(three)) == (0, ["b"])
    assert {each["state"] for each in rows("batch.csv").values()} == {"done"}
    assert "nothing to do" in tpdecode("batch", "--retry-failed")[1]


def test_what_is_no_session_fails_for_itself(three, tpdecode):
    text = (three / "c" / "session.toml").read_text()
    (three / "c" / "session.toml").write_text(text.replace("folds = 10", 'folds = "abc"'))
    code, out, err = tpdecode("batch", "a", "nowhere", "c", "mice/*/session.toml")
    assert (code, begun(three)) == (1, ["a"])
    assert "nowhere: UsageError: there is no folder" in err
    assert "c: SettingsError:" in err
    assert "nothing matches this pattern" in err
    assert "1 of 4 sessions done" in out
    # What is no session is tried again like others that failed, and does not stop them.
    (three / "c" / "session.toml").write_text(text)
    code, out, err = tpdecode("batch", "--retry-failed")
    assert (code, begun(three)) == (1, ["c"])


def test_settings_of_a_table_are_told_by_their_place(three, tpdecode):
    (three / "sessions.csv").write_text("session,movie,Frame_rate_Hz\nnew,m.tif,8 Hz\n")
    code, _, err = tpdecode("batch", "--table", "sessions.csv")
    assert code == 1
    assert 'sessions.csv, session new, [recording] frame_rate_hz = "8 Hz"' in err
    assert rows("batch.csv")
    (three / "defaults.toml").write_text("[decoding]\nfolds = 0\n")
    code, _, err = tpdecode("batch", "--table", "sessions.csv", "--defaults", "defaults.toml")
    assert code == 2
    assert "defaults.toml, [decoding] folds = 0" in err


def test_a_table_that_cannot_be_written_is_found_first(three, tpdecode):
    (three / "file").touch()
    code, _, _ = tpdecode("batch", "a", "-o", "file/batch.csv")
    assert (code, begun(three)) == (1, [])


def test_rows_of_other_sessions_stay(three, tpdecode):
    assert tpdecode("batch", "a", "-o", "all.csv")[0] == 0
    code, out, err = tpdecode("batch", "c", "-q", "-o", "all.csv")
    assert (code, out, err) == (0, "", "")
    assert [path.rsplit("/", 1)[1] for path in rows("all.csv")] == ["a", "c"]


def test_sessions_of_a_table_are_made(three, tpdecode):
    tifffile.imwrite("m.tif", np.random.default_rng(0).integers(0, 99, (40, 64, 64), np.uint16))
    (three / "sessions.csv").write_text(
        "session,movie,mouse,notes\nnew,m.tif,seven,\nlost,gone.tif,,\na,,,\nnone,,,\n"
    )
    (three / "defaults.toml").write_text("[recording]\nframe_rate_hz = 30\n")
    arguments = ("batch", "--table", "sessions.csv", "--defaults", "defaults.toml")
    code, out, err = tpdecode(*arguments)
    assert code == 1
    assert begun(three) == ["a", "new"]
    assert "sessions.csv: not used: notes." in out
    assert "gone.tif" in err
    assert "none: UsageError: there is no such session, and the table names no movie" in err
    assert "new: " in out
    text = (three / "new" / "session.toml").read_text()
    assert 'mouse = "seven"' in text
    assert "frame_rate_hz = 30" in text
    states = {path.rsplit("/", 1)[1]: each["state"] for path, each in rows("batch.csv").items()}
    assert states == {"new": "done", "a": "done", "lost": "failed", "none": "failed"}
    # The same command again takes the session as it is.
    assert tpdecode(*arguments)[0] == 1
    assert begun(three) == ["a", "new"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no session is named"),
        (("--retry-failed",), "batch.csv holds no session"),
        (("a", "--defaults", "d.toml"), "settings for the sessions of --table"),
        (("a", "--workers", "2", "--scheduler", "tcp://h:1"), "give one of --workers"),
        (("--job-script",), "prints the job of --cluster"),
        (("a", "-o", "a/session.toml"), "is no table of `tpdecode batch`"),
        (("a", "--cluster", "none.yaml"), "none.yaml: there is no such file"),
    ],
)
def test_what_is_refused_begins_nothing(three, tpdecode, arguments, said):
    code, _, err = tpdecode("batch", *arguments)
    assert code == 2
    assert said in err
    assert not begun(three)


def test_memory_for_all_at_once(three, tpdecode, monkeypatch):
    """ROIs must not depend on the number of workers: what is too much is said, not lowered."""
    for name in "abc":
        settings = Settings(source=Source(kind="movie", movie=["m.tif"]))
        SessionFolder(three / name).settings_file.unlink()
        SessionFolder.create(three / name, settings)
    monkeypatch.setattr("twophoton_decode.files.arrays.memory.available_bytes", lambda: 9e9)
    assert "memory_gb" not in tpdecode("batch", "a", "c", "--workers", "2")[2]
    err = tpdecode("batch", "a", "b", "c", "--workers", "3")[2]
    assert "detection in 3 sessions at a time may take 12 GB (memory_gb in [extraction])" in err


def test_the_job_script_is_shown(three, tpdecode):
    (three / "slurm.yaml").write_text("cluster: slurm\ncores: 2\nmemory: 8 GB\nqueue: cpu\n")
    code, out, _ = tpdecode("batch", "--cluster", "slurm.yaml", "--job-script")
    assert code == 0
    assert "#SBATCH -p cpu" in out
    assert not begun(three)
