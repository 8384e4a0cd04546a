"""The headline numbers of a session as tiles, each score beside chance and ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twophoton_decode.report.numbers import count, interval, number, p_value, percent

Table = Mapping[str, Any]


@dataclass(frozen=True)
class Scale:
    """A score on a line from nothing to perfect, as positions in per cent of the line."""

    score: float
    chance: float | None
    ceiling: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Tile:
    """One headline number: what it is, its value, and what to hold it against."""

    label: str
    value: str
    detail: str
    scale: Scale | None = None


def tiles(summary: Table) -> list[Tile]:
    """The tiles of a summary (design.md), for the stages that have run."""
    decoders = summary.get("reconstruct", {})
    made = [_extraction(summary["extract"])] if "extract" in summary else []
    made += [_responses(summary["respond"])] if "respond" in summary else []
    best = best_of(decoders)
    if best is None:
        return made
    scores = decoders[best]
    made = [_r_average(best, scores), _r_single(best, scores), _identification(best, scores), *made]
    if best in summary.get("sparsity", {}):
        made.append(_cells_95(best, summary["sparsity"][best], summary.get("respond", {})))
    if best in summary.get("stability", {}):
        made.append(_stability(best, summary["stability"][best]))
    return made


def best_of(decoders: Mapping[str, Table]) -> str | None:
    """The decoder with the highest r_average; None without decoders."""
    return max(decoders, key=lambda name: _defined(decoders[name].get("r_average")), default=None)


def position(value: float | None) -> float | None:
    """Where a value lies on the line from −0.2 to 1, in per cent; beyond the ends, at the end."""
    if value is None or not math.isfinite(value):
        return None
    return round(100 * (min(max(value, -0.2), 1.0) + 0.2) / 1.2, 2)


def _r_average(decoder: str, scores: Table) -> Tile:
    r, ends = scores.get("r_average"), scores.get("r_average_ci95") or (None, None)
    detail = (
        f"95 % interval {interval(ends)} · chance {number(scores.get('chance_r'))}, "
        f"{p_value(scores.get('p_value'))} · feature ceiling "
        f"{number(scores.get('feature_ceiling_r'))}"
    )
    chance, ceiling = scores.get("chance_r"), scores.get("feature_ceiling_r")
    scale = _scale(r, chance, ceiling, *ends)
    return Tile(f"R of trial-averaged responses, {decoder}", number(r), detail, scale)


def _r_single(decoder: str, scores: Table) -> Tile:
    r, ceiling = scores.get("r_single"), scores.get("feature_ceiling_r")
    detail = f"CD {number(scores.get('cd_single'))} · feature ceiling {number(ceiling)}"
    return Tile(f"R of single trials, {decoder}", number(r), detail, _scale(r, None, ceiling))


def _identification(decoder: str, scores: Table) -> Tile:
    share = scores.get("two_way_identification")
    scale = _scale(share, 0.5, 1.0)
    return Tile(
        f"two-way identification, {decoder}", percent(share), "chance 50 % · ceiling 100 %", scale
    )


def _extraction(numbers: Table) -> Tile:
    detail = f"of {count(numbers.get('rois'))} ROIs in {count(numbers.get('frames'))} frames"
    return Tile("cells found", count(numbers.get("cells")), detail)


def _responses(numbers: Table) -> Tile:
    responding = numbers.get("percent_responsive_per_image")
    detail = (
        f"{count(numbers.get('responsive_cells'))} of {count(numbers.get('cells'))} cells respond "
        f"to some image · population sparseness {number(numbers.get('population_sparseness'))}"
    )
    return Tile("of the cells respond to an image", f"{number(responding, 1)} %", detail)


def _cells_95(decoder: str, numbers: Table, respond: Table) -> Tile:
    ends = numbers.get("cells_95_ci95") or (None, None)
    detail = (
        f"of {count(respond.get('cells'))} · 95 % interval {interval(ends, 0)} · "
        f"held-out count {count(numbers.get('cells_heldout'))}"
    )
    return Tile(f"cells give 95 % of R, {decoder}", count(numbers.get("cells_95")), detail)


def _stability(decoder: str, numbers: Table) -> Tile:
    similarity = numbers.get("reconstruction_similarity")
    detail = f"responses {number(numbers.get('response_similarity'))}"
    return Tile(
        f"similarity of reconstructions over repeats, {decoder}", number(similarity), detail
    )


def _scale(
    score: float | None,
    chance: float | None,
    ceiling: float | None,
    low: float | None = None,
    high: float | None = None,
) -> Scale | None:
    at = position(score)
    if at is None:
        return None
    return Scale(at, position(chance), position(ceiling), position(low), position(high))


def _defined(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else -math.inf
