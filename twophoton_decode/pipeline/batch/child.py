"""One session of a batch in a process of its own, so that what fails there fails alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from twophoton_decode.pipeline.batch.outcome import Outcome, State

LIFELINE = "TPDECODE_LIFELINE"
"""Set where standard input is the pipe by which a process learns that it should end."""
_INTERRUPTED = 130
GRACE_S = 30.0
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_running: set[subprocess.Popen[str]] = set()
_stopped = threading.Event()


@dataclass(frozen=True)
class Job:
    """What is asked of a session.

    Attributes
    ----------
    session : str
        Its folder, an absolute path.
    arguments : tuple of str
        More arguments of ``tpdecode run``.
    threads : int
        That the process may use; 0: as many as it likes.
    """

    session: str
    arguments: tuple[str, ...] = ()
    threads: int = 0


def work_through(job: Job, tell: Callable[[str], None]) -> Outcome:
    """Run every stage of a session that is not fresh.

    Parameters
    ----------
    job : Job
    tell : callable
        Gets each line that the process prints.

    Returns
    -------
    Outcome
        Without a result where it is done: whoever asked reads that from the session.
    """
    begun = time.monotonic()
    if _stopped.is_set():
        return Outcome(job.session, "interrupted", 0.0, "not begun")
    last: deque[str] = deque(maxlen=1)
    process = subprocess.Popen(
        _command(job),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(job.threads),
        # Its own session: Ctrl-C reaches whoever asked, and from there the lifeline.
        start_new_session=os.name == "posix",
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    _running.add(process)
    try:
        assert process.stdout
        for line in process.stdout:
            if line.strip():
                last.append(line.strip())
                tell(line.rstrip())
        code = process.wait()
    finally:
        _running.discard(process)
        _end(process)
        process.stdout.close()  # type: ignore[union-attr]
    state, result = _became(code, last.pop() if last else "")
    return Outcome(job.session, state, time.monotonic() - begun, result)


def stop_all() -> None:
    """Have every session that this process works on end as by Ctrl-C, and begin no other."""
    _stopped.set()
    for process in tuple(_running):
        _cut(process)
        timer = threading.Timer(GRACE_S, _end, [process])
        timer.daemon = True
        timer.start()


def may_begin() -> None:
    """Take back `stop_all`, for a new batch of the same process."""
    _stopped.clear()


def _command(job: Job) -> list[str]:
    run = ["-m", "twophoton_decode", "run", job.session]
    return [sys.executable, "-P", "-u", *run, *job.arguments]


def _environment(threads: int) -> dict[str, str]:
    limits = dict.fromkeys(_THREADS, str(threads)) if threads else {}
    return os.environ | limits | {LIFELINE: "stdin", "PYTHONIOENCODING": "utf-8"}


def _cut(process: subprocess.Popen[str]) -> None:
    """Close the pipe that says that somebody still waits for the process."""
    with contextlib.suppress(OSError):
        process.stdin.close()  # type: ignore[union-attr]


def _end(process: subprocess.Popen[str]) -> None:
    """Let nothing of the process live on."""
    _cut(process)
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _became(code: int, last: str) -> tuple[State, str]:
    """State and what to say of it, from the exit code and the last line."""
    if code == 0:
        return "done", ""
    if code == _INTERRUPTED or _stopped.is_set():
        return "interrupted", "finished stages are kept"
    if code == -getattr(signal, "SIGKILL", 9):
        return "failed", (
            "it was killed, most likely because memory ran out: use fewer workers, or lower "
            "memory_gb in [extraction]. Finished stages are kept"
        )
    return "failed", last or f"exit code {code}"
