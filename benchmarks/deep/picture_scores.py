"""How often intervals of reconstructions' scores hold the expected score.

    python benchmarks/deep/picture_scores.py [--runs 1000] [--write]

Pictures are 60 random features; reconstructions are their share of the picture plus noise. One
decoder, tested on pictures that train nothing. The expected score is the mean over 400 further
draws of as many pictures.
"""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.deep.comparison.decoding.differences import layer_difference
from twophoton_decode.deep.reconstructed.scores import Compared, identified
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.share import share_interval

RESULTS = Path(__file__).parents[1] / "results" / "deep_picture_scores.md"
UNITS, DRAWS, TRUTH = 60, 3, 400
COMMON = np.random.default_rng(0).standard_normal(UNITS)
"""What all pictures share."""
NOISE = {"weak": 6.0, "middle": 2.5, "strong": 1.2}
SIZES = (20, 100)
SCORES = ("PixCorr", "two-way", "top-1", "two-way beyond random weights")


def scores(rng: np.random.Generator, images: int, noise: float) -> dict[str, np.ndarray]:
    """Scores of each image, and its two-way less that in draws of another network, alike good."""
    shown = rng.standard_normal((images, UNITS)) + COMMON

    def compared() -> Compared:
        mixed = np.random.default_rng(int(rng.integers(2**32))).standard_normal((UNITS, UNITS))
        made = shown + noise * rng.standard_normal(shown.shape)
        return Compared(shown @ mixed, made @ mixed)

    content = np.arange(images)
    own = Compared(shown, shown + noise * rng.standard_normal(shown.shape))
    found = identified(own, content, min(100, images))
    twins = [identified(compared(), content, images).two_way for _ in range(DRAWS)]
    return {
        "PixCorr": correlation(own.shown, own.made),
        "two-way": found.two_way,
        "top-1": found.top1,
        "two-way beyond random weights": found.two_way[:, None] - np.stack(twins, axis=1),
    }


def interval(name: str, values: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    content = np.arange(len(values))
    if name in ("top-1", "two-way"):
        return share_interval(values, content)
    if values.ndim == 2:
        zero = np.zeros(len(values))
        found = layer_difference(zero, -values, content, 200, rng)
        return found.low, found.high
    return mean_score(values, None, content, apart=True).interval


def held(images: int, noise: float, runs: int, seed: int) -> dict[str, float]:
    """Share of runs whose interval holds the expected score, %, by score."""
    rng = np.random.default_rng([seed, images, int(10 * noise)])
    every = [scores(rng, images, noise) for _ in range(TRUTH)]
    truth = {name: np.mean([each[name].mean() for each in every]) for name in SCORES}
    hits = dict.fromkeys(SCORES, 0)
    for _ in range(runs):
        for name, values in scores(rng, images, noise).items():
            low, high = interval(name, values, rng)
            hits[name] += low <= truth[name] <= high
    return {name: 100 * count / runs for name, count in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = []
    for images in SIZES:
        for name, noise in NOISE.items():
            found = held(images, noise, given.runs, 0)
            cells = " | ".join(f"{found[score]:.1f}" for score in SCORES)
            rows.append(f"| {images} | {name} | {cells} |")
            print(rows[-1], flush=True)
    lines = [
        "# Intervals of reconstructions' scores",
        "",
        f"`python benchmarks/deep/picture_scores.py --runs {given.runs} --write`: how often the "
        "95 % interval over tested images, none of which trains the decoder, holds the score "
        "expected for new images, %.",
        "",
        f"| images | reconstructions | {' | '.join(SCORES)} |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"{given.runs} runs each. Python {platform.python_version()}, numpy {np.__version__}.",
    ]
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
