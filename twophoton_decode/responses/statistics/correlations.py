"""Correlations between cells: of their noise, and of their tuning."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.responses.incomplete import mean_of_known
from twophoton_decode.responses.statistics.reliability import first_halves
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.pairs import (
    correlation_over_pairs,
    mean_over_pairs,
    upper,
)

CELLS_PAIRED = 2000
"""Of more cells, so many drawn at random stand for all in what is taken over pairs."""
EDGES = np.arange(-50, 51) / 50
DISTANCES = 10
FEWEST_IMAGES = 3
PARTS = 20
"""Parts of the images at most, each left out in turn for intervals."""


def pair_correlations(
    response: np.ndarray,
    image: np.ndarray,
    rng: np.random.Generator,
    place: np.ndarray | None = None,
) -> dict[str, Any]:
    """Noise and signal correlations of all pairs of cells, as `PopulationStatistics` names them.

    Noise correlation is Pearson's r over presentations of the responses less the cell's
    mean response to the image [field]; its baseline shuffles each cell's trials within
    images [field]. Signal correlation is r over images of one cell's tuning in half of the
    trials with the other cell's tuning in the other half, both ways averaged [ours]: halves
    share no trial, so that noise correlation does not leak in, and noise makes it small.
    Images shown once are left out.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        NaN where a cell misses a presentation: it has no part in the cell's tuning, and
        counts as no noise, which makes noise correlations smaller by the share missing.
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    rng : numpy.random.Generator
        Divides the trials, shuffles them, and draws cells if there are more than 2000.
    place : ndarray, shape (cell, 3), optional
        Plane, and centre y and x in px. Pairs in different planes have no distance.
    """
    repeated = np.bincount(image)[image] > 1
    groups = ImageGroups.of(image[repeated])
    ordered = response[repeated][groups.order]
    noise = _unit_columns(_noise(ordered, groups) if len(ordered) else ordered)
    halves = _half_tunings(ordered, groups, rng)
    varies = noise.any(axis=0) & halves[0].any(axis=0) & halves[1].any(axis=0)
    some = _some(np.flatnonzero(varies), rng)
    shuffled = _unit_columns(_shuffled_within(noise[:, some], groups, rng))
    part = np.arange(groups.count.size) % PARTS
    return {
        "noise_correlation": _mean_with_others(noise, noise),
        "signal_correlation": _mean_with_others(*halves),
        **_over_pairs(
            noise[:, some].T @ noise[:, some],
            shuffled.T @ shuffled,
            _both_ways(halves[0][:, some], halves[1][:, some]),
            None if place is None else _distances(place[some]),
            _without_each(part[groups.of_row], noise[:, some], noise[:, some]),
            _without_each(part, halves[0][:, some], halves[1][:, some]),
        ),
    }


def _over_pairs(
    noise: np.ndarray,
    shuffled: np.ndarray,
    signal: np.ndarray,
    distance: np.ndarray | None,
    noise_without: np.ndarray,
    signal_without: np.ndarray,
) -> dict[str, Any]:
    """What is said about pairs, from matrices (cells, cells), and means without some images."""
    by_signal, signal_pairs = _binned(EDGES, upper(signal), upper(noise))
    if distance is None:
        distance = np.full_like(noise, np.nan)
    edges = _distance_edges(upper(distance))
    signal_noise, signal_noise_ci95 = correlation_over_pairs(signal, noise)
    noise_distance, noise_distance_ci95 = correlation_over_pairs(distance, noise)
    return {
        "correlation_edge": EDGES,
        "noise_pairs": _counts(upper(noise)),
        "shuffled_pairs": _counts(upper(shuffled)),
        "signal_pairs": signal_pairs,
        "noise_by_signal": by_signal,
        "distance_edge": edges,
        "noise_by_distance": _binned(edges, upper(distance), upper(noise))[0],
        "signal_by_distance": _binned(edges, upper(distance), upper(signal))[0],
        "noise_correlation_ci95": mean_over_pairs(noise, noise_without)[1],
        "shuffled_noise_correlation": mean_over_pairs(shuffled)[0],
        "signal_correlation_ci95": mean_over_pairs(signal, signal_without)[1],
        "signal_noise_correlation": signal_noise,
        "signal_noise_correlation_ci95": signal_noise_ci95,
        "noise_distance_correlation": noise_distance,
        "noise_distance_correlation_ci95": noise_distance_ci95,
    }


def _without_each(part: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mean correlation of two cells without each part of the rows in turn, (parts,).

    One column a cell in `first` and `second`; r is of one's first and the other's second.
    """
    cells = first.shape[1]
    numbers = np.unique(part)
    if len(first) != len(part) or len(numbers) < 3 or cells < 2:
        return np.empty(0)
    means = []
    for number in numbers:
        a, b = (_unit_columns(each[part != number]) for each in (first, second))
        means.append((a.sum(axis=1) @ b.sum(axis=1) - (a * b).sum()) / (cells * (cells - 1)))
    return np.array(means)


