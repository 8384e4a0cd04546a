"""Decoded clips: intervals of scores, and of what the last decoder has more than others.

Clips are patterns that wander, and cells linear in them with noise, so that every rung of the
ladder runs in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from measures import AT_MOST, COVERAGE, Interval, Quantity
from scipy import ndimage
from study import Outcome, Study

from twophoton_decode.deep.movies.decode import movie_fields, movies_of
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.records import FrameResponses
from twophoton_decode.settings import DecodingSettings

SIDE, FRAMES, RATE_HZ, CELLS = 4, 12, 2.0, 16
SETTINGS = DecodingSettings(features="pixels", folds=4)
TOLD = ("video_r", "frame_r", "motion_r", "energy_r", "identification")

VALUE = Quantity(
    ("value_ci95", "video_r_ci95"),
    "movies: interval of a decoder's mean score over clips holds the expected one",
    COVERAGE,
)
GAIN = Quantity(
    ("gain_ci95", "gain_ci95_low", "gain_ci95_high"),
    "movies: interval of what the last decoder has more than another holds the expected one",
    COVERAGE,
)
CLAIMED = Quantity(
    ("gain_ci95",),
    "movies: that interval above 0 where responses know nothing",
    AT_MOST,
)


@dataclass(frozen=True)
class Kind:
    """How many clips, how noisy cells are, and whether they see the clips at all."""

    clips: int
    noise: float = 1.0
    seen: bool = True


def wandering(clips: int, rng: np.random.Generator) -> np.ndarray:
    """Clips (clips, frames, y, x) of smooth patterns."""
    drawn = rng.standard_normal((clips, FRAMES + 4, SIDE, SIDE))
    return np.asarray(ndimage.gaussian_filter(drawn, (0, 2, 1, 1))[:, 2:-2])


def responses(kind: Kind, rng: np.random.Generator) -> FrameResponses:
    """Cells linear in the pixels of the frame before, plus white noise."""
    picture = wandering(kind.clips, rng)
    seen = picture if kind.seen else wandering(kind.clips, rng)
    fields = rng.standard_normal((SIDE**2, CELLS))
    drive = seen.reshape(kind.clips, FRAMES, -1) @ fields
    late = np.concatenate([drive[:, :1], drive[:, :-1]], axis=1) / drive.std()
    response = late + kind.noise * rng.standard_normal(late.shape)
    every = np.arange(kind.clips)
    return FrameResponses(
        response=response,
        shown=np.ones(response.shape[:2], bool),
        frame_s=(every[:, None] * FRAMES + np.arange(FRAMES)) / RATE_HZ,
        clip=every,
        repeat=np.zeros(kind.clips),
        picture=picture,
        clip_frames=np.full(kind.clips, FRAMES),
        clip_name=every.astype(str),
        clip_group=np.full(kind.clips, -1),
        roi=np.arange(CELLS),
        clip_rate_hz=RATE_HZ,
        response_unit="a.u.",
        signal="deconvolved",
        indicator_decay_s=np.nan,
        notes=[],
    )


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    movies = movies_of(responses(kind, rng), FeatureSpace((SIDE, SIDE)), SETTINGS)
    found = movie_fields(movies, SETTINGS, (-0.5, 1.0))
    rungs, scores = found["rung"], found["score"]
    for rung in ("same frame", "best lag, smoothed", "temporal"):
        place = rungs.index(rung)
        for score in TOLD if rung == "temporal" else TOLD[:3]:
            column = scores.index(score)
            value, ends = found["value_mean"][place, column], found["value_ci95"][place, column]
            yield VALUE, f"{rung}, {score}", Interval.of(value, ends)
            if rung == "temporal":
                continue
            gain, ends = found["gain"][place, column], found["gain_ci95"][place, column]
            yield GAIN, f"over {rung}, {score}", Interval.of(gain, ends)
            if not kind.seen:
                yield CLAIMED, f"over {rung}, {score}", float(ends[0] > 0)


def studies() -> Iterator[Study]:
    kinds = {
        "nothing seen": {"seen": False},
        "noisy": {"noise": 2.0},
        "clear": {"noise": 0.7},
    }
    for words, changed in kinds.items():
        for clips, every in ((20, 1), (60, 2)):
            kind = Kind(clips, **changed)
            quantities = (VALUE, GAIN) if kind.seen else (VALUE, GAIN, CLAIMED)
            yield Study(
                "deep-movie", f"{words}, {clips} clips", quantities, partial(_run, kind), every
            )
