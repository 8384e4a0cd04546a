"""Responses to pictures: every image reconstructed by a fit that never saw it."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.decoding.fitting.transform import candidates
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.decoding.folds.crossvalidation import ImageFolds
from twophoton_decode.decoding.folds.fold import FoldFit
from twophoton_decode.decoding.folds.splits import FoldsOfTrials, decoder_for
from twophoton_decode.decoding.folds.warnings import gathered
from twophoton_decode.decoding.plug_in_errors import running
from twophoton_decode.decoding.prepared import Prepared
from twophoton_decode.decoding.scoring.finer import finer_pictures
from twophoton_decode.decoding.scoring.identification import identification
from twophoton_decode.decoding.scoring.reconstructed import Reconstructed, put_together
from twophoton_decode.decoding.scoring.score_table import (
    all_scores,
    coverage,
    feature_ceiling,
    wrong_image_r,
)
from twophoton_decode.decoding.scoring.shown import with_shown
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.statistics.image_mean import SHARED_TRAINING
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.permutation import p_above


def reconstruct(
    responses: Responses,
    decoder: str,
    settings: DecodingSettings,
    progress: Progress = silent,
    distractors: np.ndarray | None = None,
    session: SessionContext = NO_SESSION,
) -> Reconstruction:
    """Reconstruct every image from single trials and from trial averages, and score it.

    Folds are over images, drawn or as a column gives them (`folds.given`); means, strengths and
    selections are learned inside the training part. The mean training image m is the mean over
    training *presentations*, which equals the mean over training images when all were shown
    equally often. Chance refits everything with images permuted over the responses; decoders
    that are not affine are trained anew for it only as often as
    `settings.non_affine_permutations` says.

    Parameters
    ----------
    responses : Responses
        Images that were never shown, or that only train, are left out of the result, with a
        warning; `image` of the result indexes its own, shorter list.
    decoder : str
        A name known to the registry of decoders.
    settings : DecodingSettings
    progress : callable
        Told after each fold.
    distractors : ndarray, shape (distractors, y, x), optional
        Pictures of the size of the session's, which were not shown: further candidates for
        identification. No fit sees them.
    session : SessionContext, optional
        What decoders may know of the session, and where they keep what they learned.

    Raises
    ------
    ResponseError
        For NaN or infinite responses, or fewer than three different images.
    StimulusImageError
        For images with NaN or infinite pixels.
    """
    with running(decoder, settings.features):
        return _reconstruct(responses, decoder, settings, progress, distractors, session)


def _reconstruct(
    responses: Responses,
    decoder: str,
    settings: DecodingSettings,
    progress: Progress,
    distractors: np.ndarray | None,
    session: SessionContext,
) -> Reconstruction:
    given = Prepared.of(responses, decoder, settings, distractors)
    trials = given.trials()
    orders, about_blocks = given.orders(trials, settings)
    session = given.context(session, trials)
    parts = FoldsOfTrials(
        trials, given.folds.fold[given.folds.first], decoder_for(decoder, given.space, session),
        candidates(settings.transform), session, settings.seed, progress,
    )  # fmt: skip
    fits, chance = _run_folds(parts, orders, settings, progress, decoder)
    made = put_together(given.pictures, given.folds, given.shown.image, fits)
    return with_shown(
        Reconstruction(
            **_made(given, made, fits, session),
            **_scored(
                made,
                chance,
                _deletion(fits, parts.fold, given.folds.identity),
                settings,
                apart=not given.every.all_tested,
            ),
            no_chance=None if chance.size else _why_no_chance(decoder, fits, settings),
            decoder=decoder,
            features=settings.features,
            warnings=[*given.said, *about_blocks, *gathered([fit.warnings for fit in fits])],
        )
    )


def _made(
    given: Prepared, made: Reconstructed, fits: list[FoldFit], session: SessionContext
) -> dict[str, Any]:
    """Pictures, filters and all that follows from them without chance."""
    tested = given.folds.fold >= 0
    posterior_sd = _posterior_sd(made, np.bincount(made.image), fits)
    return {
        **_pictures_and_filters(made, given.shown.image_name[tested], fits),
        **finer_pictures(made, fits, session, given.folds.identity[tested]),
        **_only_trained(given.every),
        **identification(made, given.external),
        "feature_ceiling_r": feature_ceiling(made, given.space),
        "posterior_sd": posterior_sd,
        "coverage_90": coverage(made, posterior_sd),
        "seconds_per_picture": fits[0].seconds_per_picture,
    }


def _scored(
    made: Reconstructed,
    chance: np.ndarray,
    deletion: dict[str, np.ndarray | None],
    settings: DecodingSettings,
    *,
    apart: bool,
) -> dict[str, Any]:
    """All scores, each with its interval, and with chance or what stands in for it.

    `apart`: no tested image trains the decoder of another one.
    """
    scores = all_scores(made, 1.0 if apart else SHARED_TRAINING)
    return {
        **scores,
        **_wrong_images(made, chance),
        **_certainty(scores, chance, settings.primary_score),
        **_intervals(scores, deletion, made.content, apart=apart),
    }


def _only_trained(every: ImageFolds) -> dict[str, Any]:
    """The folds of all images that were shown, where some of them are not tested."""
    if every.all_tested:
        return {}
    return {"session_fold": every.fold, "session_content": every.content}


def _run_folds(
    parts: FoldsOfTrials,
    orders: np.ndarray,
    settings: DecodingSettings,
    progress: Progress,
    name: str,
) -> tuple[list[FoldFit], np.ndarray]:
    """Fits of all folds, and mean R under each permutation, (single/average, permutation)."""
    fits, total = [], []
    for part in parts:
        fits.append(part.fit())
        permutations, refits = _permutations(fits[0], settings)
        total.append(part.chance(orders[:permutations], refits).sum(axis=2))
        progress(len(fits), len(parts), f"folds of {name}")
    # Whether a decoder's permutations must be refitted is the same in all folds.
    return fits, np.sum(total, axis=0) / np.count_nonzero(parts.fold >= 0)


def _permutations(fit: FoldFit, settings: DecodingSettings) -> tuple[int, int]:
    """How many permutations, and at most how many that are refits of their own."""
    if fit.reverse_filter is None:
        return settings.non_affine_permutations, settings.non_affine_permutations
    return settings.permutations, min(settings.permutations, settings.refits)


def _why_no_chance(decoder: str, fits: list[FoldFit], settings: DecodingSettings) -> str:
    if fits[0].reverse_filter is None and not settings.non_affine_permutations:
        return (
            f"{decoder} is not affine, so that every permutation of the images would train it anew"
        )
    return "no permutations were asked for"


def _wrong_images(made: Reconstructed, chance: np.ndarray) -> dict[str, Any]:
    """What stands in for chance where nothing was permuted."""
    return {} if chance.size else wrong_image_r(made)


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

    From merged images, whose folds are `fold`, to all images; None if it is not known, or if
    some only train: then no scored image trains for another one.
    """
    if any(fit.deletion is None for fit in fits) or (fold < 0).any():
        return {"average": None, "single": None}
    effect = np.empty((2, len(fold), len(fold)))
    for number, fit in enumerate(fits):
        effect[:, fold == number] = fit.deletion
    average, single = effect[:, identity][:, :, identity]
    return {"average": average, "single": single}


