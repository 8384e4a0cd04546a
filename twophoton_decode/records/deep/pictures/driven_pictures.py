"""What a generator makes of the responses, and what it makes without them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class DrivenPictures(Record):
    """The same generators driven by the right responses, and by wrong ones, each image held out.

    A *way* is a decoder and what drives it. Scores are of trial averages at working size, the mean
    training image subtracted where R, two-way and names are concerned (docs/methods/latent.md).
    """

    image_name: np.ndarray = array("image", dtype=str, doc="name of each picture")
    fold: np.ndarray = array("image", dtype=np.int64, doc="the fold in which it is tested")
    content: np.ndarray = array(
        "image", dtype=np.int64, doc="pictures with equal numbers show nearly the same"
    )
    picture: np.ndarray = array("image y x", dtype=np.float32, doc="what was shown")
    decoder: np.ndarray = array("way", dtype=str, doc="the decoder")
    driven_by: np.ndarray = array(
        "way",
        dtype=str,
        doc="own responses; z only or c only of them; those of a wrong image; the mean response of "
        "training; own responses with the cells exchanged",
    )
    made: np.ndarray = array("way image y x", dtype=np.float32, doc="what was made of it")
    ssim: np.ndarray = array("way image", doc="SSIM with what was shown")
    r: np.ndarray = array("way image", doc="R with what was shown")
    two_way: np.ndarray = array(
        "way image", doc="share of other pictures of the session that fit worse; chance .5"
    )
    named: np.ndarray = array(
        "way image", dtype=bool, doc="whether no other picture of the session fits better"
    )
    ssim_mean: np.ndarray = array("way", doc="mean over images")
    r_mean: np.ndarray = array("way", doc="mean over images")
    two_way_mean: np.ndarray = array("way", doc="mean over images")
    named_share: np.ndarray = array("way", doc="share of images that are named")
    ssim_left: np.ndarray = array(
        "way", doc="mean SSIM as a share of that with own responses: what needs no brain"
    )
    ssim_left_low: np.ndarray = array(
        "way",
        later=True,
        doc="lower end of its 95 % interval over images, paired; NaN where own responses do not "
        "score above 0 for sure",
    )
    ssim_left_high: np.ndarray = array("way", later=True, doc="upper end of it")
    two_way_left: np.ndarray = array(
        "way", doc="mean two-way above .5 as a share of that with own responses"
    )
    two_way_left_low: np.ndarray = array(
        "way", later=True, doc="lower end of its 95 % interval, in the same way"
    )
    two_way_left_high: np.ndarray = array("way", later=True, doc="upper end of it")
    dimension: np.ndarray = array(
        "way", doc="dimension of what was made: participation ratio of its variance over images"
    )
    dimension_shown: float = scalar(doc="the same of what was shown")
    nearest: np.ndarray = array(
        "way image", dtype=np.int64, doc="the training picture that is nearest, by R"
    )
    nearest_r: np.ndarray = array("way image", doc="R with it")
    nearer_to_training: np.ndarray = array(
        "way", doc="share of images that are nearer to a training picture than to their own"
    )
    autoencoder: str = scalar(doc="the generator; @random:SEED where its weights are random")
    autoencoder_sha256: str = scalar(doc="of its files of weights; empty where they are random")
    knowledge: str = scalar(doc="what the generator can know of test pictures")
    denoiser_sha256: str = scalar(doc="of the denoiser's file; empty without one")
    notes: list[str] = scalar(doc="what was changed or left out")
