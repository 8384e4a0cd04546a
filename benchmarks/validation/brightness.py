"""Bleaching: the interval of lost brightness, with residuals that resemble their neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measures import COVERAGE, Interval, Quantity
from recordings import autoregressive
from study import Outcome, Study

from twophoton_decode.extraction.quality.bleaching import exponential_decay

LOST = Quantity(
    ("frame_bleaching_ci95", "cell_bleaching_ci95"),
    "interval of the lost brightness holds the true loss of 10 %",
    COVERAGE,
)
DURATION_S = 600.0


def _run(memory: float, rng: np.random.Generator) -> Iterator[Outcome]:
    """60 stretches of 10 s whose brightness wanders by 2 %."""
    time_s = np.linspace(5, DURATION_S - 5, 60)
    rate = -np.log(0.9) / DURATION_S
    noise = 0.02 * autoregressive(memory, (60, 1), rng)[:, 0]
    brightness = 100 * np.exp(-rate * time_s) * (1 + noise)
    lost, ends = exponential_decay(time_s, brightness[None]).lost(DURATION_S)
    yield LOST, "", Interval.of(lost[0], ends[0], 10.0)


def studies() -> Iterator[Study]:
    for memory in (0.0, 0.3, 0.6, 0.9):
        setting = f"10 min, autocorrelation {memory:g} from 10 s to 10 s"
        yield Study("brightness", setting, (LOST,), partial(_run, memory))
