"""Degraded pictures decoded from responses: nearer to the original than to what was shown?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class DegradedDecoding(Record):
    """Features decoded from responses to degraded pictures, held against those of their originals.

    Δ is r with the features of the original minus r with those of the picture shown, over
    units. Δ says nothing by itself, nor does its gain over a null made afterwards: both are
    above zero for cells that answer to the picture shown alone. What tests is the design, that
    is which originals the animal had seen (docs/methods/completion.md). A *space* is a set of
    features as in `FeatureDecoding`.
    """

    space: np.ndarray = array("space", dtype=str, doc="layer, or pixels, or gabor")
    kind: np.ndarray = array("space", dtype=str, doc="network, random (its twin), pixels or gabor")
    layer: np.ndarray = array("layer", dtype=str, doc="the network's layers, early to late")
    degraded_name: np.ndarray = array("degraded", dtype=str, doc="name of each degraded picture")
    original_name: np.ndarray = array("degraded", dtype=str, doc="name of its original")
    familiar: np.ndarray = array(
        "degraded",
        dtype=np.int64,
        doc="1: the animal had seen the original, 0: it had not, -1: nothing says so",
    )
    fold: np.ndarray = array("degraded", dtype=np.int64, doc="the fold in which it is tested")
    picture_r: np.ndarray = array(
        "degraded", doc="correlation over pixels of the degraded picture with its original"
    )
    degradation_of: np.ndarray = array(
        "degraded",
        dtype=str,
        doc="how it was made, as the log says, else a range of picture_r",
    )
    r_original: np.ndarray = array(
        "space degraded",
        dtype=np.float32,
        doc="correlation over units of decoded features with those of the original",
    )
    r_shown: np.ndarray = array(
        "space degraded", dtype=np.float32, doc="the same with those of the picture that was shown"
    )
    r_wrong: np.ndarray = array(
        "space degraded",
        dtype=np.float32,
        doc="chance: the same with originals of other pictures of the fold, mean; NaN without any",
    )
    delta: np.ndarray = array("space degraded", dtype=np.float32, doc="r_original minus r_shown: Δ")
    delta_before: np.ndarray | None = array(
        "space degraded",
        dtype=np.float32,
        optional=True,
        doc="Δ of presentations before the animal saw the original; NaN without any",
    )
    delta_after: np.ndarray | None = array(
        "space degraded", dtype=np.float32, optional=True, doc="Δ of presentations after it"
    )
    noise_matched: np.ndarray = array(
        "space degraded",
        dtype=np.float32,
        doc="biased: gain over noise-matched features (Abdelhack & Kamitani 2018)",
    )
    stimulus_driven: np.ndarray = array(
        "space degraded",
        dtype=np.float32,
        doc="biased: Δ minus that of encoding models that answer to the picture shown alone",
    )
    r_intact: np.ndarray = array(
        "space",
        doc="for reference: features decoded from intact originals with their own, mean",
    )
    degradation: np.ndarray = array(
        "degradation", dtype=str, doc="all, then each kind of degradation if there are several"
    )
    r_original_mean: np.ndarray = array("degradation space", doc="mean of r_original")
    r_shown_mean: np.ndarray = array("degradation space", doc="mean of r_shown")
    r_wrong_mean: np.ndarray = array("degradation space", doc="mean of r_wrong")
    delta_mean: np.ndarray = array("degradation space", doc="mean Δ; no evidence by itself")
    noise_matched_mean: np.ndarray = array("degradation space", doc="mean of noise_matched: biased")
    stimulus_driven_mean: np.ndarray = array(
        "degradation space", doc="mean of stimulus_driven: biased"
    )
    group_delta: np.ndarray = array(
        "degradation group space",
        doc="mean Δ of familiar and of unfamiliar originals, with both columns its change, after "
        "minus before; without familiarity before and after them; NaN without either",
    )
    group_pictures: np.ndarray = array(
        "degradation group",
        dtype=np.int64,
        doc="originals in both groups of the test; all and 0 where it is paired",
    )
    design_difference: np.ndarray = array(
        "degradation space",
        doc="Δ by design: familiar minus unfamiliar, or after minus before; NaN without a test",
    )
    design_difference_ci95: np.ndarray = array("degradation space end", doc="its 95 % interval")
    design_difference_p: np.ndarray = array(
        "degradation space",
        doc="two-sided p by exchange of the assignment, corrected over the layers of its kind "
        "(Holm)",
    )
    strength: np.ndarray = array(
        "strength", doc="planning: share of the way from the picture shown to the original"
    )
    planned_shift: np.ndarray = array(
        "space strength", doc="shift of Δ if responses to familiar pictures went so far"
    )
    planned_pictures: np.ndarray = array(
        "space strength",
        doc="pictures in each of two groups for 80 % power in this layer alone; NaN: no shift",
    )
    planned_pictures_all: np.ndarray = array(
        "space strength", doc="the same with p corrected over all layers"
    )
    design: str = scalar(doc="what is compared; empty where the log names neither")
    degradation_known: bool = scalar(doc="a column says how pictures were degraded")
    encoding_r: float = scalar(
        doc="correlation of responses to intact originals with those predicted from features, on "
        "originals left out, mean over cells"
    )
    cells: int = scalar("cells", doc="number of cells")
    originals: int = scalar(doc="intact originals that train decoders")
    network: str = scalar(doc="the network; @random:SEED where its weights are random")
    sha256: str = scalar(doc="of the file of weights; empty where they are random")
    twin: str = scalar(doc="the same architecture with random weights; empty for a random network")
    input_px: int = scalar("px", doc="side of the pictures that the network was given")
    source_px: int = scalar("px", doc="side of the smallest picture, at most input_px")
    grey: bool = scalar(doc="the network was given luma in all three channels")
    notes: list[str] = scalar(doc="whatever was left out, merged or enlarged")

    def found(self, row: int = 0) -> np.ndarray:
        """Layers of the network whose Δ differs by design, towards the original, (layers,) bool."""
        own = self.kind == "network"
        p, difference = self.design_difference_p[row, own], self.design_difference[row, own]
        return np.asarray((p < 0.05) & (difference > 0))

    @property
    def headline(self) -> dict[str, Any]:
        """What ``summary.json`` says: layers, each beside its random twin, then the rest."""
        numbers = {
            each: self._of_space(place)
            for place, each in enumerate(zip(self.kind.tolist(), self.space.tolist(), strict=True))
        }
        layers = {}
        for layer in self.layer.tolist():
            layers[layer] = numbers["network", layer]
            if ("random", layer) in numbers:
                layers[layer]["random"] = numbers["random", layer]
        simple = {name: each for (kind, name), each in numbers.items() if kind == name}
        own = self.kind == "network"
        by_design = self.design_difference[0, own]
        tested = bool(np.isfinite(by_design).any())
        return {
            **layers,
            **simple,
            "layers": self.layer.tolist(),
            "network": self.network,
            "design": self.design,
            "tested": tested,
            "found_in": self.layer[self.found()].tolist(),
            "best_difference": float(np.nanmax(by_design)) if tested else float("nan"),
            "group_pictures": self.group_pictures[0].tolist(),
            "degraded_pictures": len(self.degraded_name),
            "originals": self.originals,
            "cells": self.cells,
            "encoding_r": self.encoding_r,
            "delta_by_degradation": {
                name: dict(
                    zip(self.layer.tolist(), self.delta_mean[row, own].tolist(), strict=True)
                )
                for row, name in enumerate(self.degradation.tolist())
                if row > 0
            },
        }

    def _of_space(self, place: int) -> dict[str, Any]:
        return {
            "delta": float(self.delta_mean[0, place]),
            "r_original": float(self.r_original_mean[0, place]),
            "r_shown": float(self.r_shown_mean[0, place]),
            "r_wrong": float(self.r_wrong_mean[0, place]),
            "r_intact": float(self.r_intact[place]),
            "design_difference": float(self.design_difference[0, place]),
            "design_difference_ci95": self.design_difference_ci95[0, place].tolist(),
            "design_difference_p": float(self.design_difference_p[0, place]),
            "biased_noise_matched_gain": float(self.noise_matched_mean[0, place]),
            "biased_stimulus_driven_gain": float(self.stimulus_driven_mean[0, place]),
            "planned_pictures": {
                f"{share:.0%}": float(needed)
                for share, needed in zip(self.strength, self.planned_pictures[place], strict=True)
            },
        }
