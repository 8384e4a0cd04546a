"""The report: one HTML file that needs nothing else, and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count as counting
from itertools import groupby
from typing import Any, Final

import jinja2
import numpy as np
from markupsafe import Markup

from twophoton_decode.figures.canvas import numbers, style
from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.report.data.block import DataBlock
from twophoton_decode.report.data.gather import LARGEST_PAGE, PageData
from twophoton_decode.report.figure_pictures import grouped, page_figure, saved_tables
from twophoton_decode.report.headline import best_of, headline, understood
from twophoton_decode.report.least_p import least_p
from twophoton_decode.report.words.answers import opening
from twophoton_decode.report.words.checks import checks
from twophoton_decode.report.words.decoder_table import decoder_rows
from twophoton_decode.report.words.methods import methods_paragraph
from twophoton_decode.report.words.sections import SectionWords
from twophoton_decode.visible import visible

MOST_TABLE_BYTES: Final = 3_000_000
"""CSV of figures that the page holds at most, before deflating; the others lie in figures/."""

# Script, styles, captions, notes, settings and provenance.
_WORDS: Final = 350_000


@dataclass(frozen=True)
class PageTable:
    """A table of the page, its cells written out; `note` stands below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


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
    tables: Sequence[PageTable] = (),
    intervals: str = INTERVALS_OF_A_SESSION,
    words: Mapping[str, SectionWords] | None = None,
    explorer: Callable[[int], PageData] | None = None,
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
    tables : sequence of PageTable
        Shown before the figures.
    intervals : str
        How the intervals on the page were made.
    words : mapping of section title to SectionWords, optional
        What each section found, and how it was computed.
    explorer : callable, optional
        Makes what the explorer computes with, given the bytes that are left for it; without it
        there is none.
    """
    words = words or {}
    primary_score = next((row[2] for row in settings if row[1] == "primary_score"), "r_average")
    best = best_of(summary.get("reconstruct", {}), primary_score)
    names = _decoder_names(summary, best)
    block = DataBlock()
    sections = _sections(drawings, names, words, block)
    facts: dict[str, Any] = {"decoders": []}
    if explorer is not None:
        data = explorer(LARGEST_PAGE - _size(sections, block) - _WORDS)
        data.block.take(block)
        facts, block = data.facts, data.block
    facts["groups"] = block.manifest()
    numbering = counting(1)
    script, styles = (_inlined(f"page.{kind}") for kind in ("js", "css"))
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
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
            tables=tables,
            intervals=intervals,
            least_p=least_p(summary.get("reconstruct", {})),
            sections=sections,
            next_number=lambda: next(numbering),
            notes=notes,
            methods=methods_paragraph(summary, settings, best, version),
            settings=[
                (name, list(rows)) for name, rows in groupby(settings, key=lambda row: row[0])
            ],
            provenance=provenance,
            columns=list(dict.fromkeys(key for stage in provenance for key in stage)),
            facts=facts,
            facts_json=_json(facts),
            texts=block.texts(),
            script=script,
            styles=styles,
            hashes={"script": _hash(script), "styles": _hash(styles)},
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("twophoton_decode.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["written"] = _written
    environment.filters["colour"] = style.decoder_colour
    environment.filters["number"] = numbers.number
    environment.filters["percent"] = numbers.percent
    return environment


def _shown(value: Any) -> Any:
    """What is written into the page: names from files may hold what no HTML may."""
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return visible(value, lines=True) if plain else value


@cache
def _inlined(name: str) -> Markup:
    """The script or the styles, as they stand between their tags."""
    text = files("twophoton_decode.report").joinpath(name).read_text(encoding="utf-8")
    return Markup(text)


def _hash(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json(value: Any) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element."""
    text = json.dumps(value, allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _decoder_names(summary: Mapping[str, Any], best: str | None) -> list[str]:
    """Decoders of any stage, the leading one first."""
    stages = ("reconstruct", "sparsity", "stability", "complementarity")
    names = dict.fromkeys(name for stage in stages for name in summary.get(stage, {}))
    return sorted(names, key=lambda name: name != best)


def _sections(
    drawings: Sequence[Section],
    decoders: Sequence[str],
    words: Mapping[str, SectionWords],
    block: DataBlock,
) -> list[dict[str, Any]]:
    """Sections that have figures, with the numbers of the figures put into `block`."""
    every = [shown for _, those in drawings for shown in those]
    saved = saved_tables(every, MOST_TABLE_BYTES)
    for name, table in saved.items():
        block.add("tables", name, np.frombuffer(table, np.uint8))
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


def _size(sections: Sequence[Mapping[str, Any]], block: DataBlock) -> int:
    """Bytes that figures and their numbers take."""
    groups = [group for section in sections for group in section["groups"]]
    pictures = sum(len(figure.source) for group in groups for figure in group.figures)
    return pictures + sum(len(text) for text in block.texts().values())


def _written(value: Any) -> str:
    """A setting or a fact about a run in words: structures become lines."""
    if value is None or (isinstance(value, Sized) and len(value) == 0):
        return numbers.DASH
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_written(part)}" for key, part in value.items())
    if isinstance(value, bool | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return numbers.number(value, 1) if isinstance(value, float) and value != value else f"{value}"
