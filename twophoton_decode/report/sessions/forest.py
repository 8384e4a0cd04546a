"""Forest plots as the page draws them: a row a session, and what all say together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from twophoton_decode.figures.canvas.numbers import DASH, count, interval, number
from twophoton_decode.records.sessions import HierarchicalMean, Measurement, PopulationView

WIDTH: Final = 170.0
"""Of the drawing of a row, in its own units."""

_MARGIN: Final = 12.0


@dataclass(frozen=True)
class ForestRow:
    """A session or the population: its value, interval and what it is held against, as places.

    `text` has the numbers; places are None where there is none.
    """

    name: str
    text: str
    x: float | None
    low: float | None
    high: float | None
    against: float | None
    population: bool = False


@dataclass(frozen=True)
class Forest:
    """One measure of every session; `ticks` are places and labels of its scale."""

    title: str
    legend: str
    rows: Sequence[ForestRow]
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Question:
    """What a forest shows: measure and condition, and what it is held against.

    `stretch` is from values to the scale on which places are even.
    """

    title: str
    measure: str
    condition: str
    against: tuple[str, str]
    legend: str
    ticks: Sequence[float]
    write: Callable[[float], str] = number
    digits: int = 2
    stretch: Callable[[float], float] = field(default=lambda value: value)


def _log(cells: float) -> float:
    """Even room for few cells and for many, as the curves of a session's page have it."""
    return math.log1p(max(cells, 0.0) / 3)


QUESTIONS: Final = (
    Question(
        "R, mean of trials",
        "r_average",
        "",
        ("chance_r", ""),
        "line: 95 % interval; grey tick: chance, images permuted and all refitted",
        (-1, -0.5, 0, 0.5, 1),
    ),
    Question(
        "Strongest cells that suffice",
        "cells",
        "strong that suffice",
        ("cells", "every cell"),
        "for 95 % of R from all; line: 95 % interval; grey tick: all cells",
        (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000),
        count,
        0,
        _log,
    ),
    Question(
        "Similarity over trials",
        "reconstruction_similarity",
        "",
        ("reconstruction_similarity_other", ""),
        "of a trial's reconstruction to the others of its picture; line: 95 % interval; grey tick: "
        "to other pictures",
        (-1, -0.5, 0, 0.5, 1),
    ),
)


def forests(view: PopulationView, decoder: str) -> list[Forest]:
    """R, number of cells and stability, as far as sessions have them for this decoder."""
    return [made for each in QUESTIONS if (made := _forest(view, decoder, each)) is not None]


def _forest(view: PopulationView, decoder: str, asked: Question) -> Forest | None:
    found = {each.session: each for each in view.of(decoder, asked.measure, asked.condition)}
    if not found:
        return None
    against = {each.session: each.mean for each in view.of(decoder, *asked.against)}
    mean = view.means[decoder, asked.measure, asked.condition]
    scale = _Scale(_ends(list(found.values()), against, mean, asked), asked.stretch)
    rows = [
        _session_row(name, found.get(name), against.get(name), scale, asked)
        for name in view.sessions
    ]
    rows.append(_population_row(mean, scale, asked))
    ticks = [(scale.place(tick), asked.write(tick)) for tick in scale.within(asked.ticks)]
    return Forest(asked.title, asked.legend, rows, _apart(ticks))


@dataclass(frozen=True)
class _Scale:
    ends: tuple[float, float]
    stretch: Callable[[float], float]

    def place(self, value: float) -> float:
        """Where a value is drawn; what lies beyond the ends is drawn at them."""
        low, high = map(self.stretch, self.ends)
        share = (self.stretch(value) - low) / (high - low or 1.0)
        return round(_MARGIN + min(max(share, 0.0), 1.0) * (WIDTH - 2 * _MARGIN), 1)

    def known(self, value: float | None) -> float | None:
        return None if value is None or not math.isfinite(value) else self.place(value)

    def within(self, values: Sequence[float]) -> list[float]:
        return [value for value in values if self.ends[0] <= value <= self.ends[1]]


def _ends(
    found: Sequence[Measurement],
    against: dict[str, float],
    mean: HierarchicalMean,
    asked: Question,
) -> tuple[float, float]:
    """The ends of the scale: from zero at most to the next tick at least.

    Every session has its place; where there are few mice, the interval of the population can
    reach beyond all of them, and beyond the scale.
    """
    drawn = [end for each in found for end in (each.mean, *each.interval)]
    drawn += [*against.values(), mean.mean]
    known = [value for value in drawn if math.isfinite(value)]
    least, most = asked.ticks[0], asked.ticks[-1]
    low, high = max(min(known), least), min(max(known), most)
    return min(low, 0.0), next((tick for tick in asked.ticks if tick >= high), most)


def _session_row(
    name: str, found: Measurement | None, against: float | None, scale: _Scale, asked: Question
) -> ForestRow:
    if found is None:
        return ForestRow(name, DASH, None, None, None, scale.known(against))
    low, high = map(scale.known, found.interval)
    text = _text(asked, found.mean, found.interval)
    return ForestRow(name, text, scale.place(found.mean), low, high, scale.known(against))


def _population_row(mean: HierarchicalMean, scale: _Scale, asked: Question) -> ForestRow:
    low, high = scale.known(mean.low), scale.known(mean.high)
    name = f"mean over {mean.units} {mean.level}"
    text = _text(asked, mean.mean, (mean.low, mean.high))
    return ForestRow(name, text, scale.place(mean.mean), low, high, None, population=True)


def _text(asked: Question, value: float, ends: tuple[float, float]) -> str:
    told = interval(ends, asked.digits)
    return asked.write(value) if told == DASH else f"{asked.write(value)} ({told})"


def _apart(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Ticks whose labels do not touch, the last one always."""
    kept: list[tuple[float, str]] = []
    for x, label in reversed(ticks):
        if not kept or kept[-1][0] - x > 6.0 * max(len(label), len(kept[-1][1])) + 4:
            kept.append((x, label))
    return kept[::-1]
