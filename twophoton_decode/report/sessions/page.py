"""The page of several sessions: one HTML file with the look and the script of a session's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count as counting
from itertools import groupby
from typing import Any

from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.records.sessions import PopulationView
from twophoton_decode.report.figure_pictures import grouped, page_figure, saved_tables
from twophoton_decode.report.page import MOST_TABLE_BYTES, Section, Setting, tables_text
from twophoton_decode.report.sessions.forest import WIDTH, forests
from twophoton_decode.report.sessions.rows import SessionPart, numbers_table, session_rows
from twophoton_decode.report.sessions.tests_table import INTERVALS_OVER_SESSIONS, statistics_page
from twophoton_decode.report.sessions.words import together
from twophoton_decode.report.sheet import rendered


def sessions_page(
    *,
    title: str,
    version: str,
    view: PopulationView,
    decoders: Sequence[str],
    parts: Sequence[SessionPart],
    drawings: Sequence[Section],
    settings: Sequence[Setting],
    provenance: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
) -> str:
    """A self-contained page: what sessions say together, a row for each, forest plots, tests.

    Parameters
    ----------
    decoders : sequence of str
        The leading one first, of which the rows show pictures and numbers.
    parts : sequence of SessionPart
        In the order of the rows.
    drawings, settings, provenance, notes
        As for `report.page.report_page`.
    """
    every = [shown for _, those in drawings for shown in those]
    saved = saved_tables(every, MOST_TABLE_BYTES)
    numbering = counting(1)
    return rendered(
        "sessions.html.j2",
        {"decoders": [], "served": ""},
        {"tables": tables_text(saved)} if saved else {},
        title=title,
        version=version,
        together=together(view, decoders[0], len(decoders)),
        rows=session_rows(view, parts, decoders[0]),
        decoders=decoders,
        forests={name: forests(view, name) for name in decoders},
        forest_width=WIDTH,
        tables=[numbers_table(view, decoders), statistics_page(view.compared)],
        sections=[_section(place, *each, saved) for place, each in enumerate(drawings, 1)],
        open_sections=False,
        next_number=lambda: next(numbering),
        methods="",
        notes=notes,
        intervals=INTERVALS_OVER_SESSIONS,
        settings=[(name, list(rows)) for name, rows in groupby(settings, key=lambda row: row[0])],
        provenance=provenance,
        columns=list(dict.fromkeys(key for each in provenance for key in each)),
    )


def _section(
    place: int, heading: str, shown: Sequence[Shown], saved: Mapping[str, bytes]
) -> dict[str, Any]:
    return {
        "id": f"section-{place}",
        "heading": heading,
        "words": None,
        "groups": grouped([page_figure(each, (), saved) for each in shown], ()),
        "count": len(shown),
    }
