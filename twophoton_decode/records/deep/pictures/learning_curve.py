"""Scores of a decoder against the number of images that it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class LearningCurve(Record):
    """A decoder, and ridge beside it, trained on a quarter, half and all of the training images.

    The tested images are the same at every share. Scores are of reconstructions from trial
    averages; the mean training image is not subtracted.
    """

    decoder: np.ndarray = array("decoder", dtype=str, doc="the decoder, and ridge beside it")
    score: np.ndarray = array("score", dtype=str, doc="PixCorr or SSIM")
    share: np.ndarray = array("share", doc="of each fold's training images that are used")
    training_images: np.ndarray = array("share", doc="how many images these are, mean over folds")
    image_name: np.ndarray = array("image", dtype=str, doc="name of each tested image")
    value: np.ndarray = array(
        "decoder score share image", dtype=np.float32, doc="score of each image"
    )
    value_mean: np.ndarray = array("decoder score share", doc="its mean over images")
    learning_ci95: np.ndarray = array("decoder score share end", doc="95 % interval of that mean")
    chance: np.ndarray = array(
        "decoder score share", doc="mean score with other images, five for each, drawn at random"
    )
    ceiling: np.ndarray = array("score", doc="mean score of the images as the features show them")
    doubling: np.ndarray = array(
        "decoder score step",
        doc="mean rise from each share to the next, of the same tested images, less that with "
        "other images",
    )
    doubling_ci95: np.ndarray = array("decoder score step end", doc="its 95 % interval")
    lead: np.ndarray = array("score share", doc="mean of the decoder less that of ridge")
    lead_ci95: np.ndarray = array("score share end", doc="its 95 % interval")
    notes: list[str] = scalar(doc="what must be known of the fits")
