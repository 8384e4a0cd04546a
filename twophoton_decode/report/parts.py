"""What every page has below its answer: figures with their numbers, notes, settings, provenance."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import count as counting
from itertools import groupby
from typing import Any, Final

import numpy as np

from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.report.data.block import Group
from twophoton_decode.report.figure_pictures import grouped, page_figure, saved_tables
from twophoton_decode.report.words.sections import SectionWords

MOST_TABLE_BYTES: Final = 3_000_000
"""CSV of figures that the page holds at most, before deflating; the others lie in figures/."""

Section = tuple[str, Sequence[Shown]]
Setting = tuple[str, str, Any, str]


def page_parts(
    *,
    drawings: Sequence[Section],
    settings: Sequence[Setting],
    provenance: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    intervals: str,
    decoders: Sequence[str] = (),
    words: Mapping[str, SectionWords] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Values for the templates, and the texts of embedded groups.

    Parameters
    ----------
    drawings, settings, provenance, notes, words
        As for `report.page.report_page`.
    intervals : str
        How the intervals on the page were made.
    decoders : sequence of str
        Of which a section shows one at a time.
    """
    saved = saved_tables([shown for _, those in drawings for shown in those], MOST_TABLE_BYTES)
    numbering = counting(1)
    values = {
        "sections": _sections(drawings, decoders, words or {}, saved),
        "next_number": lambda: next(numbering),
        "notes": notes,
        "intervals": intervals,
        "reading": "",
        "settings": [
            (name, list(rows)) for name, rows in groupby(settings, key=lambda row: row[0])
        ],
        "provenance": provenance,
        "columns": list(dict.fromkeys(key for each in provenance for key in each)),
    }
    return values, {"tables": _tables_text(saved)} if saved else {}


def _tables_text(saved: Mapping[str, bytes]) -> str:
    """The CSV of figures as an embedded group."""
    return Group([(name, np.frombuffer(table, np.uint8)) for name, table in saved.items()]).text


def _sections(
    drawings: Sequence[Section],
    decoders: Sequence[str],
    words: Mapping[str, SectionWords],
    saved: Container[str],
) -> list[dict[str, Any]]:
    """Sections that have figures; `saved` are the figures whose numbers the page holds."""
    with_figures = [(heading, those) for heading, those in drawings if those]
    return [
        {
            "id": f"section-{place}",
            "heading": heading,
            "words": words.get(heading),
            "groups": grouped([page_figure(each, decoders, saved) for each in those], decoders),
            "count": len(those),
        }
        for place, (heading, those) in enumerate(with_figures, 1)
    ]
