"""Runs of a study that were kept in a file, so that a long one can be broken off and resumed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measures import Interval, Quantity

Outcome = tuple[Quantity, str, Interval | float]
"""A quantity, what it is about (a decoder, a count; may be empty), and what one run gave."""


class Kept:
    """One line a run: its outcomes, by the place of each quantity, and how long it took.

    Run r is the same whatever else is run, so that lines need not be made again.
    """

    def __init__(self, path: Path | None, quantities: Sequence[Quantity]) -> None:
        self._path, self._quantities = path, quantities
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.is_file() else []
        self.runs = [self._read(json.loads(line)) for line in lines]

    def add(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """The next run."""
        self.runs.append((list(outcomes), seconds))
        if self._path:
            found = [
                [self._quantities.index(quantity), about, _plain(outcome)]
                for quantity, about, outcome in outcomes
            ]
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"seconds": seconds, "found": found}) + "\n")

    def _read(self, line: dict[str, Any]) -> tuple[list[Outcome], float]:
        found = [
            (self._quantities[place], about, _outcome(plain))
            for place, about, plain in line["found"]
        ]
        return found, line["seconds"]


def _plain(outcome: Interval | float) -> Any:
    if not isinstance(outcome, Interval):
        return float(outcome)
    behind = None if outcome.behind is None else outcome.behind.tolist()
    return [outcome.estimate, outcome.low, outcome.high, outcome.truth, behind]


def _outcome(plain: Any) -> Interval | float:
    if not isinstance(plain, list):
        return float(plain)
    *numbers, behind = plain
    return Interval(*numbers, None if behind is None else np.array(behind))
