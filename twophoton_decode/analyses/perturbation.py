"""All perturbations of a recording's reconstructions, fold by fold."""

from __future__ import annotations

import numpy as np

from twophoton_decode.analyses.drop_out import MEASURES, compared, drop_out, removal_counts
from twophoton_decode.analyses.perturbed_presentations import images_to_perturb, readouts
from twophoton_decode.analyses.surrogates import DRAWS, surrogate_similarity
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.records.perturbation import Perturbations
from twophoton_decode.statistics.permutation import effect_size, p_above, two_sided_p


def perturbations(
    reconstruction: Reconstruction,
    responses: Responses,
    content: np.ndarray,
    *,
    bootstraps: int,
    seed: int,
    progress: Progress,
) -> Perturbations:
    """Decode perturbed responses with the weights as they were fitted.

    Parameters
    ----------
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    bootstraps : int
        Resamplings of images, for intervals.
    seed : int
        Of everything drawn.
    """
    rng = np.random.default_rng([seed, 4])
    chosen = images_to_perturb(responses, reconstruction.reverse_filter.shape[2], rng)
    removed = removal_counts(responses.cells)
    found = {name: np.full((responses.images, len(removed)), np.nan) for name in MEASURES}
    parts = []
    what = "folds decoded with perturbations"
    for readout in readouts(reconstruction, responses, chosen, progress, what):
        for name, values in drop_out(readout, removed, rng).items():
            found[name][readout.trials.shown] = values
        parts.append(surrogate_similarity(readout, rng))
    images = sum(part.images for part in parts)
    similarity = sum(part.similarity for part in parts) / images
    permuted = np.sum([part.permuted_weights for part in parts], axis=0) / images
    shuffled = np.sum([part.shuffled_trials for part in parts], axis=0) / images
    return Perturbations(
        perturbed=chosen,
        removed=removed,
        **{f"dropout_{name}": values for name, values in found.items()},
        **compared(found, content, bootstraps=bootstraps, rng=rng),
        permuted_weights=permuted,
        shuffled_trials=shuffled,
        similarity_perturbed=similarity,
        permuted_weights_p=p_above(similarity, permuted),
        permuted_weights_effect=effect_size(similarity, permuted),
        shuffled_trials_p=two_sided_p(similarity, shuffled),
        shuffled_trials_effect=effect_size(similarity, shuffled),
    )


def perturbation_notes(found: Perturbations, repeated: int) -> list[str]:
    """Which images were left out of the perturbations."""
    if found.perturbed.sum() == repeated:
        return []
    return [
        f"Drop-out and the {DRAWS} surrogates were computed for {found.perturbed.sum()} of the "
        f"{repeated} images with repeats, drawn at random."
    ]
