"""Planted counts: how many cells carry the pictures, and does the program's interval say so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from cell_counts import CELLS_95, curves_of
from measures import Interval
from recordings import Kind, recording
from study import Outcome, Study

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.settings import DecodingSettings

PLANTED = (5, 15, 20, 60)


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    found = recording(kind, rng)
    responses = found.responses()
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    curves = curves_of(reconstruct(responses, "ridge", settings), responses)
    yield (
        CELLS_95,
        "",
        Interval(curves.cells_95, *curves.cells_95_ci95, behind=curves.r.mean(axis=0)),
    )


def studies() -> Iterator[Study]:
    for carriers in PLANTED:
        kind = Kind(images=50, cells=max(80, 2 * carriers), repeats=5, carriers=carriers, noise=0.3)
        yield Study("planted", f"{carriers} carriers", (CELLS_95,), partial(_run, kind))
