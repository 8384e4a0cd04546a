"""A composed figure as files: both widths, each panel alone with its numbers, the caption."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from string import ascii_lowercase
from types import MappingProxyType
from typing import Any, Final

from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import figure_files, table_csv
from twophoton_decode.figures.publication.panels import (
    ONE_COLUMN_MM,
    TWO_COLUMNS_MM,
    Composed,
    alone,
    compose,
)
from twophoton_decode.visible import visible

KINDS: Final = ("pdf", "svg")


def publication_files(
    figure: Composed, own: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[tuple[str, bytes]]:
    """Every file of a figure, by its name.

    ``NAME.183mm.pdf`` and ``NAME.89mm.pdf`` have all panels; what does not fit on a page goes on
    in ``NAME.89mm_2.pdf``. ``NAME.b_conditions.pdf`` is panel b alone, ``.csv`` what it shows.

    Parameters
    ----------
    own : mapping of setting to value
        Of the user's style file.
    """
    with style.applied(own):
        for width in (TWO_COLUMNS_MM, ONE_COLUMN_MM):
            for page, drawn in enumerate(compose(figure, width), start=1):
                goes_on = f"_{page}" if page > 1 else ""
                yield from _drawn(f"{figure.name}.{width:.0f}mm{goes_on}", drawn)
        for letter, panel in zip(ascii_lowercase, figure.panels, strict=False):
            name = f"{figure.name}.{letter}_{panel.name}"
            yield from _drawn(name, alone(panel))
            yield f"{name}.csv", table_csv(panel.table)
    yield f"{figure.name}.txt", _caption(figure).encode()


def _drawn(name: str, figure: Figure) -> Iterator[tuple[str, bytes]]:
    for kind, data in figure_files(figure, KINDS).items():
        yield f"{name}.{kind}", data


def _caption(figure: Composed) -> str:
    """The panels by letter, then what is seen."""
    panels = zip(ascii_lowercase, figure.panels, strict=False)
    listed = "; ".join(f"{letter}, {panel.heading}" for letter, panel in panels)
    return textwrap.fill(visible(f"{listed}. {figure.caption}"), 100) + "\n"
