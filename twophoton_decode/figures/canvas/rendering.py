"""Figures to files, one after another."""

from __future__ import annotations

from collections.abc import Sequence

from twophoton_decode.figures.canvas.drawing import Drawing, Shown, render
from twophoton_decode.progress import Progress, silent


def render_all(drawings: Sequence[Drawing], progress: Progress = silent) -> list[Shown]:
    """The bytes of every figure, as `render` makes them, in the same order."""
    shown = []
    for place, drawing in enumerate(drawings):
        progress(place, len(drawings), "figures drawn")
        shown.append(Shown(drawing.name, drawing.caption, render(drawing)))
    progress(len(drawings), len(drawings), "figures drawn")
    return shown
