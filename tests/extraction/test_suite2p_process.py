"""The process around suite2p, with small scripts in suite2p's place."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import ExtractionError, MovieError
from twophoton_decode.extraction.suite2p import child as suite2p_child
from twophoton_decode.extraction.suite2p import process as suite2p_process
from twophoton_decode.extraction.suite2p.classifier import check_classifier
from twophoton_decode.extraction.suite2p.extract import Plane, extract
from twophoton_decode.extraction.suite2p.process import Suite2pProcess
from twophoton_decode.records import IntensityMapping
from twophoton_decode.settings import ExtractionSettings

WAIT = "import sys, time\nprint('ready', flush=True)\ntime.sleep(600)\n"


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Puts a script in the place of suite2p's."""

    def put(script: str) -> None:
        (tmp_path / "child.py").write_text(script)
        monkeypatch.setattr(suite2p_process, "_CHILD", tmp_path / "child.py")

    return put


def followed(tmp_path, job=None):
    reports = []
    with Suite2pProcess(tmp_path / "logs" / "extract.log", tmp_path / "scratch") as process:
        process.run(job or {}, lambda *report: reports.append(report))
    return reports


def test_lines_become_progress_and_log(tmp_path, child):
    lines = [
        "08:00 INFO ----------- REGISTRATION",
        "08:01 INFO 25%|##5       | 5/20 [00:10<00:30,  2.00s/it]",
        "08:02 INFO ----------- ROI DETECTION",
        "08:03 INFO ----------- Total 3.00 sec.",
    ]
    child(f"print({chr(10).join(lines)!r})")
    assert followed(tmp_path) == [
        (0, 1, "starting suite2p"),
        (1, 1, "starting suite2p"),
        (0, 1, "motion correction"),
        (5, 20, "motion correction"),
        (1, 1, "motion correction"),
        (0, 1, "ROI detection"),
        (1, 1, "ROI detection"),
    ]
    assert (tmp_path / "logs" / "extract.log").read_text().splitlines() == lines


def test_the_job_arrives_whole(tmp_path, child):
    child("import sys\nsys.stdin.readline()\nprint('got', len(sys.stdin.readline()))")
    job = {"files": ["a" * 100] * 10_000}
    followed(tmp_path, job)
    log = (tmp_path / "logs" / "extract.log").read_text()
    assert log.split() == ["got", str(len(json.dumps(job)) + 1)]


def test_home_and_caches_are_private(tmp_path, child):
    child("import os, pathlib\nprint(pathlib.Path.home())\nprint(os.environ['MPLCONFIGDIR'])")
    followed(tmp_path)
    home = tmp_path / "scratch" / "suite2p-home"
    log = (tmp_path / "logs" / "extract.log").read_text().split()
    assert log == [str(home), str(home / "matplotlib")]


def test_a_planted_home_is_made_empty_and_modules_come_from_nowhere_else(
    tmp_path, child, monkeypatch
):
    home = tmp_path / "scratch" / "suite2p-home"
    (home / ".suite2p" / "classifiers").mkdir(parents=True)
    (home / ".suite2p" / "classifiers" / "classifier_user.npy").write_bytes(b"planted")
    (tmp_path / "json.py").write_text("raise SystemExit('planted module')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(tmp_path / "mine"), "also"]))
    child(
        "import json, os, pathlib, subprocess, sys\n"
        "print(sorted(path.name for path in pathlib.Path.home().iterdir()))\n"
        "print(os.getcwd() == str(pathlib.Path.home()))\n"
        "print(json.dumps(os.environ['PYTHONPATH'].split(os.pathsep)[1:]))\n"
        "print(subprocess.run([sys.executable, '-c', 'import sys; print(sys.path[0])'],"
        " capture_output=True, text=True).stdout)\n"
    )
    followed(tmp_path)
    lines = (tmp_path / "logs" / "extract.log").read_text().splitlines()
    assert lines[:2] == ["['matplotlib']", "True"]
    assert json.loads(lines[2]) == [str(tmp_path / "mine"), str(tmp_path / "also")]
    assert lines[3] not in ("", str(home))


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_log_that_is_a_link_is_replaced(tmp_path, child):
    (tmp_path / "logs").mkdir()
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "logs" / "extract.log").symlink_to(tmp_path / "mine")
    child("print('said')")
    followed(tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "logs" / "extract.log").read_text() == "said\n"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("raise ValueError('no ROIs were found -- check')", r"found no cells.*threshold_scaling"),
        ("raise MemoryError", "memory ran out"),
        ("raise OSError(28, 'No space left on device')", "the disk is full"),
        ("raise KeyError('Lyc')", r"suite2p failed with exit code 1: KeyError: 'Lyc'\."),
        ("import suite2p_is_gone", "No module named 'suite2p_is_gone'"),
    ],
)
def test_failures_in_plain_words(tmp_path, child, script, message):
    child(script)
    with pytest.raises(ExtractionError, match=rf"{message}.*log: .*extract\.log"):
        followed(tmp_path, {"files": ["a" * 100] * 10_000})


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_child_is_taken_for_memory(tmp_path, child):
    child("import os\nprint('binning', flush=True)\nos.kill(os.getpid(), 9)")
    with pytest.raises(ExtractionError, match=r"memory ran out.*Its last line: binning"):
        followed(tmp_path)


