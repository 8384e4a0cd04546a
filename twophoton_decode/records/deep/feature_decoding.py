"""Features of a network decoded from responses, each number beside what decides it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.deep.expected_times import ExpectedTimes


@dataclass(frozen=True, eq=False)
class FeatureDecoding(ExpectedTimes):
    """How well each layer of a network is decoded, for every population of cells.

    A *space* is a set of features: each layer of the network, the same layer with random
    weights (its twins, one for each seed), pixels, Gabor energies. Means, intervals and tests
    over images count that images train each other's decoders (docs/methods/deep_decoding.md).
    """

    population: np.ndarray = array(
        "population", dtype=str, doc="all cells, then each population of enough cells"
    )
    cells: np.ndarray = array("population", dtype=np.int64, doc="number of its cells")
    space: np.ndarray = array("space", dtype=str, doc="layer, or pixels, or gabor")
    kind: np.ndarray = array("space", dtype=str, doc="network, random (a twin), pixels or gabor")
    seed: np.ndarray = array(
        "space", dtype=np.int64, doc="seed of a twin's random weights; -1 for other spaces"
    )
    layer: np.ndarray = array("layer", dtype=str, doc="the network's layers, early to late")
    image_name: np.ndarray = array("image", dtype=str, doc="name of each image")
    fold: np.ndarray = array("image", dtype=np.int64, doc="the fold in which it is tested")
    content: np.ndarray = array(
        "image", dtype=np.int64, doc="images with equal numbers show the same, or nearly so"
    )
    two_way: np.ndarray = array(
        "population space image",
        dtype=np.float32,
        doc="share of the fold's other images whose features fit the decoded ones less",
    )
    match: np.ndarray = array(
        "population space image",
        dtype=np.float32,
        doc="what the image adds to the mean over units of r over images: their mean is it",
    )
    two_way_mean: np.ndarray = array("population space", doc="two-way identification")
    two_way_ci95: np.ndarray = array("population space end", doc="its 95 % interval")
    two_way_wrong: np.ndarray = array(
        "population space wrong",
        doc="the same with wrong images: mean, and where 95 % of exchanges lie",
    )
    two_way_p: np.ndarray = array(
        "population space", doc="one-sided p of two_way_mean, images exchanged within folds"
    )
    unit_r_mean: np.ndarray = array(
        "population space", doc="correlation over images of decoded and true, mean over units"
    )
    unit_r_ci95: np.ndarray = array("population space end", doc="its 95 % interval")
    unit_r_wrong: np.ndarray = array(
        "population space wrong",
        doc="the same with wrong images: mean, and where 95 % of exchanges lie",
    )
    unit_r_p: np.ndarray = array("population space", doc="one-sided p of unit_r_mean, likewise")
    unit_r: np.ndarray = array(
        "population unit", dtype=np.float32, doc="correlation over images of each unit"
    )
    space_of_unit: np.ndarray = array("unit", dtype=np.int64, doc="index of the unit's space")
    place: np.ndarray = array(
        "unit", dtype=np.int64, doc="index of the unit in its whole layer, row by row"
    )
    candidates: np.ndarray = array(
        "candidate", dtype=np.int64, doc="candidates for top-1, the image shown among them"
    )
    top1: np.ndarray = array(
        "population space candidate",
        doc="share of images that fit best among so many; wrong ones drawn at random",
    )
    median_rank: np.ndarray = array(
        "population space", doc="median rank of the image shown among all candidates, 1 is best"
    )
    reliability: np.ndarray = array(
        "population space",
        doc="correlation over images of what halves of the trials decode, stepped up to all; NaN "
        "without repeats",
    )
    unit_r_infinite: np.ndarray = array(
        "population space",
        doc="ceiling: unit_r_mean if images were shown infinitely often; NaN without repeats",
    )
    two_way_repeat: np.ndarray = array(
        "population space",
        doc="ceiling: what half of the trials decode, found among what the other halves decode",
    )
    strength: np.ndarray = array(
        "population space fold", doc="ridge penalty, over the mean eigenvalue of RᵀR"
    )
    random_two_way: np.ndarray = array(
        "population layer draws",
        doc="two-way of the layer's twins: mean, lowest, highest; NaN without twins",
    )
    random_unit_r: np.ndarray = array(
        "population layer draws", doc="unit_r_mean of the layer's twins: mean, lowest, highest"
    )
    random_top1: np.ndarray = array(
        "population layer candidate draws", doc="top1 of the layer's twins: mean, lowest, highest"
    )
    control: np.ndarray = array(
        "control", dtype=str, doc="what layers are compared with: random, pixels, gabor"
    )
    difference: np.ndarray = array(
        "population layer control",
        doc="two-way of the layer minus that of the control, of twins their mean",
    )
    difference_ci95: np.ndarray = array(
        "population layer control end",
        doc="its 95 % interval, paired over images; of two twins or more for new twins too",
    )
    difference_p: np.ndarray = array(
        "population layer control", doc="two-sided p, corrected over layers (Holm)"
    )
    pair: np.ndarray = array(
        "pair",
        dtype=np.int64,
        doc="index of a population that is compared with the first one after all cells",
    )
    gain_difference: np.ndarray = array(
        "pair layer",
        doc="two-way of trained minus random weights (mean of twins), of that population minus "
        "the first one",
    )
    gain_difference_ci95: np.ndarray = array(
        "pair layer end", doc="its 95 % interval; of two twins or more for new twins too"
    )
    gain_difference_p: np.ndarray = array(
        "pair layer", doc="two-sided p, corrected over layers (Holm)"
    )
    category: np.ndarray | None = array(
        "image", dtype=str, optional=True, doc="the category that the log gives; empty for none"
    )
    category_two_way: np.ndarray | None = array(
        "space",
        optional=True,
        doc="share of other categories, none of them trained on, that fit less; all cells",
    )
    category_two_way_ci95: np.ndarray | None = array(
        "space end", optional=True, doc="its 95 % interval, categories as units"
    )
    category_top1: np.ndarray | None = array(
        "space", optional=True, doc="share of images whose category fits best"
    )
    category_candidates: float = scalar(
        doc="mean number of categories to choose from; NaN without categories",
        default=float("nan"),
    )
    network: str = scalar(doc="the network; @random:SEED where its weights are random")
    sha256: str = scalar(doc="of the file of weights; empty where they are random")
    twins: list[str] = scalar(
        doc="the same architecture with random weights; none for a random network"
    )
    input_px: int = scalar("px", doc="side of the pictures that the network was given")
    source_px: int = scalar("px", doc="side of the smallest picture, at most input_px")
    grey: bool = scalar(doc="the network was given luma in all three channels")
    pool: str = scalar(doc="where candidates for top-1 come from: distractors, or images of a fold")
    notes: list[str] = scalar(doc="whatever was left out, merged or enlarged")

    def twins_of(self, layer: str) -> np.ndarray:
        """Places among the spaces of a layer's random twins, (draws,)."""
        return np.flatnonzero((self.kind == "random") & (self.space == layer))
