"""The headline of the cell count against recordings of which the truth is known.

    python benchmarks/cell_count_truth.py [--recordings 30] [--write]

Pictures of 1/f noise, 12 x 12, are shown 5 times to 80 (or 120) cells, of which k are driven by
Gabor-like receptive fields and the others by nothing in the picture. The program's own ridge
decodes pixels, and its cell count is asked how many cells carry the picture, and how many strongly
responding ones of a presentation suffice. The first is compared with k; the second with what the
same decoders need for 300 fresh pictures, computed here in plain NumPy.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.settings import CellCountSettings, DecodingSettings

SIDE, REPEATS, FRESH = 12, 5, 300
FIRST_SEED = 20261130
RESULTS = Path(__file__).parent / "results" / "cell_count_truth.md"
DECODING = DecodingSettings(features="pixels", folds=10, permutations=0, bootstraps=100)
COUNTING = CellCountSettings(
    derangements=200, random_draws=1, refitted_count=0, learning_curves=False
)


@dataclass(frozen=True)
class Kind:
    """What a recording is like: k cells carry the picture.

    `drive` is what they do with it: "linear", "rectified" (a threshold, so that half of them
    are silent), "energy" (complex cells), from trial to trial with a gain of SD 0.45. `noise`
    is added, relative to the drive's SD over pictures; `missing` is the share of responses that
    fail. The others are nearly silent ("weak"), vary as much from trial to trial ("strong"),
    or have a response of their own to each image, unrelated to its content ("locked").
    """

    name: str
    k: int
    cells: int = 80
    images: int = 50
    drive: str = "linear"
    others: str = "weak"
    noise: float = 0.1
    missing: float = 0.0


KINDS = (
    Kind("linear 5", 5),
    Kind("linear 15", 15),
    Kind("linear 20", 20),
    Kind("linear 60 of 120", 60, cells=120),
    Kind("linear 15, others as strong", 15, others="strong"),
    Kind("rectified 5", 5, drive="rectified"),
    Kind("rectified 15", 15, drive="rectified"),
    Kind("rectified 20", 20, drive="rectified"),
    Kind("rectified 60 of 120", 60, cells=120, drive="rectified"),
    Kind("rectified 15, others as strong", 15, drive="rectified", others="strong"),
    Kind("rectified 15, others locked to the image", 15, drive="rectified", others="locked"),
    Kind("rectified 15, half of the responses fail", 15, drive="rectified", missing=0.5),
    Kind("rectified 60 of 120, half fail", 60, cells=120, drive="rectified", missing=0.5),
    Kind("all 80 alike, rectified", 80, drive="rectified"),
    Kind("15 complex and 0 linear", 15, drive="energy"),
    Kind("linear 15, noise 3", 15, others="strong", noise=3.0),
    Kind("25 images: linear 15", 15, images=25),
    Kind("25 images: rectified 15, others as strong", 15, 80, 25, "rectified", "strong"),
    Kind("100 images: rectified 15, others as strong", 15, 80, 100, "rectified", "strong"),
    Kind("100 images: rectified 15, half fail", 15, 80, 100, "rectified", missing=0.5),
    Kind("100 images: linear 15, noise 3", 15, 80, 100, others="strong", noise=3.0),
    Kind("none, 25 images", 0, images=25, others="strong"),
    Kind("none, 50 images", 0, others="strong"),
    Kind("none, 50 images, others locked to the image", 0, others="locked"),
    Kind("none, 100 images", 0, images=100, others="strong"),
)


class Population:
    """Cells with their receptive fields; `respond` shows them pictures."""

    def __init__(self, kind: Kind, rng: np.random.Generator) -> None:
        self.kind, self.rng = kind, rng
        y, x = np.mgrid[:SIDE, :SIDE]
        shape = (kind.k, 1, 1)
        cy, cx = rng.uniform(2, SIDE - 3, (2, *shape))
        angle, self.phase = rng.uniform(0, np.pi, shape), rng.uniform(0, 2 * np.pi, shape)
        width = rng.uniform(1.2, 2.5, shape)
        along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        envelope = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
        carrier = 2 * np.pi * along / (4 * width)
        even, odd = (envelope * f(carrier + self.phase) for f in (np.cos, np.sin))
        self.even, self.odd = (f.reshape(kind.k, SIDE * SIDE) for f in (even, odd))
        some = pictures(500, rng).reshape(500, -1)
        self.spread = self._drive(some).std(axis=0)

    def _drive(self, picture: np.ndarray) -> np.ndarray:
        linear = picture @ self.even.T
        if self.kind.drive == "energy":
            return np.hypot(linear, picture @ self.odd.T)
        return np.maximum(linear, 0.0) if self.kind.drive == "rectified" else linear

    def respond(self, picture: np.ndarray, image: np.ndarray) -> np.ndarray:
        """Responses (presentations, cells) to the pictures shown."""
        kind, rng = self.kind, self.rng
        shown, silent = (len(image), kind.k), kind.cells - kind.k
        drive = (self._drive(picture.reshape(len(picture), -1)) / self.spread)[image]
        drive = drive * rng.gamma(5, 1 / 5, shown) * (rng.random(shown) >= kind.missing)
        locked = rng.normal(size=(len(picture), silent))[image]
        other = {
            "weak": 0.1 * rng.normal(size=(len(image), silent)),
            "strong": np.hypot(1.0, kind.noise) * rng.normal(size=(len(image), silent)),
            "locked": locked + 0.5 * rng.normal(size=(len(image), silent)),
        }[kind.others]
        other = np.maximum(other, 0.0) if kind.drive == "rectified" else other
        return np.hstack([drive + kind.noise * rng.normal(size=shown), other])


def pictures(count: int, rng: np.random.Generator) -> np.ndarray:
    """1/f noise (count, SIDE, SIDE) of mean 0 and SD 1."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))
    frequency[0, 0] = np.inf
    white = np.fft.rfft2(rng.normal(size=(count, SIDE, SIDE)))
    made = np.fft.irfft2(white / frequency, (SIDE, SIDE))
    return np.asarray(made / made.std(axis=(1, 2), keepdims=True))


