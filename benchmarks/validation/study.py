"""A study: one kind of simulated recording, and what each run of it measures."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from measures import Interval, Quantity, Tally

from twophoton_decode.kernels.threads import results_in_turn

Outcome = tuple[Quantity, str, Interval | float]
"""A quantity, what it is about (a decoder, a count; may be empty), and what one run gave."""


@dataclass(frozen=True)
class Study:
    """Runs of one setting; `every` 2 takes every second run, where runs are long."""

    name: str
    setting: str
    quantities: tuple[Quantity, ...]
    run: Callable[[np.random.Generator], Iterator[Outcome]]
    every: int = 1

    def tallies(self, runs: int, seed: int) -> tuple[list[Tally], float]:
        """What all runs gave, by quantity and what it is about, and seconds a run.

        Run r of a study draws the same whatever else is run.
        """
        found: dict[tuple[Quantity, str], Tally] = {}
        number = zlib.crc32(f"{self.name} {self.setting}".encode())
        own = max(1, -(-runs // self.every))
        start = time.process_time()
        draws = (np.random.default_rng([seed, number, run]) for run in range(own))
        # Within work that is shared out already, the program starts no threads of its own.
        for outcomes in results_in_turn(lambda rng: list(self.run(rng)), draws):
            for quantity, about, outcome in outcomes:
                key = (quantity, about)
                tally = found.setdefault(key, Tally(quantity, about, self.setting))
                tally.found.append(outcome)
        return list(found.values()), (time.process_time() - start) / own
