"""Standard streams that were closed (``>&-``), and what child processes inherit."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

_LIFELINE = "TPDECODE_LIFELINE"
_GRACE_S = 30.0


def open_standard_streams() -> None:
    """Let closed standard streams lead nowhere, so that a command runs to its end without them.

    Were their descriptors left free, the next files to be opened would get them, and whatever
    a library prints would be written into a result.
    """
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free one is taken: this one, as those below it are open.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            stream = os.fdopen(descriptor, mode, encoding="utf-8", closefd=False)
            setattr(sys, name, stream)


def keep_modules_from_here_out() -> None:
    """Have Python processes that this one starts import no module from the current folder.

    They are started with ``-m`` or ``-c``, which puts the current folder before all others:
    a ``numpy.py`` in a session would run.
    """
    os.environ["PYTHONSAFEPATH"] = "1"


def end_with_whoever_started_this() -> None:
    """Where standard input is a lifeline, end as by Ctrl-C when it closes.

    A batch starts its sessions so: when it is stopped, or killed, they end too.
    """
    if os.environ.pop(_LIFELINE, ""):
        threading.Thread(target=_hold_on, daemon=True).start()


def _hold_on() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_GRACE_S)
    os._exit(1)
