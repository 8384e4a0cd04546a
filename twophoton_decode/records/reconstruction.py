"""What a decoder makes of the responses, and how well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.identification import Identification
from twophoton_decode.records.fields.shown_scores import ShownPosterior


@dataclass(frozen=True, eq=False)
class Reconstruction(ShownPosterior, Identification):
    """Images reconstructed by one decoder, each by a fit that never saw the image.

    For fold f and presentation t of one of its images, the reconstruction is
    ``mean_picture[f] + reverse_filter[f].T @ (g(response[t]) - mean_response[f])`` with
    g = ``transform[f]``, which is "none", "square-root" (sign(R) √|R|) or "power-0.7". `average` is
    the mean of these over an image's presentations, unless the decoder (`bayes`) reads the
    mean of n trials by weights of its own; `reverse_filter` is always for single trials.

    A decoder that is not affine has no `reverse_filter`: `single` and `average` are what it
    predicts from each response and from the mean response.
    """

    picture: np.ndarray = array(
        "image y x", dtype=np.float32, doc="the images shown, as the feature space sees them"
    )
    image_name: np.ndarray = array("image", dtype=str, doc="file name or index of each image")
    fold: np.ndarray = array("image", dtype=np.int64, doc="the fold in which the image is tested")
    content: np.ndarray | None = array(
        "image",
        dtype=np.int64,
        optional=True,
        doc="images with equal numbers show the same, or nearly so, and share a fold",
    )
    image: np.ndarray = array("presentation", dtype=np.int64, doc="index of the image shown")
    single: np.ndarray = array(
        "presentation y x", dtype=np.float32, doc="reconstruction from each presentation"
    )
    average: np.ndarray = array(
        "image y x", dtype=np.float32, doc="reconstruction from each trial-averaged response"
    )
    average_of_singles: np.ndarray | None = array(
        "image y x",
        dtype=np.float32,
        optional=True,
        doc="mean of `single` over each image's presentations, of decoders that are not affine: "
        "of others it is `average`, or the weights of one trial",
    )
    finer_picture: np.ndarray | None = array(
        "image finer_y finer_x",
        dtype=np.float32,
        optional=True,
        doc="the images shown at the size of `finer_average`, grey, from 0 to 1",
    )
    finer_average: np.ndarray | None = array(
        "image finer_y finer_x",
        dtype=np.float32,
        optional=True,
        doc="reconstruction from each trial-averaged response, of decoders that make finer "
        "pictures than the session's; `average` is its mean over areas",
    )
    finer_ssim: np.ndarray | None = array(
        "image", optional=True, doc="structural similarity of `finer_average`"
    )
    posterior_sd: np.ndarray | None = array(
        "image y x",
        dtype=np.float32,
        optional=True,
        doc="standard deviation of `average` by the decoder's own posterior, if it has one",
    )
    mean_picture: np.ndarray = array("fold y x", dtype=np.float32, doc="mean training image, m")
    mean_response: np.ndarray = array("fold cell", doc="mean training response, R̄, transformed")
    reverse_filter: np.ndarray | None = array(
        "fold cell pixel",
        dtype=np.float32,
        optional=True,
        opened=True,
        doc="what one unit of a cell's response adds to the picture, w; none of decoders that are "
        "not affine",
    )
    r_single: np.ndarray = array("image", doc="R per trial, then averaged over trials")
    cd_single: np.ndarray = array("image", doc="CD per trial, then averaged over trials")
    r_average: np.ndarray = array("image", doc="R of the trial-averaged response")
    cd_average: np.ndarray = array("image", doc="CD of the trial-averaged response")
    r_raw: np.ndarray = array("image", doc="R per trial with the mean image left in")
    cd_paper: np.ndarray = array("image", doc="CD per trial about the image's own pixel mean")
    ssim: np.ndarray = array("image", doc="structural similarity of the trial-averaged one")
    two_way_single: np.ndarray = array("image", doc="two-way identification per trial")
    two_way_average: np.ndarray = array("image", doc="two-way identification, trial average")
    r_octave: np.ndarray = array(
        "image octave", doc="R of the trial average within each spatial-frequency octave"
    )
    r_low: np.ndarray = array(
        "image", doc="R of the trial average projected on three leading prior components"
    )
    octave_low: np.ndarray = array("octave", "cycles/image", doc="lower edge of each octave")
    r_octave_ci95: np.ndarray | None = array(
        "octave end",
        optional=True,
        doc="95 % interval of mean r_octave, of each octave for itself: low, high",
    )
    r_octave_p: np.ndarray | None = array(
        "octave",
        optional=True,
        doc="two-sided p of mean r_octave against zero, Holm over octaves; NaN of decoders that "
        "are not affine, whose chance need not be zero",
    )
    feature_ceiling_r: np.ndarray = array(
        "image", doc="R of the image sent through the features and back, no neurons involved"
    )
    chance_r: np.ndarray = array(
        "permutation", doc="mean r_average with images permuted and everything refitted"
    )
    chance_r_single: np.ndarray = array("permutation", doc="the same for mean r_single")
    wrong_r_average: np.ndarray | None = array(
        "image",
        optional=True,
        doc="R of the trial average with the other images, averaged over them: no test, given "
        "where no permutations were run",
    )
    wrong_r_single: np.ndarray | None = array(
        "image", optional=True, doc="the same per trial, then averaged over trials"
    )
    deletion_average: np.ndarray | None = array(
        "image left_out",
        dtype=np.float32,
        optional=True,
        doc="r_average minus what it would be had `left_out` (and what shows the same) not been "
        "trained on; NaN where it was not. From these follow intervals; only for decoders whose "
        "refits have a closed form, and up to 1000 images",
    )
    deletion_single: np.ndarray | None = array(
        "image left_out", dtype=np.float32, optional=True, doc="the same for r_single"
    )
    strength: np.ndarray = array(
        "fold",
        doc="regularisation strength chosen inside training (median over targets); NaN if none",
    )
    transform: np.ndarray = array(
        "fold", dtype=str, doc="transform of the responses, chosen inside training or set"
    )
    decoder: str = scalar(doc="name of the decoder")
    features: str = scalar(doc="name of the feature space")
    r_average_ci95: tuple[float, float] = scalar(
        doc="95 % interval of mean r_average: of the expected score for a new picture of such "
        "decoders, trained on this many pictures, from these cells"
    )
    r_single_ci95: tuple[float, float] = scalar(doc="the same for mean r_single")
    r_average_widening: float = scalar(
        default=2**0.5,
        doc="standard error of mean r_average over that of independent images: images of "
        "different folds train each other's decoders",
    )
    r_single_widening: float = scalar(default=2**0.5, doc="the same for mean r_single")
    p_value: float = scalar(
        doc="(1 + permutations at least as good) / (1 + permutations); NaN without permutations"
    )
    no_chance: str | None = scalar(
        doc="why no permutations were run; absent if they were", optional=True
    )
    noise_ceiling_r: float = scalar(
        doc="`r_infinite_trials` under its former name: mean r_average / sqrt(reliability of "
        "reconstructions), what this decoder would reach with infinitely many trials"
    )
    coverage_90: float = scalar(
        default=float("nan"),
        doc="share of pixels within 1.645 `posterior_sd` of `average`; NaN without a posterior",
    )
    constant_reconstructions: int = scalar("presentations", doc="without R, counted as 0")
    seconds_per_picture: float | None = scalar(
        "s", doc="how long the decoder takes for a picture; absent of fast ones", optional=True
    )
    warnings: list[str] = scalar(doc="what a reader must know about these fits")

    @property
    def filters(self) -> np.ndarray:
        """`reverse_filter`, where it is needed.

        Raises
        ------
        AnalysisError
            The decoder is not affine.
        """
        if self.reverse_filter is None:
            raise AnalysisError(
                f"This needs one picture per cell; {self.decoder} has none: it is not affine."
            )
        return self.reverse_filter

    @property
    def r_infinite_trials(self) -> float:
        """What this decoder would reach with infinitely many trials; others may pass it."""
        return self.noise_ceiling_r
