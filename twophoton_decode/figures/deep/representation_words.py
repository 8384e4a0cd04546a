"""What the comparison of layers and populations shows, in sentences, and what it does not."""

from __future__ import annotations

import numpy as np

from twophoton_decode.figures.canvas.numbers import counted, interval, number, percent
from twophoton_decode.records import Representation


def sentences(found: Representation) -> list[str]:
    """A few sentences for each population: best layer, trend, controls, nearest population."""
    return [_of_population(found, place) for place in range(len(found.population))]


def _of_population(found: Representation, place: int) -> str:
    name = found.population[place]
    cells = int(found.population_cells[place])
    sets = int(found.sets[place])
    of = f" of {sets} sessions" if sets > 1 else ""
    who = f"{name} ({counted(cells, 'cell')}{of})" if cells else f"{name}"
    reliability = found.reliability[place]
    if not (np.isfinite(reliability) or found.ranked[place]):
        return f"{who}: layers are not ranked, as one repeat says nothing about reliability."
    if not found.ranked[place]:
        return (
            f"{who}: layers are not ranked, as its dissimilarities are mostly noise (reliability "
            f"{number(reliability)}, below {number(found.least_reliability, 1)})."
        )
    layers = [_of_network(found, row, place) for row in range(len(found.compared))]
    near = found.nearest[place]
    nearest = (
        [f"The nearest population is {found.population[near]} "
         f"({number(found.between[place, near])})."]
        if near >= 0
        else []
    )  # fmt: skip
    known = number(reliability) if np.isfinite(reliability) else "unknown"
    return f"{who}, reliability {known}: {' '.join([*layers, *nearest])}"


def _of_network(found: Representation, row: int, place: int) -> str:
    best = int(found.best_layer[row, place])
    name = found.compared[row]
    if best < 0:
        return f"No layer of {name} could be compared."
    ends = (found.agreement_low[best, place], found.agreement_high[best, place])
    share, trend = found.best_share[row, place], found.trend[row, place]
    return (
        f"{name} agrees best at {found.layer[best]}, {number(found.agreement[best, place])} "
        f"(95 % interval {interval(ends)}; the best layer in {percent(share)} of resamples); "
        f"{_trend(trend)}. {_controls(found, best, place)}"
    )


def _trend(trend: float) -> str:
    if not np.isfinite(trend):
        return "it has too few layers for a trend"
    return f"over layers, agreement and depth correlate at {number(trend)} (ranks, no interval)"


def _controls(found: Representation, best: int, place: int) -> str:
    """Whether the layer beats its random twin and the pixels; never more than the intervals say."""
    parts = []
    for what, name in (("the same layer with random weights", "over_random"),
                       ("the pixels", "over_pixels")):  # fmt: skip
        gap = getattr(found, name)[best, place]
        if not np.isfinite(gap):
            continue
        low, high = (getattr(found, f"{name}_{end}")[best, place] for end in ("low", "high"))
        reached = number(found.agreement[best, place] - gap)
        verdict = "it exceeds" if low > 0 else "it is below" if high < 0 else "not shown to exceed"
        parts.append(f"{verdict} {what} ({reached}; difference {interval((low, high))})")
    return f"{_capital('; '.join(parts))}." if parts else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