def _half_tunings(
    ordered: np.ndarray, groups: ImageGroups, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Tuning in two halves of the trials, each (image, cell), at unit norm."""
    if groups.count.size < FEWEST_IMAGES:
        nothing = np.zeros((0, ordered.shape[1]))
        return nothing, nothing
    in_first = first_halves(groups, rng)[:, None]
    first, second = (
        mean_of_known(np.where(half, ordered, np.nan), groups.start)
        for half in (in_first, ~in_first)
    )
    return _unit_columns(_neutral(first)), _unit_columns(_neutral(second))


def _noise(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """Responses less the cell's mean to the image; zero where they are missing."""
    deviations = ordered - mean_of_known(ordered, groups.start)[groups.of_row]
    return np.where(np.isnan(deviations), 0.0, deviations)


def _neutral(tuning: np.ndarray) -> np.ndarray:
    """Tuning (image, cell) with the cell's mean where it is not known."""
    known = np.isfinite(tuning)
    total, count = np.where(known, tuning, 0.0).sum(axis=0), known.sum(axis=0)
    return np.where(known, tuning, total / np.maximum(count, 1))


def _shuffled_within(
    ordered: np.ndarray, groups: ImageGroups, rng: np.random.Generator
) -> np.ndarray:
    """Each cell's trials in an order of their own, within each image."""
    shuffled = np.empty_like(ordered)
    for start, count in zip(groups.start, groups.count, strict=True):
        rows = slice(start, start + count)
        rng.permuted(ordered[rows], axis=0, out=shuffled[rows])
    return shuffled


def _some(cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """At most `CELLS_PAIRED` of the cells."""
    if cells.size <= CELLS_PAIRED:
        return cells
    return np.sort(rng.choice(cells, CELLS_PAIRED, replace=False))


def _unit_columns(values: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and norm 1; zero where a column is constant."""
    if not len(values):
        return values
    centred = values - values.mean(axis=0)
    norm = np.linalg.norm(centred, axis=0)
    varies = norm > 1e-12 * np.linalg.norm(values, axis=0)
    return np.asarray(centred * np.divide(1.0, norm, out=np.zeros_like(norm), where=varies))


def _mean_with_others(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mean correlation of each cell with the others, both ways; NaN for a constant cell.

    The sum over the other cells is taken first: no matrix of all pairs is needed.
    """
    varies = first.any(axis=0) & second.any(axis=0)
    others = varies.sum() - 1
    mean = np.full(first.shape[1], np.nan)
    if others < 1:
        return mean
    a, b = first[:, varies], second[:, varies]
    total = a.T @ b.sum(axis=1) + b.T @ a.sum(axis=1)
    mean[varies] = (total / 2 - np.einsum("pc,pc->c", a, b)) / others
    return mean


def _both_ways(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    product = first.T @ second
    return np.asarray((product + product.T) / 2)


def _distances(place: np.ndarray) -> np.ndarray:
    """Distance of every two cells, px; NaN for cells of different planes."""
    distance = np.hypot(*(column[:, None] - column for column in place[:, 1:].T))
    return np.where(place[:, :1] == place[:, 0], distance, np.nan)


def _distance_edges(distance: np.ndarray) -> np.ndarray:
    """Edges of bins with equally many pairs; a single edge where there are no distances."""
    known = distance[np.isfinite(distance)]
    if known.size < DISTANCES or np.ptp(known) == 0:
        return np.zeros(1)
    return np.unique(np.quantile(known, np.linspace(0, 1, DISTANCES + 1)))


def _counts(values: np.ndarray) -> np.ndarray:
    # Rounding can carry a perfect correlation past 1.
    return np.histogram(np.clip(values, -1, 1), EDGES)[0]


def _binned(
    edges: np.ndarray, where: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of `values` in each bin of `where`, and how many there are."""
    bins = len(edges) - 1
    known = np.isfinite(where)
    place = np.clip(np.searchsorted(edges, where[known], side="right") - 1, 0, max(bins - 1, 0))
    count = np.bincount(place, minlength=bins)[:bins]
    total = np.bincount(place, values[known], minlength=bins)[:bins]
    return np.divide(total, count, out=np.full(bins, np.nan), where=count > 0), count
