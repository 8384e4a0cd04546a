"""What the session found, at the top of the page: a title, and three answers with a scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from twophoton_decode.figures.canvas.numbers import (
    DASH,
    count,
    counted,
    interval,
    number,
    p_value,
    percent,
    tested_p,
)

Table = Mapping[str, Any]

_LEFT, _RIGHT = 8.0, 322.0
_LETTER = 6.2


@dataclass(frozen=True)
class Mark:
    """A tick on a scale: what a score is to be held against."""

    label: str
    x: float
    anchor: str
    kind: str = "chance"
    row: int = 0


@dataclass(frozen=True)
class Line:
    """A score on a line with its interval, in the units of a drawing 330 wide."""

    x: float
    low: float | None
    high: float | None
    marks: Sequence[Mark]

    @property
    def height(self) -> int:
        """Room for the line and its rows of labels."""
        return 44 + 14 * max((mark.row for mark in self.marks), default=0)


@dataclass(frozen=True)
class Answer:
    """One question, its number, and what decides it; `value` is a dash where unknown."""

    question: str
    value: str
    unit: str
    text: str
    line: Line | None = None


@dataclass(frozen=True)
class Opening:
    """Title and first line of the page, and its three answers."""

    title: str
    lead: str
    answers: Sequence[Answer] = field(default_factory=list)


def opening(summary: Table, best: str | None, name: str) -> Opening:
    """What stands at the top, for the decoder that leads; an honest title where nothing was found.

    Parameters
    ----------
    summary : mapping
        As in ``summary.json``.
    best : str or None
        The decoder that leads; None where nothing was decoded.
    name : str
        What the page is called where there is no finding.
    """
    if best is None:
        return Opening(name, _shown(summary))
    scores = summary["reconstruct"][best]
    if scores.get("unavailable"):
        return Opening(
            name, _shown(summary), [Answer("Did it work?", DASH, "", _absent(scores, ""))]
        )
    cells = summary.get("respond", {}).get("cells")
    few = summary.get("sparsity", {}).get(best, {})
    stable = summary.get("stability", {}).get(best, {})
    answers = [_worked(scores), _few(few, cells), _stable(stable)]
    return Opening(_title(scores, few, cells), _shown(summary), answers)


def decoded(scores: Table) -> bool | None:
    """Whether R is above chance: its interval, and the test where there is one; None if unknown."""
    # The test is that of the primary score, and so are interval and chance.
    single = scores.get("primary_score") == "r_single"
    low = (scores.get("r_single_ci95" if single else "r_average_ci95") or (None, None))[0]
    p = scores.get("p_value")
    if not _known(low):
        return None
    end = "_single" if single else ""
    chance, wrong = scores.get(f"chance_r{end}"), scores.get(f"wrong_image_r{end}")
    above = low > (chance if _known(chance) else wrong if _known(wrong) else 0.0)
    return bool(above and (not _known(p) or p <= 0.05 or _at_floor(scores)))


def _title(scores: Table, few: Table, cells: float | None) -> str:
    works = decoded(scores)
    if works is None:
        return "How well the pictures were reconstructed cannot be told"
    if not works:
        return "The pictures could not be reconstructed above chance"
    strong = few.get("strong_cells")
    if not _known(strong) or cells is None:
        return f"The pictures are reconstructed at R {number(scores.get('r_average'))}"
    if strong >= cells:
        return f"The picture takes all {count(cells)} cells"
    # Not "carry": more cells than these carry something of the picture.
    who = "strongest is" if strong == 1 else f"{count(strong)} strongest are"
    return f"Of {count(cells)} cells, the {who} enough for the picture"


def _shown(summary: Table) -> str:
    """What was recorded and shown; empty where no stage has said it."""
    extract, respond = summary.get("extract", {}), summary.get("respond", {})
    cells = counted(respond["cells"], "cell") if _known(respond.get("cells")) else ""
    parts = [cells, respond.get("stimulus") or extract.get("movie"), extract.get("microscope")]
    return "; ".join(part for part in parts if part)


def _worked(scores: Table) -> Answer:
    works = decoded(scores)
    verdict = {True: "Yes.", False: "Not above chance.", None: "This cannot be told."}[works]
    if works and not _known(scores.get("p_value")):
        verdict = "Above R with other images; not tested."
    ends = scores.get("r_average_ci95") or (None, None)
    p = tested_p(scores)
    share = percent(scores.get("two_way_identification"))
    wrong = scores.get("wrong_image_r")
    beside = f" With other images, R is {number(wrong)}." if _known(wrong) else ""
    chance = (
        f"There is no test against chance.{beside}"
        if DASH in p
        else f"With the pictures permuted and all refitted, R is {number(scores.get('chance_r'))} "
        f"({p})."
    )
    text = (
        f"{verdict} 95 % interval {interval(ends)}. {chance} Of two pictures, the right one is "
        f"found in {share} (chance 50 %)."
    )
    marks = _marks(
        -0.2,
        1.0,
        ("chance", scores.get("chance_r"), "chance"),
        ("other images", wrong, "chance"),
        ("infinitely many trials", scores.get("r_infinite_trials"), "ceiling"),
    )
    line = _line(scores.get("r_average"), ends, -0.2, 1.0, marks)
    value = number(scores.get("r_average"))
    return Answer("Did it work?", value, "R, mean of trials, m subtracted", text, line)


def _few(few: Table, cells: float | None) -> Answer:
    question = "How few cells?"
    if not few or few.get("unavailable"):
        return Answer(question, DASH, "", _absent(few, "sparsity-report"))
    strong, ends = few.get("strong_cells"), few.get("strong_cells_ci95") or (None, None)
    if not _known(strong) or cells is None:
        return Answer(question, DASH, "", few.get("how_many_cells", ""))
    unit = f"of {count(cells)} cells, the strongest of a trial, give 95 % of R"
    mean = few.get("cells_95")
    where = "zero" if few.get("omitted") == "zero" else "their mean"
    others = f" (at {where}: {count(mean)} cells)" if _known(mean) else ""
    text = (
        f"95 % interval {interval(ends, 0)}; of the others the decoder knows only that they "
        f"respond less{others}. {_carriers(few)}{_over_random(few)}"
    )
    top = _log(cells)
    scaled = [_log(end) if _known(end) else None for end in ends]
    marks = [Mark("0", _LEFT, "start"), Mark(f"all {count(cells)}", _RIGHT, "end", "ceiling")]
    return Answer(question, count(strong), unit, text, _line(_log(strong), scaled, 0, top, marks))


def _carriers(few: Table) -> str:
    limits = interval(few.get("informative_cells_ci95") or (None, None), 0)
    if few.get("informative_cells_told"):
        found = counted(few.get("informative_cells"), "cell")
        return f"Over all pictures, {found} can be shown to carry them ({limits})."
    return "How many cells carry the pictures in all, this recording cannot tell."


def _over_random(few: Table) -> str:
    gain = few.get("r_20_over_random")
    if not _known(gain):
        return ""
    p = p_value(few.get("r_20_over_random_p"))
    return f" R from the 20 strongest is {number(gain)} higher than from 20 random cells ({p})."


def _stable(stable: Table) -> Answer:
    question = "How stable?"
    if not stable or stable.get("unavailable"):
        return Answer(question, DASH, "", _absent(stable, "stability-report"))
    similarity = stable.get("reconstruction_similarity")
    ends = stable.get("reconstruction_similarity_ci95") or (None, None)
    text = (
        f"95 % interval {interval(ends)}. The responses themselves repeat at "
        f"{number(stable.get('response_similarity'))}."
    )
    if _known(stable.get("similarity_permuted_weights")):
        text += (
            " With filters exchanged between cells it is "
            f"{number(stable['similarity_permuted_weights'])}: so much is averaging."
        )
    if _known(stable.get("similarity_allowed")):
        text += f" Noise of the cells' own would leave {number(stable['similarity_allowed'])}."
    other = ("other pictures", stable.get("reconstruction_similarity_other"), "chance")
    averaging = ("filters exchanged", stable.get("similarity_permuted_weights"), "ceiling")
    line = _line(similarity, ends, -0.2, 1.0, _marks(-0.2, 1.0, other, averaging))
    return Answer(question, number(similarity), "similarity of a trial to the others", text, line)


def _absent(numbers: Table, command: str) -> str:
    why = numbers.get("unavailable")
    return f"Unavailable: {why}" if why else f"Not computed; tpdecode {command} does it."


def _known(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _at_floor(scores: Table) -> bool:
    """Whether no permutation did as well, so that p says how few there were."""
    permutations = scores.get("permutations")
    return bool(permutations and scores["p_value"] * (1 + permutations) < 1.5)


def _log(cells: float) -> float:
    """Few and many cells with even room, as on the curve of the explorer."""
    return math.log1p(cells / 3)


def _at(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def _marks(low: float, high: float, *given: tuple[str, Any, str]) -> list[Mark]:
    """Ticks, the label of each in a row of its own where labels would meet."""
    marks: list[Mark] = []
    taken = -math.inf
    for label, value, kind in sorted(given, key=lambda each: (not _known(each[1]), each[1] or 0)):
        if not _known(value):
            continue
        x, text = _at(value, low, high), f"{label} {number(value)}"
        anchor = "start" if x < 90 else "end" if x > 240 else "middle"
        wide = _LETTER * len(text)
        first = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        marks.append(Mark(text, x, anchor, kind, int(first < taken)))
        taken = max(taken, first + wide + _LETTER)
    return marks


def _line(
    value: Any, ends: Sequence[float | None], low: float, high: float, marks: Sequence[Mark]
) -> Line | None:
    if not _known(value):
        return None
    first, last = (_at(end, low, high) if _known(end) else None for end in ends)
    return Line(_at(value, low, high), first, last, marks)
