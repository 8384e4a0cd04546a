"""Figures drawn by workers are those drawn here, and nothing of a worker outlives its work."""

import os
import signal
import subprocess
import sys
import time

import pytest
from joblib.externals.loky.backend.queues import Queue
from joblib.externals.loky.process_executor import _ExecutorManagerThread
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import rendering
from twophoton_decode.figures.canvas.drawing import Drawing, render
from twophoton_decode.figures.canvas.rendering import render_all

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no workers there")


def blank(name, inches=1.0):
    figure = Figure(figsize=(inches, 1), layout="constrained")
    figure.subplots().set_title(name)
    return Drawing(name, figure, f"caption of {name}", {"inches": [inches]})


NAMES = ("a", "b", "c", "d")


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(rendering, "cpu_count", lambda: 2)


@pytest.fixture
def one_core(monkeypatch):
    monkeypatch.setattr(rendering, "cpu_count", lambda: 1)


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition()


def workers():
    return list(rendering._workers(os.getpid())._processes)


def test_workers_draw_the_same_bytes_in_the_same_order(two_cores):
    reported = []
    drawn = render_all([blank(each) for each in NAMES], lambda *given: reported.append(given))
    assert [each.name for each in drawn] == list(NAMES)
    assert [each.caption for each in drawn] == [f"caption of {each}" for each in NAMES]
    assert [dict(each.files) for each in drawn] == [render(blank(each)) for each in NAMES]
    assert reported[-1] == (4, 4, "figures drawn")
    alive = workers()
    assert len(alive) == 1
    render_all([blank(each) for each in NAMES])
    assert workers() == alive


@pytest.mark.parametrize("count", [0, 1, 3])
def test_one_core_draws_here(one_core, monkeypatch, count):
    monkeypatch.setattr(rendering, "ProcessPoolExecutor", None)
    drawn = render_all([blank(each) for each in NAMES[:count]])
    assert [dict(each.files) for each in drawn] == [render(blank(each)) for each in NAMES[:count]]


def test_one_figure_is_drawn_here(two_cores, monkeypatch):
    monkeypatch.setattr(rendering, "_Handing", None)
    assert dict(render_all([blank("a")])[0].files) == render(blank("a"))


def test_where_no_worker_can_be_started_all_is_drawn_here(two_cores, monkeypatch):
    def none(process):
        raise OSError("no semaphores")

    none.cache_clear = lambda: None
    monkeypatch.setattr(rendering, "_workers", none)
    drawn = render_all([blank(each) for each in NAMES])
    assert [dict(each.files) for each in drawn] == [render(blank(each)) for each in NAMES]


@pytest.mark.parametrize("bad", range(3))
def test_an_error_comes_out_as_it_is_wherever_it_happens(two_cores, bad):
    drawings = [blank(each) for each in "abc"]
    drawings[bad].figure.set_size_inches(1e5, 1e5)
    with pytest.raises(ValueError, match="too large"):
        render_all(drawings)
    assert len(render_all([blank(each) for each in NAMES])) == 4


def test_a_killed_worker_leaves_no_gap(two_cores):
    drawings = [blank(each) for each in NAMES]
    render_all(drawings[:2])
    for process in workers():
        os.kill(process, signal.SIGKILL)
    drawn = render_all([blank(each) for each in NAMES])
    assert [dict(each.files) for each in drawn] == [render(blank(each)) for each in NAMES]


# No guard of __main__: scripts have none.
SCRIPT = """
import os, time
from matplotlib.figure import Figure
from twophoton_decode.figures.canvas import rendering
from twophoton_decode.figures.canvas.drawing import Drawing
rendering.cpu_count = lambda: 2
def say(done, total, what):
    pool = rendering._workers(os.getpid())
    if done == 0 and pool._processes:
        print(*pool._processes, flush=True)
try:
    for again in range(REPEATS):
        drawings = [Drawing(str(i), Figure(figsize=(1, 1)), "") for i in range(4)]
        drawn = rendering.render_all(drawings, say if again == 0 else lambda *given: None)
    print("drawn", len(drawn), flush=True)
except KeyboardInterrupt:
    raise SystemExit(130) from None
"""


def started(repeats):
    """A script that draws, and its workers' ids."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.replace("REPEATS", str(repeats))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    return process, [int(each) for each in process.stdout.readline().split()]


def test_a_script_without_a_guard_ends_with_its_workers():
    process, ids = started(repeats=1)
    output, error = process.communicate(timeout=60)
    assert (process.returncode, output.splitlines()[-1], error) == (0, "drawn 4", "")
    assert ids
    assert not any(is_alive(each) for each in ids)


@pytest.mark.parametrize("wait", [0.0, 2.5])
def test_ctrl_c_reaches_the_terminals_processes_and_no_worker_speaks(wait):
    """As a terminal sends it: to all of them, as workers start and as they draw."""
    process, ids = started(repeats=1000)
    time.sleep(wait)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (130, "")
    assert ids
    wait_until(lambda: not any(is_alive(each) for each in ids))


def test_a_stop_before_the_pool_has_passed_a_figure_on_is_silent(two_cores, monkeypatch):
    """The pool's thread would die of a KeyError, which pytest tells as a warning: an error."""
    render_all([blank(each) for each in NAMES])
    wait = _ExecutorManagerThread.wait_result_broken_or_wakeup

    def late(self):
        woken = wait(self)
        time.sleep(0.3)
        return woken

    monkeypatch.setattr(_ExecutorManagerThread, "wait_result_broken_or_wakeup", late)
    # The thread already waits, in the method as it was: these wake it, and it comes back late.
    render_all([blank(each) for each in NAMES[:2]])
    handing = rendering._Handing([blank(each) for each in NAMES])
    handing.start()
    ids = workers()
    assert ids
    handing.stop()
    wait_until(lambda: not any(is_alive(each) for each in ids))
    assert len(render_all([blank(each) for each in NAMES])) == 4


def test_a_stop_waits_for_the_thread_that_feeds_the_workers(two_cores, monkeypatch):
    """It gives semaphores back; ending with the process, it would leave one to a warning."""
    feed = Queue._feed

    def late(*given):
        feed(*given)
        time.sleep(0.3)

    monkeypatch.setattr(Queue, "_feed", staticmethod(late))
    rendering._workers.cache_clear()
    handing = rendering._Handing([blank(each) for each in NAMES])
    handing.start()
    wait_until(lambda: handing._pool._call_queue._thread is not None)
    feeder = handing._pool._call_queue._thread
    handing.stop()
    assert not feeder.is_alive()


def test_workers_of_a_killed_process_end_by_themselves():
    process, ids = started(repeats=1000)
    time.sleep(2.5)
    assert ids
    assert all(is_alive(each) for each in ids)
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: not any(is_alive(each) for each in ids))
