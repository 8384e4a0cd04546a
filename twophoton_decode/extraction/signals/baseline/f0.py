"""F0 of every frame, by the method that the settings choose, and whether to trust it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.extraction.signals.baseline.silent_level import PERCENTILES, silent_level
from twophoton_decode.extraction.signals.baseline.windows import Binned, Percentiles, stretches
from twophoton_decode.extraction.signals.noise import frame_noise
from twophoton_decode.settings import TraceSettings

# docs/methods/extraction.md says how these were chosen.
_BIN_S = 0.5
_MEMORY_S = 1.5
_MOST_INDEPENDENT = 400
_SAFE_ERRORS, _SAFE_NOISES = 5.0, 3.0


@dataclass(frozen=True, eq=False)
class Baseline:
    """F0 of some ROIs.

    Attributes
    ----------
    value : ndarray, shape (rois, frames), grey levels
    safe : ndarray of bool, shape (rois,)
        F0 is safely above zero in every frame.
    """

    value: np.ndarray
    safe: np.ndarray


def baseline(
    corrected: np.ndarray,
    frame_rate_hz: float,
    settings: TraceSettings,
    good: np.ndarray | None = None,
    pauses: np.ndarray | None = None,
) -> Baseline:
    """F0 by `baseline_method`: a percentile in a running window, as it is or at the silent level.

    "percentile" takes single frames, and is safe above the noise of one. "silent-level" takes
    means of half a second, and multiplies so that the mean over the recording lies at
    `silent_level`; it is safe above five of that level's errors and three noise SD of such a
    mean [ours].

    Parameters
    ----------
    corrected : ndarray, shape (rois, frames), grey levels
    settings : TraceSettings
        The percentile, the window and the method.
    good : ndarray of bool, shape (frames,), optional
        Other frames are left out; all are taken where none is good.
    pauses : ndarray of int, optional
        The first frame after each pause of the recording. The window does not reach over one
        if a window's length was recorded on both sides.
    """
    frames = corrected.shape[1]
    good = np.ones(frames, dtype=bool) if good is None or not good.any() else good
    window = max(1, round(settings.baseline_window_s * frame_rate_hz))
    parts = stretches(frames, np.array([], int) if pauses is None else pauses, window)
    noise = frame_noise(corrected, good)
    if settings.baseline_method == "percentile":
        frame_by_frame = Binned.of(corrected, 1, good, parts)
        value = frame_by_frame.percentiles([settings.baseline_percentile], window).at_frames(
            0, parts
        )
        lowest = value.min(axis=1)
        return Baseline(value, (lowest > 0) & (lowest > noise))
    width = max(1, round(_BIN_S * frame_rate_hz))
    binned = Binned.of(corrected, width, good, parts)
    levels = [*PERCENTILES, settings.baseline_percentile]
    found = binned.percentiles(levels, max(1, round(window / width)))
    recorded_s = binned.middle.size * width / frame_rate_hz
    return _at_silent_level(found, parts, noise / np.sqrt(width), recorded_s)


def _at_silent_level(
    found: Percentiles, parts: list[slice], noise: np.ndarray, recorded_s: float
) -> Baseline:
    """The running percentile, the last of those found, with its mean at the silent level."""
    usual = found.value.mean(axis=1)
    independent = min(max(recorded_s / _MEMORY_S, 1.0), _MOST_INDEPENDENT)
    level, error = silent_level(usual[:, :-1], noise, independent)
    share = np.full(level.size, np.nan)
    np.divide(level, usual[:, -1], out=share, where=usual[:, -1] > 0)
    value = found.at_frames(-1, parts) * share[:, np.newaxis]
    limit = np.maximum(_SAFE_ERRORS * error, _SAFE_NOISES * noise)
    lowest = value.min(axis=1)
    return Baseline(value, (lowest > 0) & (lowest > limit))
