"""What the comparison of layers and populations shows, in sentences, and what it does not."""

from __future__ import annotations

import numpy as np

from twophoton_decode.figures.canvas.numbers import counted, interval, number, percent
from twophoton_decode.records import Representation

_OTHER_MEASURE = {"crossnobis": "correlation", "correlation": "crossnobis"}


def sentences(found: Representation) -> list[str]:
    """Of each population its best layers, controls and nearest population; then what may change."""
    told = [_of_population(found, place) for place in range(len(found.population))]
    return [*told, *_cautions(found)]


def _of_population(found: Representation, place: int) -> str:
    name = found.population[place]
    cells = int(found.population_cells[place])
    sets = int(found.sets[place])
    of = f" of {sets} sessions" if sets > 1 else ""
    who = f"{name} ({counted(cells, 'cell')}{of})" if cells else f"{name}"
    reliability = found.reliability[place]
    not_ranked = "layers are not ranked, as " if len(found.compared) else ""
    if not (np.isfinite(reliability) or found.ranked[place]):
        return f"{who}: {not_ranked}one repeat says nothing about reliability."
    if not found.ranked[place]:
        return (
            f"{who}: {not_ranked}its dissimilarities are mostly noise (reliability "
            f"{number(reliability)}, below {number(found.least_reliability, 1)})."
        )
    told = [_of_network(found, row, place) for row in range(len(found.compared))]
    near = int(found.nearest[place])
    if near >= 0:
        agreement = number(found.between[place, near])
        told.append(f"The nearest population is {found.population[near]} ({agreement}).")
    known = number(reliability) if np.isfinite(reliability) else "unknown"
    return " ".join([f"{who}, reliability {known}{':' if len(found.compared) else '.'}", *told])


def _of_network(found: Representation, row: int, place: int) -> str:
    """One network alone is told in full, of several each in a line."""
    best = int(found.best_layer[row, place])
    name = str(found.compared[row])
    if best < 0:
        return f"No layer of {name} could be compared."
    ends = told_interval(found.agreement_low[best, place], found.agreement_high[best, place])
    beside = "; ".join([*_controls(found, best, place), *better_random(found, best, place)])
    layers = len(found.models_of(name))
    agrees = f"{name} agrees best at {found.layer[best]}, {number(found.agreement[best, place])}"
    if len(found.compared) > 1:
        return f"{agrees} (95 % {ends}; best of {layers}){beside and '; '}{beside}."
    share, trend = found.best_share[row, place], found.trend[row, place]
    return (
        f"{agrees} (95 % interval {ends}; picked as the best of {layers} layers on these data, and "
        f"the best in {percent(share)} of resamples); {_trend(trend)}."
        f"{f' {beside[:1].upper()}{beside[1:]}.' if beside else ''}"
    )


def told_interval(low: float, high: float) -> str:
    """An interval of agreements, within −1 and 1, or that there is none."""
    if not np.isfinite(low):
        return "unknown"
    inside = np.clip([low, high], -1, 1)
    cut = " and ".join(number(end, 0) for end in inside[inside != (low, high)])
    return f"{interval(inside.tolist())}{cut and f', cut at {cut}'}"


def _trend(trend: float) -> str:
    if not np.isfinite(trend):
        return "it has too few layers for a trend"
    return f"over layers, agreement and depth correlate at {number(trend)} (ranks, no interval)"


def _controls(found: Representation, best: int, place: int) -> list[str]:
    """What the layer is beside one draw of random weights, and beside the pixels."""
    one = "that layer with one draw of random weights, " if len(found.compared) == 1 else ""
    random, pixels = (
        _beside(found, best, place, field, what)
        for field, what in (
            ("over_random", f"{one}{_draw_of(found, best)}"),
            ("over_pixels", "the pixels"),
        )
    )
    if has_random_weights(found.network[best]) and random:
        reached = number((found.agreement - found.over_random)[best, place])
        random = f"another draw of random weights ({_draw_of(found, best)}) has {reached} there"
    return [each for each in (random, pixels) if each]


def _beside(found: Representation, best: int, place: int, field: str, what: str) -> str:
    """Never more than the interval of the difference says; empty without that control."""
    gap = getattr(found, field)[best, place]
    if not np.isfinite(gap):
        return ""
    reached = number(found.agreement[best, place] - gap)
    low, high = (getattr(found, f"{field}_{end}")[best, place] for end in ("low", "high"))
    if not np.isfinite(low):
        return f"{reached} for {what}, without an interval of the difference"
    verdict = "it exceeds" if low > 0 else "it is below" if high < 0 else "not shown to exceed"
    return f"{verdict} {what} ({reached}; difference {interval((low, high))})"


def has_random_weights(network: str) -> bool:
    """Whether the weights of a network of this name are random."""
    return "@random:" in network


def twin_of(network: str) -> str:
    """The network with random weights that a network is compared with."""
    return f"{network.partition('@')[0]}@random:0"


def _draw_of(found: Representation, model: int) -> str:
    return "@" + twin_of(str(found.network[model])).partition("@")[2]


def better_random(found: Representation, best: int, place: int) -> list[str]:
    """The random layer of any network that agrees better than a trained best layer, if one does."""
    random = np.array([has_random_weights(each) for each in found.network], dtype=bool)
    values = np.where(random, found.agreement[:, place], np.nan)
    if random[best] or not (values > found.agreement[best, place]).any():
        return []
    most = int(np.nanargmax(values))
    layer = f"{found.network[most]} {found.layer[most]}"
    return [f"but with random weights, {layer} reaches {number(values[most])}"]


def _cautions(found: Representation) -> list[str]:
    """What may turn round with another draw or dissimilarity; told once, of what is ranked."""
    ranked = found.ranked & (found.best_layer >= 0).any(axis=0)
    told = []
    if ranked.any() and any(has_random_weights(each) for each in found.network):
        told.append("Random weights differ from draw to draw: others may do better.")
    other = _OTHER_MEASURE.get(found.measure)
    if other and (ranked.any() or (found.ranked & (found.nearest >= 0)).any()):
        told.append(
            f"By another dissimilarity (--dissimilarity {other}) this can turn round: look at both."
        )
    return told
