"""Which component predicts which population: components beside random weights, and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twophoton_decode.deep.attention.images import ImageResponses
from twophoton_decode.deep.latent.components.component import PIXELS, C, Component, Z
from twophoton_decode.deep.latent.components.prediction import Best, Predicted, predicted_from
from twophoton_decode.deep.latent.denoiser.unet import STAGES
from twophoton_decode.encoding.prediction import prediction_r, resampled_r, widened_interval
from twophoton_decode.progress import Progress, silent
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.defined import mean
from twophoton_decode.statistics.image_mean import SHARED_TRAINING
from twophoton_decode.statistics.permutation import discovery_cut, two_sided_p

DENOISER, RANDOM = "denoiser", "random denoiser"
BEST_RANDOM = f"best {RANDOM}"
PAIRS = ((Z, C), (Z, PIXELS), (C, PIXELS), (DENOISER, Z), (DENOISER, BEST_RANDOM))
"""Sources that are compared; nothing is chosen by their scores but the best random denoiser."""


def component_encoding(
    shown: ImageResponses,
    populations: Mapping[str, np.ndarray],
    components: Sequence[Component],
    settings: DecodingSettings,
    rate: float,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Fields of `ComponentEncoding` that follow from responses and components.

    Parameters
    ----------
    shown : ImageResponses
    populations : mapping of str to ndarray of int
        The cells of each.
    components : sequence of Component
        Pixels, z and c among them.
    settings : DecodingSettings
        Resamplings and seed.
    rate : float
        False discovery rate over cells.
    """
    cells = list(populations.values())
    fits = _Fits(shown, cells)
    for number, each in enumerate(components):
        progress(number, len(components), "cells predicted from components")
        fits.add(each)
    r, control = np.stack(fits.r), np.stack(fits.control_r)
    sources = fits.sources()
    source_r = np.stack([prediction_r(each.response, shown.response) for each in sources.values()])
    return {
        "component": np.array([each.kind for each in components]),
        "step": np.array([each.step for each in components]),
        "sigma": np.array([each.sigma for each in components]),
        "r": r,
        "control_r": control,
        "r_mean": _means(r, cells),
        "control_mean": _means(control, cells),
        "source": np.array(list(sources)),
        "source_r": source_r,
        "source_mean": _means(source_r, cells),
        "chosen": fits.chosen(list(populations)),
        **_between(shown, cells, sources, settings),
        **_predicted(shown, cells, sources, rate),
        **_about(populations, len(source_r[0])),
    }


def _means(values: np.ndarray, cells: Sequence[np.ndarray]) -> np.ndarray:
    """Over the cells of each population, (…, population); NaN left out."""
    return np.array([[mean(row[own]) for own in cells] for row in values])


@dataclass(eq=False)
class _Fits:
    """Components as they are fitted, and the best of the denoiser's and of random stages."""

    shown: ImageResponses
    cells: Sequence[np.ndarray]
    r: list[np.ndarray] = field(default_factory=list)
    control_r: list[np.ndarray] = field(default_factory=list)
    alone: dict[str, Predicted] = field(default_factory=dict)
    best: dict[str, Best] = field(default_factory=dict)

    def add(self, component: Component) -> None:
        """Fit a component and its random ones."""
        found = [
            predicted_from(self.shown, self.cells, values)
            for values in (component.value, *component.random)
        ]
        r = [prediction_r(each.response, self.shown.response) for each in found]
        self.r.append(r[0])
        nothing = np.full(len(r[0]), np.nan)
        self.control_r.append(np.mean(r[1:], axis=0) if r[1:] else nothing)
        if component.kind in (PIXELS, Z, C):
            self.alone[component.kind] = found[0]
        if component.kind in STAGES:
            for name, each in zip(_names(found), found, strict=True):
                best = self.best.setdefault(name, Best(self.shown.fold, self.cells))
                best.offer(f"{component.kind}, step {component.step}", each)

    def sources(self) -> dict[str, Predicted]:
        """What stands for itself, by name."""
        return self.alone | {
            name: each.predicted for name, each in self.best.items() if each.predicted
        }

    def chosen(self, populations: Sequence[str]) -> dict[str, list[str]]:
        """Stage and step in each fold, for each population."""
        if DENOISER not in self.best:
            return {}
        every = self.best[DENOISER].name.T.tolist()
        return dict(zip(populations, every, strict=True))


