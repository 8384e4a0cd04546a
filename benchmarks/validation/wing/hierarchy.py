"""Hierarchy scores: intervals with all and with matched cells, and the test of the order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from measures import COVERAGE, REJECTION, Interval, Quantity, rejected
from study import Outcome, Study

from twophoton_decode.deep.comparison.decoding.decoded_layers import half_averages
from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.hierarchy.best import (
    Seen,
    best_with_all_cells,
    blocks_of_pictures,
)
from twophoton_decode.deep.hierarchy.cells import cell_reliability, matched_cells, matching
from twophoton_decode.deep.hierarchy.network import Score, network_score
from twophoton_decode.settings import DecodingSettings
from wing.layers import AXES, SIZE, UNITS

ALL_CELLS = Quantity(
    ("all_cells_ci95",), "interval of the score from all cells holds the expected one", COVERAGE
)
MATCHED = Quantity(
    ("score_ci95", "twin_ci95"),
    "interval of the score from matched cells holds the expected one",
    COVERAGE,
)
ORDER_P = Quantity(
    ("order_p",), "order of four populations of which none is early or late", REJECTION
)
LAYERS = ("first", "second", "third", "fourth", "fifth")
REPEATS, CELLS = 4, 20
CELL_DRAWS = 4
SETTINGS = DecodingSettings(folds=5)


@dataclass(frozen=True)
class Kind:
    """Populations carry layers near their own depth, the nearer by `spread` layers the more.

    An infinite spread: all carry all layers alike. Not `seen`: responses to other pictures.
    `new_cells` in every run, where the test is of what cells happen to carry.
    """

    images: int
    populations: int = 3
    spread: float = 1.0
    noise: float = 4.0
    seen: bool = True
    new_cells: bool = False


def _all_cells(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    seen, layers, block = _session(kind, rng)
    (counts,) = best_with_all_cells(seen, [layers], block, stored_t=False)
    found = network_score([counts], LAYERS, 0)
    if kind.new_cells:
        yield ORDER_P, "", rejected(found.p)
    else:
        yield ALL_CELLS, "", _interval(found)


def _matched(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    """As `best_with_matched_cells`, with few draws of cells, as each decodes all layers anew."""
    seen, layers, block = _session(kind, rng)
    drawn = [
        best_with_all_cells(
            seen._replace(cells=matched_cells(seen.bins, rng)), [layers], block, stored_t=False
        )[0]
        for _ in range(CELL_DRAWS)
    ]
    counts = {name: np.stack([each[name] for each in drawn]) for name in LAYERS}
    yield MATCHED, "", _interval(network_score([counts], LAYERS, 0))


def _interval(found: Score) -> Interval:
    return Interval.of(found.score, found.ci95)


def _session(
    kind: Kind, rng: np.random.Generator
) -> tuple[Seen, dict[str, np.ndarray], np.ndarray]:
    axes = rng.standard_normal((len(LAYERS), kind.images, AXES)) * SIZE
    shown = axes if kind.seen else rng.standard_normal(axes.shape) * SIZE
    mixture, weights = _fixed(kind) if not kind.new_cells else _drawn(kind, rng)
    layers = dict(zip(LAYERS, np.einsum("lia,lau->liu", axes, mixture).astype("f4"), strict=True))
    drive = np.einsum("lia,lac->ic", shown, weights)
    image = np.tile(np.arange(kind.images), REPEATS)
    response = drive[image] + kind.noise * rng.standard_normal((len(image), drive.shape[1]))
    average = response.reshape(REPEATS, kind.images, -1).mean(axis=0)
    folds, _ = decoding_folds(rng.standard_normal((kind.images, 8, 8)), None, SETTINGS)
    cells = np.split(np.arange(drive.shape[1]), kind.populations)
    halves = half_averages(response, image, kind.images)
    bins = matching(cells, cell_reliability(halves, drive.shape[1]))
    seen = Seen(average, folds.fold, folds.content, cells, bins)
    return seen, layers, blocks_of_pictures(folds.content, rng)


@cache
def _fixed(kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    return _drawn(kind, np.random.default_rng(5))


def _drawn(kind: Kind, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Units of each layer (layer, axis, unit), and cells (layer, axis, cell)."""
    depth = np.linspace(0, len(LAYERS) - 1, kind.populations)
    away = np.abs(np.arange(len(LAYERS))[:, None] - depth.repeat(CELLS)) / kind.spread
    gain = np.exp(-0.5 * away**2)
    gain *= np.sqrt(2 / (gain**2).sum(axis=0))
    mixture = rng.standard_normal((len(LAYERS), AXES, UNITS))
    return mixture, gain[:, None] * rng.standard_normal((len(LAYERS), AXES, gain.shape[1]))


LEVELS = {
    "nothing seen": {"seen": False},
    "no order": {"spread": np.inf},
    "an order": {"spread": 1.5},
}


def studies() -> Iterator[Study]:
    for level, changed in LEVELS.items():
        for images, every in ((20, 1), (50, 1), (200, 2)):
            setting = f"{level}, {images} pictures, 3 populations of {CELLS} cells"
            run = partial(_all_cells, Kind(images, **changed))
            yield Study("deep-hierarchy", setting, (ALL_CELLS,), run, every)
    for level in ("no order", "an order"):
        setting = (
            f"{level}, 50 pictures, 3 populations of {CELLS} cells, matched, {CELL_DRAWS} draws"
        )
        run = partial(_matched, Kind(50, **LEVELS[level]))
        yield Study("deep-hierarchy", setting, (MATCHED,), run, 5)
    for level in ("nothing seen", "no order"):
        setting = f"{level}, 50 pictures, 4 populations of {CELLS} new cells"
        kind = Kind(50, populations=4, new_cells=True, **LEVELS[level])
        yield Study("deep-hierarchy", setting, (ORDER_P,), partial(_all_cells, kind))
