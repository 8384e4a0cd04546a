"""How often intervals of what feature inversion exceeds its variants by hold what is expected.

    python benchmarks/deep/inversion_intervals.py [--runs 1000] [--write]

Pictures are 60 random features, responses mix them with noise; ridge reads them in 10 folds over
100 images, of which 10 or 20 are scored. Variants of a reconstruction stand for those of `deep
inversion`. The expected difference is the mean over all images of 500 further sessions of the
same cells.
"""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.deep.inversion.controls import _means

RESULTS = Path(__file__).parents[1] / "results" / "deep_inversion_intervals.md"
UNITS, CELLS, IMAGES, FOLDS, TRUTH = 60, 80, 100, 10, 500
WEIGHTS = np.random.default_rng(0).standard_normal((UNITS, CELLS)) / UNITS**0.5
NOISE = {"weak": 6.0, "middle": 2.0, "strong": 0.7}
SIZES = (10, 20)
VARIANTS = ("another image's responses", "one more error", "half of the features")


def scores(rng: np.random.Generator, noise: float) -> np.ndarray:
    """PixCorr of the reconstruction and of its variants, (1 + variants, images)."""
    shown = rng.standard_normal((IMAGES, UNITS))
    response = shown @ WEIGHTS + noise * rng.standard_normal((IMAGES, CELLS))
    fold = rng.permutation(IMAGES) % FOLDS
    made = np.empty_like(shown)
    for number in range(FOLDS):
        known = fold != number
        r, mean = response[known], response[known].mean(axis=0)
        gram = (r - mean).T @ (r - mean) + IMAGES * noise**2 / 4 * np.eye(CELLS)
        target = shown[known] - shown[known].mean(axis=0)
        made[~known] = (response[~known] - mean) @ np.linalg.solve(gram, (r - mean).T @ target)
    error = made.std() * rng.standard_normal(made.shape)
    half = made * (np.arange(UNITS) < UNITS // 2)
    variants = [made, _exchanged(made, fold), made + error, half]
    return np.stack([correlation(each, shown) for each in variants])


def _exchanged(made: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """The reconstruction of the next image of the fold."""
    found = np.empty_like(made)
    for number in range(FOLDS):
        own = np.flatnonzero(fold == number)
        found[own] = made[np.roll(own, 1)]
    return found


def held(noise: float, runs: int) -> dict[int, np.ndarray]:
    """By number of images: share of runs whose interval holds what is expected, %, by variant."""
    rng = np.random.default_rng([0, int(10 * noise)])
    every = np.mean([scores(rng, noise).mean(axis=1) for _ in range(TRUTH)], axis=0)
    truth = every[0] - every[1:]
    hits = {size: np.zeros(len(VARIANTS)) for size in SIZES}
    for _ in range(runs):
        score = scores(rng, noise)[:, rng.permutation(IMAGES), None]
        for size, found in hits.items():
            part = score[:, :size]
            ends = _means(part, part, np.arange(size))["difference_ci95"][1:, 0]
            found += (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    return {size: 100 * found / runs for size, found in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = []
    for name, noise in NOISE.items():
        for size, found in held(noise, given.runs).items():
            rows.append(f"| {size} | {name} | {' | '.join(f'{each:.1f}' for each in found)} |")
            print(rows[-1], flush=True)
    lines = [
        "# Intervals of what feature inversion exceeds its variants by",
        "",
        f"`python benchmarks/deep/inversion_intervals.py --runs {given.runs} --write`: how often "
        "`difference_ci95` of `deep inversion` (PixCorr, paired over images) holds the difference "
        f"expected for new images, %. Ridge in {FOLDS} folds over {IMAGES} images of {UNITS} "
        f"random features, {CELLS} cells; noise of responses "
        f"{', '.join(f'{each:g} ({name} signal)' for name, each in NOISE.items())}.",
        "",
        f"| images scored | signal | {' | '.join(VARIANTS)} |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"{given.runs} runs each. Python {platform.python_version()}, numpy {np.__version__}.",
    ]
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