def recording(kind: Kind, seed: int) -> tuple[Population, Responses]:
    """A population and its responses to pictures of its own; the first k cells carry them."""
    rng = np.random.default_rng([FIRST_SEED, KINDS.index(kind), seed])
    cells = Population(kind, rng)
    picture = pictures(kind.images, rng)
    image = np.tile(np.arange(kind.images), REPEATS)
    return cells, responses_of(cells.respond(picture, image), image, picture)


def responses_of(response: np.ndarray, image: np.ndarray, picture: np.ndarray) -> Responses:
    """A record of responses, in which nothing is known of responsive pairs."""
    (presentations, cells), images = response.shape, len(picture)
    return Responses(
        **PopulationStatistics.undefined(cells, images),
        response=response,
        image=image,
        repeat=np.arange(presentations) // images,
        onset_s=np.full(presentations, np.nan),
        picture=picture,
        image_name=[str(i) for i in range(images)],
        roi=np.full(cells, -1),
        responsive=np.zeros((cells, images), bool),
        responsive_others=np.zeros(response.shape, bool),
        excluded_line=[],
        excluded_reason=[],
        response_unit="a.u.",
        has_baseline=False,
        responsiveness_test="none",
        dropped_cells=0,
        dropped_rois=[],
        notes=[],
    )


def strong_cells_needed(cells: Population, shown: Responses, made: Reconstruction) -> int:
    """The count from which the curve over fresh pictures stays at 95 %, in plain NumPy."""
    fresh = pictures(FRESH, cells.rng)
    response = cells.respond(fresh, np.arange(FRESH))
    fresh, curve = fresh.reshape(FRESH, -1), np.zeros(response.shape[1] + 1)
    for fold in (0, 5):
        training = np.sort(shown.response[made.fold[shown.image] != fold], axis=0)
        filters, mean = np.asarray(made.reverse_filter[fold], float), made.mean_response[fold]
        target = fresh - made.mean_picture[fold].ravel()
        curve += _curve(response, training, filters, mean, target)
    reached = curve >= 0.95 * curve[-1]
    return int(len(curve) - np.argmin(reached[::-1])) if not reached.all() else 0


def _curve(
    response: np.ndarray,
    training: np.ndarray,
    filters: np.ndarray,
    mean: np.ndarray,
    target: np.ndarray,
) -> np.ndarray:
    """Mean R over pictures at 0, 1 ... all cells."""
    order = np.argsort(-response, axis=1)
    rank = np.argsort(order, axis=1)
    sums = np.vstack([np.zeros(response.shape[1]), np.cumsum(training, axis=0)])
    curve = [0.0]
    for n in range(1, response.shape[1] + 1):
        weakest = response[np.arange(len(response)), order[:, n - 1]]
        expected = np.empty_like(response)
        for k in range(response.shape[1]):
            below = np.searchsorted(training[:, k], weakest, side="right")
            expected[:, k] = np.where(below, sums[below, k] / np.maximum(below, 1), weakest)
        made = (np.where(rank < n, response, expected) - mean) @ filters
        curve.append(float((_unit(made) * _unit(target)).sum(axis=1).mean()))
    return np.array(curve)


