"""Does the similarity of a trial go with how strongly the whole population responded?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.records import Responses
from twophoton_decode.responses.session_effects import mean_residual
from twophoton_decode.statistics.image_groups import ImageGroups

PERMUTATIONS = 999


def gain_of_trials(responses: Responses) -> np.ndarray:
    """Mean response of all cells less its mean over the image's trials, (presentations,)."""
    return mean_residual(responses.response, responses.image)


def similarity_and_gain(
    similarity: np.ndarray, gain: np.ndarray, image: np.ndarray, rng: np.random.Generator
) -> dict[str, Any]:
    """Correlation over trials of similarity and gain, both less their image's mean [ours].

    p is two-sided, with gains exchanged within images.

    Parameters
    ----------
    similarity, gain : ndarray, shape (presentations,)
        Presentations without a similarity are left out.
    """
    known = np.isfinite(similarity)
    groups = ImageGroups.of(image[known])
    if not known.any():
        return {"gain_correlation": np.nan, "gain_p": np.nan}
    columns = np.stack([similarity[known], gain[known]], axis=1)[groups.order]
    of_similarity, of_gain = groups.deviations(columns).T
    norm = np.linalg.norm(of_similarity) * np.linalg.norm(of_gain)
    if not norm > 0:
        return {"gain_correlation": np.nan, "gain_p": np.nan}
    draws = groups.rotated(np.tile(of_gain[:, None], PERMUTATIONS), rng)
    r, chance = of_similarity @ of_gain / norm, of_similarity @ draws / norm
    # Rounding must not make an equal value smaller.
    reached = np.abs(chance) >= abs(r) * (1 - 1e-12)
    return {"gain_correlation": float(r), "gain_p": float((1 + reached.sum()) / (1 + len(chance)))}
