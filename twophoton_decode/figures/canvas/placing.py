"""Axes and text at places given in inches from the lower left corner of a figure."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure


def axes_at(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes that fill a rectangle given in inches."""
    wide, tall = figure.get_size_inches()
    return figure.add_axes((left / wide, bottom / tall, width / wide, height / tall))


def text_at(figure: Figure, left: float, bottom: float, text: str, **options: Any) -> None:
    """Text at a place given in inches; a dollar sign in a file name starts no formula."""
    wide, tall = figure.get_size_inches()
    figure.text(left / wide, bottom / tall, text, parse_math=False, **options)
