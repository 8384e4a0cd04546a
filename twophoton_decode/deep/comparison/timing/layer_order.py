"""In which order do layers begin, of a picture that was expected and of one that was seen?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twophoton_decode.deep.comparison.timing.time_course import (
    half_peak_times,
    interval,
    resampled_curves,
    timing,
)
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.image_mean import SHARED_TRAINING


def compare_onsets(
    viewed: Sequence[np.ndarray],
    expected: Sequence[np.ndarray],
    known: tuple[np.ndarray, np.ndarray],
    time_s: np.ndarray,
    content: np.ndarray,
    settings: DecodingSettings,
) -> dict[str, Any]:
    """Onsets of layers where a picture was expected, less those of viewing the same pictures.

    Pictures are drawn with replacement, the same ones for all layers and for both [ours].
    The slope of onsets over the layers, early to late, is above zero where early layers come
    first and below zero where late ones do.

    Parameters
    ----------
    viewed, expected : sequence of ndarray, shape (pictures, bins)
        Curves of each layer, early to late, of the same pictures.
    known : (ndarray, ndarray) of bool, shapes (layers,)
        Layers that are decoded at all, from viewing and from expectation; others have no onset.
    time_s : ndarray, shape (bins,)
    content : ndarray of int, shape (pictures,)
        Pictures with equal numbers show the same, and are drawn together.
    """
    curves = [np.array([each.mean(axis=0) for each in courses]) for courses in (viewed, expected)]
    draws = [
        resampled_curves(courses, content, settings.bootstraps, settings.seed)
        for courses in (viewed, expected)
    ]
    seen, onset = (half_peak_times(each, time_s) for each in curves)
    seen_drawn, drawn = (half_peak_times(each, time_s) for each in draws)
    both = known[0] & known[1]
    first, first_drawn = _slope(seen, seen_drawn, both)
    second, second_drawn = _slope(onset, drawn, both)
    later = second - first, second_drawn - first_drawn
    return {
        "expected_course_ci95": np.stack(interval(curves[1], draws[1].swapaxes(0, 1)), axis=-1),
        **_times("expected_onset", onset, drawn, known[1]),
        **_times("expected_after_viewed", onset - seen, drawn - seen_drawn, both),
        **_one("viewed_slope", first, first_drawn),
        **_one("expected_slope", second, second_drawn),
        **_one("slope_difference", *later),
        "slope_difference_p": _p(*later),
    }


def _slope(onset: np.ndarray, drawn: np.ndarray, known: np.ndarray) -> tuple[float, np.ndarray]:
    """Least-squares slope of onsets (layers,) and of resampled ones over the known layers."""
    place = np.flatnonzero(known).astype(float)
    if len(place) < 2:
        return float("nan"), np.full(drawn.shape[1], np.nan)
    weight = (place - place.mean()) / np.sum((place - place.mean()) ** 2)
    return float(weight @ onset[known]), np.asarray(weight @ drawn[known])


def _times(name: str, value: np.ndarray, drawn: np.ndarray, known: np.ndarray) -> dict[str, Any]:
    found = timing(value, drawn, known)
    return {f"{name}_s": found.value, f"{name}_ci95": np.stack([found.low, found.high], axis=-1)}


def _one(name: str, value: float, drawn: np.ndarray) -> dict[str, Any]:
    """A slope, s a layer, and its 95 % interval."""
    low, high = interval(np.array([value]), drawn[:, None])
    return {f"{name}_s": value, f"{name}_ci95": np.array([low[0], high[0]])}


def _p(value: float, drawn: np.ndarray) -> float:
    """Two-sided p of a slope being zero, from resamples as wide as its interval; NaN without."""
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not known.size:
        return float("nan")
    wide = value + SHARED_TRAINING * (known - value)
    beyond = min(np.count_nonzero(wide <= 0), np.count_nonzero(wide >= 0))
    return float(min(1.0, 2 * (1 + beyond) / (1 + len(known))))