def _names(found: Sequence[Predicted]) -> list[str]:
    return [DENOISER, *(f"{RANDOM} {draw}" for draw in range(1, len(found)))]


def _between(
    shown: ImageResponses,
    cells: Sequence[np.ndarray],
    sources: Mapping[str, Predicted],
    settings: DecodingSettings,
) -> dict[str, Any]:
    """Differences of mean r, and their intervals over images, each population for itself.

    As those of attention maps (`attention.encoding.differences`).
    """
    images = len(np.unique(shown.content))
    names = [(a, b) for a, b in PAIRS if a in sources and (b in sources or b == BEST_RANDOM)]
    value, low, high = (np.full((len(names), len(cells)), np.nan) for _ in range(3))
    for place, own in enumerate(cells):
        kept = own[np.ptp(shown.response[:, own], axis=0) > 0]
        if not kept.size:
            continue
        r, drawn = _mean_r(shown, kept, sources, settings)
        for row, (a, b) in enumerate(names):
            other = _best_random(r) if b == BEST_RANDOM else b
            value[row, place] = r[a] - r[other]
            low[row, place], high[row, place] = widened_interval(
                value[row, place], drawn[a] - drawn[other], images, SHARED_TRAINING
            )
    pairs = np.array([f"{a} less {b}" for a, b in names])
    return {"pair": pairs, "between": value, "between_low": low, "between_high": high}


def _mean_r(
    shown: ImageResponses,
    cells: np.ndarray,
    sources: Mapping[str, Predicted],
    settings: DecodingSettings,
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Mean r over cells of every source, and the same of resampled images, equal for all."""
    measured = shown.response[:, cells]
    r, drawn = {}, {}
    for name, each in sources.items():
        made = each.response[:, cells]
        r[name] = float(prediction_r(made, measured).mean())
        again = resampled_r(made, measured, shown.content, settings.bootstraps, settings.seed)
        drawn[name] = again.mean(axis=1)
    return r, drawn


def _best_random(r: Mapping[str, float]) -> str:
    """The random denoiser that predicts best: what a trained one has to exceed."""
    return max((name for name in r if name.startswith(RANDOM)), key=lambda name: r[name])


def _predicted(
    shown: ImageResponses,
    cells: Sequence[np.ndarray],
    sources: Mapping[str, Predicted],
    rate: float,
) -> dict[str, Any]:
    """One test a cell: the largest r of all sources against the largest by chance."""
    tested = [each for name, each in sources.items() if not name.startswith(RANDOM)]
    p, largest = (np.full(shown.response.shape[1], np.nan) for _ in range(2))
    for place, own in enumerate(cells):
        r = [prediction_r(each.response[:, own], shown.response[:, own]) for each in tested]
        chance = [prediction_r(each.chance[place], shown.exchanged) for each in tested]
        by_chance = np.max(chance, axis=0)
        by_chance = by_chance[np.isfinite(by_chance)]
        largest[own] = np.max(r, axis=0)
        p[own] = [
            two_sided_p(value, by_chance) if np.isfinite(value) and by_chance.size else np.nan
            for value in largest[own]
        ]
    predicted = (p <= discovery_cut(p, rate)) & (largest > 0)
    counts = np.array([int(predicted[own].sum()) for own in cells])
    return {"component_p": p, "predicted": predicted, "predicted_cells": counts}


def _about(populations: Mapping[str, np.ndarray], cells: int) -> dict[str, Any]:
    label = np.full(cells, "", dtype=object)
    for name, own in populations.items():
        label[own] = name
    return {
        "population_of_cell": label.astype(str),
        "population": np.array(list(populations)),
        "cells": np.array([len(own) for own in populations.values()]),
    }
