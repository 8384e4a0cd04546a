"""A study: one kind of simulated recording, and what each run of it measures."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from kept import Kept, Outcome
from measures import Quantity, Tally

from twophoton_decode.kernels.threads import results_in_turn

__all__ = ["Outcome", "Study"]


@dataclass(frozen=True)
class Study:
    """Runs of one setting; `every` 2 takes every second run, where runs are long."""

    name: str
    setting: str
    quantities: tuple[Quantity, ...]
    run: Callable[[np.random.Generator], Iterator[Outcome]]
    every: int = 1

    def tallies(
        self, runs: int, seed: int, folder: Path | None = None
    ) -> tuple[list[Tally], float]:
        """What all runs gave, by quantity and what it is about, and seconds a run.

        Run r of a study draws the same whatever else is run. Runs are kept in a file of
        `folder`, and those that lie there are not made again.
        """
        own = max(1, -(-runs // self.every))
        kept = Kept(folder and folder / f"{self._file} seed {seed}.jsonl", self.quantities)
        number = zlib.crc32(f"{self.name} {self.setting}".encode())
        draws = (np.random.default_rng([seed, number, run]) for run in range(len(kept.runs), own))
        # Within work that is shared out already, the program starts no threads of its own.
        for outcomes, seconds in results_in_turn(self._timed, draws):
            kept.add(outcomes, seconds)
        made = kept.runs[:own]
        found: dict[tuple[Quantity, str], Tally] = {}
        for outcomes, _ in made:
            for quantity, about, outcome in outcomes:
                tally = found.setdefault((quantity, about), Tally(quantity, about, self.setting))
                tally.found.append(outcome)
        return list(found.values()), sum(seconds for _, seconds in made) / own

    def _timed(self, rng: np.random.Generator) -> tuple[list[Outcome], float]:
        start = time.thread_time()
        outcomes = list(self.run(rng))
        return outcomes, time.thread_time() - start

    @property
    def _file(self) -> str:
        return re.sub(r"[^\w =.,-]", "_", f"{self.name} {self.setting}")
