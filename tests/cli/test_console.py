"""Ctrl-C ends a command also where Python loses it on the way."""

import signal
import sys

import pytest

from twophoton_decode.cli.console import Console


class Interrupted:
    """Python drops every exception of a destructor, with a traceback of its own."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


class Broken:
    def __del__(self):
        raise ValueError("a destructor's own error")


def run(*steps):
    """What `steps`, given the console, did before they were interrupted."""
    done = []
    with Console(-1) as console:
        for step in steps:
            step(console)
            done.append(step)
    return done


def interrupt(console):
    Interrupted()


def fail(console):
    raise SystemError("returned a result with an exception set")


REPORTS = {
    "a line": lambda console: console.say("done"),
    "progress": lambda console: console.progress(1, 2, "frames"),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_lost_ctrl_c_takes_effect_with_the_next_report(report):
    assert run(report) == [report]
    with pytest.raises(KeyboardInterrupt):
        run(interrupt, report)


def test_an_error_that_ctrl_c_became_is_ctrl_c():
    with pytest.raises(KeyboardInterrupt):
        run(interrupt, fail)
    with pytest.raises(SystemError, match="exception set"):
        run(fail)


def test_a_lost_ctrl_c_leaves_no_traceback(capsys):
    run(interrupt)
    assert capsys.readouterr().err == ""


def test_other_errors_of_destructors_are_told(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: told.append(given.exc_type))
    run(interrupt, lambda console: Broken())
    assert told == [ValueError]


def test_what_was_done_before_ctrl_c_took_effect_is_done():
    assert run(interrupt) == [interrupt]


def test_ctrl_c_is_as_before_afterwards():
    before = signal.getsignal(signal.SIGINT), sys.unraisablehook
    run()
    with pytest.raises(SystemError):
        run(fail)
    assert (signal.getsignal(signal.SIGINT), sys.unraisablehook) == before


def test_ignored_interrupts_stay_ignored():
    """As under nohup or in a script's background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(lambda console: signal.raise_signal(signal.SIGINT), REPORTS["progress"])
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
