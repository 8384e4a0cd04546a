"""Does the picture in a receptive field vary less when overlapping cells join in?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.complementarity.field_overlap import FieldDiscs
from twophoton_decode.analyses.complementarity.local_sums import LocalSums, Reference, local_sums
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Encoding, Reconstruction, Responses
from twophoton_decode.statistics.log_median import LogMedian, log_median
from twophoton_decode.statistics.paired import holm

MOST_ADDED = 20
"""Cells added at most; fewer where a quarter of the cells have fewer to add."""
MOST_REFERENCES = 120
"""More reference cells than this are represented by so many, drawn at random."""
FEWEST_REFERENCES = 5
EXCHANGES = 15
"""Times the receptive fields are dealt out among the cells anew, for the spread by chance."""


def local_variability(
    made: Reconstruction,
    responses: Responses,
    encoding: Encoding,
    *,
    bootstraps: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Variability over trials in a cell's receptive field, as overlapping cells are added [paper].

    The reference cell alone makes the first point; then 1, 2 … of the cells whose fields
    overlap its own join, expected over their random choice [choice ours]. Variability is the
    squared difference of a trial to the average of the other trials over that average's
    squared norm, both summed over the pixels of the reference's field and over the trials of
    the images that it responds to [measure paper, normaliser ours]; m is not part of it. As
    many cells whose fields do not overlap are the control [ours].

    Returns
    -------
    dict
        By field of `Complementarity`.

    Raises
    ------
    AnalysisError
        Too few cells have a field, an image with repeats that they respond to, and
        overlapping as well as distant cells.
    """
    discs = FieldDiscs(encoding)
    references, added = _references(responses, discs, rng)
    again = _exchanged(references, discs, added, rng)
    sums, *by_chance = local_sums(
        made, responses, discs.has_field, [references, *again], added, progress
    )
    # A cell whose filter vanishes in its own field shows nothing there.
    shows = np.isfinite(sums.ratio(sums.near) + sums.ratio(sums.far)).all(axis=1)
    if shows.sum() < FEWEST_REFERENCES:
        raise AnalysisError(
            f"only {shows.sum()} of {len(references)} reference cells have a filter in their own "
            f"receptive field; {FEWEST_REFERENCES} are needed."
        )
    references = [each for each, shown in zip(references, shows, strict=True) if shown]
    sums = sums.of(shows)
    near, far = sums.ratio(sums.near), sums.ratio(sums.far)

    def interval(values: np.ndarray, without: np.ndarray) -> np.ndarray:
        columns = zip(values.T, np.moveaxis(without, -1, 0), strict=True)
        found = [log_median(value, rest, bootstraps, rng).interval for value, rest in columns]
        return np.array(found)

    return {
        "reference": [each.cell for each in references],
        "overlapping_cells": [len(each.overlapping) for each in references],
        "added": np.arange(added + 1),
        "local_variability": near,
        "local_variability_distant": far,
        "local_variability_all": sums.ratio(sums.whole)[:, 0],
        "local_ci95": interval(near, sums.without(sums.near)),
        "local_distant_ci95": interval(far, sums.without(sums.far)),
        **_tests(
            _alone(near, sums.without(sums.near), bootstraps, rng),
            near[:, -1] / far[:, -1],
            _chance(by_chance),
        ),
    }


def _references(
    responses: Responses, discs: FieldDiscs, rng: np.random.Generator
) -> tuple[list[Reference], int]:
    """The reference cells, and how many cells are added to each."""
    usable = responses.responsive & (responses.repeats_per_image > 1)
    cells = np.flatnonzero(discs.has_field & usable.any(axis=1))
    if len(cells) > MOST_REFERENCES:
        cells = np.sort(rng.choice(cells, MOST_REFERENCES, replace=False))
    found = [_at(cell, usable[cell], discs) for cell in cells.tolist()]
    numbers = [each.fewest for each in found]
    several = [number for number in numbers if number]
    added = min(MOST_ADDED, int(np.percentile(several, 25))) if several else 1
    kept = [each for each, number in zip(found, numbers, strict=True) if number >= added]
    if len(kept) < FEWEST_REFERENCES:
        raise AnalysisError(
            f"{len(kept)} cells have a receptive field, a repeated image that they respond to, "
            "as well as both cells whose fields overlap theirs and cells whose do not; "
            f"{FEWEST_REFERENCES} are needed. {discs.has_field.sum()} of {len(discs.has_field)} "
            "cells have a field."
        )
    return kept, added


def _at(cell: int, images: np.ndarray, discs: FieldDiscs) -> Reference:
    """The cell as a reference with the disc that it has."""
    return Reference(cell, discs.region(cell), images, discs.overlapping(cell), discs.distant(cell))


def _alone(
    near: np.ndarray, without: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> LogMedian:
    """Variability with the most overlapping cells over that of the reference alone."""
    return log_median(near[:, -1] / near[:, 0], without[..., -1] / without[..., 0], bootstraps, rng)


def _exchanged(
    references: list[Reference], discs: FieldDiscs, added: int, rng: np.random.Generator
) -> list[list[Reference]]:
    """The reference cells with fields dealt out anew, for every exchange that leaves enough."""
    found = []
    for _ in range(EXCHANGES):
        moved = discs.exchanged(rng)
        again = [_at(each.cell, each.images, moved) for each in references]
        found.append([each for each in again if each.fewest >= added])
    return [each for each in found if len(each) >= FEWEST_REFERENCES]


def _chance(exchanged: list[LocalSums]) -> np.ndarray:
    """Log of the median of overlapping over distant in each exchange, (exchanges,).

    Reference cells share the cells that are added to them and the trials, so their spread
    does not tell how far the median strays by chance; this does.
    """
    ratios = [sums.ratio(sums.near)[:, -1] / sums.ratio(sums.far)[:, -1] for sums in exchanged]
    medians = np.array([np.nanmedian(each) for each in ratios if np.isfinite(each).any()])
    return np.log(medians[medians > 0])


def _tests(alone: LogMedian, distant: np.ndarray, chance: np.ndarray) -> dict[str, Any]:
    """With the most cells: against the reference alone, and against distant cells; Holm of two."""
    against = LogMedian.against_chance(distant, chance)
    p = holm(np.array([alone.p, against.p]))
    return {
        "local_ratio_alone": alone.median,
        "local_ratio_alone_ci95": alone.interval,
        "local_ratio_alone_p": float(p[0]),
        "local_ratio_distant": against.median,
        "local_ratio_distant_ci95": against.interval,
        "local_ratio_distant_p": float(p[1]),
    }
