"""Onsets that suggest another frame rate.

A rate that is half the true one makes the movie seem twice as long, so that pictures cover
its first half; an image rate of three planes makes it seem a third as long, so that onsets
run over its end. Recordings usually end soon after the last picture. So a multiple of the
rate is named where the last presentation would then end within the last tenth of the movie
[ours]. A movie that goes on for more than a fifth of its length is only said, as spontaneous
activity is often recorded at the end [ours].
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twophoton_decode.pipeline.plan.movie import PlannedMovie
from twophoton_decode.records import Presentations
from twophoton_decode.settings import ResponseSettings

_LIKELY_END = 0.9
_LONG_REST = 0.2
_MOST_PLANES_UNTOLD = 6


def end_of_last(presentations: Presentations, settings: ResponseSettings) -> float:
    """When the last presentation and its response window have passed, s."""
    lasting = np.fmax(presentations.duration_s, settings.response_window_s[1])
    return float((presentations.onset_s + lasting).max())


def about_the_end(movie: PlannedMovie, end_s: float) -> list[str]:
    """What a long rest of the movie after the last presentation, at `end_s`, may mean."""
    rest = 1 - end_s / movie.duration_s
    if rest <= _LONG_REST:
        return []
    fact = (
        f"the movie goes on for {movie.duration_s - end_s:.1f} s ({100 * rest:.0f} % of it) after "
        "the last presentation"
    )
    factor = _factor(movie, lambda each: each * end_s / movie.duration_s)
    if factor is None:
        return [f"note: {fact}."]
    rate = movie.frame_rate_hz
    return [
        f"warning: {fact}. If pictures were shown to its end, it was taken at {rate * factor:.4g} "
        f"Hz, not at {rate:.4g} Hz{_or_interleaved(movie, factor)}."
    ]


def rate_that_fits(movie: PlannedMovie, end_s: float) -> str:
    """Which slower rate would make the movie last until `end_s`.

    Empty if it does already, or if no rate within a factor of six does [ours].
    """
    if end_s <= movie.duration_s:
        return ""
    rate = movie.frame_rate_hz
    factor = _factor(movie, lambda each: end_s / (each * movie.duration_s))
    if factor is None and end_s > _MOST_PLANES_UNTOLD * movie.duration_s:
        return ""
    if factor is None:
        return (
            f"Every presentation would lie in the movie at {movie.recording.frames / end_s:.4g} Hz "
            "or less."
        )
    planes = (
        f" (frame_rate_hz counts the frames of one plane, and the movie has {movie.planes})"
        if factor == movie.planes
        else ""
    )
    return (
        f"At {rate / factor:.4g} Hz instead of {rate:.4g} Hz every presentation would lie in the "
        f"movie{planes}."
    )


def _factor(movie: PlannedMovie, covered: Callable[[int], float]) -> int | None:
    """The first factor with which presentations cover nearly all of the movie, if there is one.

    `covered` says which share they cover then. Candidates are two, the planes, and up to
    six where the files do not say their planes.
    """
    factors = {2, movie.planes} - {1}
    if not _told(movie):
        factors |= set(range(2, _MOST_PLANES_UNTOLD + 1))
    fits = [each for each in sorted(factors) if _LIKELY_END <= covered(each) <= 1]
    return fits[0] if fits else None


def _or_interleaved(movie: PlannedMovie, factor: int) -> str:
    if _told(movie):
        return ""
    return (
        f"; or its images are of {factor} planes or channels in turn: then set planes or channels "
        "in [recording]"
    )


def _told(movie: PlannedMovie) -> bool:
    """Whether files or settings say how images are divided into planes and channels."""
    return "planes" in movie.recording.source
