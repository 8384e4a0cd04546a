"""Many sessions at a time: each for itself, its failure told, and all of them stopped in order."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from twophoton_decode.errors import SettingsError, UsageError
from twophoton_decode.pipeline.batch import child, clusters
from twophoton_decode.pipeline.batch.child import LIFELINE, Job
from twophoton_decode.pipeline.batch.clusters import described, here, job_cluster, scheduler_at
from twophoton_decode.pipeline.batch.outcome import Outcome, read_outcomes, write_outcomes
from twophoton_decode.pipeline.batch.planned import read_planned, read_shared
from twophoton_decode.pipeline.batch.work import Batch

SESSION = """
import os, signal, sys, threading
name = os.path.basename(sys.argv[1])
print(f"respond: done in 0.1 s by {os.environ['NUMBA_NUM_THREADS']} threads, {sys.argv[2:]}")
if name.startswith("bad"):
    sys.exit("MovieError: the movie is gone.")
if name.startswith("killed"):
    os.kill(os.getpid(), signal.SIGKILL)
if name.startswith("long"):
    from twophoton_decode.cli.streams import end_with_whoever_started_this
    end_with_whoever_started_this()
    try:
        threading.Event().wait(60)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.fixture(autouse=True)
def sessions_that_pretend(tmp_path, monkeypatch):
    """In place of `tpdecode run`, a script that does what the session's name says."""
    script = tmp_path / "pretend.py"
    script.write_text(SESSION)
    monkeypatch.setattr(
        child, "_command", lambda job: [sys.executable, "-u", script, job.session, *job.arguments]
    )


def worked(names, place, arguments=()):
    said = []
    jobs = [Job(f"/s/{name}", arguments, place.threads or 1) for name in names]
    work = Batch(jobs, place, lambda session, line: said.append((Path(session).name, line)))
    found = {Path(each.session).name: each for each in work.outcomes()}
    return found, said


def test_each_session_fails_for_itself():
    with here(2) as place:
        found, said = worked(["good", "bad", "killed", "good2"], place, ("--verify",))
    assert {name: each.state for name, each in found.items()} == {
        "good": "done", "bad": "failed", "killed": "failed", "good2": "done",
    }  # fmt: skip
    assert found["bad"].result == "MovieError: the movie is gone."
    assert "memory ran out: use fewer workers" in found["killed"].result
    assert found["good"].seconds > 0
    threads = max(1, clusters.cores() // 2)
    assert ("good", f"respond: done in 0.1 s by {threads} threads, ['--verify']") in said


def test_stopping_ends_what_runs_and_begins_nothing_more():
    with here(1) as place:
        begun = threading.Event()
        work = Batch(
            [Job("/s/long", (), 1), Job("/s/next", (), 1)], place, lambda *line: begun.set()
        )
        assert begun.wait(30)
        since = time.monotonic()
        work.stop()
        found = {Path(each.session).name: each for each in work.outcomes()}
    assert time.monotonic() - since < 20
    assert {name: each.state for name, each in found.items()} == {
        "long": "interrupted", "next": "interrupted",
    }  # fmt: skip
    assert found["long"].result == "finished stages are kept"
    assert found["next"].result == "not begun"


def test_a_stopped_batch_does_not_stop_the_next():
    with here(1) as place:
        Batch([], place, print).stop()
        found, _ = worked(["good"], place)
    assert found["good"].state == "done"


def test_sessions_end_with_a_batch_that_is_killed():
    code = (
        "from twophoton_decode.cli.streams import end_with_whoever_started_this as end\n"
        "import time; end(); print('begun', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=os.environ | {LIFELINE: "stdin"},
    )  # fmt: skip
    assert process.stdout.readline() == b"begun\n"
    process.stdin.close()
    assert process.wait(timeout=20) != 0
    process.stdout.close()


def test_workers_of_a_scheduler_that_runs_already():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None,
        protocol="tcp", silence_logs="error",
    ) as cluster, scheduler_at(cluster.scheduler_address) as place:  # fmt: skip
        assert place.told == f"1 at a time, by the workers of {cluster.scheduler_address}"
        found, _ = worked(["good", "bad"], place)
    assert {name: each.state for name, each in found.items()} == {"good": "done", "bad": "failed"}


def test_a_scheduler_without_workers_or_with_another_version(monkeypatch):
    from distributed import LocalCluster

    given = {"processes": False, "dashboard_address": None, "protocol": "tcp"}
    with LocalCluster(n_workers=0, silence_logs="error", **given) as cluster:
        with (
            pytest.raises(UsageError, match="no workers"),
            scheduler_at(cluster.scheduler_address),
        ):
            pass
        cluster.scale(1)
        cluster.wait_for_workers(1)
        monkeypatch.setattr(clusters, "_version", lambda: "0.0.1")
        with (
            pytest.raises(UsageError, match=r"run tpdecode 0\.0\.1, and this is"),
            scheduler_at(cluster.scheduler_address),
        ):
            pass


def test_nothing_answers(monkeypatch):
    monkeypatch.setattr(clusters, "_WAIT_S", 0.2)
    with (
        pytest.raises(UsageError, match="no Dask scheduler answers at tcp://127"),
        scheduler_at("tcp://127.0.0.1:9"),
    ):
        pass


SLURM = "cluster: slurm\njobs: 3\ncores: 4\nmemory: 16 GB\nwalltime: '08:00:00'\nqueue: cpu\n"


