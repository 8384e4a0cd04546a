"""The page of one question that several sessions answer together, as the deep commands ask it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twophoton_decode.report.parts import Section, Setting, page_parts
from twophoton_decode.report.sessions.tests_table import PageTable
from twophoton_decode.report.sheet import rendered


def comparison_page(
    *,
    title: str,
    version: str,
    question: str,
    found: Sequence[str],
    tables: Sequence[PageTable],
    drawings: Sequence[Section],
    settings: Sequence[Setting],
    provenance: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    intervals: str,
) -> str:
    """A self-contained page: question, what was found, tables, figures, notes, provenance.

    Parameters
    ----------
    title : str
        Of the folder that holds the results.
    question : str
        What was asked, as the heading.
    found : sequence of str
        Sentences that answer it, and say what is not shown.
    tables : sequence of PageTable
        The sessions first.
    drawings, settings, provenance, notes, intervals
        As for `report.parts.page_parts`.
    """
    values, texts = page_parts(
        drawings=drawings,
        settings=settings,
        provenance=provenance,
        notes=notes,
        intervals=intervals,
    )
    return rendered(
        "comparison.html.j2",
        {"decoders": [], "served": ""},
        texts,
        **values | {"reading": f"Intervals: {intervals}"},
        title=title,
        version=version,
        question=question,
        found=found,
        tables=tables,
        open_sections=True,
        methods="",
    )