def _intervals(
    scores: dict[str, Any],
    deletion: dict[str, np.ndarray | None],
    content: np.ndarray,
    *,
    apart: bool,
) -> dict[str, Any]:
    """Intervals of the two main scores, and what they follow from."""
    fields: dict[str, Any] = {}
    for name, effect in deletion.items():
        found = mean_score(scores[f"r_{name}"], effect, content, apart=apart)
        fields |= {
            f"r_{name}_ci95": found.interval,
            f"r_{name}_widening": found.widening,
            f"deletion_{name}": effect,
        }
    return fields


def _posterior_sd(
    made: Reconstructed, trials: np.ndarray, fits: list[FoldFit]
) -> np.ndarray | None:
    """How unsure each pixel of each trial average is, (images, y, x); None without a posterior.

    `trials` (images,) is how often each image was shown under its name: averages are over
    these, also where identical pixels have another name too.
    """
    if not all(fit.posterior_sd for fit in fits):
        return None
    pairs = zip(made.fold, trials.tolist(), strict=True)
    return np.stack([fits[fold].posterior_sd[n] for fold, n in pairs]).reshape(made.pictures.shape)


def _pictures_and_filters(
    made: Reconstructed, names: np.ndarray, fits: list[FoldFit]
) -> dict[str, Any]:
    """The fields of the record that hold pictures, filters and folds; `names` of the pictures."""
    shape, image, means = made.pictures.shape[1:], made.image, made.mean_of_image
    filters = [np.float32(f) for f in (fit.reverse_filter for fit in fits) if f is not None]
    affine = len(filters) == len(fits)
    singles = mean_by_image(made.single, image, len(means))
    return {
        "picture": made.pictures,
        "image_name": names,
        "fold": made.fold,
        "content": made.content,
        "image": image,
        "single": (means[image] + made.single).reshape(-1, *shape),
        "average": (means + made.average).reshape(-1, *shape),
        "average_of_singles": None if affine else (means + singles).reshape(-1, *shape),
        "mean_picture": made.mean.reshape(-1, *shape),
        "mean_response": np.stack([fit.mean_response for fit in fits]),
        "reverse_filter": np.stack(filters) if affine else None,
        "strength": np.array([fit.strength for fit in fits]),
        "transform": np.array([fit.transform for fit in fits]),
    }
