"""How much better one decoder is than the others, image by image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twophoton_decode.statistics.bootstrap import bootstrap_interval
from twophoton_decode.statistics.paired import holm, paired_p


@dataclass(frozen=True)
class DecoderDifference:
    """Mean over images of a decoder's score minus the reference's, with interval and p."""

    reference: str
    mean: float
    interval: tuple[float, float]
    p_holm: float


def decoder_differences(
    scores: Mapping[str, np.ndarray], reference: str, resamplings: int, seed: int
) -> dict[str, DecoderDifference]:
    """Every other decoder against `reference`, paired over images [ours].

    Bootstrap interval of the mean difference, images resampled; two-sided signed-rank test,
    corrected after Holm for the number of decoders. Where the reference is the best on these
    images, differences are biased against the others: choose it on other data to test it.

    Parameters
    ----------
    scores : mapping of decoder to ndarray, shape (images,)
        The same images in the same order.
    """
    others = [name for name in scores if name != reference]
    gaps = [scores[name] - scores[reference] for name in others]
    corrected = holm(np.array([paired_p(gap) for gap in gaps]))
    return {
        name: DecoderDifference(
            reference, float(gap.mean()), bootstrap_interval(gap, resamplings, seed), float(p)
        )
        for name, gap, p in zip(others, gaps, corrected, strict=True)
    }
