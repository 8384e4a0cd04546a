"""Responses to pictures: every image reconstructed by a fit that never saw it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np

from twophoton_decode.decoding.fitting.transform import candidates
from twophoton_decode.decoding.folds.crossvalidation import ImageFolds, image_folds
from twophoton_decode.decoding.folds.finite import ShownTrials, shown_trials
from twophoton_decode.decoding.folds.fold import Fold, FoldFit
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.permuted_images import permuted_images, shown_in_blocks
from twophoton_decode.decoding.scoring.all_scores import (
    Reconstructed,
    all_scores,
    coverage,
    feature_ceiling,
)
from twophoton_decode.decoding.scoring.distractors import usable_distractors
from twophoton_decode.decoding.scoring.identification import identification
from twophoton_decode.decoding.scoring.shown import with_shown
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.permutation import p_above


def reconstruct(
    responses: Responses,
    decoder: str,
    settings: DecodingSettings,
    progress: Progress = silent,
    distractors: np.ndarray | None = None,
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
    distractors : ndarray, shape (distractors, y, x), optional
        Pictures of the size of the session's, which were not shown: further candidates for
        identification. No fit sees them.

    Raises
    ------
    ResponseError
        For NaN or infinite responses, or fewer than three different images.
    StimulusImageError
        For images with NaN or infinite pixels.
    """
    with DECODERS.running(decoder), FEATURE_SPACES.running(settings.features):
        return _reconstruct(responses, decoder, settings, progress, distractors)


def _reconstruct(
    responses: Responses,
    decoder: str,
    settings: DecodingSettings,
    progress: Progress,
    distractors: np.ndarray | None,
) -> Reconstruction:
    shown = shown_trials(responses)
    space = space_for(decoder, FEATURE_SPACES.load(settings.features)(shown.picture.shape[1:]))
    pictures = space.prepare(shown.picture)
    folds = image_folds(
        pictures,
        settings.folds,
        settings.seed,
        settings.near_duplicate_correlation,
        shown.image_group,
    )
    external, left_out = usable_distractors(
        distractors, pictures, space, settings.near_duplicate_correlation
    )
    trials, fold_of_identity = _trials(shown, pictures, folds, space)
    content = folds.content[folds.first]
    block, about_blocks = shown_in_blocks(trials.image, content)
    orders = permuted_images(content, block, settings.permutations, settings.seed)
    make = decoder_for(decoder, space)
    transforms = candidates(settings.transform)
    split = partial(Fold.split, trials, make=make, transforms=transforms)
    refits = min(settings.permutations, settings.refits)
    fits, chance = _run_folds(split, fold_of_identity, orders, refits, progress, decoder)
    made = _put_together(shown, pictures, folds, fits)
    scores = all_scores(made)
    posterior_sd = _posterior_sd(made, np.bincount(trials.image)[folds.identity], fits)
    record = Reconstruction(
        **_pictures_and_filters(made, shown, fits),
        **scores,
        **identification(made, external),
        **_certainty(scores, chance, settings.primary_score),
        **_intervals(scores, _deletion(fits, fold_of_identity, folds.identity), folds.content),
        feature_ceiling_r=feature_ceiling(made, space),
        posterior_sd=posterior_sd,
        coverage_90=coverage(made, posterior_sd),
        decoder=decoder,
        features=settings.features,
        warnings=[
            *shown.warnings,
            *folds.warnings,
            *about_blocks,
            *left_out,
            *_gathered([fit.warnings for fit in fits]),
        ],
    )
    return with_shown(record)


def space_for(name: str, space: LinearFeatures) -> LinearFeatures:
    """The feature space as a decoder reads it; one with `extended` may add features."""
    decoder = DECODERS.load(name)
    return decoder.extended(space) if hasattr(decoder, "extended") else space


def decoder_for(name: str, space: LinearFeatures) -> Callable[[], Any]:
    """A maker of unfitted decoders; one with `for_features` is told the feature space."""
    decoder = DECODERS.load(name)
    if hasattr(decoder, "for_features"):
        return partial(decoder.for_features, space)
    return cast("Callable[[], Any]", decoder)


def _trials(
    shown: ShownTrials,
    pictures: np.ndarray,
    folds: ImageFolds,
    space: LinearFeatures,
) -> tuple[Trials, np.ndarray]:
    """The trials with identical images merged, and the fold of each merged image."""
    first = folds.first
    trials = Trials(
        response=shown.response,
        image=folds.identity[shown.image],
        pixels=pictures[first].reshape(len(first), -1),
        features=space.encode(pictures[first]),
        space=space,
        content=folds.content[first],
    )
    return trials, folds.fold[first]


