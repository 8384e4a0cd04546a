"""Standard errors that figures and their tables draw around means over images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from cell_counts import SETTINGS
from measures import COVERAGE, Interval, Quantity
from recordings import LEVELS, recording
from study import Outcome, Study

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.figures.cell_count.controls import cell_refits
from twophoton_decode.figures.cell_count.curve import cell_count_curve
from twophoton_decode.figures.reconstruction.score_variants import score_variants
from twophoton_decode.settings import DecodingSettings

WITHIN = "mean ± 1.96 standard errors holds the expected mean"
OF_CURVES = {
    name: Quantity((f"{name}_se", *fields), f"{what}: {WITHIN}", COVERAGE)
    for name, what, *fields in (
        (
            "r",
            "R of the 20 strongest cells",
            "curve_error",
            "condition_error",
            "condition_cells_error",
        ),
        ("r_wrong", "the same against other images", "condition_wrong_error"),
        ("r_strong", "R of the 20 strong cells, the others known to respond less", "strong_error"),
    )
}
LEARNING = Quantity(
    ("r_learning_se", "learning_error", "refitted_error", "fixed_error"),
    f"R from the fewest training images: {WITHIN}",
    COVERAGE,
)
VARIANTS = Quantity(("*_se", "errors"), f"scores of the table of variants: {WITHIN}", COVERAGE)
LOW = Quantity(
    ("r_low_ci95",), "interval of mean R of three components holds the expected R", COVERAGE
)
SCORES = ("r_average", "r_single", "ssim")
CELLS = 20


def _run(level: str, rng: np.random.Generator) -> Iterator[Outcome]:
    responses = recording(LEVELS[level], rng).responses()
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    made = reconstruct(responses, "ridge", settings)
    learning = SETTINGS.model_copy(update={"learning_curves": True})
    curves = cell_count_curves(made, responses, learning, bootstraps=100, seed=0)
    drawing = cell_count_curve(curves)
    for name, quantity in OF_CURVES.items():
        table = drawing.more["strongest"] if name == "r_strong" else drawing.table
        cells = table["strongest_cells" if name == "r_strong" else "cells"]
        place = int(np.searchsorted(cells, CELLS))
        yield quantity, "", _interval(table, f"{name}_mean", f"{name}_se", place)
    refits = cell_refits(curves).more["training"]
    fewest = int(np.argmin(refits["training_images"]))
    yield LEARNING, "", _interval(refits, "r_learning_mean", "r_learning_se", fewest)
    yield LOW, "", Interval.of(made.mean_of("r_low"), made.r_low_ci95)
    variants = score_variants({"ridge": made}).table
    for name in SCORES:
        yield VARIANTS, name, _interval(variants, name, f"{name}_se", 0)


def _interval(table: Mapping[str, Sequence[float]], mean: str, error: str, place: int) -> Interval:
    return Interval.from_error(float(table[mean][place]), float(table[error][place]))


def studies() -> Iterator[Study]:
    quantities = (*OF_CURVES.values(), LEARNING, LOW, VARIANTS)
    for level in ("R = 0", "middle R"):
        made = partial(_run, level)
        yield Study("errors", f"{level}, 40 images", quantities, made, every=5)
