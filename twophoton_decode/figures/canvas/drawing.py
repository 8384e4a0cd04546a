"""A figure with the numbers it shows and the sentence that says what is seen."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import Bbox

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.figure_text import make_plain
from twophoton_decode.figures.canvas.table_text import plain_cell
from twophoton_decode.records.table import Table

PNG_DPI: Final = 300
_PLACES: Final = 6
"""Decimals of a place in a figure, as shares of its sides."""

# Dates and version numbers would make two files of one figure differ.
_METADATA: Final[dict[str, dict[str, None]]] = {
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class Drawing:
    """A figure, the table of what it draws, and its caption.

    Parameters
    ----------
    name : str
        Stem of its files, such as ``cell_count_ridge``.
    figure : Figure
        Made with matplotlib's objects; pyplot's global state is never touched.
    table : mapping of column name to values
        What is drawn, as CSV: a row a cell, an image, or whatever a panel counts.
    caption : str
        What is seen, computed from the numbers.
    more : mapping of name to table
        What is drawn and has other rows: a CSV of its own for each, ``NAME.images.csv``.
    """

    name: str
    figure: Figure
    caption: str
    table: Table = field(default_factory=dict)
    more: Mapping[str, Table] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """A figure as it lies in its files: name, caption, and the bytes of `render` by kind.

    `beside` are kinds of files that are there and were not read.
    """

    name: str
    caption: str
    files: Mapping[str, bytes]
    beside: tuple[str, ...] = ()


def render(drawing: Drawing) -> dict[str, bytes]:
    """The bytes of the figure as ``pdf``, ``svg`` and ``png``, and of its tables as ``csv``.

    The same drawing gives the same bytes, today and tomorrow. Names are drawn as they are,
    see `make_plain`.
    """
    with style.applied():
        files = figure_files(drawing.figure, tuple(_METADATA))
    more = {f"{name}.csv": table_csv(table) for name, table in drawing.more.items()}
    return {**files, "csv": table_csv(drawing.table), **more}


def figure_files(figure: Figure, kinds: Sequence[str]) -> dict[str, bytes]:
    """The bytes of a figure as ``pdf``, ``svg`` or ``png``; call it within the style."""
    with warnings.catch_warnings():
        # A name in letters that the font lacks is drawn as boxes; the CSV has it in full.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        make_plain(figure)
        _arrange(figure)
        return {kind: _saved(figure, kind) for kind in kinds}


def table_csv(table: Table) -> bytes:
    """`table` as UTF-8 CSV with a header; NaN is an empty cell. Columns are equally long.

    Numbers stay numbers. A text that a spreadsheet would take for a formula gets an apostrophe
    in front, see `plain_cell`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([plain_cell(name) for name in table])
    for row in zip(*table.values(), strict=True):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, str):
        return plain_cell(value)
    return "" if value != value else value


def _arrange(figure: Figure) -> None:
    """Give the axes their places, once, so that the three pictures are the same to the hair."""
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    # None rather than "none": a placeholder would have every picture drawn twice.
    figure.set_layout_engine(None)
    if figure.subfigs:
        _round_places(figure)


def _round_places(figure: Figure) -> None:
    """Round the places of nested parts, whose last digits differ from one solution to the next."""
    for part in figure.findobj(SubFigure):
        if isinstance(part, SubFigure):
            part.bbox_relative.set_points(np.round(part.bbox_relative.get_points(), _PLACES))
    for axes in figure.findobj(Axes):
        if isinstance(axes, Axes):
            axes.set_position(Bbox(np.round(axes.get_position().get_points(), _PLACES)))


def _saved(figure: Figure, kind: str) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=PNG_DPI, metadata=_METADATA[kind])
    return stream.getvalue()
