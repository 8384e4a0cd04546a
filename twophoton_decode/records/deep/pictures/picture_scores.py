"""Reconstructions scored in pixels and in the layers of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class PictureScores(Record):
    """Trial-averaged reconstructions of every decoder, scored as the field scores pictures.

    A column is a score in a space: SSIM and PixCorr in pixels; two-way identification and top-1 in
    pixels, in an early, a middle and the last layer of the network, and in the same layers with
    random weights (mean of several draws). The mean training image is not subtracted.
    """

    decoder: np.ndarray = array("decoder", dtype=str, doc="name of each decoder")
    score: np.ndarray = array("column", dtype=str, doc="SSIM, PixCorr, two-way or top-1")
    space: np.ndarray = array(
        "column", dtype=str, doc="pixels, a layer, or a layer with random weights"
    )
    layer: np.ndarray = array("layer", dtype=str, doc="the layers of the network, early to late")
    image_name: np.ndarray = array("image", dtype=str, doc="name of each reconstructed image")
    value: np.ndarray = array("decoder column image", dtype=np.float32, doc="score of each image")
    value_mean: np.ndarray = array("decoder column", doc="its mean over images")
    picture_score_ci95: np.ndarray = array("decoder column end", doc="95 % interval of that mean")
    chance: np.ndarray = array(
        "decoder column",
        doc="SSIM and PixCorr with one other image for each, drawn at random; one half, and one in "
        "`candidates`",
    )
    beyond_random: np.ndarray = array(
        "decoder layer", doc="two-way in the layer less that with random weights; NaN without draws"
    )
    beyond_random_ci95: np.ndarray = array(
        "decoder layer end", doc="its 95 % interval, over images and draws of weights"
    )
    beyond_random_p: np.ndarray = array("decoder layer", doc="two-sided p of its being zero")
    candidates: int = scalar("images", doc="among how many top-1 finds the image")
    network: str = scalar(doc="the network; @random:SEED where its weights are random")
    sha256: str = scalar(doc="of the file of weights; empty where they are random")
    twins: list[str] = scalar(doc="draws of random weights of the same architecture")
    input_px: int = scalar("px", doc="side of the pictures that the network was given")
    notes: list[str] = scalar(doc="how pictures were brought to the network, and what is odd")

    def column(self, score: str, space: str) -> int:
        """The column of a score in a space."""
        here = np.flatnonzero((self.score == score) & (self.space == space))
        return int(here[0])
