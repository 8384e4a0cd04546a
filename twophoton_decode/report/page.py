"""The report: one HTML file that needs nothing else, and asks for nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import count as counting
from itertools import groupby
from typing import Any, Final

import numpy as np

from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.report.data.block import Group
from twophoton_decode.report.data.gather import LARGEST_PAGE, PageData
from twophoton_decode.report.data.layouts import PageLayout
from twophoton_decode.report.figure_pictures import grouped, page_figure, saved_tables
from twophoton_decode.report.headline import best_of, headline, understood
from twophoton_decode.report.least_p import least_p
from twophoton_decode.report.sheet import rendered
from twophoton_decode.report.words.answers import opening
from twophoton_decode.report.words.checks import checks
from twophoton_decode.report.words.decoder_table import decoder_rows
from twophoton_decode.report.words.methods import methods_paragraph
from twophoton_decode.report.words.sections import SectionWords

MOST_TABLE_BYTES: Final = 3_000_000
"""CSV of figures that the page holds at most, before deflating; the others lie in figures/."""

# Script, styles, captions, notes, settings and provenance.
_WORDS: Final = 350_000


Section = tuple[str, Sequence[Shown]]
Setting = tuple[str, str, Any, str]

INTERVALS_OF_A_SESSION = (
    "of means over images: Student's t, the standard error widened because images train each "
    "other's decoders. Of medians over cells and of the paper's 95 % count: bootstrap over images. "
    "Of means over pairs of images or cells: from leaving out one member at a time."
)


def report_page(
    *,
    title: str,
    version: str,
    summary: Mapping[str, Any],
    drawings: Sequence[Section],
    settings: Sequence[Setting],
    provenance: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    words: Mapping[str, SectionWords] | None = None,
    explorer: Callable[[int], PageData] | None = None,
    layouts: Sequence[PageLayout] = (),
    served: str = "",
    intervals: str = INTERVALS_OF_A_SESSION,
) -> str:
    """A self-contained page: what was found, an explorer, figures, what was left out, settings.

    Parameters
    ----------
    title : str
        Name of the session.
    version : str
        Version of the program.
    summary : mapping
        As in ``summary.json``; missing stages and NaN or None values are shown as such.
    drawings : sequence of (section title, sequence of Shown)
        The page embeds a picture of each, made from its PNG.
    settings : sequence of (section, key, value, comment)
        In the order of ``session.toml``; ``primary_score`` decides which decoder leads.
    provenance : sequence of mapping
        One per stage and decoder; the keys of the first appear as columns.
    notes : sequence of str
        What was assumed, found, dropped, clipped or filled, or did not converge.
    words : mapping of section title to SectionWords, optional
        What each section found, and how it was computed.
    explorer : callable, optional
        Makes what the explorer computes with, given the bytes that are left for it; without it
        there is none.
    layouts : sequence of PageLayout
        Layouts of cells in three dimensions, which can be turned.
    served : str
        What the results are called from which a server made this page; empty for a page that
        stands alone. A served page fetches from its server what it does not hold.
    intervals : str
        How the intervals on the page were made.
    """
    words = words or {}
    primary_score = next((row[2] for row in settings if row[1] == "primary_score"), "r_average")
    best = best_of(summary.get("reconstruct", {}), primary_score)
    names = _decoder_names(summary, best)
    saved = saved_tables([shown for _, those in drawings for shown in those], MOST_TABLE_BYTES)
    sections = _sections(drawings, names, words, saved)
    texts = {"tables": tables_text(saved)} if saved else {}
    texts |= {each.group: each.text for each in layouts}
    data = PageData({"decoders": []}, {})
    if explorer is not None:
        data = explorer(LARGEST_PAGE - _size(sections, texts) - _WORDS)
    numbering = counting(1)
    return rendered(
        "page.html.j2",
        {**data.facts, "layouts": [each.facts for each in layouts], "served": served},
        data.texts | texts,
        title=title,
        version=version,
        opening=opening(summary, best, title),
        checks=checks(summary, notes),
        anchors={each["words"].stage: each["id"] for each in sections if each["words"]},
        understood=understood(summary),
        headline=headline(summary, primary_score),
        decoders=names,
        decoder_rows=decoder_rows(summary, names, primary_score),
        primary_score=primary_score,
        best=best,
        intervals=intervals,
        least_p=least_p(summary.get("reconstruct", {})),
        sections=sections,
        layouts=layouts,
        open_sections=not data.facts["decoders"],
        next_number=lambda: next(numbering),
        notes=notes,
        methods=methods_paragraph(summary, settings, best, version),
        settings=[(name, list(rows)) for name, rows in groupby(settings, key=lambda row: row[0])],
        provenance=provenance,
        columns=list(dict.fromkeys(key for stage in provenance for key in stage)),
    )


def _decoder_names(summary: Mapping[str, Any], best: str | None) -> list[str]:
    """Decoders of any stage, the leading one first."""
    stages = ("reconstruct", "sparsity", "stability", "complementarity")
    names = dict.fromkeys(name for stage in stages for name in summary.get(stage, {}))
    return sorted(names, key=lambda name: name != best)


def tables_text(saved: Mapping[str, bytes]) -> str:
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


def _size(sections: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> int:
    """Bytes that figures and their numbers take."""
    groups = [group for section in sections for group in section["groups"]]
    pictures = sum(len(figure.source) for group in groups for figure in group.figures)
    return pictures + sum(map(len, texts.values()))
