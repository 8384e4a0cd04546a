"""The process that suite2p runs in: started, followed line by line, and never left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import site
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from twophoton_decode.errors import ExtractionError
from twophoton_decode.extraction.suite2p.child import REFUSED
from twophoton_decode.progress import Progress, silent

_CHILD = Path(__file__).with_name("child.py")
_PACKAGES = Path(__file__).parents[3]
_STAGE = re.compile(r"----------- ([A-Z ]+)$")
_BATCH = re.compile(r"\|\s*(\d+)/(\d+) \[")
_STAGES = {
    "REGISTRATION": "motion correction",
    "ROI DETECTION": "ROI detection",
    "EXTRACTION": "fluorescence extraction",
    "SPIKE DECONVOLUTION": "deconvolution",
    "ROI CLASSIFICATION": "classification",
}
_MEMORY = ("MemoryError", "can't allocate memory", "Unable to allocate", "out of memory")


class Suite2pProcess:
    """suite2p, importing itself as soon as this exists and waiting for its job.

    A context manager: leaving it, by whatever way, ends the process and its children and
    removes the home it had.

    Parameters
    ----------
    log : Path
        File for what suite2p prints.
    scratch : Path
        Folder for suite2p's home directory and caches.
    classifier : str
        A file that the process looks at as soon as it can; empty for suite2p's own.
    device : str
        ``cpu`` or ``cuda``, looked for as well.
    """

    def __init__(
        self, log: Path, scratch: Path, *, classifier: str = "", device: str = "cpu"
    ) -> None:
        self._log = log
        self._home = scratch.resolve() / "suite2p-home"
        self._last = ""
        log.parent.mkdir(parents=True, exist_ok=True)
        # Not written through, should it be a link.
        log.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-u", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(self._home),
            # matplotlib and others look for their settings where they are started.
            cwd=self._home,
            # Its own session: Ctrl-C reaches the parent, which ends the child in order.
            start_new_session=os.name == "posix",
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._tell({"classifier": classifier, "device": device})

    def __enter__(self) -> Suite2pProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._kill()
        for pipe in (self._process.stdout, self._process.stdin):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]
        shutil.rmtree(self._home, ignore_errors=True)

    def _kill(self) -> None:
        """End the process and what it started."""
        # It may end by itself in this very moment.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()

    def run(self, job: dict[str, Any], progress: Progress) -> None:
        """Hand over the job and wait until it is done; `ExtractionError` if it fails."""
        self._tell(job)
        self._end(progress)

    def check(self) -> None:
        """`ExtractionError` if the process has ended before it was given its job."""
        if self._process.poll() is not None:
            self._end(silent)

    def _tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin
        # If it died while it was importing suite2p, the log says why.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()

    def _end(self, progress: Progress) -> None:
        self._follow(progress)
        code = self._process.wait()
        if code != 0:
            raise ExtractionError(f"{_reason(code, self._last)} suite2p's log: {self._log}")

    def _follow(self, progress: Progress) -> None:
        """Write every line to the log, and report stages and batches."""
        assert self._process.stdout
        stage = "starting suite2p"
        progress(0, 1, stage)
        with self._log.open("w", encoding="utf-8") as log:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                self._last = line.strip() or self._last
                if found := _STAGE.search(line.rstrip()):
                    progress(1, 1, stage)
                    stage = _STAGES.get(found[1], stage)
                    progress(0, 1, stage)
                elif batch := _BATCH.search(line):
                    progress(int(batch[1]), int(batch[2]), stage)
        progress(1, 1, stage)


def _environment(home: Path) -> dict[str, str]:
    """The parent's environment with a home of its own, so that nothing lands in the user's."""
    _make_empty(home)
    private = {
        "HOME": home,
        "USERPROFILE": home,
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "config",
        "MPLCONFIGDIR": home / "matplotlib",
        "CELLPOSE_LOCAL_MODELS_PATH": home / "cellpose",
        # Packages installed for the user alone are found through the home directory.
        "PYTHONUSERBASE": site.getuserbase(),
        # The child uses the same copy of this package, however the parent came to it.
        "PYTHONPATH": os.pathsep.join([str(_PACKAGES), *_named_paths()]),
        # Nor does anything that it starts import modules from the current folder.
        "PYTHONSAFEPATH": "1",
        "MPLBACKEND": "agg",
        "PYTHONIOENCODING": "utf-8",
    }
    return os.environ | {name: str(value) for name, value in private.items()}


def _make_empty(home: Path) -> None:
    """Make the home anew: suite2p and numba would unpickle what they find in it."""
    if home.is_symlink():
        home.unlink()
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700)
    (home / "matplotlib").mkdir()


def _named_paths() -> list[str]:
    """The folders in the user's PYTHONPATH; an empty one would mean the current folder."""
    given = os.getenv("PYTHONPATH", "").split(os.pathsep)
    return [os.path.abspath(each) for each in given if each]


def _reason(code: int, last: str) -> str:
    """Why suite2p failed, in plain words."""
    if code == REFUSED:
        return last
    if "no ROIs" in last:
        return (
            "suite2p found no cells. Look at the movie: are cells visible, and do they flicker? If "
            "so, lower threshold_scaling in [extraction] (to 0.7, say), and check frame_rate_hz "
            f"and indicator_decay_s. suite2p said: {last}."
        )
    if "No space left" in last:
        return f"the disk is full. Make room and run again. suite2p said: {last}."
    if code == -getattr(signal, "SIGKILL", 9) or any(sign in last for sign in _MEMORY):
        return (
            "suite2p was stopped, most likely because memory ran out. Close other programs, lower "
            "memory_gb in [extraction] if ROIs were being detected and batch_frames if traces were "
            "being extracted, or use a larger machine. What has been done is kept. Its last line: "
            f"{last}."
        )
    return f"suite2p failed with exit code {code}: {last}."
