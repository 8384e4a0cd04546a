"""What a network with attention on and off says about the cells, in one sentence or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twophoton_decode.figures.canvas.numbers import (
    DASH,
    counted,
    interval,
    number,
    percent,
    signed,
)
from twophoton_decode.records import AttentionEncoding

_DIGITS = 3
_BELOW_ZERO = (
    " An r below 0 is no finding: where nothing is predicted, a fit gives about the mean of the "
    "training part, which is the lower the higher the tested part lies."
)


def attention_sentence(numbers: Mapping[str, Any]) -> str:
    """Whether attention counts, with the controls that decide it; from `headline`."""
    beside = (
        f"r with the picture's own map less r without is {_difference(numbers, 'delta')}, less r "
        f"with another picture's map {_difference(numbers, 'beyond_other_map')}, less r with the "
        f"mean map {_difference(numbers, 'beyond_mean_map')}, means over "
        f"{counted(numbers['cells'], 'cell')}"
    )
    if not numbers["predicted_cells"]:
        return (
            f"Attention ({numbers['attention']}) cannot be judged from these cells, of which none "
            f"is predicted above chance: {beside}. Differences between such predictions say "
            "nothing."
        )
    if numbers["attention_counts"]:
        return f"Attention ({numbers['attention']}) helps to predict these cells: {beside}."
    return (
        f"Attention ({numbers['attention']}) is not shown to help to predict these cells: "
        f"{beside}; the last two would both have to be above 0."
    )


def prediction_sentence(numbers: Mapping[str, Any]) -> str:
    """How well cells are predicted without attention, beside random weights and pixels."""
    layers = numbers["layers"]
    best = max(layers, key=lambda each: _ranked(layers[each]["r"]))
    return (
        f"{counted(numbers['predicted_cells'], 'cell')} of {numbers['cells']} are predicted above "
        f"chance (two-sided, false discovery rate controlled); median r {number(numbers['r_off'])} "
        f"without attention, {number(numbers['pixels_r'])} from pixels; layer {best} reaches "
        f"{number(layers[best]['r'])}, {number(layers[best]['random'])} with random weights."
        + _BELOW_ZERO
        * ((numbers["r_off"] or 0.0) < 0)
    )


def layout_sentence(found: AttentionEncoding) -> str:
    """What the layout keeps, and whether neighbours share a place; no cluster is named."""
    if not found.neighbours:
        return "There are too few predicted cells for a layout."
    return (
        f"The layout keeps {percent(found.neighbours_kept)} of the {found.neighbours} nearest "
        f"cells ({percent(found.neighbours_by_chance)} by chance), and two seeds share "
        f"{percent(found.seeds_agree)}: a cluster says nothing by itself. "
        + " ".join(_nearness(found))
    )


def kept_lines(found: AttentionEncoding) -> str:
    """The same numbers in the few words that stand on the figure."""
    return (
        f"neighbours kept {percent(found.neighbours_kept)} (chance "
        f"{percent(found.neighbours_by_chance)})\nseeds agree {percent(found.seeds_agree)}"
    )


def _nearness(found: AttentionEncoding) -> list[str]:
    kinds = {
        "Receptive fields": ("field_distance", "on the picture"),
        "Cells": ("view_distance", "on the field of view"),
    }
    told = []
    for what, (key, where) in kinds.items():
        value, chance, p = (getattr(found, f"{key}{end}") for end in ("", "_by_chance", "_p"))
        if number(value) == DASH:
            told.append(f"{what}: no distances {where}.")
        else:
            told.append(
                f"{what} of neighbours lie {number(value, 1)} px apart {where}, "
                f"{number(chance, 1)} px by chance (p = {p:.2g})."
            )
    return told


def _difference(numbers: Mapping[str, Any], key: str) -> str:
    ends: Sequence[float] = numbers[f"{key}_ci95"]
    return f"{signed(numbers[key], _DIGITS)} (95 % interval {interval(ends, _DIGITS)})"


def _ranked(value: float | None) -> float:
    return -1.0 if value is None or value != value else value