def _run_folds(
    split: Callable[[np.ndarray], Fold],
    fold: np.ndarray,
    orders: np.ndarray,
    refits: int,
    progress: Progress,
    name: str,
) -> tuple[list[FoldFit], np.ndarray]:
    """Fits of all folds, and mean R under each permutation, (single/average, permutation)."""
    fits, total = [], []
    for number in range(fold.max() + 1):
        part = split(fold == number)
        fits.append(part.fit())
        total.append(part.chance(orders, refits).sum(axis=2))
        progress(number + 1, int(fold.max()) + 1, f"folds of {name}")
    # Whether a decoder's permutations must be refitted is the same in all folds.
    return fits, np.sum(total, axis=0) / len(fold)


def _certainty(scores: dict[str, Any], chance: np.ndarray, primary_score: str) -> dict[str, Any]:
    """Chance, and the p-value of the primary score."""
    chance_single, chance_average = chance
    primary = {"r_average": chance_average, "r_single": chance_single}[primary_score]
    return {
        "chance_r": chance_average,
        "chance_r_single": chance_single,
        "p_value": p_above(float(scores[primary_score].mean()), primary),
    }


def _deletion(
    fits: list[FoldFit], fold: np.ndarray, identity: np.ndarray
) -> dict[str, np.ndarray | None]:
    """What every image does to R of every other one by being trained on, by score.

    From merged images, whose folds are `fold`, to all images; None if it is not known.
    """
    if any(fit.deletion is None for fit in fits):
        return {"average": None, "single": None}
    effect = np.empty((2, len(fold), len(fold)))
    for number, fit in enumerate(fits):
        effect[:, fold == number] = fit.deletion
    average, single = effect[:, identity][:, :, identity]
    return {"average": average, "single": single}


def _intervals(
    scores: dict[str, Any], deletion: dict[str, np.ndarray | None], content: np.ndarray
) -> dict[str, Any]:
    """Intervals of the two main scores, and what they follow from."""
    fields: dict[str, Any] = {}
    for name, effect in deletion.items():
        found = mean_score(scores[f"r_{name}"], effect, content)
        fields |= {
            f"r_{name}_ci95": found.interval,
            f"r_{name}_widening": found.widening,
            f"deletion_{name}": effect,
        }
    return fields


def _put_together(
    shown: ShownTrials,
    pictures: np.ndarray,
    folds: ImageFolds,
    fits: list[FoldFit],
) -> Reconstructed:
    """What all folds made, in the order of presentations."""
    fold_of_trial = folds.fold[shown.image]
    deviation = np.empty((len(shown.image), pictures[0].size))
    share = deviation
    if any(fit.share is not fit.deviation for fit in fits):
        share = np.empty_like(deviation)
    for number, fit in enumerate(fits):
        deviation[fold_of_trial == number] = fit.deviation
        share[fold_of_trial == number] = fit.share
    return Reconstructed(
        pictures,
        folds.content,
        folds.fold,
        shown.image,
        np.stack([fit.mean_picture for fit in fits]),
        deviation,
        share,
    )


def _posterior_sd(
    made: Reconstructed, trials: np.ndarray, fits: list[FoldFit]
) -> np.ndarray | None:
    """How unsure each pixel of each trial average is, (images, y, x); None without a posterior.

    `trials` (images,) is how often each image was shown, under any name.
    """
    if not all(fit.posterior_sd for fit in fits):
        return None
    pairs = zip(made.fold, trials.tolist(), strict=True)
    return np.stack([fits[fold].posterior_sd[n] for fold, n in pairs]).reshape(made.pictures.shape)


def _pictures_and_filters(
    made: Reconstructed, shown: ShownTrials, fits: list[FoldFit]
) -> dict[str, Any]:
    """The fields of the record that hold pictures, filters and folds."""
    shape, image, means = made.pictures.shape[1:], made.image, made.mean_of_image
    return {
        "picture": made.pictures,
        "image_name": shown.image_name,
        "fold": made.fold,
        "content": made.content,
        "image": image,
        "single": (means[image] + made.single).reshape(-1, *shape),
        "average": (means + made.average).reshape(-1, *shape),
        "mean_picture": made.mean.reshape(-1, *shape),
        "mean_response": np.stack([fit.mean_response for fit in fits]),
        "reverse_filter": np.stack([np.float32(fit.reverse_filter) for fit in fits]),
        "strength": np.array([fit.strength for fit in fits]),
        "transform": np.array([fit.transform for fit in fits]),
    }


def _gathered(warnings: list[list[str]]) -> list[str]:
    """Warnings of all folds, those that differ in their numbers only told once."""
    kinds: dict[str, list[tuple[int, str]]] = {}
    for fold, texts in enumerate(warnings):
        for text in texts:
            kinds.setdefault(re.sub(r"[\d.]+", "#", text), []).append((fold, text))
    return [f"{found[0][1]} ({_told_by(found, len(warnings))}.)" for found in kinds.values()]


def _told_by(found: list[tuple[int, str]], folds: int) -> str:
    """``In 6 of 10 folds``, and that the numbers are those of the first where they differ."""
    telling = len({fold for fold, _ in found})
    count = f"In all {folds} folds" if telling == folds else f"In {telling} of {folds} folds"
    alike = len({text for _, text in found}) == 1
    return count if alike else f"{count}; the numbers are of the first"
