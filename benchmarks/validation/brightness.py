"""Quality: the interval of lost brightness, and ranks of signal-to-noise and probability."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measures import COVERAGE, REJECTION, Interval, Quantity, rejected
from recordings import autoregressive
from scipy.stats import spearmanr
from study import Outcome, Study

from twophoton_decode.extraction.quality.bleaching import exponential_decay

LOST = Quantity(
    ("frame_bleaching_ci95", "cell_bleaching_ci95"),
    "interval of the lost brightness holds the true loss of 10 %",
    COVERAGE,
)
RANKS = Quantity(
    ("snr_rank_p",), "rank correlation of unrelated signal-to-noise and probability", REJECTION
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


def _unrelated(rois: int, rng: np.random.Generator) -> Iterator[Outcome]:
    """As `extraction.quality.shown` ranks them."""
    found = spearmanr(rng.uniform(size=rois), rng.gamma(2, size=rois))
    yield RANKS, "", rejected(float(found.pvalue))


def studies() -> Iterator[Study]:
    for rois in (20, 200):
        yield Study("ranks", f"{rois} ROIs", (RANKS,), partial(_unrelated, rois))
    for memory in (0.0, 0.3, 0.6, 0.9):
        setting = f"10 min, autocorrelation {memory:g} from 10 s to 10 s"
        yield Study("brightness", setting, (LOST,), partial(_run, memory))
