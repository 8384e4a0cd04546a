"""Ctrl-C waits until a picture is drawn, and no longer than the user wants."""

import signal
import threading

import pytest
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import drawing
from twophoton_decode.figures.canvas.interrupts import interrupts_held


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


def held(*steps):
    with interrupts_held():
        for step in steps:
            step()


def test_ctrl_c_takes_effect_at_the_end():
    done = []
    with pytest.raises(KeyboardInterrupt):
        held(ctrl_c, lambda: done.append("all"))
    assert done == ["all"]
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_pressed_again_it_takes_effect_at_once():
    done = []
    with pytest.raises(KeyboardInterrupt):
        held(ctrl_c, lambda: done.append("a part"), ctrl_c, lambda: done.append("all"))
    assert done == ["a part"]
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_an_error_while_it_waits_does_not_hide_it():
    with pytest.raises(KeyboardInterrupt) as interrupted:
        held(ctrl_c, {}.popitem)
    assert isinstance(interrupted.value.__context__, KeyError)


def test_without_ctrl_c_nothing_happens_and_the_handler_is_back():
    before = signal.getsignal(signal.SIGINT)
    with interrupts_held():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_ignored_interrupts_stay_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_held():
            ctrl_c()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_draws_too():
    drawn = []
    figure = drawing.Drawing("a", Figure(figsize=(1, 1)), "")
    thread = threading.Thread(target=lambda: drawn.append(drawing.render(figure)))
    thread.start()
    thread.join()
    assert set(drawn[0]) == {"pdf", "svg", "png", "csv"}


def test_a_picture_is_drawn_to_its_end(monkeypatch):
    drawn = []
    figure = Figure(figsize=(1, 1))
    savefig = figure.savefig

    def interrupted(*given, **options):
        ctrl_c()
        savefig(*given, **options)
        drawn.append(options["format"])

    monkeypatch.setattr(figure, "savefig", interrupted)
    with pytest.raises(KeyboardInterrupt):
        drawing.render(drawing.Drawing("a", figure, ""))
    assert drawn == ["pdf"]
