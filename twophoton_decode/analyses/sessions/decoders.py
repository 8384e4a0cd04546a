"""Decoders side by side: the best one, and how much better it is, image by image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from twophoton_decode.records import Reconstruction
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.defined import mean
from twophoton_decode.statistics.image_mean import ImageMean
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.paired import holm
from twophoton_decode.statistics.ranks import spread_over_scores

DELETION = {"r_average": "deletion_average", "r_single": "deletion_single"}
"""Where a record keeps what images do to a score by being trained on."""


@dataclass(frozen=True)
class DecoderDifference:
    """Mean over images of a decoder's score minus the reference's, with interval and p."""

    reference: str
    mean: float
    interval: tuple[float, float]
    p_holm: float


def best_decoder(made: Mapping[str, Reconstruction], score: str = "r_average") -> str:
    """The decoder with the highest mean of `score`, r_average or r_single."""
    means = {name: mean(getattr(each, score)) for name, each in made.items()}
    return max(means, key=lambda name: np.nan_to_num(means[name], nan=-np.inf))


def images_by_score(made: Mapping[str, Reconstruction]) -> tuple[np.ndarray, np.ndarray]:
    """Example images from best to worst by R averaged over decoders, and their ranks from 0."""
    return spread_over_scores(np.mean([each.r_average for each in made.values()], axis=0))


def score_difference(first: Reconstruction, second: Reconstruction, score: str) -> ImageMean:
    """First minus second in `score`, over the same images in the same folds.

    As `statistics.mean_score` says: of decoders whose refits both have a closed form, by the
    difference of their deletion effects.
    """
    gap = getattr(first, score) - getattr(second, score)
    own, other = (getattr(made, DELETION.get(score, ""), None) for made in (first, second))
    deletion = None if own is None or other is None else own - other
    return mean_score(gap, deletion, content_groups(first), apart=first.tested_apart)


def decoder_differences(
    made: Mapping[str, Reconstruction], reference: str, score: str
) -> dict[str, DecoderDifference]:
    """Every other decoder against `reference`, paired over images [ours].

    p is two-sided and corrected after Holm over all pairs of decoders, not only those with the
    reference: that it was chosen as the best on these images then matters little. A decoder
    must not be compared with the same one tuned in another way: all folds tune alike, and no
    interval here knows of it.

    Parameters
    ----------
    made : mapping of decoder to Reconstruction
        Of the same images.
    score : str
        ``r_average``, ``r_single`` or another score per image.
    """
    pairs = list(combinations(made, 2))
    found = [score_difference(made[a], made[b], score) for a, b in pairs]
    corrected = holm(np.array([each.p for each in found]))
    differences = {}
    for (a, b), each, p in zip(pairs, found, corrected, strict=True):
        if reference in (a, b):
            sign = -1 if a == reference else 1
            low, high = sorted(sign * end for end in each.interval)
            differences[b if a == reference else a] = DecoderDifference(
                reference, sign * each.mean, (low, high), float(p)
            )
    return differences
