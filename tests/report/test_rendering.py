"""Figures are drawn in their order, and Ctrl-C ends that."""

import os
import signal
import subprocess
import sys
import time

import pytest
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas.drawing import Drawing, render
from twophoton_decode.figures.canvas.rendering import render_all


def blank(name):
    figure = Figure(figsize=(1, 1), layout="constrained")
    figure.subplots().set_title(name)
    return Drawing(name, figure, f"caption of {name}", {"inches": [1.0]})


def test_every_figure_is_drawn_in_its_place_and_reported():
    reported = []
    drawn = render_all([blank(each) for each in "abc"], lambda *given: reported.append(given))
    assert [each.name for each in drawn] == ["a", "b", "c"]
    assert [each.caption for each in drawn] == [f"caption of {each}" for each in "abc"]
    assert [dict(each.files) for each in drawn] == [render(blank(each)) for each in "abc"]
    assert [done for done, _, _ in reported] == [0, 1, 2, 3]
    assert render_all([]) == []


SCRIPT = """
from matplotlib.figure import Figure
from twophoton_decode.cli.console import Console
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.rendering import render_all
try:
    with Console(-1) as console:
        drawings = [Drawing(str(i), Figure(figsize=(1, 1)), "") for i in range(2000)]
        print("drawing", flush=True)
        render_all(drawings, console.progress)
except KeyboardInterrupt:
    raise SystemExit(130) from None
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals there")
@pytest.mark.parametrize("wait", [0.0, 1.1])
def test_ctrl_c_ends_a_command_that_draws(wait):
    """In the middle of a picture it can come out as an error of zlib's, or be lost."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "drawing\n"
    time.sleep(wait)
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=240)
    assert (process.returncode, error) == (130, "")
