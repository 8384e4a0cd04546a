"""Representational similarity of networks' layers and populations of cells.

Kriegeskorte et al. 2008, with the dissimilarities, ceilings and intervals of Nili et al. 2014,
Diedrichsen et al. 2021 and Schütt et al. 2023. Reliability comes first: where a population's
dissimilarities do not agree with themselves, no layer is called the best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from twophoton_decode.deep.comparison.agreement import whitened_cosine
from twophoton_decode.deep.comparison.dual_bootstrap import Agreement, agreement
from twophoton_decode.deep.comparison.models import PIXELS, Model, twins_of
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.deep.representation import Representation

LEAST_RELIABILITY = 0.1
"""Below it, what ranks layers is mostly noise [ours]."""

_OF_MODELS = (
    "agreement", "agreement_low", "agreement_high", "whitened", "over_random", "over_random_low",
    "over_random_high", "over_pixels", "over_pixels_low", "over_pixels_high",
)  # fmt: skip
_OF_NETWORKS = ("best_layer", "best_share", "trend")


@dataclass(frozen=True, eq=False)
class PopulationData:
    """What is known of one population.

    Attributes
    ----------
    rdms : ndarray, shape (set, pair)
        Dissimilarities of each animal; one set in a session.
    reliability : float
        Agreement of halves of the repeats, or of the animals.
    """

    name: str
    cells: int
    rdms: np.ndarray
    reliability: float
    ceiling: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is compared, and how.

    Parameters
    ----------
    twins : mapping
        The network with random weights of each network that was asked for.
    between : ndarray, shape (population, population)
        Agreement of populations, NaN where unknown.
    """

    populations: Sequence[PopulationData]
    models: Sequence[Model]
    twins: Mapping[str, str]
    picture_name: np.ndarray
    between: np.ndarray
    measure: str
    halves_measure: str = ""
    splits: int = 0
    bootstraps: int = 1000
    seed: int = 0
    notes: list[str] = field(default_factory=list)


def represent(made: Comparison, progress: Progress = silent) -> Representation:
    """Agreement of every model with every population, its intervals and its controls."""
    if not made.models:
        return _without_models(made)
    rdm = np.stack([model.rdm for model in made.models])
    twins = twins_of(made.models, dict(made.twins))
    network = np.array([model.network for model in made.models])
    names = [each for each in made.twins if (network == each).any()]
    rows = []
    for place, population in enumerate(made.populations):
        progress(place, len(made.populations), "populations compared with layers")
        # Equal draws of pictures for all populations.
        rng = np.random.default_rng(made.seed)
        found = agreement(rdm, population.rdms, made.bootstraps, rng)
        rows.append(
            _columns(found, rdm, population, twins, network)
            | _of_networks(found, made, network, names)
        )
    columns: dict[str, Any] = {
        key: np.stack([row[key] for row in rows], axis=-1) for key in rows[0]
    }
    return Representation(
        **columns,
        **_described(made),
        network=network,
        layer=np.array([model.layer for model in made.models]),
        depth=np.array([model.depth for model in made.models]),
        compared=np.array(names, dtype=str),
    )


def _without_models(made: Comparison) -> Representation:
    """Populations alone, of conditions without pictures."""
    nothing, none = np.empty((0, len(made.populations))), np.empty(0, dtype=str)
    empty: dict[str, Any] = dict.fromkeys((*_OF_MODELS, *_OF_NETWORKS), nothing)
    return Representation(
        **{**empty, "best_layer": nothing.astype(np.int64)},
        **_described(made),
        network=none,
        layer=none,
        depth=np.empty(0, dtype=np.int64),
        compared=none,
    )


def _described(made: Comparison) -> dict[str, Any]:
    """What the record says of populations, pictures and the comparison."""
    populations = made.populations
    reliability = np.array([each.reliability for each in populations])
    ceiling = np.array([each.ceiling for each in populations])
    return {
        "population": np.array([each.name for each in populations]),
        "population_cells": np.array([each.cells for each in populations]),
        "reliability": reliability,
        # Of a matrix that another program made, nothing more may be known.
        "ranked": (reliability >= LEAST_RELIABILITY)
        | (np.isnan(reliability) & (made.measure == "given")),
        "ceiling_low": ceiling[:, 0],
        "ceiling_high": ceiling[:, 1],
        "sets": np.array([len(each.rdms) for each in populations]),
        "dissimilarity": np.stack([each.rdms.mean(axis=0) for each in populations]),
        "picture_name": made.picture_name,
        "between": made.between,
        "nearest": nearest(made.between),
        "measure": made.measure,
        "halves_measure": made.halves_measure,
        "splits": made.splits,
        "bootstraps": made.bootstraps,
        "least_reliability": LEAST_RELIABILITY,
        "notes": made.notes,
    }


def nearest(between: np.ndarray) -> np.ndarray:
    """The most alike other population of each, shape (population,); -1 where none is known."""
    others = np.where(np.eye(len(between), dtype=bool), np.nan, between)
    known = np.isfinite(others)
    best = np.where(known, others, -np.inf).argmax(axis=1)
    return np.where(known.any(axis=1), best, -1)


def _columns(
    found: Agreement,
    rdm: np.ndarray,
    population: PopulationData,
    twins: Sequence[int],
    network: np.ndarray,
) -> dict[str, np.ndarray]:
    """The record's fields (model,) for one population."""
    pixels = np.flatnonzero(network == PIXELS)
    to_pixels = np.full(len(network), pixels[0] if len(pixels) else -1)
    to_pixels[pixels] = -1
    return {
        "agreement": found.mean,
        "agreement_low": found.low,
        "agreement_high": found.high,
        "whitened": whitened_cosine(rdm, population.rdms).mean(axis=1),
        **_less("over_random", found, np.array(twins)),
        **_less("over_pixels", found, to_pixels),
    }


def _less(name: str, found: Agreement, other: np.ndarray) -> dict[str, np.ndarray]:
    """Each model's agreement less that of its control, with its interval; NaN without one."""
    mine = np.arange(len(other))
    values = {
        name: found.mean - found.mean[other],
        f"{name}_low": found.difference_low[mine, other],
        f"{name}_high": found.difference_high[mine, other],
    }
    return {key: np.where(other >= 0, value, np.nan) for key, value in values.items()}


def _of_networks(
    found: Agreement, made: Comparison, network: np.ndarray, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """The record's fields (compared,) for one population."""
    best, share, trend = [], [], []
    for name in names:
        layers = np.flatnonzero(network == name)
        values = found.mean[layers]
        defined = np.isfinite(values).any()
        best.append(layers[np.nanargmax(values)] if defined else -1)
        won = np.bincount(found.resampled[:, layers].argmax(axis=1), minlength=len(layers))
        share.append(won[np.nanargmax(values)] / won.sum() if defined else np.nan)
        depth = [made.models[layer].depth for layer in layers.tolist()]
        trend.append(stats.spearmanr(depth, values)[0] if len(layers) > 2 else np.nan)
    return {
        "best_layer": np.array(best, dtype=np.int64),
        "best_share": np.array(share, dtype=float),
        "trend": np.array(trend, dtype=float),
    }
