"""Time courses of a network's layers, from responses in time bins to the fields of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.crossvalidation import ImageFolds
from twophoton_decode.deep.comparison.decoding.decoded_layers import usable_layers
from twophoton_decode.deep.comparison.decoding.spaces import NETWORK, Space
from twophoton_decode.deep.comparison.timing.expected_times import Viewing, expected_fields
from twophoton_decode.deep.comparison.timing.time_course import (
    ALPHA,
    TimeCourse,
    Timing,
    pattern_courses,
    time_course,
)
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.timed_responses import TimedResponses
from twophoton_decode.settings import DecodingSettings


def time_fields(
    average: np.ndarray,
    timed: TimedResponses,
    spaces: Sequence[Space],
    folds: ImageFolds,
    settings: DecodingSettings,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Fields of `LayerTimes`, of the network's layers from all cells; and bins left out.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
        Evoked responses, on which decoders are trained.
    timed : TimedResponses
    spaces : sequence of Space
        Layers that vary; others than the network's are passed over.
    """
    binned = timed.averages(len(average))
    held = np.isfinite(binned).all(axis=(0, 2))
    notes = []
    if not held.all():
        middles = ", ".join(f"{each:g}" for each in timed.middle_s[~held])
        notes = [f"time bins that hold no frame for some image are left out: those at {middles} s."]
    if not held.any():
        return {}, notes
    layers = {space.name: space.features for space in spaces if space.kind == NETWORK}
    units = usable_layers(layers, folds.fold)[0]
    viewing = Viewing(
        average, {name: layers[name][:, own] for name, own in units.items()},
        folds.fold, folds.content,
    )  # fmt: skip
    courses = pattern_courses(
        average, binned[:, held], viewing.layers, folds.fold, folds.content, progress
    )
    bin_s = timed.middle_s[held]
    found = time_course(courses, bin_s, folds.content, settings.bootstraps, settings.seed)
    known = found.p < ALPHA
    expected, more = expected_fields(timed, viewing, held, courses, known, settings, progress)
    fields = _fields(found, bin_s) | expected | {"indicator_decay_s": timed.indicator_decay_s}
    return fields, [*notes, *more]


def _fields(found: TimeCourse, bin_s: np.ndarray) -> dict[str, Any]:
    return {
        "bin_s": bin_s,
        "course": found.curve,
        "course_ci95": np.stack([found.low, found.high], axis=-1),
        "course_p": found.p,
        **_timing("onset", found.onset, "onset_s"),
        **_timing("peak", found.peak, "peak_s"),
        **_timing("onset_after_first", found.onset_after_first, "onset_after_first_s"),
    }


def _timing(name: str, found: Timing, value: str) -> dict[str, Any]:
    return {value: found.value, f"{name}_ci95": np.stack([found.low, found.high], axis=-1)}