def gone(process_id: int) -> bool:
    """Whether no such process runs; one that was only just killed gets a moment."""
    for _ in range(100):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{process_id}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
def test_an_interrupt_ends_the_child_and_its_children(tmp_path, child):
    child(
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('started', p.pid, '|  1/2 [', flush=True)\ntime.sleep(600)\n"
    )
    ids = []

    def interrupt(done, total, what):
        if total == 2:
            ids.append(int((tmp_path / "logs" / "extract.log").read_text().split()[1]))
            raise KeyboardInterrupt

    process = Suite2pProcess(tmp_path / "logs" / "extract.log", tmp_path / "scratch")
    ids.append(process._process.pid)
    with pytest.raises(KeyboardInterrupt), process:
        process.run({}, interrupt)
    assert len(ids) == 2
    assert all(map(gone, ids))


class Still:
    """A movie of one frame again and again; reading it fails with `error`."""

    shape = (600, 64, 64)

    def __init__(self, error=None):
        self.error = error

    def sample(self, frames):
        if self.error:
            raise self.error
        return np.random.default_rng(0).integers(0, 99, (len(frames), 64, 64)).astype(np.int16)

    def chunks(self, start, size):
        yield self.sample(np.arange(size)), None


def extracted(tmp_path, movie, progress=lambda *report: None):
    with Suite2pProcess(tmp_path / "logs" / "extract.log", tmp_path / "scratch") as suite2p:
        return extract(
            [Plane(0, movie, 0.05, {})],
            IntensityMapping(0.0, 1.0),
            frame_rate_hz=10.0,
            settings=ExtractionSettings(),
            folder=tmp_path / "suite2p",
            suite2p=suite2p,
            progress=progress,
        )


def test_an_interrupt_leaves_the_last_result_as_it_was(tmp_path, child):
    child(WAIT)
    (tmp_path / "suite2p").mkdir()
    (tmp_path / "suite2p" / "kept").touch()

    def interrupt(done, total, what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extracted(tmp_path, Still(), interrupt)
    assert [path.name for path in (tmp_path / "suite2p").iterdir()] == ["kept"]
    assert not (tmp_path / "scratch" / "suite2p-home").exists()


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (MovieError("frame 3 is bad"), MovieError, "frame 3 is bad"),
        (OSError("8 requested and 0 written"), ExtractionError, "0 written.*Is the disk full"),
    ],
)
def test_a_movie_that_fails_ends_suite2p(tmp_path, child, error, expected, message):
    child(WAIT)
    with pytest.raises(expected, match=message):
        extracted(tmp_path, Still(error))
    assert not (tmp_path / "scratch" / "suite2p-home").exists()
    assert not (tmp_path / "suite2p").exists()


REFUSES = "import sys\nprint('no CUDA device was found.', flush=True)\nsys.exit(4)\n"


class Slow(Still):
    """Takes a minute to read."""

    seen = 0

    def chunks(self, start, size):
        for self.seen in range(10, 601, 10):
            time.sleep(1)
            yield self.sample(np.arange(10)), None


