"""Responsive pairs found in simulated recordings, true and false, by each test.

    python benchmarks/responsive_pairs.py [--recordings 200] [--write]

Responses of 60 cells to 40 images are made in plain NumPy: 5 % of the pairs respond, with
gamma-distributed size from trial to trial, a gain shared by all cells, noise and gain that
differ between cells, and a carry-over of -5 % from the presentation before. False discoveries
are pairs whose cell is not driven by the image; power is over pairs driven by two or more SD of
the cell's trial noise.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.responses.responsive.every_picture import answers_every_picture
from twophoton_decode.responses.responsive.own_null import own_null
from twophoton_decode.responses.responsive.pair_tests import over_repeats, rank_test, t_test
from twophoton_decode.responses.responsive.responsiveness import responsive_pairs
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.permutation import discovery_cut

CELLS, IMAGES, RATE, STRONG_SD = 60, 40, 0.05, 2.0
SCORED_EVERY = 20
"""One recording in so many is tested again without each presentation, which takes long."""
TESTS = ("own-null", "mann-whitney", "t-test")
RESULTS = Path(__file__).parent / "results" / "responsive_pairs.md"


@dataclass(frozen=True)
class Kind:
    """What a simulated recording is like; all shares are of cells, pairs or presentations."""

    name: str
    repeats: int = 6
    pairs: float = 0.05
    spontaneous: float = 0.0
    missing: float = 0.0
    dense_cells: float = 0.0
    blocked: bool = False
    noise_memory: float = 0.0
    counts: bool = False


KINDS = (
    *(Kind(f"{repeats} repeats", repeats) for repeats in (3, 4, 6, 12)),
    Kind("6 repeats, spontaneous events in 3 % of presentations", spontaneous=0.03),
    Kind("6 repeats, 35 % of the responses missing", missing=0.35),
    Kind("6 repeats, 15 % of the cells respond to over half of the images", dense_cells=0.15),
    Kind("6 repeats in blocked order, noise correlates 0.5", blocked=True, noise_memory=0.5),
    Kind("6 repeats, spike counts", counts=True),
    *(Kind(f"nothing responds, {n} repeats", n, 0.0, spontaneous=0.03) for n in (3, 4, 6, 12)),
    Kind("nothing responds, 6 repeats, blocked", 6, 0.0, blocked=True, noise_memory=0.5),
)


class Recording:
    """Responses (presentation, cell) with their truth: the drive of each pair, in noise SD."""

    def __init__(self, kind: Kind, seed: int) -> None:
        rng = np.random.default_rng([KINDS.index(kind), seed])
        self.drive = (rng.random((CELLS, IMAGES)) < kind.pairs) * rng.gamma(4, 1, (CELLS, IMAGES))
        dense = rng.random(CELLS) < kind.dense_cells
        wide = rng.random((CELLS, IMAGES)) < 0.7
        self.drive[dense] = np.where(wide, rng.gamma(4, 0.75, wide.shape), 0.0)[dense]
        self.dense = dense
        self.image = np.repeat(np.arange(IMAGES), kind.repeats)
        if not kind.blocked:
            rounds = [rng.permutation(IMAGES) for _ in range(kind.repeats)]
            self.image = np.concatenate(rounds)
        self.noise_sd = 0.05 * np.exp(0.4 * rng.standard_normal(CELLS))
        self.response = self._counts(rng) if kind.counts else self._calcium(kind, rng)

    def _calcium(self, kind: Kind, rng: np.random.Generator) -> np.ndarray:
        shape = (self.image.size, CELLS)
        gain = rng.gamma(2.5, 1 / 2.5, shape) * rng.gamma(15, 1 / 15, (shape[0], 1))
        evoked = self.drive.T[self.image] * gain * (rng.random(shape) >= kind.missing)
        events = (rng.random(shape) < kind.spontaneous) * rng.gamma(4, 1, shape)
        signal = evoked + events
        signal[1:] -= 0.05 * signal[:-1]
        noise = rng.standard_normal(shape)
        for row in range(1, len(noise)):
            kept = kind.noise_memory
            noise[row] = kept * noise[row - 1] + np.sqrt(1 - kept**2) * noise[row]
        return (signal + noise) * self.noise_sd

    def _counts(self, rng: np.random.Generator) -> np.ndarray:
        shape = (self.image.size, CELLS)
        gain = rng.gamma(2.5, 1 / 2.5, shape)
        return rng.poisson(0.5 + self.drive.T[self.image] * gain).astype(float)


def find(recording: Recording, test: str) -> np.ndarray:
    """The pairs that a test finds, (cell, image)."""
    groups = ImageGroups.of(recording.image)
    ordered = recording.response[groups.order]
    if test == "own-null":
        p = own_null(ordered, groups, RATE).p
    elif test == "mann-whitney":
        p = rank_test(ordered, groups)
    else:
        p = over_repeats(t_test, ordered, groups)
    return ((p <= discovery_cut(p, RATE)) & (groups.means(ordered) > 0)).T


def falsely_chosen_trials(recording: Recording) -> np.ndarray:
    """Presentations of pairs chosen without them although nothing drives them, in noise SD."""
    found = responsive_pairs(recording.response, recording.image, True, ResponseSettings())
    wrong = found.pairs_others & ~(recording.drive > 0).T[recording.image]
    return (recording.response / recording.noise_sd)[wrong]


def row(kind: Kind, recordings: int) -> str:
    """One line of the table: what each test finds, and what the default says beside it."""
    made = [Recording(kind, seed) for seed in range(recordings)]
    found = {test: [find(each, test) for each in made] for test in TESTS}
    cells = [
        "–" if kind.counts and test == "t-test" else _words(kind, made, found[test])
        for test in TESTS
    ]
    bias = "–"
    if kind.pairs and not kind.counts:
        trials = [falsely_chosen_trials(each) for each in made[::SCORED_EVERY]]
        bias = _mean(np.concatenate(trials))
    cells += [bias, _answering(kind, made, found["own-null"])]
    return f"| {kind.name} | {' | '.join(cells)} |"


def _words(kind: Kind, made: list[Recording], found: list[np.ndarray]) -> str:
    """False discoveries / power, or how many recordings without responses have any pair."""
    if not kind.pairs:
        return f"{100 * np.mean([pairs.any() for pairs in found]):.1f} % have pairs"
    both = list(zip(made, found, strict=True))
    false = [(pairs & (each.drive == 0)).sum() / max(pairs.sum(), 1) for each, pairs in both]
    hits = sum((pairs & (each.drive >= STRONG_SD)).sum() for each, pairs in both)
    power = hits / sum((each.drive >= STRONG_SD).sum() for each in made)
    return f"{100 * np.mean(false):.1f} / {100 * power:.0f}"


def _mean(values: np.ndarray) -> str:
    if values.size < 2:
        return "–"
    return f"{values.mean():+.2f} ± {values.std(ddof=1) / np.sqrt(values.size):.2f}"


def _answering(kind: Kind, made: list[Recording], found: list[np.ndarray]) -> str:
    """Share of the cells that the notes count as answering every picture."""
    if kind.counts:
        return "–"
    flagged = np.concatenate(
        [
            answers_every_picture(each.response, each.image, pairs, RATE)
            for each, pairs in zip(made, found, strict=True)
        ]
    )
    dense = np.concatenate([each.dense for each in made])
    among = f"; {100 * flagged[dense].mean():.0f} % of the dense cells" if dense.any() else ""
    return f"{100 * flagged[~dense].mean():.1f} %{among}"


def main() -> None:
    """Print the table, or write it to the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=int, default=200, help="of each kind")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    given = parser.parse_args()
    start = time.perf_counter()
    lines = [
        "# Responsive pairs",
        "",
        f"{CELLS} cells, {IMAGES} images, {given.recordings} simulated recordings of each kind. "
        "False discoveries in per cent (mean over recordings) / power in per cent (pairs driven by "
        f"two or more SD of trial noise), at a false discovery rate of {RATE:.0%}; where nothing "
        "responds, the recordings with any pair. Scored trial: mean ± standard error of the "
        "presentations of pairs that the default test calls responsive without them although the "
        f"image does not drive the cell, in noise SD (one recording in {SCORED_EVERY}): 0 is "
        "unbiased. Answer every picture: cells that the notes count as such.",
        "",
        f"| recordings | {' | '.join(TESTS)} | scored trial | answer every picture |",
        f"|{'---|' * (len(TESTS) + 3)}",
    ]
    for kind in KINDS:
        lines.append(row(kind, given.recordings))
        print(lines[-1], flush=True)
    lines += [
        "",
        f"{time.perf_counter() - start:.0f} s on a {platform.machine()} with {os.cpu_count()} "
        f"cores, load average {os.getloadavg()[0]:.0f}; Python {platform.python_version()}, NumPy "
        f"{np.__version__}. Command: `python benchmarks/responsive_pairs.py --recordings "
        f"{given.recordings} --write`.",
    ]
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
