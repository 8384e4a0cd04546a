"""What the user's planes and channels decide where files leave it open, or contradict themselves.

Such a recording carries a question. Its `page` has the axes of the images as they are stored,
from the slowest on; without one their order is unknown.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.records import Recording

SETTINGS = "[recording] planes and channels"


def answered(recording: Recording, planes: int, channels: int) -> Recording:
    """The recording as `planes` and `channels` decide; 0 is no answer.

    Where files say how many planes there are, only what their images speak for can be
    confirmed. Of axes without a name, one as long as `channels` becomes the channels, one as
    long as `planes` the planes; the others are time. Where no order is stored, or a guess is
    denied, `interleaved` has to tell the images apart.

    Raises
    ------
    MovieError
        The question is not answered and nothing can be guessed, or there are no such axes.
    """
    if not planes and not channels:
        return _guessed(recording)
    if recording.page is None:
        return replace(recording, question="", guess="")
    sure = "planes" in recording.source
    wanted = planes or (recording.planes if sure else 1), channels or 1
    same = recording.page.shape[1:] == wanted
    page = _by_size(recording.page, *wanted) if same or not sure else None
    if page is not None:
        source = {"planes": SETTINGS, "channels": SETTINGS, **recording.source}
        settled = replace(recording, question="", guess="", source=source)
        return replace(settled, page=page, planes=wanted[0], channels=wanted[1])
    if recording.guess:
        return replace(recording, page=None, planes=1, channels=1, question="", guess="")
    raise MovieError(
        f"planes = {wanted[0]} and channels = {wanted[1]} do not fit the images: "
        f"{recording.question}"
    )


def _guessed(recording: Recording) -> Recording:
    """Every image as a frame, with a warning; an error where nothing speaks for that."""
    if not recording.guess:
        raise MovieError(recording.question)
    settled = replace(recording, question="", guess="")
    warnings = (*recording.warnings, recording.guess)
    return replace(settled, page=None, planes=1, channels=1, warnings=warnings)


def _by_size(page: np.ndarray, planes: int, channels: int) -> np.ndarray | None:
    """(frame, plane, channel) of images on any three axes, found by their sizes; None if not.

    The fastest axis of a size is taken for channels first.
    """
    left = list(range(page.ndim))
    chosen = []
    for size in (channels, planes):
        axis = next((axis for axis in reversed(left) if page.shape[axis] == size), None)
        if size > 1 and axis is None:
            return None
        if size > 1 and axis is not None:
            left.remove(axis)
            chosen.append(axis)
    ordered = page.transpose(*left, *reversed(chosen))
    return ordered.reshape(-1, planes, channels)
