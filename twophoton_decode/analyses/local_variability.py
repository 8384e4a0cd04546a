"""Does the picture in a receptive field vary less when overlapping cells join in?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.analyses.field_overlap import FieldDiscs
from twophoton_decode.decoding.transform import as_decoded
from twophoton_decode.errors import AnalysisError
from twophoton_decode.kernels.sharing import in_threads
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Encoding, Reconstruction, Responses
from twophoton_decode.statistics.paired import signed_rank_p

MOST_ADDED = 20
"""Cells added one by one at most; fewer where a quarter of the cells have fewer to add."""
MOST_REFERENCES = 300
"""More reference cells than this are represented by so many, drawn at random."""
FEWEST_REFERENCES = 5
ORDERS = 20
"""Random orders in which cells are added, averaged."""


@dataclass(frozen=True, eq=False)
class _Reference:
    """A reference cell: its pixels, its images, and the cells that may be added to it."""

    cell: int
    pixels: np.ndarray
    images: np.ndarray
    overlapping: np.ndarray
    distant: np.ndarray

    def orders(self, pool: np.ndarray, added: int, rng: np.random.Generator) -> np.ndarray:
        """The cell, then `added` of the pool in random order, (orders, 1 + added)."""
        drawn = [rng.choice(pool, added, replace=False) for _ in range(ORDERS)]
        return np.column_stack([np.full(ORDERS, self.cell), np.stack(drawn)])


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

    The reference cell alone makes the first point; then cells whose fields overlap its own
    join in a random order [order ours]. Variability is the squared difference of a trial
    to the average of the other trials over that average's squared norm, both summed over
    the pixels of the reference's field and over the trials of the images that it responds
    to [measure paper, normaliser ours]; m is not part of it. As many cells whose fields do
    not overlap are the control [ours].

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
    references, added = _references(responses, FieldDiscs(encoding), rng)
    near, far, everyone = _variabilities(made, responses, references, added, rng, progress)
    # A cell whose filter vanishes in its own field shows nothing there.
    shows = np.isfinite(near).all(axis=1) & np.isfinite(far).all(axis=1)
    if shows.sum() < FEWEST_REFERENCES:
        raise AnalysisError(
            f"only {shows.sum()} of {len(references)} reference cells have a filter in their own "
            f"receptive field; {FEWEST_REFERENCES} are needed."
        )
    references = [each for each, shown in zip(references, shows, strict=True) if shown]
    near, far, everyone = near[shows], far[shows], everyone[shows]
    return {
        "reference": [each.cell for each in references],
        "overlapping_cells": [len(each.overlapping) for each in references],
        "added": np.arange(added + 1),
        "local_variability": near,
        "local_variability_distant": far,
        "local_variability_all": everyone,
        "local_ci95": _median_interval(near, bootstraps, rng),
        "local_distant_ci95": _median_interval(far, bootstraps, rng),
        **_tests(near, far, bootstraps, rng),
    }


def _references(
    responses: Responses, discs: FieldDiscs, rng: np.random.Generator
) -> tuple[list[_Reference], int]:
    """The reference cells, and how many cells are added to each."""
    usable = responses.responsive & (responses.repeats_per_image > 1)
    cells = np.flatnonzero(discs.has_field & usable.any(axis=1))
    if len(cells) > MOST_REFERENCES:
        cells = np.sort(rng.choice(cells, MOST_REFERENCES, replace=False))
    found = [
        _Reference(
            cell,
            discs.region(cell),
            np.flatnonzero(usable[cell]),
            discs.overlapping(cell),
            discs.distant(cell),
        )
        for cell in cells.tolist()
    ]
    numbers = [min(len(each.overlapping), len(each.distant)) for each in found]
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


def _variabilities(
    made: Reconstruction,
    responses: Responses,
    references: list[_Reference],
    added: int,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Local variability with overlapping, with distant, and with all overlapping cells."""
    near = [each.orders(each.overlapping, added, rng) for each in references]
    far = [each.orders(each.distant, added, rng) for each in references]
    everyone = [np.append(each.cell, each.overlapping)[None] for each in references]
    nested = np.zeros((2, len(references), 2, added + 1))
    whole = np.zeros((len(references), 2))
    for fold in range(len(made.mean_picture)):
        trials = _FoldTrials.of(made, responses, fold)

        def of_reference(place: int, trials: _FoldTrials = trials) -> None:
            rows, pixels = trials.rows(references[place].images), references[place].pixels
            if len(rows):
                for kind, orders in enumerate((near, far)):
                    nested[kind, place] += trials.nested(rows, orders[place], pixels)
                whole[place] += trials.whole(rows, everyone[place][0], pixels)

        in_threads(of_reference, range(len(references)))
        progress(fold + 1, len(made.mean_picture), "folds of local variability")
    near_far = _ratio(nested[:, :, 0], nested[:, :, 1])
    return near_far[0], near_far[1], _ratio(whole[:, 0], whole[:, 1])


