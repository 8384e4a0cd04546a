"""The headline numbers of a session as tiles, each score beside chance and ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twophoton_decode.figures.canvas.numbers import DASH, count, interval, number, percent, tested_p
from twophoton_decode.figures.cell_count.how_many_cells import OTHERS

Table = Mapping[str, Any]


@dataclass(frozen=True)
class Tile:
    """One headline number: what it is, its value, and what to hold it against."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True)
class Headline:
    """What stands at the top of the report.

    `lead` says whose scores these are, and of how many decoders they are the best; `answer`
    how many cells are enough.
    """

    lead: str
    scores: list[Tile]
    facts: list[Tile]
    answer: str = ""


def headline(summary: Table, primary_score: str) -> Headline:
    """The tiles of a summary, for the stages that have run.

    Scores are those of the decoder that is best by `primary_score`, a key of the summary.
    """
    facts = [_extraction(summary["extract"])] if "extract" in summary else []
    facts += [_recovery(summary["recovery"])] if "recovery" in summary else []
    facts += [_quality(summary["quality"])] if "quality" in summary else []
    facts += [_responses(summary["respond"])] if "respond" in summary else []
    decoders = summary.get("reconstruct", {})
    best = best_of(decoders, primary_score)
    if best is None:
        return Headline("", [], facts)
    scores = decoders[best]
    if best in summary.get("sparsity", {}):
        facts += _how_many_cells(summary["sparsity"][best], summary.get("respond", {}))
    if best in summary.get("stability", {}):
        facts.append(_stability(summary["stability"][best]))
    lead = f"Decoder {best}"
    if len(decoders) > 1:
        lead += f", the best of {len(decoders)} by {primary_score}"
    answer = summary.get("sparsity", {}).get(best, {}).get("how_many_cells", "")
    tiles = [_r_average(scores), _r_single(scores), _identification(scores)]
    return Headline(lead, tiles, facts, answer)


def understood(summary: Table) -> str:
    """What was recorded and shown, in one line; empty where no stage has said it."""
    extract, respond = summary.get("extract", {}), summary.get("respond", {})
    parts = [respond.get("stimulus") or extract.get("movie"), extract.get("microscope")]
    return "; ".join(part for part in parts if part)


def best_of(decoders: Mapping[str, Table], primary_score: str) -> str | None:
    """The decoder with the highest primary score; None without decoders."""
    return max(decoders, key=lambda name: _defined(decoders[name].get(primary_score)), default=None)


def _r_average(scores: Table) -> Tile:
    beside = {
        **({} if "wrong_image_r" in scores else {"p_value": tested_p(scores)}),
        "r_infinite_trials": "with infinitely many trials "
        + number(scores.get("r_infinite_trials")),
    }
    return _r("R from trial-averaged responses", scores, "r_average", "chance_r", beside)


def _r_single(scores: Table) -> Tile:
    beside = {"cd_single": f"CD {number(scores.get('cd_single'))}"}
    return _r("R from single trials", scores, "r_single", "chance_r_single", beside)


def _r(label: str, scores: Table, r: str, chance: str, beside: Mapping[str, str]) -> Tile:
    """A tile of a correlation, its interval, chance and ceiling, as far as they are known."""
    ends = scores.get(f"{r}_ci95") or (None, None)
    wrong = chance.replace("chance", "wrong_image")
    known = {
        f"{r}_ci95": f"95 % interval {interval(ends)}",
        **({} if wrong in scores else {chance: f"chance {number(scores.get(chance))}"}),
        wrong: f"with other images {number(scores.get(wrong))}, no test",
        **beside,
        "feature_ceiling_r": f"feature ceiling {number(scores.get('feature_ceiling_r'))}",
    }
    return Tile(label, number(scores.get(r)), _known(known, scores))


def _identification(scores: Table) -> Tile:
    share = scores.get("two_way_identification")
    detail = "chance 50 % · ceiling 100 %"
    return Tile("two-way identification, trial averages", percent(share), detail)


