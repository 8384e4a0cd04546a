"""Cells predicted from z, c, noised z and a denoiser's stages, for every population."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.pictures.component_words import population_sentence
from twophoton_decode.records.deep.pictures.component_encoding import ComponentEncoding

_MOST = 4
"""Populations that are drawn; the table has all."""
_COLOUR: Final = {
    "code": style.INK, "in": "#0072B2", "down": "#56B4E9", "middle": "#009E73", "up": "#E69F00",
    "out": "#D55E00",
}  # fmt: skip


def predicted_by_components(found: ComponentEncoding) -> Drawing:
    """A row for each population: sources on the left, the denoising on the right."""
    drawn = range(min(_MOST, len(found.population)))
    columns = 2 if found.denoiser_sha256 else 1
    with style.applied():
        figure = style.figure(0.7 + 2.2 * len(drawn))
        axes = figure.subplots(len(drawn), columns, squeeze=False, sharey="row")
        style.letter_panels(*axes.ravel())
        for place in drawn:
            _sources(axes[place, 0], found, place)
            if columns > 1:
                _steps(axes[place, 1], found, place)
        if columns > 1:
            style.legend_below(axes[-1, 1], ncols=3, label_lines=2)
    more = {"differences": _differences(found), "cells": _cells(found)}
    return Drawing("components", figure, _caption(found), _table(found), more)


def _sources(axes: Axes, found: ComponentEncoding, place: int) -> None:
    """Every cell's r, and the mean."""
    own = found.population_of_cell == found.population[place]
    for row, (name, r) in enumerate(zip(found.source.tolist(), found.source_r, strict=True)):
        colour = style.RANDOM_COLOUR if name.startswith("random") else style.RECONSTRUCTION_COLOUR
        axes.plot(np.full(own.sum(), row), r[own], "_", ms=5, color=style.FAINT, zorder=0)
        axes.plot(row, found.source_mean[row, place], "o", ms=5, color=colour)
    ceiling = found.ceiling_mean[place]
    if np.isfinite(ceiling):
        axes.axhline(ceiling, color=style.FAINT, lw=0.8, ls=":")
    axes.axhline(0, color=style.INK, lw=0.6, zorder=0)
    names = [name.replace("random denoiser", "random\n") for name in found.source.tolist()]
    axes.set_xticks(range(len(names)), names, rotation=45)
    axes.set_ylabel("r, mean over cells")
    axes.set_title(str(found.population[place]))


def _steps(axes: Axes, found: ComponentEncoding, place: int) -> None:
    """The denoiser's stages over the steps, beside random weights and z that is only noised."""
    for kind, colour in _COLOUR.items():
        rows = np.flatnonzero(found.component == kind)
        steps = found.step[rows]
        axes.plot(steps, found.r_mean[rows, place], "o-", ms=3, color=colour, label=kind)
        axes.plot(steps, found.control_mean[rows, place], ":", lw=0.9, color=colour)
    axes.plot([], [], ":", lw=0.9, color=style.INK, label="random weights; z as noisy")
    for name, line in (("z", "--"), ("c", "-.")):
        (row,) = np.flatnonzero(found.component == name)
        axes.axhline(found.r_mean[row, place], color=style.FAINT, lw=0.9, ls=line, label=name)
    axes.set_xlabel("Step of the denoising")


def _caption(found: ComponentEncoding) -> str:
    every = found.headline["populations"]
    told = " ".join(population_sentence(name, numbers) for name, numbers in every.items())
    return (
        f"Cells (strokes) and their mean, predicted for {found.images} images left out of the fit; "
        f"dotted: mean noise ceiling. z: codes of {found.autoencoder}; c: {found.content}. "
        f"Intervals are over images, each for itself. {told}"
    )


def _table(found: ComponentEncoding) -> dict[str, np.ndarray]:
    means = {
        f"{key}_{name}": values[:, place]
        for place, name in enumerate(found.population.tolist())
        for key, values in (("r", found.r_mean), ("control", found.control_mean))
    }
    return {"component": found.component, "step": found.step, "sigma": found.sigma} | means


def _cells(found: ComponentEncoding) -> dict[str, np.ndarray]:
    r = {f"r_{name}": values for name, values in zip(found.source, found.source_r, strict=True)}
    return {
        "cell": np.arange(len(found.predicted)),
        "population": found.population_of_cell,
        "predicted": found.predicted,
        "p": found.component_p,
        "noise_ceiling_r": found.noise_ceiling_r,
    } | r


def _differences(found: ComponentEncoding) -> dict[str, np.ndarray]:
    pairs, populations = found.between.shape
    return {
        "population": np.repeat(found.population, pairs),
        "pair": np.tile(found.pair, populations),
        "difference": found.between.T.ravel(),
        "ci95_low": found.between_low.T.ravel(),
        "ci95_high": found.between_high.T.ravel(),
    }
