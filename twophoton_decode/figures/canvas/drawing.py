"""A figure with the numbers it shows and the sentence that says what is seen."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.figure_text import make_plain
from twophoton_decode.figures.canvas.table_text import plain_cell
from twophoton_decode.records.table import Column, Table

PNG_DPI: Final = 300

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
        What is drawn, as CSV; shorter columns end in empty cells.
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
    with style.applied(), warnings.catch_warnings():
        # A name in letters that the font lacks is drawn as boxes; the CSV has it in full.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        make_plain(drawing.figure)
        _arrange(drawing.figure)
        files = {kind: _saved(drawing.figure, kind) for kind in _METADATA}
    more = {f"{name}.csv": table_csv(table) for name, table in drawing.more.items()}
    return {**files, "csv": table_csv(drawing.table), **more}


def table_csv(table: Table) -> bytes:
    """`table` as UTF-8 CSV with a header; NaN and missing values are empty cells.

    Numbers stay numbers. A text that a spreadsheet would take for a formula gets an apostrophe
    in front, see `plain_cell`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([plain_cell(name) for name in table])
    length = max((len(column) for column in table.values()), default=0)
    for row in range(length):
        writer.writerow([_cell(column, row) for column in table.values()])
    return text.getvalue().encode()


def _cell(column: Column, row: int) -> Any:
    if row >= len(column):
        return ""
    value = column[row]
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


def _saved(figure: Figure, kind: str) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=PNG_DPI, metadata=_METADATA[kind])
    return stream.getvalue()
