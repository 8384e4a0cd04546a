"""Attention on and off: intervals of what it adds, tests of cells and of neighbours' places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import recordings
from measures import AT_MOST, COVERAGE, REJECTION, Interval, Quantity, rejected
from study import Outcome, Study

from twophoton_decode.deep.attention.embedding import DIMENSIONS, distances, nearest, nearness
from twophoton_decode.deep.attention.encoding import chance_and_p, differences, r_of_maps
from twophoton_decode.deep.attention.held_out import Layer, ShownImages, with_attention
from twophoton_decode.deep.attention.maps import at_units
from twophoton_decode.deep.attention.shown import selected_images
from twophoton_decode.settings import DecodingSettings

SIDE, CHANNELS, CELLS, REPEATS = 4, 3, 20, 4
UNITS = CHANNELS * SIDE**2
SETTINGS = DecodingSettings(folds=5, bootstraps=200)
REFITS = 200
HOLDS = "holds the expected one"
GAINS = {
    "delta": Quantity(("delta_ci95",), f"interval of what attention adds to r {HOLDS}", COVERAGE),
    "beyond_other": Quantity(
        ("beyond_other_ci95",), f"interval of what it adds beyond another picture's map {HOLDS}",
        COVERAGE,
    ),
    "beyond_mean": Quantity(
        ("beyond_mean_ci95",), f"interval of what it adds beyond the mean map {HOLDS}", COVERAGE
    ),
}  # fmt: skip
COUNTS = Quantity(
    ("beyond_other_ci95", "beyond_mean_ci95"),
    "attention said to count, both intervals above 0, where no cell attends",
    AT_MOST,
)
CELL_P = Quantity(
    ("p_on", "p_off"), "share of cells with p ≤ 0.05 where nothing is seen", REJECTION
)
FIELD = Quantity(
    ("field_distance_p",), "receptive fields of neighbours where they have no order", REJECTION
)
VIEW = Quantity(
    ("view_distance_p",), "places of neighbours in three planes where they have no order", REJECTION
)


@dataclass(frozen=True)
class Kind:
    """Cells see a few units times 1 + `gain` · the map at their place, or other pictures."""

    images: int
    gain: float = 0.0
    noise: float = 1.0
    seen: bool = True


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    layer, shown = _shown(kind, rng)
    found = with_attention(shown, {"layer": layer}, SETTINGS.seed)
    r = r_of_maps(found, shown.response)
    told = differences(found, shown, SETTINGS.bootstraps, SETTINGS.seed)
    value = {"delta": r["delta"].mean()} | told
    for name, quantity in GAINS.items():
        yield quantity, "", Interval.of(value[name], told[f"{name}_ci95"])
    if kind.gain == 0:
        lows = [told[f"{name}_ci95"][0] for name in ("beyond_other", "beyond_mean")]
        yield COUNTS, "", float(min(lows) > 0)
    if not kind.seen:
        p = chance_and_p(found, shown.exchanged, r, 0.05)
        for key in ("on", "off"):
            yield CELL_P, key, float(np.mean(p[f"p_{key}"] <= 0.05))


def _shown(kind: Kind, rng: np.random.Generator) -> tuple[Layer, ShownImages]:
    value = rng.standard_normal((kind.images, UNITS)) + 2
    maps = rng.random((kind.images, SIDE, SIDE))
    place = np.stack(np.unravel_index(np.arange(UNITS), (CHANNELS, SIDE, SIDE)))
    seen = (1 + kind.gain * at_units(maps, place, SIDE)) * value
    drive = seen @ _weights()
    drive = (drive - drive.mean(axis=0)) / drive.std(axis=0)
    if not kind.seen:
        drive = drive[rng.permutation(kind.images)]
    image = np.concatenate([rng.permutation(kind.images) for _ in range(REPEATS)])
    response = drive[image] + kind.noise * rng.standard_normal((len(image), CELLS))
    made = recordings.Recording(
        recordings.Kind(images=kind.images, cells=CELLS), response, image,
        rng.standard_normal((kind.images, 8, 8)).astype(np.float32), drive,
    )  # fmt: skip
    selected = selected_images(made.responses(), maps, SETTINGS, REFITS)
    return Layer(value[selected.source], place, SIDE), selected.shown


@cache
def _weights() -> np.ndarray:
    """Of each cell on a seventh of the units, (units, cells)."""
    rng = np.random.default_rng(3)
    return rng.standard_normal((UNITS, CELLS)) * (rng.random((UNITS, CELLS)) < 0.15)


def _layout(cells: int, rng: np.random.Generator) -> Iterator[Outcome]:
    """A layout drawn at random stands for UMAP: whatever it is made of, places are not in it."""
    neighbours = nearest(distances(rng.standard_normal((cells, DIMENSIONS))), min(10, cells // 3))
    field, view = (distances(rng.standard_normal((cells, 2))) for _ in range(2))
    field[rng.random(cells) < 0.2] = np.nan
    field[np.isnan(field).T] = np.nan
    plane = rng.integers(3, size=cells)
    view[plane[:, None] != plane] = np.nan
    for quantity, distance in ((FIELD, field), (VIEW, view)):
        np.fill_diagonal(distance, np.nan)
        yield quantity, "", rejected(nearness(distance, neighbours, rng).p)


LEVELS = {
    "nothing seen": {"seen": False},
    "no cell attends": {},
    "gain 1.5": {"gain": 1.5},
}


def studies() -> Iterator[Study]:
    for level, changed in LEVELS.items():
        for images, every in ((20, 1), (50, 1), (200, 1)):
            kind = Kind(images, **changed)
            quantities = tuple(GAINS.values())
            quantities += (COUNTS,) * (kind.gain == 0) + (CELL_P,) * (not kind.seen)
            run = partial(_run, kind)
            yield Study("deep-encode", f"{level}, {images} pictures", quantities, run, every)
    for cells in (20, 60):
        run = partial(_layout, cells)
        yield Study("deep-layout", f"{cells} cells at random places", (FIELD, VIEW), run)