def test_what_cannot_be_used_is_said_while_the_movie_is_read(tmp_path, child):
    child(REFUSES)
    movie = Slow()
    with pytest.raises(ExtractionError, match=r"^no CUDA device was found\. suite2p's log: "):
        extracted(tmp_path, movie)
    assert movie.seen < 300
    assert "no CUDA device" in (tmp_path / "logs" / "extract.log").read_text()


# The child itself


def test_the_child_ends_with_its_parent(tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-P", suite2p_child.__file__],
        env=suite2p_process._environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin
    child.stdin.close()
    try:
        assert child.wait(60) == 3
    finally:
        child.kill()


@pytest.mark.slow
def test_the_child_refuses_before_its_job_what_it_cannot_use(tmp_path):
    (tmp_path / "mine.npy").write_bytes(b"no array")
    log, scratch = tmp_path / "extract.log", tmp_path / "scratch"
    process = Suite2pProcess(log, scratch, classifier=str(tmp_path / "mine.npy"))
    refused = pytest.raises(ExtractionError, match=r"mine\.npy is no suite2p classifier .*Name")
    with process, refused:
        process._end(lambda *report: None)


def test_settings_keep_suite2p_defaults_of_other_keys():
    defaults = {"fs": 10.0, "diameter": [12.0, 12.0], "registration": {"nonrigid": True, "nr": 5}}
    changed = suite2p_child._settings(defaults, {"fs": 30.0, "registration": {"nonrigid": False}})
    assert changed["registration"] == {"nonrigid": False, "nr": 5}
    assert changed["fs"] == 30.0
    with pytest.raises(KeyError, match="gone"):
        suite2p_child._settings(defaults, {"gone": 1})


def test_what_is_no_classifier_is_refused_before_the_work(tmp_path):
    file = tmp_path / "classifier.npy"
    check_classifier("")
    np.save(file, np.array({"keys": [], "stats": [], "iscell": []}, dtype=object))
    check_classifier(str(file))
    np.save(file, np.array({"keys": []}, dtype=object))
    with pytest.raises(ValueError, match=r"no suite2p classifier: it lacks iscell, stats"):
        check_classifier(str(file))
    file.write_text("not numpy")
    with pytest.raises(ValueError, match=r"classifier\.npy is no suite2p classifier \("):
        check_classifier(str(file))


class Bait:
    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (str(self.file),)


def test_a_classifier_that_would_run_code_is_refused_and_does_not(tmp_path):
    file = tmp_path / "classifier.npy"
    values = {"keys": Bait(tmp_path / "caught"), "stats": [], "iscell": []}
    np.save(file, np.array(values, dtype=object))
    with pytest.raises(ValueError, match=r"no suite2p classifier \(it refers to .*mkdir"):
        check_classifier(str(file))
    assert not (tmp_path / "caught").exists()


def test_suite2ps_own_classifier_is_one():
    spec = importlib.util.find_spec("suite2p")
    own = list(Path(spec.origin).parent.rglob("classifier.npy"))
    assert own
    for file in own:
        check_classifier(str(file))


def test_paths_are_rewritten_wherever_they_stand(tmp_path):
    values = {
        "reg_file": "/s/suite2p.building/plane0/data.bin",
        "data_path": ["/s/suite2p.building"],
        "io": {"path": "/s/suite2p.building/x"},
        "file_list": ["/raw/a.tif"],
        "meanImg": np.arange(4),
    }
    np.save(tmp_path / "ops.npy", np.array(values, dtype=object))
    suite2p_child._move_paths(tmp_path / "ops.npy", "/s/suite2p.building", "/s/suite2p")
    moved = np.load(tmp_path / "ops.npy", allow_pickle=True).item()
    assert moved["reg_file"] == "/s/suite2p/plane0/data.bin"
    assert moved["data_path"] == ["/s/suite2p"]
    assert moved["io"] == {"path": "/s/suite2p/x"}
    assert moved["file_list"] == ["/raw/a.tif"]
    assert moved["meanImg"].tolist() == [0, 1, 2, 3]
