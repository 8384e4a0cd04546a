"""When are a layer's features in the responses? Decoders of the evoked window, bin by bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import fitted_layers
from twophoton_decode.deep.comparison.decoding.identification import unit_patterns
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.bootstrap import resampled_means
from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_mean

ALPHA = 0.05
"""A layer whose curve is not above zero anywhere, corrected for the number of bins, has no time."""


class Timing(NamedTuple):
    """A time of each layer with its 95 % interval, s, (layers,); NaN where a layer has none."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


class TimeCourse(NamedTuple):
    """Curves over bins, and when they rise and peak.

    `curve`, `low` and `high` (layers, bins) with 95 % intervals over images; `p` (layers,) of
    the peak being above zero, times the number of bins; `onset`, `peak` and `onset_after_first`,
    the onset less that of the first layer in the same resamples.
    """

    curve: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    onset: Timing
    peak: Timing
    onset_after_first: Timing


def pattern_courses(
    average: np.ndarray,
    binned: np.ndarray,
    layers: Mapping[str, np.ndarray],
    fold: np.ndarray,
    content: np.ndarray,
    progress: Progress = silent,
) -> dict[str, np.ndarray]:
    """How well the pattern of the image shown is decoded in each bin, beyond that of others.

    Correlation over units of the pattern decoded from a bin with the true one, less its mean
    over the other images of the fold: zero if the bin says nothing about which image it was.
    Decoders are trained on the evoked responses of other images.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
        Evoked responses.
    binned : ndarray, shape (images, bins, cells)
        The same, bin by bin.
    layers : mapping of str to ndarray, shape (images, units)
        Units that vary alone.

    Returns
    -------
    dict of str to ndarray, shape (images, bins)
        NaN where all images of a fold show the same.
    """
    courses = {name: np.empty(binned.shape[:2]) for name in layers}
    for number, name, decoder in fitted_layers(average, layers, fold, content, progress):
        tested = np.flatnonzero(fold == number)
        truth = unit_patterns(decoder.standard(layers[name][tested]))
        wrong = content[tested][:, None] != content[tested]
        others = wrong.sum(axis=1)
        for place in range(binned.shape[1]):
            fit = unit_patterns(decoder.patterns(binned[tested, place])) @ truth.T
            among = np.full(len(tested), np.nan)
            np.divide((fit * wrong).sum(axis=1), others, out=among, where=others > 0)
            courses[name][tested, place] = fit.diagonal() - among
    return courses


def time_course(
    courses: Mapping[str, np.ndarray],
    time_s: np.ndarray,
    content: np.ndarray,
    bootstraps: int,
    seed: int,
) -> TimeCourse:
    """Mean curves of all layers, and their onsets and peaks with intervals over images.

    The onset is when the curve passes half of its peak on the way up, between bins by straight
    lines; the peak is the middle of the highest bin [ours]. Images are drawn with replacement,
    the same ones for all layers; percentiles are widened about the value as those of every
    cross-validated score (`SHARED_TRAINING`) [ours].

    Parameters
    ----------
    courses : mapping of str to ndarray, shape (images, bins)
        From `pattern_courses`.
    time_s : ndarray, shape (bins,)
        Middle of each bin, from the onset of the picture.
    """
    curve = np.array([each.mean(axis=0) for each in courses.values()])
    drawn = resampled_curves(list(courses.values()), content, bootstraps, seed)
    p = np.array([_peak_p(each, content) for each in courses.values()])
    known = p < ALPHA
    low, high = interval(curve, drawn.swapaxes(0, 1))
    onset, onsets = (half_peak_times(each, time_s) for each in (curve, drawn))
    peak, peaks = (time_s[each.argmax(axis=-1)] for each in (curve, drawn))
    return TimeCourse(
        curve, low, high, p,
        timing(onset, onsets, known),
        timing(peak, peaks, known),
        timing(onset - onset[0], onsets - onsets[0], known & known[0]),
    )  # fmt: skip


def resampled_curves(
    courses: Sequence[np.ndarray], content: np.ndarray, bootstraps: int, seed: int
) -> np.ndarray:
    """Mean curves over images drawn anew, (courses, bootstraps, bins), the same for all courses."""
    return np.array([
        resampled_means(each, content, bootstraps, np.random.default_rng([seed, 3]))
        for each in courses
    ])  # fmt: skip


def half_peak_times(curves: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """When curves (…, bins) pass half of their peak on the way up, (…,).

    The first bin's time where a curve lies above half of its peak from the start; NaN where it
    is nowhere above zero.
    """
    peak = curves.argmax(axis=-1)
    height = np.take_along_axis(curves, peak[..., None], axis=-1)
    below = (curves < height / 2) & (np.arange(len(time_s)) < peak[..., None])
    last = len(time_s) - 1 - below[..., ::-1].argmax(axis=-1)
    found = below.any(axis=-1)
    before = np.where(found, last, 0)[..., None]
    after = np.minimum(before + 1, len(time_s) - 1)
    low, high = (np.take_along_axis(curves, each, axis=-1) for each in (before, after))
    step = np.divide(height / 2 - low, high - low, out=np.zeros_like(low), where=high > low)
    crossed = time_s[before] + step * (time_s[after] - time_s[before])
    times = np.where(found, crossed[..., 0], time_s[0])
    return np.asarray(np.where(height[..., 0] > 0, times, np.nan))


def _peak_p(course: np.ndarray, content: np.ndarray) -> float:
    """One-sided p of the highest bin's mean being above zero, times the number of bins."""
    best = course[:, int(course.mean(axis=0).argmax())]
    found = image_mean(best, content, widening=SHARED_TRAINING, estimated=False)
    one_sided = found.p / 2 if found.mean > 0 else 1 - found.p / 2
    return float(min(1.0, one_sided * course.shape[1]))


def timing(value: np.ndarray, drawn: np.ndarray, known: np.ndarray) -> Timing:
    """Value (layers,) with percentiles of `drawn` (layers, draws), where it is `known`."""
    low, high = interval(value, drawn.T)
    return Timing(*(np.where(known, each, np.nan) for each in (value, low, high)))


def interval(value: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Percentiles of `drawn` (draws, …) about `value` (…), widened; NaN draws do not count."""
    known = np.isfinite(drawn).any(axis=0)
    ends = np.full((2, *value.shape), np.nan)
    ends[:, known] = np.nanquantile(drawn[:, known], (0.025, 0.975), axis=0)
    low, high = value + SHARED_TRAINING * (ends - value)
    return low, high
