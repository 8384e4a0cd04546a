"""The program's commands in processes of their own, forked from one that has loaded everything."""

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass

from twophoton_decode.cli.main import main
from twophoton_decode.figures.canvas import drawing

PATIENCE_S = 300
INTERRUPTED = 130
BLANK = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>',
    "pdf": b"%PDF-1.4",
    "png": b"\x89PNG\r\n\x1a\n",
}
_MOST_CORES = "LOKY_MAX_CPU_COUNT"


@dataclass(frozen=True)
class Ended:
    """Exit code (negative: the signal that ended it; None: it hung), text, and seconds."""

    code: int | None
    text: str
    seconds: float

    @property
    def in_words(self):
        """Whether it came to an end that a user can understand."""
        known = self.code in (0, 1, 2, INTERRUPTED)
        return known and "Traceback" not in self.text and "unexpected error" not in self.text


def command(*arguments, after_s=None, number=signal.SIGKILL, patience_s=PATIENCE_S):
    """Run ``tpdecode`` with `arguments`; send it the signal `number` when `after_s` have passed.

    After `patience_s` it is ended, without an exit code.
    """
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = os.fork()
        if not process:
            _child(said, [str(each) for each in arguments])
        code = _waited(process, began, after_s, number, patience_s)
        said.seek(0)
        return Ended(code, said.read().decode(errors="replace"), time.monotonic() - began)


def _child(said, arguments):
    """The forked process, a group of its own, which never returns."""
    code = 70
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", 0, closefd=False), write_through=True)
        sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", 0, closefd=False), write_through=True)
        sys.argv = ["tpdecode", *arguments]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def _waited(process, began, after_s, number, patience_s):
    sent = after_s is None
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            _end_group(process)
            return os.waitstatus_to_exitcode(status)
        passed = time.monotonic() - began
        if not sent and passed >= after_s:
            sent = True
            os.kill(process, number)
        if passed > patience_s:
            _end_group(process)
            os.waitpid(process, 0)
            return None
        time.sleep(0.005)


def _end_group(process):
    """End what the process has left behind, such as suite2p's own process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def leave_figures_blank():
    """Write an empty picture in place of each figure, with its table as it is.

    Drawing is most of a tiny session's time; its code reads no file and decides nothing.
    """
    drawing.make_plain = drawing._arrange = lambda figure: None
    drawing._saved = lambda figure, kind: BLANK[kind]
    # On one core no worker process draws, which would not know of this.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def warm(*arguments):
    """Run ``tpdecode`` in this very process, so that what it loads is there for all forks.

    Figures are drawn without workers: forks would take this process's pool for their own.
    """
    before, sys.argv = sys.argv, ["tpdecode", *map(str, arguments)]
    cores = os.environ.get(_MOST_CORES)
    os.environ[_MOST_CORES] = "1"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise RuntimeError(f"{' '.join(sys.argv)} ended with {end.code}") from end
        finally:
            sys.argv = before
            os.environ.pop(_MOST_CORES)
            if cores is not None:
                os.environ[_MOST_CORES] = cores
