"""Agreement of unit accuracies between animals, on disjoint pictures and on the same ones."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number
from twophoton_decode.figures.deep.layers import COLOUR
from twophoton_decode.records.deep.unit_agreement import UnitAgreement
from twophoton_decode.records.table import Table
from twophoton_decode.words import counted

_CONTRAST: Final = "#E69F00"
_SAME: Final = "#999999"


def unit_agreement(found: UnitAgreement) -> Drawing:
    """Mean agreement of each layer with its anchors, and every pair of sessions."""
    with style.applied():
        figure = style.figure(3.0)
        panels = figure.subplots(1, 2)
        style.letter_panels(*panels)
        _draw_means(panels[0], found)
        _draw_pairs(panels[1], found)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    name = f"unit_agreement_{found.network.replace('@random:', '-random-')}"
    return Drawing(name, figure, agreement_sentence(found), _table(found))


def _draw_means(axes: Axes, found: UnitAgreement) -> None:
    """Disjoint pictures: network, random weights, pixels, ceilings and anchors."""
    place = _places(found)
    for kind, label in (("network", "network"), ("random", "random weights")):
        rows = [row for row, each in enumerate(found.kind.tolist()) if each == kind]
        x = np.array([place[found.space[row]] for row in rows]) + 0.1 * (kind == "random")
        if rows and np.isfinite(found.mean[rows]).any():
            axes.plot(x, found.mean[rows], "o-", ms=3.5, lw=1, color=COLOUR[kind], label=label)
            axes.vlines(x, *found.mean_ci95[rows].T, color=COLOUR[kind], lw=1)
    network = _network(found)
    at = [place[found.space[row]] for row in network]
    for pair in _counted(found):
        first = pair == _counted(found)[0]
        axes.plot(
            at, found.ceiling[pair, network], "_", ms=9, color=COLOUR["network"],
            label="ceiling of a pair" if first else None,
        )  # fmt: skip
        axes.plot(
            at, found.contrast[pair, network], "x", ms=4, color=_CONTRAST,
            label="mice that share contrast alone" if first else None,
        )  # fmt: skip
    for row in np.flatnonzero(found.kind == "pixels"):
        axes.axhline(found.mean[row], color=COLOUR["pixels"], lw=1, ls="--", label="pixels")
    _finish(axes, place, "Disjoint pictures (bars: 95 % interval)")


def _draw_pairs(axes: Axes, found: UnitAgreement) -> None:
    """Every pair of sessions on disjoint pictures, and on the same ones."""
    place, network = _places(found), _network(found)
    x = [place[found.space[row]] for row in network]
    series = (
        (found.agreement, "o-", COLOUR["network"], "disjoint pictures"),
        (found.same, "o-", _SAME, "same pictures (biased)"),
        (found.contrast_same, "x:", _CONTRAST, "same, contrast alone"),
    )
    for values, marker, colour, label in series:
        for pair, row in enumerate(values[:, network]):
            axes.plot(
                x, row, marker, ms=3, lw=0.8, color=colour, label=label if pair == 0 else None
            )
    _finish(axes, place, "Every pair of sessions")
    axes.legend(loc="best")


def _finish(axes: Axes, place: dict[str, int], title: str) -> None:
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xticks(range(len(place)), list(place), rotation=45, ha="right")
    axes.set_ylabel("Rank correlation over units")
    axes.set_title(title)


def _network(found: UnitAgreement) -> list[int]:
    return [row for row, kind in enumerate(found.kind.tolist()) if kind == "network"]


def _places(found: UnitAgreement) -> dict[str, int]:
    return {found.space[row]: x for x, row in enumerate(_network(found))}


def _counted(found: UnitAgreement) -> list[int]:
    return [int(pair) for pair in np.flatnonzero(found.counts & ~found.biased)]


def agreement_sentence(found: UnitAgreement) -> str:
    """What agrees beyond what pictures shared would give, and what does not."""
    if not _counted(found):
        return _only_same(found)
    agreed, not_agreed = _sorted_out(found)
    pairs = counted(len(_counted(found)), "pair")
    of = "two mice" if len(set(found.mouse.tolist())) > 1 else "sessions of one mouse"
    told = (
        f"Over {pairs} of {of}, units of {found.network} that one session decodes well on some "
        "pictures are decoded well in the other on different pictures in "
        f"{', '.join(agreed)}."
        if agreed
        else f"Over {pairs} of {of}, no layer of {found.network} has units that are decoded alike "
        "on different pictures: no agreement."
    )
    if agreed and not_agreed:
        told += f" No agreement in {', '.join(not_agreed)}: the interval is not above 0."
    elif not_agreed:
        told += f" ({', '.join(not_agreed)}; no interval is above 0.)"
    told += " Intervals are of single layers, not corrected for their number."
    return f"{told} {_beside(found)}"


def _sorted_out(found: UnitAgreement) -> tuple[list[str], list[str]]:
    """Layers with an interval above 0, and the others, each with its numbers."""
    agreed: list[str] = []
    others: list[str] = []
    for row in _network(found):
        told = (
            f"{found.space[row]} {number(found.mean[row])} ({interval(found.mean_ci95[row])}; "
            f"ceiling {_range(found.ceiling[_counted(found), row])})"
        )
        (agreed if found.mean_ci95[row, 0] > 0 else others).append(told)
    return agreed, others


def _beside(found: UnitAgreement) -> str:
    """The anchors that decide, and what the same pictures would have said."""
    network, pairs = _network(found), _counted(found)
    beyond = [str(found.space[row]) for row in network if _is_beyond_contrast(found, row)]
    parts = [
        "Simulated mice that share contrast alone, shown the same pictures, agree at "
        f"{_range(found.contrast[pairs][:, network])} on disjoint ones; "
        + (
            f"above that: {', '.join(beyond)}."
            if beyond
            else "no layer lies above that, so contrast may be all that the mice share."
        )
    ]
    twin = np.flatnonzero(found.kind == "random")
    if len(twin):
        parts.append(f"Random weights: {_range(found.mean[twin])}.")
    same = found.same[pairs][:, network]
    if np.isfinite(same).any():
        parts.append(
            f"Tested on the same pictures, sessions agree at {_range(same)}, and mice that share "
            f"contrast alone at {_range(found.contrast_same[pairs][:, network])}: that is biased."
        )
    return " ".join(parts)


def _is_beyond_contrast(found: UnitAgreement, row: int) -> bool:
    """Whether the interval of a layer's mean lies above contrast-only mice of every pair."""
    anchors = found.contrast[_counted(found), row]
    return bool((found.mean_ci95[row, 0] > anchors).all())


def _only_same(found: UnitAgreement) -> str:
    network = _network(found)
    return (
        f"{found.network}: only same-image agreement, which is biased, because too few pictures "
        f"are left once none is shared: {_range(found.same[:, network])} over pairs and layers. "
        "Mice that share contrast alone agree on the same pictures at "
        f"{_range(found.contrast_same[:, network])}."
    )


def _range(values: np.ndarray) -> str:
    """ "0.12", or "0.03 to 0.41" of several."""
    known = sorted(float(each) for each in np.ravel(values) if each == each)
    if not known:
        return "unknown"
    low, high = number(known[0]), number(known[-1])
    return low if low == high else f"{low} to {high}"


def _table(found: UnitAgreement) -> Table:
    """One row a space: what panel A draws."""
    return {
        "features": found.kind.tolist(),
        "layer": found.space.tolist(),
        "agreement": found.mean.tolist(),
        "low": found.mean_ci95[:, 0].tolist(),
        "high": found.mean_ci95[:, 1].tolist(),
    }