@dataclass(frozen=True, eq=False)
class _FoldTrials:
    """The test trials of a fold that have other trials beside them.

    `difference` and `others` are (trials, cells): the response less the average of the
    image's other trials, and that average less the training mean.
    """

    image: np.ndarray
    difference: np.ndarray
    others: np.ndarray
    reverse_filter: np.ndarray

    @classmethod
    def of(cls, made: Reconstruction, responses: Responses, fold: int) -> _FoldTrials:
        repeats = responses.repeats_per_image
        tested = np.flatnonzero((made.fold[made.image] == fold) & (repeats[made.image] > 1))
        image = made.image[tested]
        response = as_decoded(made, responses.response[tested], fold) - made.mean_response[fold]
        total = np.zeros((len(repeats), response.shape[1]))
        np.add.at(total, image, response)
        others = (total[image] - response) / (repeats[image] - 1)[:, None]
        # Every image counts the same, however often it was shown.
        weight = 1 / np.sqrt(repeats[image])[:, None]
        difference = (response - others) * weight
        return cls(image, difference, others * weight, np.asarray(made.reverse_filter[fold]))

    def rows(self, images: np.ndarray) -> np.ndarray:
        """Trials of these images."""
        return np.flatnonzero(np.isin(self.image, images))

    def nested(self, rows: np.ndarray, orders: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        """Squared norms of difference and average for the first 1, 2 … cells, (2, counts).

        With cells added one at a time, inner products of the cells' parts are enough: those
        of the filters over pixels times those of the responses over trials.
        """
        filters = self.reverse_filter[orders[..., None], pixels].astype(float)
        products = filters @ filters.swapaxes(1, 2)
        return np.stack(
            [
                _leading_sums(_inner(part[np.ix_(rows, orders.ravel())], orders) * products)
                for part in (self.difference, self.others)
            ]
        )

    def whole(self, rows: np.ndarray, cells: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        """The same from all `cells` at once, (2,)."""
        filters = self.reverse_filter[np.ix_(cells, pixels)].astype(float)
        parts = (self.difference, self.others)
        return np.array([((part[np.ix_(rows, cells)] @ filters) ** 2).sum() for part in parts])


def _inner(part: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Inner products over trials of the cells of each order, (orders, cells, cells)."""
    by_order = part.reshape(len(part), *orders.shape).transpose(1, 2, 0)
    product: np.ndarray = by_order @ by_order.swapaxes(1, 2)
    return product


def _leading_sums(products: np.ndarray) -> np.ndarray:
    """Sums over the leading 1 × 1, 2 × 2 … blocks, summed over orders, (cells,)."""
    total = products.sum(axis=0)
    return np.diagonal(total.cumsum(axis=0).cumsum(axis=1)).copy()


def _ratio(difference: np.ndarray, average: np.ndarray) -> np.ndarray:
    """Variability; NaN where the cells add nothing to the region."""
    return np.divide(difference, average, out=np.full(difference.shape, np.nan), where=average > 0)


def _tests(
    near: np.ndarray, far: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> dict[str, Any]:
    """With the most cells: against the reference alone, and against distant cells."""
    pairs = {"alone": (near[:, -1], near[:, 0]), "distant": (near[:, -1], far[:, -1])}
    fields: dict[str, Any] = {}
    p = {}
    for name, (first, second) in pairs.items():
        ratio = (first / second)[:, None]
        low, high = _median_interval(ratio, bootstraps, rng)[0]
        fields[f"local_ratio_{name}"] = float(np.median(ratio))
        fields[f"local_ratio_{name}_ci95"] = (float(low), float(high))
        p[name] = signed_rank_p(first, second)
    smaller, larger = sorted(p, key=p.__getitem__)
    # Holm: the smaller of two counts twice, and the larger is never below it.
    fields[f"local_ratio_{smaller}_p"] = min(1.0, 2 * p[smaller])
    fields[f"local_ratio_{larger}_p"] = max(p[larger], min(1.0, 2 * p[smaller]))
    return fields


def _median_interval(values: np.ndarray, bootstraps: int, rng: np.random.Generator) -> np.ndarray:
    """95 % interval of each column's median by resampling rows, (columns, 2)."""
    draws = rng.integers(0, len(values), (bootstraps, len(values)))
    medians = [np.median(column[draws], axis=1) for column in values.T]
    return np.percentile(medians, [2.5, 97.5], axis=1).T