def _unit(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


@dataclass(frozen=True)
class Outcome:
    """What the program says of one recording, and what is true of its strong cells."""

    found: CellCountCurves
    needed: int


def outcome(kind: Kind, seed: int) -> Outcome:
    """One recording, decoded, counted and compared."""
    cells, shown = recording(kind, seed)
    made = reconstruct(shown, "ridge", DECODING)
    found = cell_count_curves(made, shown, COUNTING, bootstraps=200, seed=seed)
    needed = strong_cells_needed(cells, shown, made) if np.isfinite(found.strong_cells) else -1
    return Outcome(found, needed)


def row(kind: Kind, outcomes: list[Outcome]) -> tuple[str, np.ndarray]:
    """A line of the table, and in how many recordings the headline and n_strong are right."""
    found = [each.found for each in outcomes]
    K = np.array([each.informative_cells for each in found])
    limits = np.array([each.informative_cells_ci95 for each in found])
    told = np.array([each.informative_cells_told for each in found])
    inside = (limits[:, 0] <= kind.k) & (kind.k <= limits[:, 1])
    gated = np.array([each.needed >= 0 for each in outcomes])
    needed = np.array([each.needed for each in outcomes])
    strong = np.array([each.strong_cells for each in found])
    ends = np.array([each.strong_cells_ci95 for each in found])
    covered = gated & (ends[:, 0] <= needed) & (needed <= ends[:, 1])
    low, high = np.median(limits, axis=0)
    cells = [
        kind.name,
        str(len(outcomes)),
        f"{np.median(K):.0f} ({np.quantile(K, 0.1):.0f}-{np.quantile(K, 0.9):.0f})",
        f"[{low:.0f}, {high:.0f}]",
        f"{100 * inside.mean():.0f} %",
        f"{100 * told.mean():.0f} %",
        f"**{100 * (inside | ~told).mean():.0f} %**",
        f"{100 * (limits[:, 0] > 0).mean():.0f} %",
        f"{np.median([each.r_all.mean() for each in found]):.2f}",
    ]
    if gated.any():
        first = np.nanmedian([each.cells_95 for each in found])
        cells += [
            f"{np.median(strong[gated]):.0f}",
            f"{np.median(needed[gated]):.0f}",
            f"**{100 * covered.sum() / gated.sum():.0f} %** of {gated.sum()}",
            f"{first:.0f}",
        ]
    else:
        cells += ["-"] * 4
    right = [(inside | ~told).sum(), covered.sum(), gated.sum()]
    return f"| {' | '.join(cells)} |", np.array(right)


def main() -> None:
    """Print the table, or write it to the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=int, default=30, help="of each kind")
    parser.add_argument("--kinds", type=int, nargs="*", help="only these rows, from 0")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    given = parser.parse_args()
    kinds = [KINDS[i] for i in given.kinds] if given.kinds else KINDS
    start, total, rows = time.perf_counter(), np.zeros(3, int), []
    for kind in kinds:
        line, right = row(kind, [outcome(kind, seed) for seed in range(given.recordings)])
        rows.append(line)
        total += right
        print(f"{time.perf_counter() - start:.0f} s {line}", flush=True)
    number = len(kinds) * given.recordings
    summed = (
        f"Over all {number} recordings the headline's interval contains k, or the page says that "
        f"the recording cannot tell, in {100 * total[0] / number:.1f} %; the interval of "
        f"n_strong contains what fresh pictures need in {100 * total[1] / max(total[2], 1):.1f} % "
        f"of the {total[2]} in which there is a reconstruction."
    )
    print(summed)
    if given.write:
        RESULTS.write_text(page(rows, summed, given.recordings, time.perf_counter() - start))


def page(rows: list[str], summed: str, recordings: int, seconds: float) -> str:
    """The results with what they are and where they come from."""
    columns = (
        "recordings", "number", "K, median (10-90 %)", "its interval, median", "contains k",
        "told", "**contains k or cannot tell**", "lower limit above 0", "R of all",
        "n_strong, median", "fresh pictures need, median", "**its interval contains that**",
        "first crossing, median",
    )  # fmt: skip
    return "\n".join(
        [
            "# The headline of the cell count, where the truth is known",
            "",
            *(__doc__ or "").split("\n\n")[2:],
            summed,
            "",
            f"| {' | '.join(columns)} |",
            f"|{'---|' * len(columns)}",
            *rows,
            "",
            "First crossing: the 95 % count of the paper's curve (omitted cells at their mean). "
            "Where no cell carries anything, a lower limit above 0 is a false positive.",
            "",
            f"{seconds:.0f} s on one core of a busy {platform.machine()} with {os.cpu_count()}; "
            f"Python {platform.python_version()}, NumPy {np.__version__}. Seeds from "
            f"{FIRST_SEED}. Command: `python benchmarks/cell_count_truth.py --recordings "
            f"{recordings} --write`.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
