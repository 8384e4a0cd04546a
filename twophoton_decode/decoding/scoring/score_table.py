"""All scores of a set of reconstructions, image by image."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.decoding.scoring.posterior import share_held
from twophoton_decode.decoding.scoring.reconstructed import Reconstructed
from twophoton_decode.decoding.scoring.scores import (
    correlation,
    determination,
    infinite_trials_r,
    is_constant,
    octave_correlation,
    octave_edges,
    similarity,
    two_way_identification,
    unit_rows,
)
from twophoton_decode.features import LinearFeatures
from twophoton_decode.features._natural_prior import natural_components
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_mean
from twophoton_decode.statistics.paired import holm

QUANTILE_95 = 1.6448536269514722
"""Standard deviations on both sides of the mean that hold 90 % of a Gaussian."""


def all_scores(made: Reconstructed, widening: float = SHARED_TRAINING) -> dict[str, Any]:
    """Every score of the record `Reconstruction` that needs no refits, by field name.

    `widening` is the standard error of a mean over images over that of independent ones.
    """
    means, average = made.mean_of_image, made.average
    r_average = correlation(made.target, average)
    return {
        "r_average": r_average,
        "cd_average": determination(made.pixels, means + average, means),
        **_single_trial_scores(made),
        **_identification(made),
        **_spatial_scores(made, widening),
        "noise_ceiling_r": _infinite_trials(made, r_average),
        "constant_reconstructions": int(np.count_nonzero(is_constant(made.single))),
    }


def wrong_image_r(made: Reconstructed) -> dict[str, np.ndarray]:
    """R with all images of other content, averaged over them, by field of the record.

    No test: images were not exchanged before the decoder was fitted. It says what R would be
    had another image been shown, to the same decoder [ours].
    """
    average, single = np.empty(len(made.pictures)), np.empty(len(made.image))
    for number, mean in enumerate(made.mean):
        candidates = unit_rows(made.pixels - mean)
        own = np.flatnonzero(made.fold == number)
        trials = np.flatnonzero(made.fold[made.image] == number)
        average[own] = _mean_over_others(made.average[own], candidates, own, made.content)
        single[trials] = _mean_over_others(
            made.single[trials], candidates, made.image[trials], made.content
        )
    return {
        "wrong_r_average": average,
        "wrong_r_single": mean_by_image(single, made.image, len(made.pictures)),
    }


def _mean_over_others(
    rows: np.ndarray, candidates: np.ndarray, own: np.ndarray, content: np.ndarray
) -> np.ndarray:
    """Mean correlation of each row with candidates of another content than its own, (rows,)."""
    r = unit_rows(rows) @ candidates.T
    other = content[own][:, None] != content
    return np.asarray((r * other).sum(axis=1) / other.sum(axis=1))


def _infinite_trials(made: Reconstructed, r_average: np.ndarray) -> float:
    """`infinite_trials_r`; NaN where an average is not the mean of what trials contribute."""
    if made.average_contribution is None:
        return float("nan")
    return infinite_trials_r(r_average, made.average_contribution, made.average, made.image)


def feature_ceiling(made: Reconstructed, space: LinearFeatures) -> np.ndarray:
    """R of each image minus m, sent through the features and back, shape (images,)."""
    back = space.decode(space.encode(made.target.reshape(made.pictures.shape)))
    return correlation(made.target, back.reshape(len(back), -1))


def coverage(made: Reconstructed, posterior_sd: np.ndarray | None) -> float:
    """Share of the pixels of averages whose 90 % interval holds the picture shown.

    The interval is Gaussian, ± 1.645 `posterior_sd` (images, y, x); NaN where that is None.
    Where it is 0, the reconstruction must be exact.
    """
    if posterior_sd is None:
        return float("nan")
    error = made.target - made.average
    sd = posterior_sd.reshape(error.shape)
    return share_held(error, sd, QUANTILE_95, float(np.abs(made.pictures).max()))


def octave_certainty(
    r_octave: np.ndarray,
    content: np.ndarray,
    *,
    affine: bool,
    widening: float = SHARED_TRAINING,
) -> dict[str, np.ndarray]:
    """95 % interval of the mean R of each octave, and p against zero, Holm over octaves [ours].

    Both take the variance of a score at chance, twice that of independent images, since
    images train each other's decoder: what is tested is chance. Of decoders that are not
    affine, chance need not be zero, and p is NaN.

    Parameters
    ----------
    r_octave : ndarray, shape (images, octaves)
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same, or nearly so.
    widening : float
        1 where no image trains the decoder of another one.
    """
    means = [image_mean(r, content, widening=widening) for r in r_octave.T]
    return {
        "r_octave_ci95": np.array([each.interval for each in means]),
        "r_octave_p": holm(np.array([each.p if affine else np.nan for each in means])),
    }


def _single_trial_scores(made: Reconstructed) -> dict[str, np.ndarray]:
    """Scores per trial, averaged over the trials of each image."""
    shown, mean = made.pixels[made.image], made.mean_of_image[made.image]
    whole, own_mean = mean + made.single, shown.mean(axis=1, keepdims=True)
    per_trial = {
        "r_single": correlation(shown - mean, made.single),
        "cd_single": determination(shown, whole, mean),
        "r_raw": correlation(shown, whole),
        "cd_paper": determination(shown, whole, own_mean),
    }
    images = len(made.pictures)
    return {name: mean_by_image(r, made.image, images) for name, r in per_trial.items()}


def _identification(made: Reconstructed) -> dict[str, np.ndarray]:
    """Two-way identification among all images, fold by fold since m differs."""
    images, image, content = len(made.pictures), made.image, made.content
    per_trial, per_image = np.empty(len(image)), np.empty(images)
    for number, mean in enumerate(made.mean):
        candidates = made.pixels - mean
        trials = np.flatnonzero(made.fold[image] == number)
        own = np.flatnonzero(made.fold == number)
        per_trial[trials] = two_way_identification(
            made.single[trials], candidates, image[trials], content
        )
        per_image[own] = two_way_identification(made.average[own], candidates, own, content)
    return {
        "two_way_single": mean_by_image(per_trial, image, images),
        "two_way_average": per_image,
    }


def _spatial_scores(made: Reconstructed, widening: float) -> dict[str, np.ndarray]:
    """SSIM, R per octave, and R of what three leading prior components keep."""
    pictures = made.pictures
    whole = (made.mean_of_image + made.average).reshape(pictures.shape)
    edges = octave_edges(pictures.shape[1:])
    low, _ = natural_components(pictures.shape[1:])
    r_octave = octave_correlation(
        made.target.reshape(pictures.shape), made.average.reshape(pictures.shape), edges
    )
    return {
        "ssim": similarity(pictures, whole, float(np.ptp(pictures))),
        "r_octave": r_octave,
        **octave_certainty(r_octave, made.content, affine=made.affine, widening=widening),
        "r_low": correlation(made.target, (made.average @ low.T) @ low),
        "octave_low": edges,
    }
