"""How well single cells are predicted by a network's layer, with and without attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries


@dataclass(frozen=True, eq=False)
class AttentionEncoding(Summaries):
    """Prediction of every cell from a layer f, from (1 + M) f, and with maps that are not its own.

    Every r is of images left out of the fit (docs/methods/deep_encode.md).
    """

    r_off: np.ndarray = array("cell", doc="r of predicted and measured responses, from f")
    r_on: np.ndarray = array("cell", doc="the same, from (1 + M) f with the image's own map M")
    r_other_map: np.ndarray = array("cell", doc="the same, with another image's map; mean of draws")
    r_mean_map: np.ndarray = array("cell", doc="the same, with the mean map of training images")
    p_off: np.ndarray = array("cell", doc="two-sided p of r_off, images permuted over responses")
    p_on: np.ndarray = array("cell", doc="two-sided p of r_on, in the same way")
    p_either: np.ndarray = array(
        "cell", doc="two-sided p of the larger of r_off and r_on, against the larger of both"
    )
    predicted: np.ndarray = array(
        "cell",
        dtype=bool,
        doc="the larger of r_off and r_on is above 0, and p_either passes the false discovery rate "
        "over cells",
    )
    delta: np.ndarray = array("cell", doc="r_on − r_off")
    delta_counted: np.ndarray = array(
        "cell", doc="r_on less the larger of r_other_map and r_mean_map: all that counts"
    )
    r_bin: np.ndarray = array(
        "cell",
        dtype=np.int64,
        doc="of r_on: 0 to 0.1, 0.2, 0.3 and above as 0 to 3; -1: not above 0",
    )
    r_pixels: np.ndarray = array("cell", doc="r from the pictures' pixels at working size")
    layer_r: np.ndarray = array("layer cell", doc="r_off of every layer by itself")
    layer_r_random: np.ndarray = array("layer cell", doc="the same with random weights")
    noise_ceiling_r: np.ndarray = array(
        "cell", doc="r that a perfect model would reach with these trial means; NaN if none"
    )
    chance_r_off: np.ndarray = array("refit", doc="r_off with images permuted, refitted")
    chance_r_on: np.ndarray = array("refit", doc="r_on with images permuted, refitted")
    layer: np.ndarray = array("layer", dtype=str, doc="layers laid out over the picture, in order")
    fold_layer: np.ndarray = array("fold", dtype=str, doc="layer that the training images chose")
    fold_strength: np.ndarray = array(
        "fold", doc="ridge strength chosen with it, over the mean squared size of training features"
    )
    position_x: np.ndarray = array(
        "cell", "px", doc="the cell's place in the movie, columns; NaN for imported responses"
    )
    position_y: np.ndarray = array("cell", "px", doc="the same, rows")
    plane: np.ndarray = array("cell", dtype=np.int64, doc="its imaging plane; 0 if imported")
    field_x: np.ndarray = array(
        "cell", "px", doc="centre of the receptive field on the picture, columns; NaN if none"
    )
    field_y: np.ndarray = array("cell", "px", doc="the same, rows")
    embedded_cell: np.ndarray = array(
        "embedded", dtype=np.int64, doc="cells that are laid out: those with r_on above 0"
    )
    dissimilarity: np.ndarray = array(
        "embedded other_embedded",
        dtype=np.float32,
        doc="1 − r of the responses predicted with attention, of two cells",
    )
    layout: np.ndarray = array(
        "seed embedded dimension", dtype=np.float32, doc="UMAP of `dissimilarity`, for each seed"
    )
    colour: np.ndarray = array(
        "embedded dimension", doc="red, green, blue by rank along each dimension of the first seed"
    )
    order: np.ndarray = array(
        "embedded",
        dtype=np.int64,
        doc="places in `embedded_cell`, along the first seed's first axis",
    )
    example_image: np.ndarray = array(
        "example", dtype=np.int64, doc="example images, evenly spaced"
    )
    example_picture: np.ndarray = array("example y x", dtype=np.float32, doc="what they show")
    example_map: np.ndarray = array(
        "example map_y map_x", dtype=np.float32, doc="their attention, from 0 to 1"
    )
    mean_map: np.ndarray = array(
        "map_y map_x", dtype=np.float32, doc="mean attention of all images"
    )
    delta_ci95: tuple[float, float] = scalar(doc="95 % interval of the mean of `delta`")
    beyond_other: float = scalar(doc="mean over cells of r_on − r_other_map")
    beyond_other_ci95: tuple[float, float] = scalar(doc="its 95 % interval")
    beyond_mean: float = scalar(doc="mean over cells of r_on − r_mean_map")
    beyond_mean_ci95: tuple[float, float] = scalar(doc="its 95 % interval")
    neighbours: int = scalar("cells", doc="nearest cells that are compared; 0: no layout")
    neighbours_kept: float = scalar(
        doc="share of the nearest cells by `dissimilarity` that are nearest in the layout, mean "
        "of seeds"
    )
    neighbours_by_chance: float = scalar(doc="the same for a layout at random")
    seeds_agree: float = scalar(doc="share of nearest cells that two seeds have in common")
    dissimilarity_off_rho: float = scalar(
        doc="Spearman's ρ of `dissimilarity` with the same of predictions without attention"
    )
    field_distance: float = scalar("px", doc="receptive-field distance of neighbours in the layout")
    field_distance_by_chance: float = scalar("px", doc="the same with cells exchanged")
    field_distance_p: float = scalar(doc="two-sided p of it")
    view_distance: float = scalar("px", doc="distance of neighbours on the field of view")
    view_distance_by_chance: float = scalar("px", doc="the same with cells exchanged")
    view_distance_p: float = scalar(doc="two-sided p of it")
    images: int = scalar(doc="different images")
    network: str = scalar(doc="the network; @random:SEED where its weights are random")
    sha256: str = scalar(doc="of its file of weights; empty where they are random")
    twin: str = scalar(doc="the network of `layer_r_random`")
    attention: str = scalar(doc="what made the maps")
    attention_sha256: str = scalar(doc="of the weights that made them; empty: none")
    notes: list[str] = scalar(doc="whatever was left out or could not be computed")

    @property
    def attention_counts(self) -> bool:
        """Whether the image's own map predicts better than both controls, by their intervals."""
        return self.beyond_other_ci95[0] > 0 and self.beyond_mean_ci95[0] > 0

    @property
    def headline(self) -> dict[str, Any]:
        """What ``summary.json`` holds: medians over cells, and what attention adds, with nulls."""
        layers = {
            name: {
                "r": self.median_of(f"layer_r:{name}"),
                "random": self.median_of(f"layer_r_random:{name}"),
            }
            for name in self.layer.tolist()
        }
        return {
            "attention": self.attention,
            "cells": len(self.r_on),
            "images": self.images,
            "predicted_cells": self.count_of("predicted"),
            "r_off": self.median_of("r_off"),
            "r_on": self.median_of("r_on"),
            "pixels_r": self.median_of("r_pixels"),
            "noise_ceiling_r": self.median_of("noise_ceiling_r"),
            "delta": self.mean_of("delta"),
            "delta_ci95": list(self.delta_ci95),
            "beyond_other_map": self.beyond_other,
            "beyond_other_map_ci95": list(self.beyond_other_ci95),
            "beyond_mean_map": self.beyond_mean,
            "beyond_mean_map_ci95": list(self.beyond_mean_ci95),
            "attention_counts": self.attention_counts,
            "neighbours_kept": self.neighbours_kept,
            "neighbours_by_chance": self.neighbours_by_chance,
            "seeds_agree": self.seeds_agree,
            "layers": layers,
        }
