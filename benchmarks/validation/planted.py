"""Planted counts: how many cells carry the pictures, and does the program's interval say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from cell_counts import COUNTS, curves_of, of_counts
from measures import AT_LEAST, AT_MOST, BY_CHOICE, REJECTION, Quantity
from recordings import Kind, recording
from study import Outcome, Study

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.settings import DecodingSettings

CONTAINS = Quantity(
    ("informative_cells_ci95", "informative_cells"),
    "interval of the informative cells holds the planted number, or it is said that none can be "
    "told",
    AT_LEAST,
)
ANSWERED = Quantity(
    ("informative_cells_told",),
    "recordings in which a number is told",
    replace(BY_CHOICE, always="how often there is an answer"),
)
CHANCE_P = Quantity(
    ("informative_p",), "share of cells with p ≤ 0.05 among those that carry nothing",
    REJECTION,
)  # fmt: skip
FALSE = Quantity(
    ("informative", "reliable"),
    "share of the informative cells that carry nothing (5 % false discoveries)",
    AT_MOST,
)
PLAIN = Kind(images=50, cells=80, repeats=5, noise=0.3, locked=False)
POPULATIONS = {
    "5 of 80 cells, rectified": replace(PLAIN, carriers=5),
    "15 of 80 cells, linear": replace(PLAIN, carriers=15, threshold=-np.inf),
    "15 of 80 cells, rectified": replace(PLAIN, carriers=15),
    "15 of 80 cells, noise as large as the drive": replace(PLAIN, carriers=15, noise=0.7),
    "15 of 80 cells, twice as much noise": replace(PLAIN, carriers=15, noise=1.4),
    "15 of 80 cells, the others locked to other pictures": replace(PLAIN, carriers=15, locked=True),
    "20 of 80 cells, half silent": replace(PLAIN, carriers=20, threshold=0.0),
    "15 of 80 cells, 25 images": replace(PLAIN, carriers=15, images=25),
    "60 of 120 cells, rectified": replace(PLAIN, carriers=60, cells=120),
    "80 of 80 cells": PLAIN,
}


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    found = recording(kind, rng)
    responses = found.responses()
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    curves = curves_of(reconstruct(responses, "ridge", settings), responses)
    yield from of_counts(curves)
    carriers = kind.cells if kind.carriers is None else kind.carriers
    low, high = curves.informative_cells_ci95
    told = curves.informative_cells_told
    yield CONTAINS, "", float(not told or low <= carriers <= high)
    yield ANSWERED, "", float(told)
    if carriers < kind.cells:
        yield CHANCE_P, "", float((curves.informative_p[carriers:] <= 0.05).mean())
        wrong = curves.informative[carriers:].sum() / max(curves.informative.sum(), 1)
        yield FALSE, "", float(wrong)


def studies() -> Iterator[Study]:
    for setting, kind in POPULATIONS.items():
        quantities = (*COUNTS, CONTAINS, ANSWERED)
        if kind.carriers is not None:
            quantities += (CHANCE_P, FALSE)
        yield Study("planted", setting, quantities, partial(_run, kind), every=2)
