"""All perturbations of a recording's reconstructions, fold by fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.stability.drop_out import (
    MEASURES,
    compared,
    drop_out,
    removal_counts,
)
from twophoton_decode.analyses.stability.presentations import images_to_perturb, readouts
from twophoton_decode.analyses.stability.similarity import SIMILARITY_WIDENING
from twophoton_decode.analyses.stability.surrogates import (
    DRAWS,
    SurrogateSimilarity,
    surrogate_similarity,
)
from twophoton_decode.decoding.folds.again import Models
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.records.fields.perturbation import Perturbations
from twophoton_decode.statistics.image_mean import image_mean
from twophoton_decode.statistics.permutation import effect_size, p_above, two_sided_p


def perturbations(
    reconstruction: Reconstruction,
    responses: Responses,
    content: np.ndarray,
    models: Models | None,
    seed: int,
    progress: Progress,
) -> Perturbations:
    """Decode perturbed responses with the decoder as it was fitted.

    Parameters
    ----------
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    models : callable or None
        Decoders of the folds, where they are not affine.
    seed : int
        Of everything drawn.
    """
    rng = np.random.default_rng([seed, 4])
    chosen = images_to_perturb(responses, reconstruction.picture[0].size, rng)
    removed = removal_counts(responses.cells)
    found = {name: np.full((responses.images, len(removed)), np.nan) for name in MEASURES}
    parts = []
    what = "folds decoded with perturbations"
    for readout in readouts(reconstruction, responses, chosen, models, progress, what):
        for name, values in drop_out(readout, removed, rng).items():
            found[name][readout.trials.shown] = values
        parts.append(surrogate_similarity(readout, rng))
    dropped: dict[str, Any] = {f"dropout_{name}": values for name, values in found.items()}
    return Perturbations(
        perturbed=chosen,
        removed=removed,
        **dropped,
        **compared(found, content),
        **_against_surrogates(parts, content),
    )


def _against_surrogates(parts: list[SurrogateSimilarity], content: np.ndarray) -> dict[str, Any]:
    """What the surrogates of all folds say together, by field of the record."""
    own = np.concatenate([part.similarity for part in parts])
    permuted = np.concatenate([part.permuted_weights for part in parts], axis=1).mean(axis=1)
    by_image = np.concatenate([part.shuffled_trials for part in parts], axis=1)
    shuffled, similarity = by_image.mean(axis=1), float(own.mean())
    shown = np.concatenate([part.shown for part in parts])
    beyond = image_mean(own - by_image.mean(axis=0), content[shown], widening=SIMILARITY_WIDENING)
    return {
        "permuted_weights": permuted,
        "shuffled_trials": shuffled,
        "similarity_perturbed": similarity,
        "permuted_weights_p": p_above(similarity, permuted),
        "permuted_weights_effect": effect_size(similarity, permuted),
        "shuffled_trials_p": two_sided_p(similarity, shuffled),
        "shuffled_trials_effect": effect_size(similarity, shuffled),
        "similarity_allowed": float(shuffled.mean()),
        "similarity_beyond_allowed": beyond.mean,
        "similarity_beyond_allowed_ci95": beyond.interval,
    }


def perturbation_notes(found: Perturbations, repeated: int) -> list[str]:
    """Which images were left out of the perturbations."""
    if found.perturbed.sum() == repeated:
        return []
    return [
        f"Drop-out and the {DRAWS} surrogates were computed for {found.perturbed.sum()} of the "
        f"{repeated} images with repeats, drawn at random."
    ]
