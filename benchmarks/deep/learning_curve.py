"""Whether the intervals of `deep learning-curve` hold, on simulated sessions decoded by ridge.

    python benchmarks/deep/learning_curve.py [--runs 100] [--write]

The truth of an interval is the mean over all runs: new pictures, gains and noise for the same
cells, and new subsets of the training images.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.folds.again import folds_again
from twophoton_decode.decoding.folds.context import NO_SESSION
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.deep.reconstructed.learning import SCORES, learning_curve, learnt
from twophoton_decode.progress import silent
from twophoton_decode.settings import DecodingSettings

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))

from recordings import LEVELS, recording

RESULTS = Path(__file__).parents[1] / "results" / "deep_learning_curve.md"
SHOWN = ("R = 0", "low R", "middle R")
SETTINGS = DecodingSettings(features="pixels", folds=5, permutations=0)


def curve(level: str, seed: int) -> dict[str, np.ndarray]:
    """Fields of one session's curve, ridge and all-cells."""
    responses = recording(LEVELS[level], np.random.default_rng([seed, 23])).responses()
    made = reconstruct(responses, "ridge", SETTINGS)
    found = {
        name: learnt(
            made, folds_again(made, responses, name, seed, NO_SESSION, silent), ("none",), 1.0
        )
        for name in ("all-cells", "ridge")
    }
    return learning_curve(made, found, np.asarray(made.picture, float), seed)


def held(runs: list[dict[str, np.ndarray]], mean: str, ends: str) -> np.ndarray:
    """Share of runs whose interval holds the mean over runs, of every entry of the field."""
    value, interval = (np.stack([each[name] for each in runs]) for name in (mean, ends))
    truth = value.mean(axis=0)
    return ((interval[..., 0] <= truth) & (truth <= interval[..., 1])).mean(axis=0)


def rows_of(level: str, count: int) -> list[str]:
    runs = [curve(level, seed) for seed in range(count)]
    rows = []
    for column, score in enumerate(SCORES):
        own, rise, lead = (
            100 * np.atleast_1d(held(runs, *names)).reshape(-1, len(SCORES), places)[:, column]
            for names, places in (
                (("value_mean", "learning_ci95"), 3),
                (("doubling", "doubling_ci95"), 2),
                (("lead", "lead_ci95"), 3),
            )
        )
        risen = np.mean([each["doubling_ci95"][1, column, -1, 0] > 0 for each in runs])
        last = np.mean([each["doubling"][1, column, -1] for each in runs])
        cells = [f"{each.mean():.1f} ({each.min():.0f} to {each.max():.0f})"
                 for each in (own, rise, lead)]  # fmt: skip
        rows.append(
            f"| {level} | {score} | {count} | {' | '.join(cells)} | {last:+.3f} | "
            f"{100 * risen:.0f} % |"
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    begun = time.process_time()
    rows = [row for level in SHOWN for row in rows_of(level, given.runs)]
    lines = [
        "# Intervals of scores after training on fewer images",
        "",
        f"`python benchmarks/deep/learning_curve.py --runs {given.runs} --write`: simulated "
        "sessions of 40 images, 50 cells, 4 repeats, 5 folds; ridge and all-cells on a quarter, "
        "half and all of the training images. Percentages of runs whose 95 % interval holds the "
        "mean over runs: mean over decoders and shares, with the lowest and highest.",
        "",
        "| responses | score | runs | score at a share | rise to the next share | all-cells less "
        "ridge | last rise of ridge | a last rise is shown |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"{time.process_time() - begun:.0f} s of CPU, {platform.machine()}, Python "
        f"{platform.python_version()}.",
    ]
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
