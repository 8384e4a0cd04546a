"""Do reconstructions of one image stay alike although the responding cells change?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from scipy import stats

from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.analyses.stability.gain import (
    gain_of_trials,
    noise_autocorrelation,
    similarity_and_gain,
)
from twophoton_decode.analyses.stability.perturb import perturbation_notes, perturbations
from twophoton_decode.analyses.stability.shown import with_shown
from twophoton_decode.analyses.stability.similarity import (
    SIMILARITY_WIDENING,
    RepeatSimilarity,
    mean_direction,
    repeat_similarity,
    standardised,
)
from twophoton_decode.decoding.folds.again import models_of
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.decoding.plug_in_errors import running
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses, Stability
from twophoton_decode.statistics.by_image import content_groups, mean_by_image
from twophoton_decode.statistics.image_mean import image_mean
from twophoton_decode.words import counted

FEWEST_CELLS = 3
OTHER_IMAGES = 200
"""Of more images, so many drawn at random stand for the other ones."""
Kept = slice | np.ndarray
OtherImages = Callable[[int, Kept], np.ndarray | None]
"""Mean direction of an image's rivals over the dimensions that are compared."""
MEASURES = tuple(field.name for field in fields(RepeatSimilarity) if field.name != "of_trial")


def stability(
    reconstruction: Reconstruction,
    responses: Responses,
    *,
    seed: int,
    progress: Progress = silent,
    session: SessionContext = NO_SESSION,
) -> Stability:
    """Similarity and variability of reconstructions and of responses, over repeats.

    A trial is compared with the average of the image's other trials [ours], with the
    average that includes it [paper], and with the averages of images of other content [ours]; the
    mean training image is always subtracted [ours]. The average is that of reconstructions;
    of affine decoders it is the reconstruction from the average. The response pattern is taken
    over the cells that respond to the image, judged by all its repeats [paper]. Drop-out,
    permuted weights and shuffled trials: `perturbations`.

    Parameters
    ----------
    seed : int
        Seed of everything drawn at random.
    session : SessionContext, optional
        As for `reconstruct`.

    Raises
    ------
    AnalysisError
        No image was presented twice.
    RecordError
        The two records do not hold the same presentations, cells and images.
    """
    responses = paired_responses(reconstruction, responses)
    repeats = responses.repeats_per_image
    if repeats.max() < 2:
        raise AnalysisError(
            "stability needs at least two presentations of an image; this session has one "
            "each. Scores and cell counts do not need repeats."
        )
    content = content_groups(reconstruction)
    pictures = _deviations(reconstruction)
    of_pictures, of_trial = _compare(pictures, None, responses, content, seed, progress)
    compared = responses.responsive & _complete(responses)
    of_responses, _ = _compare(responses.response, compared, responses, content, seed, progress)
    with running(reconstruction.decoder, reconstruction.features):
        models = models_of(reconstruction, responses, seed, session, progress)
        perturbed = perturbations(reconstruction, responses, content, models, seed, progress)
    gain = gain_of_trials(responses)
    found = Stability(
        **vars(perturbed),
        **_named("reconstruction", of_pictures),
        **_named("response", of_responses),
        **_over_images(of_pictures, of_responses, content),
        **similarity_and_gain(of_trial, gain, responses.image, responses.onset_s),
        noise_autocorrelation=noise_autocorrelation(responses),
        similarity_of_trial=of_trial,
        gain_of_trial=gain,
        responsive_cells=responses.responsive.sum(axis=0),
        repeats=repeats,
        r_single=float(reconstruction.r_single.mean()),
        r_single_ci95=reconstruction.r_single_ci95,
        decoder=reconstruction.decoder,
        notes=[
            *_notes(responses, compared, pictures),
            *perturbation_notes(perturbed, int((repeats > 1).sum())),
        ],
    )
    return with_shown(found, reconstruction, responses)


def _deviations(reconstruction: Reconstruction) -> np.ndarray:
    """Reconstruction of each presentation less its fold's mean image, (presentations, pixels)."""
    fold = reconstruction.fold[reconstruction.image]
    single = np.asarray(reconstruction.single, np.float64)
    return (single - reconstruction.mean_picture[fold]).reshape(len(single), -1)


def _complete(responses: Responses) -> np.ndarray:
    """Which cells miss no presentation of which image, (cells, images)."""
    complete = np.ones((responses.images, responses.cells), bool)
    np.logical_and.at(complete, responses.image, responses.known)
    return complete.T


