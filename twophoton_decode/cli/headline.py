"""The headline numbers of a session as a small table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from twophoton_decode.cli.columns import aligned

if TYPE_CHECKING:
    from twophoton_decode.session.folder import SessionFolder

COLUMNS = (
    ("R average", "reconstruct", "r_average"),
    ("R single", "reconstruct", "r_single"),
    ("chance R", "reconstruct", "chance_r"),
    ("feature ceiling", "reconstruct", "feature_ceiling_r"),
    ("two-way", "reconstruct", "two_way_identification"),
    ("informative", "sparsity", "informative_cells"),
    ("strong for 95 %", "sparsity", "strong_cells"),
    ("similarity", "stability", "reconstruction_similarity"),
    ("response similarity", "stability", "response_similarity"),
)


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
    from twophoton_decode.report.headline import understood

    lines = [line] if (line := understood(summary)) else []
    if "extract" in summary:
        found = summary["extract"]
        lines.append(f"{found['cells']} cells among {found['rois']} ROIs, {found['frames']} frames")
    if "quality" in summary:
        lines.append(_quality(summary["quality"]))
    if "recovery" in summary and "unavailable" not in summary["recovery"]:
        found = summary["recovery"]
        lines.append(
            f"simulated: {found['planted_cells_found']} of {found['planted_cells']} planted cells "
            f"found; {found['true_cells']} of {found['cells']} cells are planted ones"
        )
    if "respond" in summary:
        found = summary["respond"]
        percent = found["percent_responsive_per_image"]
        share = "an unknown share" if percent is None else f"{percent:.1f} %"
        why = found.get("detectable") if not percent else ""
        lines.append(
            f"{found['images']} images, {found['presentations']} presentations; "
            f"an image drives {share} of the cells on average{f' ({why})' if why else ''}"
        )
    return lines


def _quality(found: dict[str, Any]) -> str:
    noise, snr = found["noise_level_percent"], found["snr"]
    if noise is None or snr is None:
        return f"noise level unknown; {found['bad_frames']} bad frames"
    return (
        f"noise level {noise:.1f} %/√Hz, signal-to-noise {snr:.1f} (medians over cells); "
        f"{found['bad_frames']} bad frames"
    )


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
    header = "  ".join([f"{'decoder':<{width}}", *(title for title, _, _ in COLUMNS)])
    rows = [
        "  ".join([f"{name:<{width}}", *(_cell(summary, name, column) for column in COLUMNS)])
        for name in decoders
    ]
    return ["", header, *_explained(rows), ""]


def headlines(summaries: Mapping[str, dict[str, Any]]) -> list[str]:
    """Several sessions, by name, as one table: a line for each session and decoder."""
    rows = [("session", "cells", "decoder", *(title for title, _, _ in COLUMNS))]
    for session, summary in summaries.items():
        cells = str(_cells(summary))
        rows += [
            (session, cells, name, *(_cell(summary, name, column) for column in COLUMNS))
            for name in summary.get("reconstruct") or ["–"]
        ]
    return _explained(aligned(rows))


def _explained(rows: list[str]) -> list[str]:
    """The lines of a table, and what a dash in it means."""
    return [*rows, _DASH] if any("–" in row for row in rows) else rows


def in_short(folder: SessionFolder) -> str:
    """The main result of a session as a phrase: the best decoder's score, else what there is."""
    from twophoton_decode.pipeline.summary import read_summary, score_line
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


def _cell(summary: dict[str, Any], decoder: str, column: tuple[str, str, str]) -> str:
    title, section, key = column
    numbers = summary.get(section, {}).get(decoder, {})
    value = numbers.get(key)
    if value is None or (key == "informative_cells" and not numbers.get("informative_cells_told")):
        return f"{'–':>{len(title)}}"
    digits = 0 if section == "sparsity" and key.endswith("_cells") else 2
    return f"{value:>z{len(title)}.{digits}f}".replace("-", "−")
