"""Some clips as shown and as decoded, for the page's player."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.deep.movie.contact_sheet import levels, some_clips
from twophoton_decode.records.deep.movie_decoding import MovieDecoding
from twophoton_decode.report.data.block import Group
from twophoton_decode.visible import visible

GROUP: Final = "movie"
MOST_CLIPS: Final = 12
MOST_BYTES: Final = 2_000_000
"""Grey levels that the page holds, before deflating; the animation beside it has its own clips."""


@dataclass(frozen=True)
class PageMovie:
    """The player: its group's text, what the script is told, and versions of clips in words."""

    text: str
    facts: Mapping[str, Any]
    versions: list[str]
    clips: int
    all_clips: int


def page_movie(found: MovieDecoding) -> PageMovie:
    """Clips evenly from the best decoded to the worst, as many as there is room for."""
    size = int(np.prod(found.picture.shape[1:])) * (1 + len(found.pictured))
    chosen = some_clips(found, max(1, min(MOST_CLIPS, MOST_BYTES // size)))
    height, width = found.picture.shape[2:]
    scores = found.value[-1]
    facts = {
        "group": GROUP,
        "height": height,
        "width": width,
        "rate": found.clip_rate_hz,
        "names": [visible(str(found.clip_name[clip])) for clip in chosen],
        "frames": [int(found.clip_frames[clip]) for clip in chosen],
        "told": [
            f"r {number(float(scores[0, clip]))} over pixels and frames, "
            f"{number(float(scores[2, clip]))} in motion"
            for clip in chosen
        ],
    }
    versions = ["shown", *map(str, found.pictured)]
    every = int(np.count_nonzero(found.fold >= 0))
    return PageMovie(movie_group(found, chosen).text, facts, versions, len(chosen), every)


def movie_group(found: MovieDecoding, clips: list[int]) -> Group:
    """Each version of each clip in 256 grey levels of its own, frame after frame."""
    decoded = np.asarray(found.decoded)
    return Group(
        [
            (f"{version}-{place}", _grey(np.asarray(whole[clip])[: found.clip_frames[clip]]))
            for place, clip in enumerate(clips)
            for version, whole in enumerate((found.picture, *decoded))
        ]
    )


def _grey(frames: np.ndarray) -> np.ndarray:
    """Frames from black to white; frames that were never shown are black."""
    low, high = levels(frames)
    scaled = np.nan_to_num((frames - low) / (high - low), nan=0.0)
    return np.rint(255 * np.clip(scaled, 0, 1)).astype(np.uint8)
