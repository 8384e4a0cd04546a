"""The headline numbers of a session as a small table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twophoton_decode.session.folder import SessionFolder

COLUMNS = (
    ("R average", "reconstruct", "r_average"),
    ("R single", "reconstruct", "r_single"),
    ("chance", "reconstruct", "chance_r"),
    ("ceiling", "reconstruct", "feature_ceiling_r"),
    ("two-way", "reconstruct", "two_way_identification"),
    ("cells for 95 %", "sparsity", "cells_95"),
    ("R all", "sparsity", "r_all"),
    ("similarity", "stability", "reconstruction_similarity"),
    ("of responses", "stability", "response_similarity"),
)


def headline(folder: SessionFolder) -> str:
    """What came out, one line per decoder, and where the report is."""
    summary = json.loads(folder.summary.read_text(encoding="utf-8"))
    lines = [*_counts(summary), *_table(summary)]
    if folder.report.is_file():
        lines.append(f"report: {folder.report}")
    return "\n".join(lines)


def _counts(summary: dict[str, Any]) -> list[str]:
    from twophoton_decode.report.headline import understood

    lines = [line] if (line := understood(summary)) else []
    if "extract" in summary:
        found = summary["extract"]
        lines.append(f"{found['cells']} cells among {found['rois']} ROIs, {found['frames']} frames")
    if "quality" in summary:
        lines.append(_quality(summary["quality"]))
    if "respond" in summary:
        found = summary["respond"]
        percent = found["percent_responsive_per_image"]
        share = "an unknown share" if percent is None else f"{percent:.1f} %"
        why = found.get("detectable") if not percent else ""
        lines.append(
            f"{found['images']} images, {found['presentations']} presentations; "
            f"{share} of the cells respond to an image{f' ({why})' if why else ''}"
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
    return ["", header, *rows, ""]


def _cell(summary: dict[str, Any], decoder: str, column: tuple[str, str, str]) -> str:
    title, section, key = column
    value = summary.get(section, {}).get(decoder, {}).get(key)
    if value is None:
        return f"{'–':>{len(title)}}"
    digits = 0 if key == "cells_95" else 2
    return f"{value:>{len(title)}.{digits}f}"
