"""The headline numbers of a session as a small table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from twophoton_decode.cli.columns import aligned

if TYPE_CHECKING:
    from twophoton_decode.pipeline.stage import Number
    from twophoton_decode.session.folder import SessionFolder

_DASH = "–: not computed, or this recording cannot tell"


def headline(folder: SessionFolder) -> list[str]:
    """Lines on what came out, one per decoder, and where the report is."""
    from twophoton_decode.pipeline.summary import read_summary

    summary = read_summary(folder, lambda line: None)
    lines = [*_counts(summary), *_table(summary), *_answer(folder, summary)]
    if folder.report.is_file():
        lines.append(f"report: {folder.report}")
    return lines


def _counts(summary: dict[str, Any]) -> list[str]:
    """What was recorded and shown, then a line of each stage that has one."""
    from twophoton_decode.pipeline import chain
    from twophoton_decode.report.headline import understood

    lines = [line] if (line := understood(summary)) else []
    briefs = {stage.in_summary: stage.brief for stage in chain.ALL}
    for section, brief in briefs.items():
        numbers = _section(summary, section)
        if numbers and "unavailable" not in numbers:
            lines += [line] if (line := brief(numbers)) else []
    return lines


def _section(summary: dict[str, Any], name: str) -> dict[str, Any]:
    """What a stage wrote, ``deep.movie`` within ``deep``; empty if nothing."""
    found = summary
    for part in name.split("."):
        found = found.get(part) or {}
    return found


def _answer(folder: SessionFolder, summary: dict[str, Any]) -> list[str]:
    """How many cells are enough, by the best decoder."""
    from twophoton_decode.report.headline import best_of

    primary_score = folder.settings().decoding.primary_score
    best = best_of(summary.get("reconstruct", {}), primary_score)
    answer = summary.get("sparsity", {}).get(best, {}).get("how_many_cells", "")
    return [f"{best}: {answer}", ""] if answer else []


def _table(summary: dict[str, Any]) -> list[str]:
    decoders = summary.get("reconstruct", {})
    if not decoders:
        return []
    width = max(len("decoder"), *map(len, decoders))
    columns = _columns()
    header = "  ".join([f"{'decoder':<{width}}", *(number.column for _, number in columns)])
    rows = [
        "  ".join([f"{name:<{width}}", *(_cell(summary, name, column) for column in columns)])
        for name in decoders
    ]
    return ["", header, *_explained(rows), ""]


def headlines(summaries: Mapping[str, dict[str, Any]]) -> list[str]:
    """Several sessions, by name, as one table: a line for each session and decoder."""
    columns = _columns()
    rows = [("session", "cells", "decoder", *(number.column for _, number in columns))]
    for session, summary in summaries.items():
        cells = str(_cells(summary))
        rows += [
            (session, cells, name, *(_cell(summary, name, column) for column in columns))
            for name in summary.get("reconstruct") or ["–"]
        ]
    return _explained(aligned(rows))


def _explained(rows: list[str]) -> list[str]:
    """The lines of a table, and what a dash in it means."""
    return [*rows, _DASH] if any("–" in row for row in rows) else rows


def in_short(folder: SessionFolder) -> str:
    """The main result of a session as a phrase: the best decoder's score, else what there is."""
    from twophoton_decode.pipeline.stages.reconstruct import score_line
    from twophoton_decode.pipeline.summary import read_summary
    from twophoton_decode.report.headline import best_of

    summary = read_summary(folder, lambda line: None)
    decoders = summary.get("reconstruct", {})
    best = best_of(decoders, folder.settings().decoding.primary_score)
    if best is None:
        return f"{_cells(summary)} cells"
    return f"{_cells(summary)} cells, {best}: {score_line(decoders[best])}"


def _cells(summary: dict[str, Any]) -> int | str:
    """The cells that were decoded, or else found."""
    return summary.get("respond", summary.get("extract", {})).get("cells", "–")


def _columns() -> list[tuple[str, Number]]:
    """What the table of decoders shows: sections of the summary, and numbers in them."""
    from twophoton_decode.pipeline import chain

    return [
        (stage.in_summary, each) for stage in chain.ALL for each in stage.numbers if each.column
    ]


def _cell(summary: dict[str, Any], decoder: str, column: tuple[str, Number]) -> str:
    section, number = column
    width = len(number.column)
    numbers = summary.get(section, {}).get(decoder, {})
    value = numbers.get(number.key)
    if value is None or (number.told_by and not numbers.get(number.told_by)):
        return f"{'–':>{width}}"
    return f"{format(value, f'z{number.format}').replace('-', '−'):>{width}}"
