"""What is shown of decoders against ridge, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.figures.canvas.numbers import counted, interval, signed

SAID = {
    "better": "better than ridge",
    "worse": "worse than ridge by more than 0.01",
    "lower": "more than 0.01 below ridge on these images, but not shown for others",
    "no worse": "no worse than ridge by more than 0.01",
    "open": "too few images to say",
}
SCORES = {"r_average": "R of trial averages", "r_single": "R of single trials"}
DIGITS = 3


def against_ridge_in_words(numbers: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether any decoder is better than ridge, and how each of the others stands.

    Parameters
    ----------
    numbers : mapping of decoder to mapping
        Of each its mean lead over ridge, ``over_ridge``, in ``over_ridge_score``, with
        ``over_ridge_ci95`` and ``over_ridge_verdict``; decoders without them are not compared.
    """
    compared = {name: each for name, each in numbers.items() if "over_ridge" in each}
    if not compared:
        return ""
    by_verdict: dict[str, list[str]] = {}
    for name, each in sorted(compared.items(), key=lambda item: -item[1]["over_ridge"]):
        by_verdict.setdefault(each["over_ridge_verdict"], []).append(_lead(name, each))
    groups = [
        f"{said}: {', '.join(by_verdict[verdict])}"
        for verdict, said in SAID.items()
        if verdict in by_verdict
    ]
    if "better" not in by_verdict:
        groups.insert(0, "no decoder is shown to be better than ridge")
    score = next(iter(compared.values()))["over_ridge_score"]
    score = SCORES.get(score, score)
    held = counted(len(compared), "comparison")
    return (
        f"Mean {score} less that of ridge, with 95 % intervals corrected for {held}: "
        f"{'; '.join(groups)}."
    )


def below_ridge_in_words(numbers: Mapping[str, Mapping[str, Any]]) -> str:
    """Which decoders lie more than 0.01 below ridge, shown or not; "" where none does.

    Parameters
    ----------
    numbers : mapping of decoder to mapping
        As for `against_ridge_in_words`.
    """
    verdicts = ((name, each.get("over_ridge_verdict")) for name, each in numbers.items())
    said = [
        f"{_lead(name, numbers[name])} against ridge, {SAID[verdict]}"
        for name, verdict in verdicts
        if verdict in ("worse", "lower")
    ]
    return f"{'; '.join(said)}." if said else ""


def _lead(name: str, numbers: Mapping[str, Any]) -> str:
    ends = interval(numbers["over_ridge_ci95"], DIGITS)
    return f"{name} {signed(numbers['over_ridge'], DIGITS)} ({ends})"
