"""Do reconstructions of one image stay alike although the responding cells change?"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from scipy import stats

from twophoton_decode.analyses.cell_count_statistics import signed_rank_p
from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.analyses.repeat_similarity import RepeatSimilarity, repeat_similarity
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses, Stability

FEWEST_CELLS = 3
MEASURES = tuple(field.name for field in fields(RepeatSimilarity))


def stability(
    reconstruction: Reconstruction,
    responses: Responses,
    *,
    seed: int,
    progress: Progress = silent,
) -> Stability:
    """Similarity and variability of reconstructions and of responses, over repeats.

    A trial is compared with the average of the image's other trials [ours], with the
    average that includes it [paper], and with the averages of other images [ours]; the
    mean training image is always subtracted [ours]. Decoders are affine, so the average of
    reconstructions is the reconstruction from the average. The response pattern is taken
    over the cells that respond to the image, judged by all its repeats [paper].

    Parameters
    ----------
    seed : int
        Seed of the random halves.

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
            "each. Cell counts and scores do not need repeats: run sparsity-report instead."
        )
    pictures = _deviations(reconstruction)
    every_pixel = np.ones((pictures.shape[1], responses.images), bool)
    of_pictures = _compare(pictures, every_pixel, responses, seed, progress, "reconstructions")
    of_responses = _compare(
        responses.response, responses.responsive, responses, seed, progress, "responses"
    )
    return Stability(
        **_named("reconstruction", of_pictures),
        **_named("response", of_responses),
        responsive_cells=responses.responsive.sum(axis=0),
        repeats=repeats,
        similarity_correlation=_rank_correlation(
            of_pictures["leave_one_out"], of_responses["leave_one_out"]
        ),
        p_reconstruction_over_other=_paired_p(of_pictures["leave_one_out"], of_pictures["other"]),
        decoder=reconstruction.decoder,
        notes=_notes(responses, pictures),
    )


def _deviations(reconstruction: Reconstruction) -> np.ndarray:
    """Reconstruction of each presentation less its fold's mean image, (presentations, pixels)."""
    fold = reconstruction.fold[reconstruction.image]
    single = np.asarray(reconstruction.single, np.float64)
    return (single - reconstruction.mean_picture[fold]).reshape(len(single), -1)


def _compare(
    patterns: np.ndarray,
    included: np.ndarray,
    responses: Responses,
    seed: int,
    progress: Progress,
    what: str,
) -> dict[str, np.ndarray]:
    """Each measure of `RepeatSimilarity` for every image, NaN where it is undefined.

    `patterns` has shape (presentations, dimensions), `included` (dimensions, images).
    """
    rng = np.random.default_rng(seed)
    images = np.arange(responses.images)
    average = np.stack([patterns[responses.image == image].mean(axis=0) for image in images])
    values = {name: np.full(responses.images, np.nan) for name in MEASURES}
    for image in images:
        progress(int(image), len(images), f"images whose {what} were compared")
        trials = patterns[responses.image == image][:, included[:, image]]
        if len(trials) < 2 or trials.shape[1] < FEWEST_CELLS:
            continue
        others = average[images != image][:, included[:, image]]
        compared = repeat_similarity(trials, others, rng)
        for name in values:
            values[name][image] = getattr(compared, name)
    progress(len(images), len(images), f"images whose {what} were compared")
    return values


def _named(what: str, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
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


def _paired_p(first: np.ndarray, second: np.ndarray) -> float:
    """Signed-rank test over images that have both; NaN if there are none."""
    both = np.isfinite(first) & np.isfinite(second)
    return signed_rank_p(first[both], second[both]) if both.any() else float("nan")


def _notes(responses: Responses, pictures: np.ndarray) -> list[str]:
    """What was left out or counted as zero, and how the responsive cells were judged."""
    once = int((responses.repeats_per_image == 1).sum())
    few = int((responses.responsive.sum(axis=0) < FEWEST_CELLS).sum())
    constant = int((np.ptp(pictures, axis=1) == 0).sum())
    notes = []
    if once:
        notes.append(
            f"{once} of {responses.images} images were presented once only and are left out."
        )
    if few:
        notes.append(
            f"{few} of {responses.images} images have fewer than {FEWEST_CELLS} responsive "
            "cells; their response similarity is undefined."
        )
    if constant:
        notes.append(
            f"{constant} of {len(pictures)} reconstructions are constant; their similarity "
            "counts as 0."
        )
    return notes
