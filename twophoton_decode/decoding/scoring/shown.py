"""What figures show of reconstructions: scores over images, and whether a posterior is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy import stats

from twophoton_decode.decoding.scoring.posterior import (
    density,
    deviations,
    root_mean_square,
    share_held,
)
from twophoton_decode.records import Reconstruction
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.defined import column_means, mean
from twophoton_decode.statistics.image_mean import ImageMean
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.ranks import spread_over_scores

VARIANTS: Final = (
    "r_average", "r_single", "r_raw", "cd_average", "cd_single", "cd_paper", "ssim", "r_low",
)  # fmt: skip
LEVELS: Final = np.arange(0.05, 1.0, 0.05)
"""Nominal contents of the intervals whose true content is counted."""
EXAMPLES: Final = 6
_CHANCE_RANGE: Final = (0.025, 0.975)
_OTHER_MEANS: Final = ("feature_ceiling_r", "chance_r", "chance_r_single")


def with_shown(made: Reconstruction) -> Reconstruction:
    """The record with everything that figures show of it."""
    over_images = {name: _of_images(made, name) for name in VARIANTS}
    return replace(
        made,
        means={name: mean(getattr(made, name)) for name in (*VARIANTS, *_OTHER_MEANS)}
        | _means_of_wrong_images(made),
        errors={name: found.error for name, found in over_images.items()},
        octave_mean=column_means(made.r_octave),
        r_low_ci95=over_images["r_low"].interval,
        chance_r_range=_range(made.chance_r),
        chance_r_single_range=_range(made.chance_r_single),
        top1_single_mean=made.top1_single.mean(axis=1),
        top1_average_mean=made.top1_average.mean(axis=1),
        rank_average_mean=np.array([mean(own) for own in made.rank_average]),
        **({} if made.posterior_sd is None else _posterior(made, made.posterior_sd)),
    )


def _means_of_wrong_images(made: Reconstruction) -> dict[str, float]:
    """What stands in the place of chance where no permutation was run."""
    found = {"wrong_r_average": made.wrong_r_average, "wrong_r_single": made.wrong_r_single}
    return {name: mean(values) for name, values in found.items() if values is not None}


def _of_images(made: Reconstruction, name: str) -> ImageMean:
    """The mean of a score and how sure it is, from the effects of training images if known."""
    effect = {"r_average": made.deletion_average, "r_single": made.deletion_single}.get(name)
    content = content_groups(made)
    return mean_score(getattr(made, name), effect, content, apart=made.tested_apart)


def _range(chance: np.ndarray) -> tuple[float, float]:
    """Where 95 % lie: unlike the extremes, it does not grow with the number of permutations."""
    if not np.isfinite(chance).any():
        return np.nan, np.nan
    low, high = np.nanquantile(chance, _CHANCE_RANGE)
    return float(low), float(high)


def _posterior(made: Reconstruction, sd: np.ndarray) -> dict[str, Any]:
    """How sure the decoder is of each pixel, and whether it is right about that."""
    error = made.picture - made.average
    deviation, largest = deviations(error, sd), float(np.abs(made.picture).max())
    chosen, ranks = spread_over_scores(made.r_average, EXAMPLES)
    spread = float(made.picture.std())
    edges = np.linspace(-5, 5, 61)
    reach = stats.norm.ppf(0.5 + LEVELS / 2)
    return {
        "posterior_image": chosen,
        "posterior_rank": ranks,
        "posterior_deviation": deviation[chosen],
        "posterior_relative": sd[chosen] / (spread or 1.0),
        "posterior_level": LEVELS,
        "posterior_held": np.array([share_held(error, sd, each, largest) for each in reach]),
        "deviation_edge": edges,
        "deviation_density": density(deviation, edges),
        "normal_density": stats.norm.pdf(edges),
        "image_sd": sd.mean(axis=(1, 2)),
        "image_deviation": root_mean_square(deviation),
        "beyond_three": 1.0 - share_held(error, sd, 3.0, largest),
        "posterior_certain": float((sd == 0).mean()),
        "relative_sd": float(sd.mean() / spread) if spread else np.nan,
    }
