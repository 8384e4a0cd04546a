"""The page of several sessions: one HTML file with the look and the script of a session's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twophoton_decode.records.sessions import PopulationView
from twophoton_decode.report.parts import Section, Setting, page_parts
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
    parts_below, texts = page_parts(
        drawings=drawings,
        settings=settings,
        provenance=provenance,
        notes=notes,
        intervals=INTERVALS_OVER_SESSIONS,
    )
    return rendered(
        "sessions.html.j2",
        {"decoders": [], "served": ""},
        texts,
        **parts_below,
        title=title,
        version=version,
        together=together(view, decoders[0], len(decoders)),
        rows=session_rows(view, parts, decoders[0]),
        decoders=decoders,
        forests={name: forests(view, name) for name in decoders},
        forest_width=WIDTH,
        tables=[numbers_table(view, decoders), statistics_page(view.compared)],
        open_sections=False,
        methods="",
    )
