"""Responses to pictures: every image reconstructed by a fit that never saw it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.decoding.chance import p_value, permuted_images
from twophoton_decode.decoding.crossvalidation import image_folds
from twophoton_decode.decoding.fold import Fold, FoldFit, Trials
from twophoton_decode.decoding.prior import leading_components
from twophoton_decode.decoding.scores import (
    bootstrap_interval,
    correlation,
    determination,
    is_constant,
    mean_by_image,
    noise_ceiling,
    octave_correlation,
    octave_edges,
    similarity,
    two_way_identification,
)
from twophoton_decode.errors import ResponseError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings


def reconstruct(
    responses: Responses, decoder: str, settings: DecodingSettings, progress: Progress = silent
) -> Reconstruction:
    """Reconstruct every image from single trials and from trial averages, and score it.

    Folds are over images; means, strengths and selections are learned inside the training
    part. The mean training image m is the mean over training *presentations*, which equals
    the mean over training images when all were shown equally often. Chance refits
    everything with images permuted over the responses.

    Parameters
    ----------
    responses : Responses
        Images that were never shown are left out of the result, with a warning; `image`
        of the result indexes its own, shorter list.
    decoder : str
        A name known to the registry of decoders.
    settings : DecodingSettings
    progress : callable
        Told after each fold.

    Raises
    ------
    ResponseError
        For NaN or infinite responses, or fewer than three different images.
    """
    shown = _shown(responses)
    space = FEATURE_SPACES.load(settings.features)(shown.picture.shape[1:])
    pictures = space.prepare(shown.picture)
    identity, fold, warnings = image_folds(pictures, settings.folds, settings.seed)
    trials, fold_of_identity = _trials(shown, pictures, identity, fold, space)
    orders = permuted_images(len(trials.pixels), settings.permutations, settings.seed)
    fits, chance = _run_folds(trials, fold_of_identity, decoder, orders, progress)
    parts = _Parts(shown, pictures, identity, fold, fits)
    chance_single, chance_average = chance.mean(axis=2)
    scores = _scores(parts)
    intervals: dict[str, Any] = {
        f"{name}_ci95": bootstrap_interval(scores[name], settings.bootstraps, settings.seed)
        for name in ("r_average", "r_single")
    }
    primary = {"r_average": chance_average, "r_single": chance_single}[settings.primary_score]
    return Reconstruction(
        **parts.arrays(),
        **scores,
        feature_ceiling_r=_feature_ceiling(parts, space),
        chance_r=chance_average,
        chance_r_single=chance_single,
        decoder=decoder,
        features=settings.features,
        **intervals,
        p_value=p_value(float(scores[settings.primary_score].mean()), primary),
        warnings=[*shown.warnings, *warnings, *_gathered([fit.warnings for fit in fits])],
    )


@dataclass(frozen=True, eq=False)
class _Shown:
    """The responses with the images that were shown at least once."""

    response: np.ndarray
    image: np.ndarray
    picture: np.ndarray
    image_name: np.ndarray
    warnings: list[str]


def _shown(responses: Responses) -> _Shown:
    _check_finite(responses.response)
    present = np.flatnonzero(responses.repeats_per_image)
    missing = responses.images - len(present)
    warnings = []
    if missing:
        warnings.append(f"{missing} of {responses.images} images were never shown: left out.")
    constant = int(np.count_nonzero(np.ptp(responses.response, axis=0) == 0))
    if constant:
        warnings.append(
            f"{constant} of {responses.cells} cells gave the same response to every "
            "presentation; their weight is zero."
        )
    return _Shown(
        response=np.asarray(responses.response, dtype=float),
        image=np.searchsorted(present, responses.image),
        picture=responses.picture[present],
        image_name=responses.image_name[present],
        warnings=warnings,
    )


def _check_finite(response: np.ndarray) -> None:
    if response.size == 0:
        raise ResponseError(
            f"there is nothing to decode: {response.shape[0]} presentations of "
            f"{response.shape[1]} cells."
        )
    bad = np.argwhere(~np.isfinite(response))
    if len(bad):
        presentation, cell = bad[0]
        raise ResponseError(
            f"{len(bad)} of {response.size} responses are NaN or infinite, the first at "
            f"presentation {presentation}, cell {cell}. Leave these presentations or cells out."
        )


def _trials(
    shown: _Shown,
    pictures: np.ndarray,
    identity: np.ndarray,
    fold: np.ndarray,
    space: LinearFeatures,
) -> tuple[Trials, np.ndarray]:
    """The trials with identical images merged, and the fold of each merged image."""
    first = np.unique(identity, return_index=True)[1]
    trials = Trials(
        response=shown.response,
        image=identity[shown.image],
        pixels=pictures[first].reshape(len(first), -1),
        features=space.encode(pictures[first]),
        decoding_matrix=space.decoding_matrix,
    )
    return trials, fold[first]


def _run_folds(
    trials: Trials, fold: np.ndarray, decoder: str, orders: np.ndarray, progress: Progress
) -> tuple[list[FoldFit], np.ndarray]:
    """Fits of all folds, and R under each permutation, (single/average, permutation, image)."""
    make = DECODERS.load(decoder)
    chance = np.zeros((2, len(orders), len(fold)))
    fits = []
    for number in range(fold.max() + 1):
        part = Fold.split(trials, fold == number, make)
        fits.append(part.fit())
        for permutation, order in enumerate(orders):
            chance[:, permutation, fold == number] = part.permuted_r(order)
        progress(number + 1, int(fold.max()) + 1, f"folds of {decoder}")
    return fits, chance


@dataclass(frozen=True, eq=False)
class _Parts:
    """The fits of all folds put together in the order of presentations and images."""

    shown: _Shown
    pictures: np.ndarray
    identity: np.ndarray
    fold: np.ndarray
    fits: list[FoldFit]

    @property
    def means(self) -> np.ndarray:
        """Mean training picture of each image's fold, (images, pixels)."""
        return np.stack([fit.mean_picture for fit in self.fits])[self.fold]

    def deviations(self) -> np.ndarray:
        """Reconstruction of each presentation minus its mean training picture."""
        fold = self.fold[self.shown.image]
        deviation = np.empty((len(fold), self.pictures[0].size))
        for number, fit in enumerate(self.fits):
            deviation[fold == number] = fit.deviation
        return deviation

    def arrays(self) -> dict[str, Any]:
        """The fields of the record that hold pictures, filters and folds."""
        shape, image = self.pictures.shape[1:], self.shown.image
        single = self.deviations()
        average = mean_by_image(single, image, len(self.pictures))
        return {
            "picture": self.pictures,
            "image_name": self.shown.image_name,
            "fold": self.fold,
            "image": image,
            "single": (self.means[image] + single).reshape(-1, *shape),
            "average": (self.means + average).reshape(-1, *shape),
            "mean_picture": np.stack([fit.mean_picture.reshape(shape) for fit in self.fits]),
            "mean_response": np.stack([fit.mean_response for fit in self.fits]),
            "reverse_filter": np.stack([np.float32(fit.reverse_filter) for fit in self.fits]),
            "strength": np.array([fit.strength for fit in self.fits]),
        }