def _extraction(numbers: Table) -> Tile:
    detail = f"of {count(numbers.get('rois'))} ROIs in {count(numbers.get('frames'))} frames"
    return Tile("cells found", count(numbers.get("cells")), detail)


def _recovery(numbers: Table) -> Tile:
    found, planted = numbers.get("planted_cells_found"), numbers.get("planted_cells")
    share = found / planted if found is not None and planted else None
    detail = (
        f"simulated: {count(found)} of {count(planted)} found · {count(numbers.get('true_cells'))} "
        f"of {count(numbers.get('cells'))} cells are planted ones · medians of r with the truth: "
        f"traces {number(numbers.get('trace_r'))}, responses {number(numbers.get('response_r'))}, "
        f"receptive fields {number(numbers.get('field_r'))}"
    )
    return Tile("of the planted cells found", percent(share), detail)


def _quality(numbers: Table) -> Tile:
    details = {
        "snr": f"signal-to-noise {number(numbers.get('snr'), 1)}",
        "bad_frames": f"{count(numbers.get('bad_frames'))} bad frames",
        "largest_motion_px": f"motion up to {number(numbers.get('largest_motion_px'), 1)} px",
        "bleaching_percent": f"{number(numbers.get('bleaching_percent'), 0)} % bleached",
    }
    level = number(numbers.get("noise_level_percent"), 1)
    value = level if level == DASH else f"{level} %/√Hz"
    return Tile("noise level of the cells", value, _known(details, numbers))


def _responses(numbers: Table) -> Tile:
    responding = numbers.get("percent_responsive_per_image")
    parts = [
        f"{count(numbers.get('responsive_cells'))} of {count(numbers.get('cells'))} cells respond "
        "to some image",
        numbers.get("detectable", ""),
        f"population sparseness {number(numbers.get('population_sparseness'))}",
    ]
    detail = " · ".join(filter(None, parts))
    value = f"{number(responding, 1)} %" if number(responding) != DASH else DASH
    return Tile("of the cells are driven by an image, on average", value, detail)


def _how_many_cells(numbers: Table, respond: Table) -> list[Tile]:
    """The cells that carry the picture, and how many strongly responding ones suffice."""
    limits = interval(numbers.get("informative_cells_ci95") or (None, None), 0)
    of = f"of {count(respond.get('cells'))}"
    if numbers.get("informative_cells_told"):
        value, detail = count(numbers.get("informative_cells")), f"{of} · 95 % interval {limits}"
    else:
        value, detail = DASH, f"this recording cannot tell; as far as it shows, {limits} {of}"
    strong = interval(numbers.get("strong_cells_ci95") or (None, None), 0)
    beside = (
        f"{OTHERS} · 95 % interval {strong} · first crossing of the paper's curve "
        f"{count(numbers.get('cells_95'))}"
    )
    return [
        Tile("cells can be shown to carry the picture", value, detail),
        Tile("strongest cells give 95 % of R", count(numbers.get("strong_cells")), beside),
    ]


def _stability(numbers: Table) -> Tile:
    known = {
        "reconstruction_similarity_other": "with other images "
        + number(numbers.get("reconstruction_similarity_other")),
        "response_similarity": f"responses {number(numbers.get('response_similarity'))}",
        "similarity_allowed": "the responses allow " + number(numbers.get("similarity_allowed")),
        "r_single": f"R with the picture shown {number(numbers.get('r_single'))}",
    }
    similarity = number(numbers.get("reconstruction_similarity"))
    label = "similarity of reconstructions over repeats"
    return Tile(label, similarity, _known(known, numbers))


def _known(details: Mapping[str, str], numbers: Table) -> str:
    """The details whose key the summary holds; their parts do not break across lines."""
    kept = [text.replace(" ", "\u00a0") for key, text in details.items() if key in numbers]
    return " · ".join(kept)


def _defined(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else -math.inf
