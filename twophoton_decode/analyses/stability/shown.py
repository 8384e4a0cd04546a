"""What figures show of stability: means over images, and the repeats of a typical image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.records import Reconstruction, Responses, Stability
from twophoton_decode.statistics.defined import column_errors, column_means, means_of

REPEATS_SHOWN: Final = 9
CELLS_SHOWN: Final = 60
MEASURES: Final = (
    "similarity", "similarity_including", "split_half", "similarity_other", "variability",
)  # fmt: skip
DROPOUTS: Final = ("r", "r_random", "similarity", "similarity_random")


def with_shown(found: Stability, reconstruction: Reconstruction, responses: Responses) -> Stability:
    """The record with everything that figures show of it; the responses belong to it."""
    names = [f"{what}_{name}" for name in MEASURES for what in ("response", "reconstruction")]
    pictures, cells = found.reconstruction_similarity, found.response_similarity
    compared = np.isfinite(pictures + cells)
    curves = [getattr(found, f"dropout_{name}") for name in DROPOUTS]
    image = typical_image(found)
    return replace(
        found,
        means=means_of(found, (*names, "permuted_weights")),
        counts={
            "compared": int(compared.sum()),
            "reconstruction_more_similar": int((pictures > cells)[compared].sum()),
        },
        dropout_name=np.array(DROPOUTS),
        dropout_mean=np.array([column_means(each) for each in curves]),
        dropout_error=np.array([column_errors(each) for each in curves]),
        typical_image=image,
        response_unit=responses.response_unit,
        **({} if image < 0 else _repeats(reconstruction, responses, image)),
    )


def typical_image(stability: Stability) -> int:
    """The image of median response similarity among those with many responsive cells.

    Many: at least the median over images. So the image is neither the best nor the worst, and
    the same for every decoder, unless responses of no image are compared: then it is that of
    median reconstruction similarity. -1 where no image has repeats to compare.
    """
    similarity = stability.reconstruction_similarity
    if not np.isfinite(similarity).any():
        return -1
    if np.isfinite(stability.response_similarity).any():
        similarity = stability.response_similarity
    defined = np.isfinite(similarity)
    many = stability.responsive_cells >= np.median(stability.responsive_cells[defined])
    candidates = np.flatnonzero(defined & many)
    ranked = candidates[np.argsort(similarity[candidates], kind="stable")]
    return int(ranked[len(ranked) // 2])


def _repeats(made: Reconstruction, responses: Responses, image: int) -> dict[str, Any]:
    """The first repeats of an image: what is reconstructed, and which cells respond."""
    trials = np.flatnonzero(responses.image == image)
    trials = trials[np.argsort(responses.repeat[trials], kind="stable")]
    cell = _cells_to_show(responses, image)
    m = np.asarray(made.mean_picture[made.fold[image]])
    first = trials[:REPEATS_SHOWN]
    deviations = (np.asarray(made.single)[first] - m).reshape(len(first), -1)
    return {
        "typical_presentation": first,
        "typical_repeat": responses.repeat[first],
        "typical_r": correlation(deviations, (made.picture[image] - m).reshape(1, -1)),
        "typical_cell": cell,
        "typical_responsive": bool(responses.responsive[:, image].any()),
        # What was filled in is no response to show.
        "typical_response": np.where(
            responses.known[np.ix_(first, cell)], responses.response[np.ix_(first, cell)], np.nan
        ),
        "typical_mean_response": responses.averages()[image, cell],
    }


def _cells_to_show(responses: Responses, image: int) -> np.ndarray:
    """The image's responsive cells, or every cell if there are none; at most 60."""
    strength = responses.averages()[image]
    responsive = np.flatnonzero(responses.responsive[:, image])
    cells = responsive if responsive.size else np.arange(responses.cells)
    return np.asarray(cells[np.argsort(-strength[cells], kind="stable")][:CELLS_SHOWN])
