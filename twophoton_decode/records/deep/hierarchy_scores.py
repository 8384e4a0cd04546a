"""Hierarchy scores of several networks against the same populations of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class HierarchyScores(Record):
    """How far the order of layers is the order of populations, beside nulls and random weights.

    The score is Spearman's correlation over units of layer and the population that decodes the
    unit best (docs/methods/hierarchy.md); intervals are for new pictures, not for new animals.
    """

    network: np.ndarray = array("network", dtype=str, doc="name of each network")
    score: np.ndarray = array(
        "network", doc="hierarchy score with matched cells, mean over draws of cells and layers"
    )
    score_ci95: np.ndarray = array("network end", doc="its 95 % interval over pictures")
    null: np.ndarray = array(
        "network null", doc="the same for all orders of the populations: mean, lowest, highest"
    )
    p: np.ndarray = array("network", doc="share of the orders that reach the score")
    twin_score: np.ndarray = array(
        "network", doc="the same with random weights; NaN for a network that is random itself"
    )
    twin_ci95: np.ndarray = array("network end", doc="its 95 % interval over pictures")
    all_cells_score: np.ndarray = array(
        "network", doc="score with all cells, which larger and steadier populations decide"
    )
    all_cells_ci95: np.ndarray = array("network end", doc="its 95 % interval over pictures")
    top1: np.ndarray = array("network", doc="published accuracy on ImageNet; NaN: not known")
    depth: np.ndarray = array("network", dtype=np.int64, doc="convolutions and linear maps")
    fully_connected: np.ndarray = array(
        "network", dtype=np.int64, doc="linear maps of the read-out"
    )
    skips: np.ndarray = array("network", dtype=bool, doc="has skip connections")
    population: np.ndarray = array("population", dtype=str, doc="early to late, as ordered")
    session: np.ndarray = array("session", dtype=str, doc="name of each session")
    images: np.ndarray = array("session", dtype=np.int64, doc="different pictures")
    cells: np.ndarray = array("session population", dtype=np.int64, doc="number of cells")
    reliability: np.ndarray = array(
        "session population",
        doc="correlation of cells' responses in halves of the trials, stepped up, mean; NaN "
        "without repeats",
    )
    matched_cells: np.ndarray = array(
        "session", dtype=np.int64, doc="cells of each population in a draw"
    )
    matched_reliability: np.ndarray = array(
        "session",
        dtype=bool,
        doc="draws have equal numbers of cells in each tenth or fifth of reliability",
    )
    layer: np.ndarray = array("layer", dtype=str, doc="layers of the networks, one after another")
    network_of_layer: np.ndarray = array(
        "layer", dtype=np.int64, doc="index of the layer's network"
    )
    best: np.ndarray = array(
        "layer population",
        doc="units that each population decodes best, matched cells, mean over draws",
    )
    stored_t: bool = scalar(doc="units were tested as in the code published with the study")
    notes: list[str] = scalar(doc="whatever was left out or merged")
