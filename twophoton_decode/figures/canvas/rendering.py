"""Several figures at a time: this process draws, and so do workers beside it."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any, Final

from joblib import cpu_count
from joblib.externals.loky import ProcessPoolExecutor

from twophoton_decode.figures.canvas.drawing import Drawing, Shown, render
from twophoton_decode.figures.canvas.interrupts import interrupts_held
from twophoton_decode.progress import Progress, silent

# A stage draws a handful of figures; a worker takes a second to start and 150 MB.
MOST_WORKERS: Final = 3
_IDLE_S: Final = 60.0
# The pool's thread needs about a millisecond; were it dead, nobody would wait longer than this.
_PASSING_ON_S: Final = 5.0
_FEEDER_S: Final = 1.0

# No process or semaphore to be had, or a worker that was killed.
_NO_WORKERS: Final = (OSError, ImportError, BrokenProcessPool)

Files = dict[str, bytes]


def render_all(drawings: Sequence[Drawing], progress: Progress = silent) -> list[Shown]:
    """The bytes of every figure, as `render` makes them, in the same order.

    Where there are several figures and several cores, workers draw some of them; they stay
    alive for a minute, for the figures of the next stage.
    """
    several = len(drawings) > 1 and _workers_wanted() > 0
    files = _side_by_side(drawings, progress) if several else _in_turn(drawings, progress)
    return [Shown(d.name, d.caption, each) for d, each in zip(drawings, files, strict=True)]


def _workers_wanted() -> int:
    """One less than the cores, as this process draws too; none within another's worker.

    Without signal masks (Windows) Ctrl-C would reach workers and make them speak.
    """
    alone = multiprocessing.current_process().name == "MainProcess"
    if not alone or not hasattr(signal, "pthread_sigmask"):
        return 0
    return min(cpu_count() - 1, MOST_WORKERS)


def _in_turn(drawings: Sequence[Drawing], progress: Progress) -> list[Files]:
    files = []
    for place, drawing in enumerate(drawings):
        progress(place, len(drawings), "figures drawn")
        files.append(render(drawing))
    progress(len(drawings), len(drawings), "figures drawn")
    return files


def _side_by_side(drawings: Sequence[Drawing], progress: Progress) -> list[Files]:
    """Workers take figures from the front, this process from the back, until they meet."""
    handing = _Handing(drawings)
    try:
        handing.start()
        here: dict[int, Files] = {}
        while (place := handing.take_last()) is not None:
            progress(handing.count_done() + len(here), len(drawings), "figures drawn")
            here[place] = render(drawings[place])
        there = {place: handing.result(place) for place in handing.given}
    except BaseException:
        # Above all Ctrl-C: whoever interrupts does not wait for figures.
        with interrupts_held():
            handing.stop()
        raise
    progress(len(drawings), len(drawings), "figures drawn")
    return [(here | there)[place] for place in range(len(drawings))]


class _Handing:
    """Figures that wait, and those that workers were given.

    A worker is given its next figure when it is done with one. Were all given at once, what
    lies in the queue could not be taken back by this process when it has nothing to do.
    """

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        self.drawings = drawings
        self.given: dict[int, Future[Files]] = {}
        self._waiting = deque(range(len(drawings)))
        # Workers are given more from a thread of the pool.
        self._lock = threading.Lock()
        self._pool: Any = None

    def start(self) -> None:
        """Give every worker a figure."""
        with interrupts_held(), suppress(*_NO_WORKERS):
            self._pool = _workers(os.getpid())
            # Started later, as the first worker is, it would set the mask of signals anew.
            resource_tracker.ensure_running()
            with _interrupts_masked():
                for _ in range(min(_workers_wanted(), len(self.drawings) - 1)):
                    self._give()

    def take_last(self) -> int | None:
        """The last figure that nobody has taken; none is handed out after the answer None."""
        with self._lock:
            return self._waiting.pop() if self._waiting else None

    def count_done(self) -> int:
        """How many figures workers have drawn."""
        with self._lock:
            return sum(each.done() for each in self.given.values())

    def result(self, place: int) -> Files:
        """What a worker drew; this process draws what a worker left behind as it died."""
        try:
            return self.given[place].result()
        except BrokenProcessPool:
            _workers.cache_clear()
            return render(self.drawings[place])

    def stop(self) -> None:
        """End the workers, whatever they are doing."""
        with self._lock:
            self._waiting.clear()
        _workers.cache_clear()
        if self._pool is not None:
            self._wait_until_passed_on()
            feeder = self._pool._call_queue._thread
            self._pool.shutdown(wait=True, kill_workers=True)
            # Loky does not wait for it. Ending with the process while it gives semaphores back,
            # it would leave one to a warning. A killed worker may have left it writing for ever.
            if feeder is not None:
                feeder.join(_FEEDER_S)

    def _wait_until_passed_on(self) -> None:
        """Wait, mostly not at all, until the pool's thread has passed on what it was given.

        Told to end before that, loky's thread (joblib 1.6) forgets the figure, then looks for it
        and dies of a KeyError, with a traceback.
        """
        end = time.monotonic() + _PASSING_ON_S
        while time.monotonic() < end:
            if all(each.running() or each.done() for each in self.given.values()):
                return
            time.sleep(0.001)

    def _give(self, _: object = None) -> None:
        with self._lock:
            if not self._waiting:
                return
            place = self._waiting[0]
            try:
                future = self._pool.submit(render, self.drawings[place])
            except _NO_WORKERS:
                # It waits on, for this process.
                _workers.cache_clear()
                return
            self.given[self._waiting.popleft()] = future
        future.add_done_callback(self._give)


@functools.lru_cache(maxsize=1)
def _workers(process: int) -> Any:
    """The workers of this process; those of a process that forked this one are not its own."""
    return ProcessPoolExecutor(
        _workers_wanted(), timeout=_IDLE_S, initializer=_leave_with, initargs=(process,)
    )


def _leave_with(parent: int) -> None:
    """Have this worker end with `parent`, even where that was killed and could not say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _interrupts_masked() -> Iterator[None]:
    """Ctrl-C never reaches the workers that start in this context.

    They inherit the mask and are ended by this process, without a traceback of their own.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
