"""The report: one HTML file that needs nothing else, not even a script."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import count as counting
from itertools import groupby
from typing import Any

import jinja2

from twophoton_decode.figures.canvas import numbers, style
from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.report.headline import best_of, headline, understood
from twophoton_decode.report.least_p import least_p
from twophoton_decode.visible import visible


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
) -> str:
    """A self-contained page: headline numbers, figures, what was left out, settings.

    Parameters
    ----------
    title : str
        Name of the session.
    version : str
        Version of the program.
    summary : mapping
        As in ``summary.json``; missing stages and NaN or None values are shown as such.
    drawings : sequence of (section title, sequence of Shown)
        The page embeds the PNG of each.
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
    """
    template = _environment().get_template("page.html.j2")
    figure_number = counting(1)
    primary_score = next((row[2] for row in settings if row[1] == "primary_score"), "r_average")
    return template.render(
        title=title,
        version=version,
        understood=understood(summary),
        headline=headline(summary, primary_score),
        decoders=_decoder_rows(summary),
        primary_score=primary_score,
        best=best_of(summary.get("reconstruct", {}), primary_score),
        tables=tables,
        intervals=intervals,
        least_p=least_p(summary.get("reconstruct", {})),
        sections=[
            (heading, [_figure(next(figure_number), shown) for shown in shown_here])
            for heading, shown_here in drawings
            if shown_here
        ],
        notes=notes,
        settings=[(name, list(rows)) for name, rows in groupby(settings, key=lambda row: row[0])],
        provenance=provenance,
        columns=list(dict.fromkeys(key for stage in provenance for key in stage)),
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("twophoton_decode.report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["interval"] = _interval
    environment.filters["whole_interval"] = _whole_interval
    environment.filters["p"] = numbers.bare_p
    environment.filters["written"] = _written
    environment.filters["colour"] = style.decoder_colour
    for written in (numbers.number, numbers.percent, numbers.count):
        environment.filters[written.__name__] = written
    return environment


def _shown(value: Any) -> Any:
    """What is written into the page: names from files may hold what no HTML may."""
    return visible(value, lines=True) if isinstance(value, str) else value


def _interval(ends: Sequence[float | None] | None) -> str:
    return numbers.interval(ends or (None, None))


def _whole_interval(ends: Sequence[float | None] | None) -> str:
    return numbers.interval(ends or (None, None), 0)


def _figure(place: int, shown: Shown) -> dict[str, Any]:
    return {
        "number": place,
        "name": shown.name,
        "caption": shown.caption,
        "png": base64.b64encode(shown.files["png"]).decode(),
        "kinds": sorted(shown.files),
    }


def _decoder_rows(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What every stage says about each decoder, side by side."""
    stages = ("reconstruct", "sparsity", "stability")
    names = dict.fromkeys(name for stage in stages for name in summary.get(stage, {}))
    return [
        {"name": name} | {stage: summary.get(stage, {}).get(name, {}) for stage in stages}
        for name in names
    ]


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