def _scores(parts: _Parts) -> dict[str, Any]:
    image, images = parts.shown.image, len(parts.pictures)
    means = parts.means
    pixels = parts.pictures.reshape(images, -1)
    target = pixels - means
    single = parts.deviations()
    average = mean_by_image(single, image, images)
    r_average = correlation(target, average)
    return {
        "r_average": r_average,
        "cd_average": determination(pixels, means + average, means),
        **_single_trial_scores(pixels, means, single, image),
        **_identification(parts, target, single, average),
        **_spatial_scores(parts.pictures, means, average),
        "noise_ceiling_r": noise_ceiling(r_average, single, average, image),
        "constant_reconstructions": int(np.count_nonzero(is_constant(single))),
    }


def _single_trial_scores(
    pixels: np.ndarray, means: np.ndarray, single: np.ndarray, image: np.ndarray
) -> dict[str, np.ndarray]:
    """Scores per trial, averaged over the trials of each image."""
    shown, mean = pixels[image], means[image]
    own_mean = shown.mean(axis=1, keepdims=True)
    per_trial = {
        "r_single": correlation(shown - mean, single),
        "cd_single": determination(shown, mean + single, mean),
        "r_raw": correlation(shown, mean + single),
        "cd_paper": determination(shown, mean + single, own_mean),
    }
    return {name: mean_by_image(r, image, len(pixels)) for name, r in per_trial.items()}


def _identification(
    parts: _Parts, target: np.ndarray, single: np.ndarray, average: np.ndarray
) -> dict[str, np.ndarray]:
    """Two-way identification among all images, fold by fold since m differs."""
    images, image = len(target), parts.shown.image
    pixels = parts.pictures.reshape(images, -1)
    per_trial, per_image = np.empty(len(image)), np.empty(images)
    for number, fit in enumerate(parts.fits):
        candidates = pixels - fit.mean_picture
        trials = np.flatnonzero(parts.fold[image] == number)
        own = np.flatnonzero(parts.fold == number)
        per_trial[trials] = two_way_identification(
            single[trials], candidates, image[trials], parts.identity
        )
        per_image[own] = two_way_identification(average[own], candidates, own, parts.identity)
    return {
        "two_way_single": mean_by_image(per_trial, image, images),
        "two_way_average": per_image,
    }


def _spatial_scores(
    pictures: np.ndarray, means: np.ndarray, average: np.ndarray
) -> dict[str, np.ndarray]:
    """SSIM, R per octave, and R of what three leading prior components keep."""
    shape = pictures.shape[1:]
    target = pictures.reshape(len(pictures), -1) - means
    whole = (means + average).reshape(pictures.shape)
    edges = octave_edges(shape)
    low = leading_components(shape)
    return {
        "ssim": similarity(pictures, whole, float(np.ptp(pictures))),
        "r_octave": octave_correlation(
            target.reshape(pictures.shape), average.reshape(pictures.shape), edges
        ),
        "r_low": correlation(target, (average @ low.T) @ low),
        "octave_low": edges,
    }


def _feature_ceiling(parts: _Parts, space: LinearFeatures) -> np.ndarray:
    """R of each image minus m, sent through the features and back."""
    target = parts.pictures - parts.means.reshape(parts.pictures.shape)
    back = space.decode(space.encode(target))
    return correlation(target.reshape(len(target), -1), back.reshape(len(target), -1))


def _gathered(warnings: list[list[str]]) -> list[str]:
    """Warnings of all folds, those that differ in their numbers only told once."""
    kinds: dict[str, list[str]] = {}
    for text in (text for fold in warnings for text in fold):
        kinds.setdefault(re.sub(r"[\d.]+", "#", text), []).append(text)
    return [
        f"{texts[0]} (So or alike in {len(texts)} of {len(warnings)} folds.)"
        for texts in kinds.values()
    ]
