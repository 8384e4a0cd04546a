"""A row a session: its name and mouse, its pictures, and its headline numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twophoton_decode.figures.canvas.numbers import DASH, count, interval, number, p_value, percent
from twophoton_decode.records.sessions import Measurement, PopulationView
from twophoton_decode.report.sessions.tests_table import PageTable
from twophoton_decode.report.sessions.thumbnails import Thumbnails


@dataclass(frozen=True)
class SessionPart:
    """What the page has of a session beside its measurements.

    `link` leads to the session's own page, where it lies beside; `pictures` are of the
    leading decoder, None where the session lacks it.
    """

    name: str
    mouse: str
    link: str = ""
    pictures: Thumbnails | None = None


@dataclass(frozen=True)
class Fact:
    """A headline number, and what it is to be held against."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True)
class SessionRow:
    """A session as the page shows it."""

    part: SessionPart
    facts: Sequence[Fact]


class Numbers:
    """The measures of one session and decoder, by name and condition."""

    def __init__(self, view: PopulationView, session: str, decoder: str) -> None:
        own = [each for each in view.found if each.session == session]
        self._found: Mapping[tuple[str, str], Measurement] = {
            (each.measure, each.condition): each for each in own if each.decoder in ("", decoder)
        }

    def value(self, measure: str, condition: str = "") -> float | None:
        """The mean over images, or the single value; None where there is none."""
        found = self._found.get((measure, condition))
        return None if found is None else found.mean

    def interval(self, measure: str, condition: str = "", digits: int = 2) -> str:
        """Its 95 % interval in words; a dash where there is none."""
        found = self._found.get((measure, condition))
        return DASH if found is None else interval(found.interval, digits)

    def has(self, measure: str) -> bool:
        """Whether the session has a measure under any condition."""
        return any(name == measure for name, _ in self._found)


def session_rows(
    view: PopulationView, parts: Sequence[SessionPart], decoder: str
) -> list[SessionRow]:
    """Every session with the numbers of one decoder."""
    return [
        SessionRow(part, list(_facts(Numbers(view, part.name, decoder), decoder))) for part in parts
    ]


def _facts(of: Numbers, decoder: str) -> list[Fact]:
    facts = []
    if of.has("r_average"):
        facts += [_r(of, decoder), _identified(of)]
    if of.has("cells"):
        facts.append(_cells(of))
    if of.has("reconstruction_similarity"):
        facts.append(_stability(of))
    if of.has("percent_responsive"):
        facts.append(_responses(of))
    return facts


def _r(of: Numbers, decoder: str) -> Fact:
    chance = of.value("chance_r")
    p = f", {p_value(of.value('p_value'))}" if of.value("p_value") is not None else ""
    parts = [
        f"95 % interval {of.interval('r_average')}",
        f"chance {number(chance)}{p}" if chance is not None else "chance not tested",
        f"three lowest components alone {number(of.value('r_low'))}",
        f"feature ceiling {number(of.value('feature_ceiling_r'))}",
    ]
    return Fact(f"R, mean of trials, by {decoder}", number(of.value("r_average")), _joined(parts))


def _identified(of: Numbers) -> Fact:
    share = percent(of.value("two_way_average"))
    return Fact("two-way identification", share, "chance 50 %")


def _cells(of: Numbers) -> Fact:
    strong = ("cells", "strong that suffice")
    carriers = count(of.value("cells", "informative"))
    told = f"{carriers} can be shown to carry the picture"
    parts = [
        f"95 % interval {of.interval(*strong, digits=0)}",
        told if carriers != DASH else "how many carry the picture cannot be told",
    ]
    of_all = count(of.value("cells", "every cell"))
    label = f"of {of_all} cells, the strongest, give 95 % of R"
    return Fact(label, count(of.value(*strong)), _joined(parts))


def _stability(of: Numbers) -> Fact:
    parts = [
        f"95 % interval {of.interval('reconstruction_similarity')}",
        f"to other pictures {number(of.value('reconstruction_similarity_other'))}",
    ]
    if of.has("response_similarity"):
        parts.append(f"of responses {number(of.value('response_similarity'))}")
    value = number(of.value("reconstruction_similarity"))
    return Fact("similarity of reconstructions over trials", value, _joined(parts))


def _responses(of: Numbers) -> Fact:
    value = f"{number(of.value('percent_responsive'), 1)} %"
    detail = f"population sparseness {number(of.value('population_sparseness'))}"
    return Fact("of the cells respond to a picture, on average", value, detail)


def _joined(parts: Sequence[str]) -> str:
    """The parts in one line, none of which breaks across lines."""
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)


_COLUMNS: tuple[tuple[str, str, str, int], ...] = (
    ("R, mean of trials", "r_average", "", 3),
    ("R, single trials", "r_single", "", 3),
    ("chance R", "chance_r", "", 3),
    ("three lowest components", "r_low", "", 3),
    ("feature ceiling", "feature_ceiling_r", "", 3),
    ("two-way identification", "two_way_average", "", 3),
    ("cells", "cells", "every cell", 0),
    ("strongest that suffice", "cells", "strong that suffice", 0),
    ("informative cells", "cells", "informative", 0),
    ("similarity of reconstructions", "reconstruction_similarity", "", 3),
    ("to other pictures", "reconstruction_similarity_other", "", 3),
    ("similarity of responses", "response_similarity", "", 3),
)


def numbers_table(view: PopulationView, decoders: Sequence[str]) -> PageTable:
    """The numbers of every session and decoder that the page draws, with their intervals."""
    rows = []
    mice = {each.session: each.mouse for each in view.found}
    for session in view.sessions:
        for decoder in decoders:
            of = Numbers(view, session, decoder)
            cells = [
                _cell(of.value(measure, condition), of.interval(measure, condition, digits), digits)
                for _, measure, condition, digits in _COLUMNS
            ]
            rows.append((session, mice[session], decoder, *cells))
    heads = ("Session", "Mouse", "Decoder", *(label for label, *_ in _COLUMNS))
    note = (
        "Means over images, or the single value, with 95 % intervals. Every measure and condition: "
        "sessions.csv; over sessions: population.csv."
    )
    return PageTable("Numbers of each session", heads, rows, note)


def _cell(value: float | None, ends: str, digits: int) -> str:
    told = number(value, digits)
    return told if ends == DASH else f"{told} ({ends})"