def _compare(
    patterns: np.ndarray,
    included: np.ndarray | None,
    responses: Responses,
    content: np.ndarray,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Each measure of `RepeatSimilarity` for every image, and similarity of every trial.

    `patterns` has shape (presentations, dimensions), `included` (dimensions, images), None
    for all. NaN where a measure is undefined.
    """
    rng = np.random.default_rng(seed)
    what = f"images whose {'reconstructions' if included is None else 'responses'} were compared"
    average = mean_by_image(patterns, responses.image, responses.images)
    if included is not None and responses.filled is not None:
        average = responses.averages()
    other = _every_pixel(average, content) if included is None else _some(average, content, rng)
    values = {name: np.full(responses.images, np.nan) for name in MEASURES}
    of_trial = np.full(len(patterns), np.nan)
    for image in range(responses.images):
        progress(image, responses.images, what)
        shown = np.flatnonzero(responses.image == image)
        kept = slice(None) if included is None else np.flatnonzero(included[:, image])
        trials = patterns[shown][:, kept]
        if len(trials) < 2 or trials.shape[1] < FEWEST_CELLS:
            continue
        compared = repeat_similarity(trials, other(image, kept), rng)
        of_trial[shown] = compared.of_trial
        for name in values:
            values[name][image] = getattr(compared, name)
    progress(responses.images, responses.images, what)
    return values, of_trial


def _every_pixel(average: np.ndarray, content: np.ndarray) -> OtherImages:
    """Mean direction of all images that show something else, over all dimensions."""
    directions = standardised(average)
    total = directions.sum(axis=0)

    def mean(image: int, _: Kept) -> np.ndarray | None:
        same = content == content[image]
        rest = total - directions[same].sum(axis=0)
        return None if same.all() else np.asarray(rest / np.count_nonzero(~same))

    return mean


def _some(average: np.ndarray, content: np.ndarray, rng: np.random.Generator) -> OtherImages:
    """Mean direction of images that show something else, 200 at most, over some dimensions."""

    def mean(image: int, kept: Kept) -> np.ndarray | None:
        rivals = np.flatnonzero(content != content[image])
        if rivals.size > OTHER_IMAGES:
            rivals = rng.choice(rivals, OTHER_IMAGES, replace=False)
        return (
            mean_direction(average[np.ix_(rivals, np.arange(average.shape[1])[kept])])
            if rivals.size
            else None
        )

    return mean


def _over_images(
    pictures: dict[str, np.ndarray], responses: dict[str, np.ndarray], content: np.ndarray
) -> dict[str, Any]:
    """What the similarities of all images say together."""
    own, other, of_cells = pictures["leave_one_out"], pictures["other"], responses["leave_one_out"]
    of_pictures, than_other, than_cells = (
        image_mean(each, content, widening=SIMILARITY_WIDENING)
        for each in (own, own - other, own - of_cells)
    )
    return {
        "similarity_correlation": _rank_correlation(own, of_cells),
        "p_reconstruction_over_other": than_other.p,
        "p_reconstruction_over_response": than_cells.p,
        "reconstruction_similarity_ci95": of_pictures.interval,
        "response_similarity_ci95": image_mean(of_cells, content).interval,
        "similarity_difference_ci95": than_other.interval,
    }


def _named(what: str, values: dict[str, np.ndarray]) -> dict[str, Any]:
    """The measures under the names of the record's fields."""
    return {
        f"{what}_similarity": values["leave_one_out"],
        f"{what}_similarity_including": values["including"],
        f"{what}_similarity_other": values["other"],
        f"{what}_split_half": values["split_half"],
        f"{what}_variability": values["variability"],
        f"{what}_variability_including": values["variability_including"],
    }


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman correlation over images that have both; NaN where it is undefined."""
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 3 or np.ptp(first[both]) == 0 or np.ptp(second[both]) == 0:
        return float("nan")
    return float(stats.spearmanr(first[both], second[both]).statistic)


def _notes(responses: Responses, compared: np.ndarray, pictures: np.ndarray) -> list[str]:
    """What was left out or counted as zero; `compared` (cells, images) enter the similarity."""
    once = int((responses.repeats_per_image == 1).sum())
    left_out = int((responses.responsive & ~compared).sum())
    few = int((compared.sum(axis=0) < FEWEST_CELLS).sum())
    constant = int((np.ptp(pictures, axis=1) == 0).sum())
    notes = []
    if once:
        notes.append(
            f"{once} of {counted(responses.images, 'image')} "
            f"{'was' if once == 1 else 'were'} presented once only and left out."
        )
    if few:
        notes.append(
            f"{few} of {counted(responses.images, 'image')} {'has' if few == 1 else 'have'} fewer "
            f"than {FEWEST_CELLS} responsive cells, and so no response similarity."
        )
    if left_out:
        notes.append(
            f"{left_out} of {counted(int(responses.responsive.sum()), 'responsive pair')} of cell "
            "and image miss presentations and are left out of response similarity."
        )
    if constant:
        notes.append(
            f"{constant} of {counted(len(pictures), 'reconstruction')} "
            f"{'is' if constant == 1 else 'are'} constant; such similarity counts as 0."
        )
    return notes
