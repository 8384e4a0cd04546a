"""How often `tpdecode align` accepts flips at random times; prints a table in Markdown.

python benchmarks/clock_false_matches.py [RUNS]
"""

from __future__ import annotations

import sys

import numpy as np

from twophoton_decode.stimulus.clock.aligning import align_flips, tolerance

_RUNS = 200


def accepted(rows: int, flips: int, runs: int) -> int:
    """How many of `runs` logs of random intervals are accepted against flips at random times."""
    rng, count = np.random.default_rng(rows * 1000 + flips), 0
    for _ in range(runs):
        log_s = np.cumsum(rng.uniform(1.5, 3.0, rows))
        flip_s = np.sort(rng.uniform(0, log_s[-1] + 20, flips))
        made = align_flips(log_s, flip_s, within_s=tolerance(log_s), step_s=2e-4)
        count += not made.refused
    return count


def main() -> None:
    """Print one line for each length of log and number of flips."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else _RUNS
    print("| rows | flips | runs | accepted |\n| --- | --- | --- | --- |")
    for rows, flips in ((4, 4), (4, 40), (6, 60), (10, 10), (10, 100), (20, 200), (20, 600)):
        print(f"| {rows} | {flips} | {runs} | {accepted(rows, flips, runs)} |", flush=True)


if __name__ == "__main__":
    main()
