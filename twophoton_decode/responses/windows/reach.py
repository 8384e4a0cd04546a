"""Windows that reach into the next presentation, or back into the one before."""

from __future__ import annotations

import numpy as np

from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.settings import ResponseSettings

_ROUNDING_S = 1e-9


def said_of_reach(
    presentations: Presentations, kept: np.ndarray, settings: ResponseSettings
) -> list[str]:
    """How many windows of the `kept` presentations hold a part of another one.

    Pictures that were left out were shown all the same, so they count as neighbours; so do
    blanks, though only as what comes next, and said apart.
    """
    return [
        *_said_of_next(presentations, kept, settings),
        *_said_of_last(presentations, kept, settings),
    ]


def _said_of_next(
    presentations: Presentations, kept: np.ndarray, settings: ResponseSettings
) -> list[str]:
    onset = presentations.onset_s[kept]
    end = onset + settings.response_window_s[1] - _ROUNDING_S
    pictures = _next_onset(onset, _pictures(presentations)[0]) < end
    blanks = ~pictures & (_next_onset(onset, _known(presentations.blank_onset_s)) < end)
    window = f"response_window_s = {list(settings.response_window_s)} reaches past the onset of the"
    return [
        f"{window} next {what} in {found.sum()} of {kept.size} presentations ([responses])."
        for what, found in (("picture", pictures), ("blank", blanks))
        if found.any()
    ]


def _said_of_last(
    presentations: Presentations, kept: np.ndarray, settings: ResponseSettings
) -> list[str]:
    onset, end = _pictures(presentations)
    gone = np.maximum.accumulate(end)
    begins = presentations.onset_s[kept] + settings.baseline_window_s[0] + _ROUNDING_S
    before = np.searchsorted(onset, presentations.onset_s[kept]) - 1
    early = int(((before >= 0) & (gone[before] > begins)).sum())
    if not early:
        return []
    return [
        f"baseline_window_s = {list(settings.baseline_window_s)} begins while the previous "
        f"picture is shown in {early} of {kept.size} presentations ([responses])."
    ]


def _pictures(presentations: Presentations) -> tuple[np.ndarray, np.ndarray]:
    """Onset of every picture, left out or not, in order, and its end, the onset where not known."""
    onset = np.append(presentations.onset_s, _known(presentations.left_out_onset_s))
    lasting = np.append(presentations.duration_s, _known(presentations.left_out_duration_s))
    order = np.argsort(onset, kind="stable")
    order = order[np.isfinite(onset[order])]
    return onset[order], (onset + np.nan_to_num(lasting))[order]


def _known(values: np.ndarray | None) -> np.ndarray:
    return np.array([]) if values is None else values


def _next_onset(onset_s: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The first of `others` after each onset; infinite where there is none."""
    later = np.append(np.sort(others), np.inf)
    return np.asarray(later[np.searchsorted(later, onset_s, side="right")])
