"""Whether units of a network are decoded alike in different animals, beside what decides it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class UnitAgreement(Record):
    """Accuracy of every unit in every session, and rank correlations of it between sessions.

    A *space* is a layer of the network, the same layer with random weights, or pixels.
    Agreement is of accuracies on pictures that no two sessions share (docs/methods/
    deep_agreement.md); intervals are for new pictures, not for new animals.
    """

    session: np.ndarray = array("session", dtype=str, doc="name of each session")
    mouse: np.ndarray = array("session", dtype=str, doc="its mouse")
    images: np.ndarray = array("session", dtype=np.int64, doc="number of its pictures")
    cells: np.ndarray = array("session", dtype=np.int64, doc="number of its cells")
    space: np.ndarray = array("space", dtype=str, doc="layer, or pixels")
    kind: np.ndarray = array("space", dtype=str, doc="network, random (its twin) or pixels")
    pair: np.ndarray = array(
        "pair end", dtype=np.int64, doc="indices of the two sessions that are compared"
    )
    counts: np.ndarray = array(
        "pair",
        dtype=bool,
        doc="counts in the mean: a pair of two mice, or any pair if all are of one mouse",
    )
    shared: np.ndarray = array("pair", dtype=np.int64, doc="pictures that both sessions show")
    tested: np.ndarray = array("pair end", doc="pictures on which each is tested, mean over splits")
    biased: np.ndarray = array(
        "pair",
        dtype=bool,
        doc="too few pictures for disjoint tests: only `same` is known, which is biased",
    )
    agreement: np.ndarray = array(
        "pair space", doc="rank correlation over units of accuracy on disjoint pictures"
    )
    agreement_ci95: np.ndarray = array("pair space end", doc="its 95 % interval over pictures")
    agreement_wrong: np.ndarray = array(
        "pair space wrong",
        doc="the same with pictures of the first session exchanged: mean, and where 95 % lie",
    )
    agreement_p: np.ndarray = array("pair space", doc="one-sided p of agreement, likewise")
    partial: np.ndarray = array(
        "pair space", doc="agreement given mean, SD and kurtosis of the units' features"
    )
    partial_ci95: np.ndarray = array("pair space end", doc="its 95 % interval over pictures")
    same: np.ndarray = array(
        "pair space", doc="rank correlation on the same pictures: biased; NaN without shared ones"
    )
    ceiling: np.ndarray = array(
        "pair space", doc="√(ρ₁ρ₂), ρ each session's agreement with itself on other pictures"
    )
    contrast: np.ndarray = array(
        "pair space",
        doc="agreement of simulated mice that share nothing but the contrast of the pictures",
    )
    contrast_same: np.ndarray = array("pair space", doc="the same on the same pictures")
    mean: np.ndarray = array("space", doc="mean agreement over the pairs that count")
    mean_ci95: np.ndarray = array(
        "space end", doc="its 95 % interval over pictures, for these animals"
    )
    space_of_unit: np.ndarray = array("unit", dtype=np.int64, doc="index of the unit's space")
    place: np.ndarray = array(
        "unit", dtype=np.int64, doc="index of the unit in its whole layer, row by row"
    )
    position: np.ndarray = array(
        "unit axis", dtype=np.int64, doc="its channel, y and x in the layer"
    )
    unit_r: np.ndarray = array(
        "session unit", dtype=np.float32, doc="correlation over all pictures of the session"
    )
    unit_r_of_half: np.ndarray = array(
        "session half unit",
        dtype=np.float32,
        doc="the same over half of the pictures; the halves of all sessions are disjoint",
    )
    images_of_half: np.ndarray = array(
        "session half", dtype=np.int64, doc="number of pictures in each half"
    )
    network: str = scalar(doc="the network; @random:SEED where its weights are random")
    twin: str = scalar(doc="the same architecture with random weights; empty for a random network")
    sha256: str = scalar(doc="of the file of weights; empty where they are random")
    notes: list[str] = scalar(doc="whatever was left out or merged")
