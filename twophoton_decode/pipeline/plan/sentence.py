"""What was shown, in one line: how many presentations of how many pictures, how often, when."""

from __future__ import annotations

import numpy as np

from twophoton_decode.records import Presentations, Responses
from twophoton_decode.words import counted

_EVEN = 0.05
_MOST_NAMED = 3


def stimulus_words(presentations: Presentations, duration_s: float) -> str:
    """``240 presentations of 40 pictures, 6 repeats each, every 1.50 s, 5.0–363.5 s of 370.0 s``.

    From the first onset to the last, of a movie of `duration_s`.
    """
    onset = presentations.onset_s
    times = np.bincount(presentations.image)
    times = times[times > 0]
    parts = [
        f"{counted(onset.size, 'presentation')} of {counted(times.size, 'picture')}",
        _repeats(times),
        *_intervals(np.diff(onset)),
        f"{onset[0]:.1f}–{onset[-1]:.1f} s of {duration_s:.1f} s",
    ]
    return ", ".join(parts)


def arrays_words(responses: Responses, source: str | None) -> str:
    """``6 repeats × 40 images × 103 cells; images 0 to 39 of images.npy``, of imported arrays.

    `source` is None where conditions have no pictures.
    """
    names = responses.image_name.tolist()
    what = "image" if source else "condition"
    size = (
        f"{_range(responses.repeats_per_image, 'repeat')} × {counted(len(names), what)} × "
        f"{counted(responses.cells, 'cell')}"
    )
    if not source:
        return f"{size} without pictures; the first is {names[0]}, the last {names[-1]}"
    if names == [str(index) for index in range(len(names))]:
        return f"{size}; images {names[0]} to {names[-1]} of {source}"
    return f"{size}; image 0 is {names[0]}, image {len(names) - 1} is {names[-1]}"


def never_shown(presentations: Presentations) -> list[str]:
    """How many pictures the log does not name, and the first of them."""
    shown = np.zeros(presentations.image_name.size, dtype=bool)
    shown[presentations.image] = True
    missing = presentations.image_name[~shown].tolist()
    if not missing:
        return []
    named = ", ".join(missing[:_MOST_NAMED]) + (", …" if len(missing) > _MOST_NAMED else "")
    verb = "is" if len(missing) == 1 else "are"
    return [f"note: {len(missing)} of {shown.size} pictures {verb} never shown: {named}."]


def _repeats(times: np.ndarray) -> str:
    if times.max() == 1:
        return "each shown once"
    return _range(times, "repeat") + (" each" if times.min() == times.max() else "")


def _range(values: np.ndarray, what: str) -> str:
    low, high = int(values.min()), int(values.max())
    return counted(high, what) if low == high else f"{low} to {high} {what}s"


def _intervals(step_s: np.ndarray) -> list[str]:
    """Even where steps differ by at most a twentieth of their median."""
    if not step_s.size:
        return []
    low, middle, high = (float(value) for value in np.percentile(step_s, [0, 50, 100]))
    if high - low <= _EVEN * middle:
        return [f"every {middle:.2f} s"]
    digits = 1 if low >= 1 else 2
    return [f"every {low:.{digits}f} to {high:.{digits}f} s (median {middle:.{digits}f} s)"]
