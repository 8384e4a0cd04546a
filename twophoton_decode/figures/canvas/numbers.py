"""Numbers as people read them; what is not a number shows as a dash."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

DASH: Final = "–"


def number(value: float | None, digits: int = 2) -> str:
    """`value` with `digits` decimals and a true minus sign; a dash where undefined."""
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:.{digits}f}"
    # A small negative value must not show as "-0.00".
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A difference, with its sign also where it is positive."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def count(value: float | None) -> str:
    """A number of things: whole numbers whole, means with one decimal."""
    if value is None or not math.isfinite(value):
        return DASH
    return number(value, 0 if float(value).is_integer() else 1)


def counted(value: float | None, thing: str) -> str:
    """`value` with its noun: "1 cell", "3 cells"."""
    return f"{count(value)} {thing}" if value == 1 else f"{count(value)} {thing}s"


def percent(share: float | None, digits: int = 0) -> str:
    """A share between 0 and 1 as per cent."""
    if share is None or not math.isfinite(share):
        return DASH
    return f"{number(100 * share, digits)} %"


def interval(ends: Sequence[float | None], digits: int = 2) -> str:
    """A confidence interval, "0.21 to 0.34"."""
    low, high = (number(end, digits) for end in ends)
    return DASH if DASH in (low, high) else f"{low} to {high}"


def bounded_interval(
    ends: Sequence[float], least: float, most: float = math.inf, digits: int = 2
) -> str:
    """An interval of what lies between `least` and `most`; where it is cut there, it says so.

    An interval from a mean ± t · error passes the bounds where images are few. No value lies
    beyond them, so that the cut one holds the truth as often.
    """
    low, high = ends
    inside = interval((max(low, least), min(high, most)), digits)
    past = [f"{count(bound)}" for bound, cut in ((least, low < least), (most, high > most)) if cut]
    return f"{inside}, cut at {' and '.join(past)}: too few images" if past else inside


def p_value(p: float | None, permutations: int | None = None) -> str:
    """ "p = 0.012", or "p < 0.001" below that.

    With the number of `permutations` behind it, the smallest p that they can give is told as
    such: "p ≤ 1/201".
    """
    if p is None or not math.isfinite(p):
        return f"p = {DASH}"
    if permutations and p * (1 + permutations) < 1.5:
        return f"p ≤ 1/{1 + permutations}"
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def tested_p(scores: Mapping[str, Any]) -> str:
    """p of a decoder against chance, from its numbers in ``summary.json``.

    It is that of the primary score, which is named where the score beside it is another.
    """
    told = p_value(scores.get("p_value"), scores.get("permutations"))
    single = scores.get("primary_score") == "r_single" and DASH not in told
    return f"{told} for single trials" if single else told


def bare_p(p: float | None, permutations: int | None = None) -> str:
    """A p value in a column that says so: "0.012", "< 0.001"."""
    return p_value(p, permutations).removeprefix("p ").removeprefix("= ")