def test_the_job_of_a_queueing_system(tmp_path):
    file = tmp_path / "slurm.yaml"
    file.write_text(SLURM)
    with job_cluster(described(file)) as cluster:
        script = cluster.job_script()
    assert "#SBATCH -p cpu" in script
    assert "#SBATCH --cpus-per-task=4" in script
    assert "#SBATCH --mem=15G" in script
    assert "#SBATCH -t 08:00:00" in script
    # A worker takes one session at a time, which has all of the job's cores.
    assert "--nthreads 4" in script
    assert "--resources tpdecode-session=1" in script


def test_ctrl_c_stays_what_it_was():
    """dask-jobqueue sets handlers of its own as soon as it is imported."""
    code = (
        "import signal; before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]\n"
        "from twophoton_decode.pipeline.batch.clusters import job_cluster\n"
        "job_cluster({'cluster': 'slurm', 'cores': 1, 'memory': '1 GB'}).close()\n"
        "assert before == [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cluster: slurm\ncores: 4\n", "lacks memory"),
        ("cluster: cloud\ncores: 4\n", "with one of htcondor, lsf"),
        ("- 1\n", "expected a line `cluster: NAME`"),
        ("cluster: [", "cannot be read as YAML"),
        (SLURM.replace("cores: 4", "cores: four"), "cores = 'four'; expected a whole number"),
        (SLURM.replace("'08:00:00'", "12:00:00"), "walltime = 43200; put it in quotes"),
        (SLURM + "processes: 8", "8 processes have only 4 cores"),
        (SLURM + "worker_extra_args: --foo", "worker_extra_args = '--foo'; expected a list"),
        ("cluster: !!python/object/apply:os.system ['false']\n", "cannot be read as YAML"),
    ],
)
def test_cluster_files_that_cannot_be_used(tmp_path, text, said):
    file = tmp_path / "cluster.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        described(file)


# Its cluster complains of itself when it could not be made.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_key_that_dask_jobqueue_does_not_know(tmp_path):
    file = tmp_path / "cluster.yaml"
    file.write_text(SLURM + "partitions: cpu\n")
    with pytest.raises(UsageError, match=r"settings: it has no key partitions\.$"):
        job_cluster(described(file))


def test_the_table_of_outcomes_is_read_as_it_was_written(tmp_path):
    found = {
        "/s/a": Outcome("/s/a", "done", 12.5, 'R 0.4, "p" ≤ 1/1001'),
        "/s/b": Outcome("/s/b", "failed", 0.0, "MovieError: two\nlines"),
    }
    write_outcomes(tmp_path / "batch.csv", found)
    assert read_outcomes(tmp_path / "batch.csv") == found
    assert read_outcomes(tmp_path / "none.csv") == {}


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "session,state,seconds,result\n/s,gone,1,\n", "\0"])
def test_other_files_are_not_replaced(tmp_path, text):
    (tmp_path / "batch.csv").write_text(text)
    with pytest.raises(UsageError, match="is no table of `tpdecode batch`"):
        read_outcomes(tmp_path / "batch.csv")


def test_a_table_of_sessions(tmp_path):
    file = tmp_path / "sessions.csv"
    file.write_text(
        "session,Movie,log,images,mouse,frame_rate_hz,decoding.folds,notes\n"
        "m1,raw/a.tif; raw/b.tif;,a.csv,pictures,7,30,5,sleepy\n"
        "m2,/data/c.tif,,,,,,\n"
    )
    rows, unused = read_planned(file, {"decoding.folds": 8, "decoding.seed": 1})
    assert unused == ["notes"]
    first, second = rows
    assert first.session == tmp_path / "m1"
    assert first.movies == (f"{tmp_path}/raw/a.tif", f"{tmp_path}/raw/b.tif")
    assert first.source["log"] == str(tmp_path / "a.csv")
    assert first.source["images"] == str(tmp_path / "pictures")
    # A mouse may be called by a number; a row's own setting counts more than a shared one.
    assert first.settings == {
        "subject.mouse": "7", "recording.frame_rate_hz": 30, "decoding.folds": 5,
        "decoding.seed": 1,
    }  # fmt: skip
    assert second.movies == ("/data/c.tif",)
    assert second.settings == {"decoding.folds": 8, "decoding.seed": 1}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("movie\na.tif\n", UsageError, "expected a column session"),
        ("session,mouse\nm1,a\nm1,b\n", UsageError, "line 3: session m1 is named twice"),
        ("session,mouse\n,a\n", UsageError, "line 2: no session is named"),
        ("session,decoding.fold\nm1,5\n", SettingsError, "Did you mean decoding.folds?"),
        ("", UsageError, "this is no table of sessions"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, text, error, said):
    file = tmp_path / "sessions.csv"
    file.write_text(text)
    with pytest.raises(error, match=said):
        read_planned(file, {})
    with pytest.raises(UsageError, match="there is no such table"):
        read_planned(tmp_path / "none.csv", {})


def test_shared_settings(tmp_path):
    file = tmp_path / "defaults.toml"
    file.write_text("[recording]\nframe_rate_hz = 30\n[decoding]\nfolds = 5\n")
    assert read_shared(file) == {"recording.frame_rate_hz": 30, "decoding.folds": 5}
    file.write_text("folds = 5\n")
    with pytest.raises(SettingsError, match="folds stands outside of a section"):
        read_shared(file)
