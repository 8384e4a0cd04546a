"""The scores of every clip, beside those of shifted clips and of other clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.movies.scores import (
    OF_A_PAIR,
    SCORES,
    Frames,
    correlation,
    identification,
    pair_scores,
)
from twophoton_decode.deep.movies.showings import Clips, Showings

NULLS = ("shifted in time", "other clips")
LEAST_SHIFT_S = 2.0
MOST_SHIFTS = 4
MOST_OTHERS = 8
"""Shifts, and other clips, that each clip is compared with, evenly spread."""


@dataclass(frozen=True, eq=False)
class ClipScores:
    """Scores of one decoder.

    Attributes
    ----------
    value : ndarray, shape (scores, clips)
        Mean over the showings of a clip; NaN for clips that only train.
    null : ndarray, shape (nulls, scores, clips)
        The same with the decoded clip shifted round in time by 2 s or more, and with other clips
        of the fold in place of the one shown; NaN where a null does not exist.
    """

    value: np.ndarray
    null: np.ndarray


def clip_scores(made: np.ndarray, clips: Clips, showings: Showings, mean: np.ndarray) -> ClipScores:
    """Scores and nulls of decoded clips.

    Parameters
    ----------
    made : ndarray, shape (showings, frames, pixels)
    mean : ndarray, shape (folds, pixels)
        The mean training frame of each fold.
    """
    count, pairs = len(showings.clip), len(OF_A_PAIR)
    value = np.full((count, len(SCORES)), np.nan)
    null = np.full((count, len(NULLS), len(SCORES)), np.nan)
    for showing in showings.of(clips.part < clips.folds).tolist():
        clip, held = int(showings.clip[showing]), np.flatnonzero(showings.shown[showing])
        one = _Decoded(made[showing, held], held, mean[clips.part[clip]], clips)
        others = _others(clips, clip, int(held[-1]))
        value[showing, :pairs] = one.against(clip)
        value[showing, -1] = one.identified(clip, others)
        null[showing, 0, :pairs] = one.shifted_against(clip)
        some = others[:: max(1, -(-len(others) // MOST_OTHERS))]
        null[showing, 1, :pairs] = _mean(np.array([one.against(each) for each in some]))
    return ClipScores(
        _by_clip(value, showings.clip, len(clips.part)).T,
        np.moveaxis(_by_clip(null, showings.clip, len(clips.part)), 0, -1),
    )


@dataclass(frozen=True, eq=False)
class _Decoded:
    """One showing as it was decoded, (frames that were shown, pixels), and which frames those are.

    `frame` is the mean training frame.
    """

    video: np.ndarray
    held: np.ndarray
    frame: np.ndarray
    clips: Clips

    def against(self, clip: int, video: np.ndarray | None = None) -> np.ndarray:
        """`pair_scores` with one of the clips."""
        made = self.video if video is None else video
        true = self.clips.pixels[clip, self.held]
        successive = np.diff(self.held) == 1
        return pair_scores(Frames(made, true, self.frame, successive, self.clips.shape))

    def shifted_against(self, clip: int) -> np.ndarray:
        """The same, mean over shifts round in time."""
        shifts = _shifts(len(self.held), self.clips.rate_hz)
        return _mean(np.array([self.against(clip, np.roll(self.video, s, axis=0)) for s in shifts]))

    def identified(self, clip: int, others: np.ndarray) -> float:
        """`identification` among `others`, by r over all pixels and frames."""
        rows = (self.video - self.frame).ravel()
        true = ((self.clips.pixels[c, self.held] - self.frame).ravel() for c in (clip, *others))
        r = np.array([correlation(rows, each) for each in true])
        return identification(float(r[0]), r[1:])


def _shifts(frames: int, rate_hz: float) -> np.ndarray:
    """At most four evenly spread shifts of 2 s or more, either way round; none in short clips."""
    least = int(np.ceil(LEAST_SHIFT_S * rate_hz))
    possible = np.arange(least, frames - least + 1)
    chosen = np.linspace(0, len(possible) - 1, min(MOST_SHIFTS, len(possible)))
    return possible[np.rint(chosen).astype(int)]


def _others(clips: Clips, clip: int, last: int) -> np.ndarray:
    """Other clips of the fold, of other content and as long as what was shown."""
    same_fold = clips.part == clips.part[clip]
    other = same_fold & (clips.content != clips.content[clip]) & (clips.frames > last)
    return np.flatnonzero(other)


def _mean(found: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is defined; NaN where nothing is."""
    if not len(found):
        return np.full(len(OF_A_PAIR), np.nan)
    known = np.isfinite(found)
    total, count = np.where(known, found, 0.0).sum(axis=0), known.sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _by_clip(values: np.ndarray, clip: np.ndarray, clips: int) -> np.ndarray:
    """Mean over the showings of each clip, (clips, …); NaN without any."""
    found = np.full((clips, *values.shape[1:]), np.nan)
    for number in np.unique(clip):
        found[number] = _mean(values[clip == number])
    return found
