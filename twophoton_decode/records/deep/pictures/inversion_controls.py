"""Reconstructions by feature inversion beside their controls, and layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class InversionControls(Record):
    """Some images in every way, each by a fit that never saw it.

    See docs/methods/feature_inversion.md. The first variant is the reconstruction itself.
    Controls are the true features, another image's responses, the decoded code without
    optimisation, the generator's mean code, and pixels without a generator.
    """

    picture: np.ndarray = array("image y x", dtype=np.float32, doc="what was shown, 0 to 1")
    made: np.ndarray = array(
        "way image y x", dtype=np.float32, doc="the picture of each variant, 0 to 1"
    )
    image_name: np.ndarray = array("image", dtype=str, doc="name of each image")
    fold: np.ndarray = array("image", dtype=np.int64, doc="the fold in which it is tested")
    variant: np.ndarray = array("way", dtype=str, doc="how the picture was made")
    kind: np.ndarray = array(
        "way", dtype=str, doc="reconstruction, control, alone (one layer) or cumulative"
    )
    score_name: np.ndarray = array(
        "measure",
        dtype=str,
        doc="PixCorr, SSIM, and two-way identification among the images of the fold, in pixels and "
        "in the first and last layer",
    )
    score: np.ndarray = array("way image measure", doc="with the image that was shown")
    null: np.ndarray = array(
        "way image measure", doc="with another image of the fold in its place; 0.5 of two-way"
    )
    mean: np.ndarray = array("way measure", doc="mean of `score` over images")
    null_mean: np.ndarray = array("way measure", doc="mean of `null` over images")
    difference: np.ndarray = array(
        "way measure", doc="mean score of the reconstruction less that of the variant"
    )
    difference_ci95: np.ndarray = array(
        "way measure end", doc="its 95 % interval, paired over images"
    )
    network: str = scalar(doc="the network whose layers are matched")
    generator: str = scalar(doc="what pictures are made with; pixels: no generator")
    knowledge: str = scalar(doc="what the generator can know of pictures; empty without one")
    side: int = scalar("px", doc="side of the pictures that are optimised")
    images: int = scalar(doc="different images of the session, from which these were drawn")
    notes: list[str] = scalar(doc="what a reader must know")

    def at(self, variant: str, score: str) -> tuple[float, float]:
        """Mean score of a variant, and its null; NaN where there is no such variant."""
        places = np.flatnonzero(self.variant == variant)
        if not places.size:
            return float("nan"), float("nan")
        column = int(np.flatnonzero(self.score_name == score)[0])
        return float(self.mean[places[0], column]), float(self.null_mean[places[0], column])
