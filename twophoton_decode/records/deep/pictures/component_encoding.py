"""How well the parts of a latent diffusion model predict single cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class ComponentEncoding(Record):
    """Cells predicted from z, from c, from noised z and from a denoiser's stages.

    Every r is of images left out of the fit. A *component* is one of these at one step; a *source*
    is what stands for itself: pixels, z, c, and the denoiser and random ones by the stage and step
    that training images choose (docs/methods/latent.md).
    """

    component: np.ndarray = array(
        "component",
        dtype=str,
        doc="pixels, z, c, noised z, the code on its way, or a stage of the denoiser",
    )
    step: np.ndarray = array(
        "component", dtype=np.int64, doc="step of the denoising, from 0; -1 outside of it"
    )
    sigma: np.ndarray = array("component", doc="SD of the noise in the code, in the code's SDs")
    r: np.ndarray = array("component cell", doc="r of predicted and measured responses")
    control_r: np.ndarray = array(
        "component cell",
        doc="the same of random weights given the same codes, mean over draws; of the code, of z "
        "with as much noise, none taken off; NaN: nothing to compare with",
    )
    r_mean: np.ndarray = array("component population", doc="mean of r over cells")
    control_mean: np.ndarray = array("component population", doc="mean of control_r over cells")
    source: np.ndarray = array(
        "source", dtype=str, doc="pixels, z, c, denoiser, random denoiser 1 and on"
    )
    source_r: np.ndarray = array("source cell", doc="r of predicted and measured responses")
    source_mean: np.ndarray = array("source population", doc="mean of source_r over cells")
    pair: np.ndarray = array("pair", dtype=str, doc="two sources, the first less the second")
    between: np.ndarray = array("pair population", doc="difference of their mean r")
    between_low: np.ndarray = array("pair population", doc="lower end of its 95 % interval")
    between_high: np.ndarray = array("pair population", doc="upper end of its 95 % interval")
    component_p: np.ndarray = array(
        "cell",
        doc="two-sided p of the largest r of pixels, z, c and denoiser, images permuted over "
        "responses; NaN for cells of no population that is compared",
    )
    predicted: np.ndarray = array(
        "cell",
        dtype=bool,
        doc="that r is above 0, and component_p passes the false discovery rate over cells",
    )
    noise_ceiling_r: np.ndarray = array(
        "cell", doc="r that a perfect model would reach with these trial means; NaN if none"
    )
    population_of_cell: np.ndarray = array(
        "cell", dtype=str, doc="its population; empty: none that is compared"
    )
    population: np.ndarray = array("population", dtype=str, doc="populations of 10 or more cells")
    cells: np.ndarray = array("population", dtype=np.int64, doc="cells of each")
    predicted_cells: np.ndarray = array("population", dtype=np.int64, doc="of them predicted")
    ceiling_mean: np.ndarray = array("population", doc="mean of noise_ceiling_r over its cells")
    chosen: dict[str, list[str]] = scalar(
        doc="for each population the stage and step of the denoiser that the training images of "
        "each fold choose; empty without a denoiser"
    )
    images: int = scalar(doc="different images")
    units: int = scalar(doc="values that a larger component is cut to; 0: none is")
    autoencoder: str = scalar(doc="of z; @random:SEED where its weights are random")
    autoencoder_sha256: str = scalar(doc="of its files of weights; empty where they are random")
    content: str = scalar(doc="what c is")
    denoiser_sha256: str = scalar(doc="of the denoiser's file; empty without one")
    notes: list[str] = scalar(doc="what was changed or left out")

    def pair_of(self, name: str, population: int) -> tuple[float, float, float] | None:
        """A difference and its interval; None where the pair is not there."""
        place = np.flatnonzero(self.pair == name)
        if not place.size:
            return None
        every = (self.between, self.between_low, self.between_high)
        value, low, high = (float(each[place[0], population]) for each in every)
        return value, low, high

    @property
    def headline(self) -> dict[str, Any]:
        """What ``summary.json`` holds of every population."""
        every = {
            str(name): {
                "cells": int(self.cells[place]),
                "predicted_cells": int(self.predicted_cells[place]),
                "noise_ceiling_r": float(self.ceiling_mean[place]),
                "chosen": _most_often(self.chosen.get(str(name), [])),
                "r": dict(zip(self.source.tolist(), self.source_mean[:, place].tolist(),
                              strict=True)),
                "less": {
                    pair: {
                        "value": float(self.between[row, place]),
                        "ci95": [float(self.between_low[row, place]),
                                 float(self.between_high[row, place])],
                    }
                    for row, pair in enumerate(self.pair.tolist())
                },
            }
            for place, name in enumerate(self.population.tolist())
        }  # fmt: skip
        return {
            "images": self.images,
            "content": self.content,
            "denoiser": bool(self.denoiser_sha256),
            "predicted_cells": int(self.predicted_cells.sum()),
            "cells": int(self.cells.sum()),
            "populations": every,
        }


def _most_often(chosen: list[str]) -> str:
    """What most folds chose, and how many did; empty without any."""
    if not chosen:
        return ""
    ((name, folds),) = Counter(chosen).most_common(1)
    return f"{name} in {folds} of {len(chosen)} folds"
