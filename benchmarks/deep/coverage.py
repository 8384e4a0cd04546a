"""How often intervals and tests of decoded layers hold, on simulations with known truth.

    python benchmarks/deep/coverage.py [--runs 200]

Pictures that were expected but not shown: two layers, 60 pictures seen, 40 expected. Draws of
random weights: differences over pictures and draws, both normal.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.deep.comparison.timing.timed_decoding import time_fields
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.bootstrap import paired_bootstrap

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "deep"))

from planted_expectation import SEEN, planted_expectation

SETTINGS = DecodingSettings(bootstraps=400)
IMAGES, DRAWS = 100, (3, 5)


def _fields(**given: Any) -> dict[str, Any]:
    made = planted_expectation(**given)
    return time_fields(made.average, made.timed, made.spaces, made.folds, SETTINGS)[0]


def _share(found: list[bool]) -> str:
    share = float(np.mean(found))
    return f"{100 * share:.1f} ± {100 * (share * (1 - share) / len(found)) ** 0.5:.1f} %"


def _holds(ends: np.ndarray, value: float) -> list[bool]:
    known = ends[np.isfinite(ends).all(axis=-1)]
    return ((known[:, 0] <= value) & (value <= known[:, 1])).tolist()


def expectation(runs: int) -> list[tuple[str, str, str]]:
    """Tests where nothing is there, intervals where the truth is known, and power."""
    none = [_fields(expected=None, seed=run) for run in range(runs)]
    same = [_fields(expected=SEEN, seed=run) for run in range(runs)]
    other = [_fields(seed=run) for run in range(runs // 4)]
    tested = [each["slope_difference_p"][0] for each in same]
    tested = [p for p in tested if np.isfinite(p)]
    slopes = np.array([each["slope_difference_ci95"][0] for each in same])
    after = np.concatenate([each["expected_after_viewed_ci95"][0] for each in same])
    return [
        ("`expected_p`: any layer below .05 where omissions tell nothing", "≤ 5 %",
         _share([(each["expected_p"] < 0.05).any() for each in none])),
        ("`blank_p`: any layer below .05 where blanks tell nothing", "≤ 5 %",
         _share([(each["blank_p"] < 0.05).any() for each in none + same])),
        ("`slope_difference_p` below .05 where the order is that of viewing", "5 %",
         _share([p < 0.05 for p in tested])),
        ("`slope_difference_ci95` holds 0 there", "95 %", _share(_holds(slopes, 0.0))),
        ("`expected_after_viewed_ci95` holds 0 there", "95 %", _share(_holds(after, 0.0))),
        ("`slope_difference_p` below .05, and late layers first, where they come first", "–",
         _share([(each["slope_difference_p"][0] < 0.05) & (each["slope_difference_s"][0] < 0)
                 for each in other])),
    ]  # fmt: skip


def twins(runs: int) -> list[tuple[str, str, str]]:
    """Differences with draws of weights as large an error as pictures, larger, and absent."""
    rows = []
    for draws in DRAWS:
        for of_draws in (0.0, 0.1, 0.3):
            rng = np.random.default_rng([draws, int(10 * of_draws)])
            found = [_difference(draws, of_draws, rng) for _ in range(5 * runs)]
            alone = _share([each[1] for each in found])
            rows.append((
                f"interval over {IMAGES} pictures and {draws} draws holds the truth; error of "
                f"pictures .1, of one draw {of_draws:g} (pictures alone: {alone})",
                "95 %", _share([each[0] for each in found]),
            ))  # fmt: skip
    return rows


def _difference(draws: int, of_draws: float, rng: np.random.Generator) -> tuple[bool, bool]:
    """Whether 0 lies in the interval over pictures and draws, and in that over pictures."""
    values = rng.normal(size=(IMAGES, 1)) + 0.3 * rng.normal(size=(IMAGES, draws))
    values += of_draws * rng.normal(size=draws)
    mean, content = values.mean(axis=1), np.arange(IMAGES)
    both = paired_bootstrap(mean, content, 400, rng, draws=values.mean(axis=0))
    alone = paired_bootstrap(mean, content, 400, rng)
    return both.low <= 0 <= both.high, alone.low <= 0 <= alone.high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    given = parser.parse_args()
    print("## Intervals and tests\n\n| what | nominal | measured |\n| --- | --- | --- |")
    for row in [*expectation(given.runs), *twins(given.runs)]:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
