"""What figures and captions show of reconstructions beyond the scores of images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class MeanScores(Summaries):
    """Scores over images, over octaves, over permutations, over candidates."""

    octave_mean: np.ndarray = array("octave", later=True, doc="mean of r_octave")
    r_low_ci95: tuple[float, float] = scalar(
        doc="95 % interval of mean r_low, widened", default=(NAN, NAN)
    )
    chance_r_range: tuple[float, float] = scalar(
        doc="95 % of chance_r lie between", default=(NAN, NAN)
    )
    chance_r_single_range: tuple[float, float] = scalar(
        doc="95 % of chance_r_single lie between", default=(NAN, NAN)
    )
    top1_single_mean: np.ndarray = array(
        "pool candidate", later=True, doc="mean of top1_single over images"
    )
    top1_average_mean: np.ndarray = array(
        "pool candidate", later=True, doc="mean of top1_average over images"
    )
    rank_average_mean: np.ndarray = array(
        "pool", later=True, doc="mean of rank_average over images"
    )


@dataclass(frozen=True, eq=False)
class ShownPosterior(MeanScores):
    """Whether a decoder's posterior is right; empty without one.

    Deviations are of the picture shown from `average`, in units of `posterior_sd`; NaN where
    that is 0.
    """

    posterior_image: np.ndarray = array(
        "posterior_example", dtype=np.int64, later=True, doc="images shown as examples"
    )
    posterior_rank: np.ndarray = array(
        "posterior_example", dtype=np.int64, later=True, doc="their rank by r_average, from 0"
    )
    posterior_deviation: np.ndarray = array(
        "posterior_example y x", dtype=np.float32, later=True, doc="deviation of each pixel"
    )
    posterior_relative: np.ndarray = array(
        "posterior_example y x",
        dtype=np.float32,
        later=True,
        doc="posterior_sd over the standard deviation of all pictures",
    )
    posterior_level: np.ndarray = array(
        "level", later=True, doc="nominal content of intervals of a Gaussian"
    )
    posterior_held: np.ndarray = array(
        "level", later=True, doc="share of the pixels that these intervals hold"
    )
    deviation_edge: np.ndarray = array(
        "deviation+1", later=True, doc="edges of bins of the deviation"
    )
    deviation_density: np.ndarray = array("deviation", later=True, doc="density of pixels")
    normal_density: np.ndarray = array(
        "deviation+1", later=True, doc="that of a Gaussian at the edges"
    )
    image_sd: np.ndarray = array("image", later=True, doc="mean of posterior_sd over pixels")
    image_deviation: np.ndarray = array(
        "image", later=True, doc="root mean square of the deviation over pixels"
    )
    beyond_three: float = scalar(doc="share of pixels that deviate by more than 3", default=NAN)
    posterior_certain: float = scalar(
        doc="share of pixels whose posterior_sd is 0: they have no deviation, and are held where "
        "they are exact",
        default=0.0,
    )
    relative_sd: float = scalar(
        doc="mean posterior_sd over the standard deviation of all pictures", default=NAN
    )
