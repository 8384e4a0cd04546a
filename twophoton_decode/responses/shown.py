"""What figures show of responses: quartiles, courses over the session, example images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from twophoton_decode.records import Responses
from twophoton_decode.responses.responsive.detectable import median_of_known
from twophoton_decode.responses.responsive.sentences import detectable_in_brief
from twophoton_decode.responses.statistics.overlap import pairwise_overlap
from twophoton_decode.responses.statistics.session_effects import mean_residual
from twophoton_decode.statistics.defined import mean, means_of, medians_of, quartiles

FEWEST_PAIRS: Final = 20
MERGED: Final = 5
"""Bins of signal correlation that are drawn as one, and the pairs that it needs."""
PLACES: Final = (0.9, 0.5, 0.1)
"""Where the example images stand among all, by number of responsive cells."""
STRETCHES: Final = 25
"""Parts of the session whose mean residuals are drawn."""
OVERLAP_BINS: Final = 20
NORMAL_95: Final = 1.96

_MEANS: Final = (
    "responding_share", "overlap", "population_sparseness", "lifetime_sparseness",
    "noise_correlation", "signal_correlation", "drift", "carry_over",
)  # fmt: skip
_MEDIANS: Final = (
    "responding_share", "share_of_images", "reliability", "explainable_variance", "oracle",
)  # fmt: skip


def with_shown(responses: Responses) -> Responses:
    """The responses with everything that figures show of them."""
    images = example_images(responses.responsive)
    averages = responses.averages()
    repeated = responses.repeats_per_image.max() > 1
    undefined = 1.0 if repeated else np.nan
    shown = replace(
        responses,
        responding_share=undefined * responses.responsive.mean(axis=0),
        share_of_images=undefined * responses.responsive.mean(axis=1),
        sorted_response=np.percentile(-np.sort(-averages, axis=1), [25, 50, 75], axis=0),
        map_image=images,
        map_response=averages[images],
        detectable=detectable_in_brief(responses),
        reliability_undefined=_why_undefined(responses),
        **_overlap(responses),
        **_relation(responses),
        **_course(responses),
        **_clock(responses),
    )
    return replace(
        shown,
        means=means_of(shown, _MEANS),
        medians=medians_of(shown, _MEDIANS),
        quartiles=_detectable(responses) | _neuropil(responses),
        counts={
            "responding_cells": int(responses.responsive.any(axis=1).sum()),
            "visually_responsive": int(responses.visually_responsive.sum()),
            "neuropil_not_estimable": _not_estimable(responses),
        },
    )


def example_images(responsive: np.ndarray) -> np.ndarray:
    """Images at the 90th, 50th and 10th percentile of the number of responsive cells.

    Images without responsive cells are passed over; each image occurs once.

    Parameters
    ----------
    responsive : ndarray of bool, shape (cell, image)
    """
    count = responsive.sum(axis=0)
    some = np.flatnonzero(count)
    if not some.size:
        return some
    ranked = some[np.argsort(count[some], kind="stable")]
    places = [round(place * (ranked.size - 1)) for place in PLACES]
    return np.asarray(ranked[list(dict.fromkeys(places))])


def _overlap(responses: Responses) -> dict[str, Any]:
    """How alike the responsive sets of two images are, over pairs of images."""
    pairs = pairwise_overlap(responses.responsive)
    above = np.triu_indices(len(pairs.share), k=1)
    share = pairs.share[above]
    share = share[np.isfinite(share)]
    if not share.size:
        return {}
    count, edges = np.histogram(100 * share, bins=OVERLAP_BINS)
    return {
        "overlap_edge": edges / 100,
        "overlap_pairs": count,
        "overlap_of_pairs": float(share.mean()),
        "overlap_of_pairs_expected": mean(pairs.share_expected[above]),
    }


def _relation(responses: Responses) -> dict[str, Any]:
    """Mean noise correlation in wide bins of signal correlation that hold enough pairs."""
    if not responses.signal_pairs.size:
        return {}
    pairs = responses.signal_pairs.reshape(-1, MERGED)
    total = (np.nan_to_num(responses.noise_by_signal).reshape(-1, MERGED) * pairs).sum(axis=1)
    edges = responses.correlation_edge[::MERGED]
    enough = pairs.sum(axis=1) >= FEWEST_PAIRS
    return {
        "relation_signal": ((edges[1:] + edges[:-1]) / 2)[enough],
        "relation_noise": total[enough] / pairs.sum(axis=1)[enough],
    }


def _course(responses: Responses) -> dict[str, Any]:
    """The mean residual of each presentation, and of parts of the session where it has times."""
    residual = residual_of_trials(responses)
    if not np.isfinite(responses.onset_s).all():
        return {"residual": residual}
    order = np.argsort(responses.onset_s)
    parts = np.array_split(order, min(STRETCHES, order.size))
    return {
        "residual": residual,
        "residual_part_s": np.array([responses.onset_s[part].mean() for part in parts]),
        "residual_part": np.array([residual[part].mean() for part in parts]),
    }


def residual_of_trials(responses: Responses) -> np.ndarray:
    """Mean over cells of the response less the image's mean, (presentations,).

    What was filled in does not count.
    """
    if responses.filled is None:
        return mean_residual(responses.response, responses.image)
    known = responses.known
    deviation = np.where(known, responses.response - responses.averages()[responses.image], 0.0)
    return np.asarray(deviation.sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _detectable(responses: Responses) -> dict[str, list[float]]:
    """Quartiles over cells of the smallest response that could be found, if most have one."""
    could = responses.detectable_response
    if could is None or not np.isfinite(median_of_known(could)):
        return {}
    return {"detectable_response": quartiles(could)}


def _neuropil(responses: Responses) -> dict[str, list[float]]:
    """Quartiles over cells of the share of neuropil that is subtracted."""
    value = responses.neuropil_coefficient
    return {} if value is None else {"neuropil_coefficient": quartiles(value)}


def _not_estimable(responses: Responses) -> int:
    """Cells whose neuropil coefficient could not be estimated."""
    origin = responses.neuropil_origin
    return 0 if origin is None else int((origin == "not estimable").sum())


def _clock(responses: Responses) -> dict[str, Any]:
    """Intervals of the shifts of parts, and the even drift at the first and last onset."""
    shift, error = responses.clock_part_shift_s, responses.clock_part_error_s
    if shift is None or error is None:
        return {}
    ends = responses.onset_s[[0, -1]]
    from_mean = (ends - responses.onset_s.mean()) / 60
    lines = [from_mean * each for each in responses.clock_shift_ci95]
    return {
        "clock_part_low_s": shift - NORMAL_95 * error,
        "clock_part_high_s": shift + NORMAL_95 * error,
        "clock_line_time_s": ends,
        "clock_line_s": from_mean * responses.clock_shift_s_per_min,
        "clock_line_low_s": np.min(lines, axis=0),
        "clock_line_high_s": np.max(lines, axis=0),
    }


def _why_undefined(responses: Responses) -> str:
    """Why measures of reliability are undefined, where they are."""
    if responses.repeats_per_image.max() < 2:
        return "every image was shown once"
    if not np.ptp(responses.response, axis=0).any():
        return "no cell's responses vary"
    return "it is undefined for every cell"
