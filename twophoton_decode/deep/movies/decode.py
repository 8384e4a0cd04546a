"""A session of clips decoded by every rung of the ladder, scored, beside its nulls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.deep.movies.choice import Choice
from twophoton_decode.deep.movies.deconvolution import differenced
from twophoton_decode.deep.movies.folds import clip_folds
from twophoton_decode.deep.movies.ladder import FRAMEWISE, TEMPORAL, Plan, Rung, rungs
from twophoton_decode.deep.movies.latents import ANCHORED, FrameLatents
from twophoton_decode.deep.movies.scores import SCORES
from twophoton_decode.deep.movies.scoring import NULLS, ClipScores, clip_scores
from twophoton_decode.deep.movies.showings import Clips, Showings, Signal
from twophoton_decode.deep.movies.temporal.over_time import Correct, Used
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.frame_responses import FrameResponses
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.defined import mean
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.share import share_interval
from twophoton_decode.words import counted

IN_MEMORY_BYTES = 2 * 2**30


@dataclass(frozen=True, eq=False)
class Movies:
    """What is decoded from what, ready for `rungs`; `space` is the way through features."""

    clips: Clips
    showings: Showings
    raw: Signal
    deconvolved: Signal | None
    deconvolved_by: str
    space: LinearFeatures
    notes: list[str]

    @property
    def mean_frames(self) -> np.ndarray:
        """Mean of the frames that train each fold, (folds, pixels)."""
        total = np.zeros((self.clips.parts, self.clips.pixels.shape[2]))
        count = np.zeros((self.clips.parts, 1))
        for clip, shown in zip(self.showings.clip, self.showings.shown, strict=True):
            total[self.clips.part[clip]] += self.clips.pixels[clip, shown].sum(axis=0)
            count[self.clips.part[clip]] += np.count_nonzero(shown)
        training = 1 - np.eye(self.clips.parts)[: self.clips.folds]
        return np.asarray(training @ total / (training @ count))

    def through_features(self, made: np.ndarray, mean_frames: np.ndarray) -> np.ndarray:
        """What is left of decoded clips in the feature space and back, the mean frame kept.

        Ridge with one strength for all targets is linear in them: so this is what it would have
        decoded had features been its targets.
        """
        if self.space.name == "pixels":
            return made
        kept = np.full_like(made, np.nan)
        for showing in self.showings.of(self.clips.part < self.clips.folds):
            frame = mean_frames[self.clips.part[self.showings.clip[showing]]]
            rows = (made[showing] - frame).reshape(-1, *self.clips.shape)
            back = self.space.decode(self.space.encode(rows))
            kept[showing] = back.reshape(len(rows), -1) + frame
        return kept


def movies_of(found: FrameResponses, space: LinearFeatures, settings: DecodingSettings) -> Movies:
    """Clips at the size of the feature space, in folds, and the signals that decode them.

    Raises
    ------
    AnalysisError
        Too few clips that differ, or none that was shown.
    """
    every = range(found.clips)
    pictures = np.stack(
        [np.asarray(space.prepare(found.picture[clip]), np.float32) for clip in every]
    )
    shape = (int(pictures.shape[2]), int(pictures.shape[3]))
    showings = Showings(np.asarray(found.clip), np.asarray(found.shown))
    _refuse_unseen(found)
    folds = clip_folds(
        pictures, found.clip_frames, found.clip_rate_hz, found.clip_group, found.clip_fold,
        settings.folds, settings.seed, settings.near_duplicate_correlation,
    )  # fmt: skip
    clips = Clips(
        pictures.reshape(*pictures.shape[:2], -1), found.clip_frames, shape, folds.content,
        folds.part, folds.folds, found.clip_rate_hz,
    )  # fmt: skip
    raw = Signal(_held(found.response), showings)
    deconvolved, by, said = _deconvolved(found, raw)
    return Movies(clips, showings, raw, deconvolved, by, space, [*folds.notes, *said])


def movie_fields(
    movies: Movies,
    settings: DecodingSettings,
    lags_s: tuple[float, float],
    correct: Correct | None = None,
    progress: Progress = silent,
    latents: FrameLatents | None = None,
) -> dict[str, Any]:
    """Fields of `MovieDecoding`: rungs, scores, intervals, nulls, two decoded versions, notes."""
    clips, mean_frames = movies.clips, movies.mean_frames
    plan = Plan.of(clips.rate_hz, lags_s, settings.seed)
    found: list[tuple[Rung, ClipScores]] = []
    framewise: tuple[Rung, np.ndarray] | None = None
    through: dict[str, np.ndarray] = {}
    for rung in rungs(movies.raw, movies.deconvolved, clips, plan, correct, progress, latents):
        made = movies.through_features(rung.made, mean_frames)
        scores = clip_scores(made, clips, movies.showings, mean_frames)
        if rung.name in FRAMEWISE and _better(scores, rung, found):
            framewise = rung, made
        if rung.name == ANCHORED:
            through = {rung.name: made}
        found.append((replace(rung, made=np.empty(0)), scores))
    assert framewise is not None
    kept = {framewise[0].name: framewise[1], **through, rung.name: made}
    used = next(each.used for each, _ in found if each.used)
    return {
        **_scored([each for _, each in found], clips.content),
        **_chosen([rung.chosen for rung, _ in found], clips),
        "temporal_by": [each.name for each in used],
        "temporal_gain": [each.gain.mean for each in used],
        "latent_kept": None if latents is None else latents.kept,
        "notes": [*movies.notes, *_fallen_back(used)],
        "rung": [rung.name for rung, _ in found],
        "score": list(SCORES),
        "null": list(NULLS),
        "content": clips.content,
        "fold": np.where(clips.part < clips.folds, clips.part, -1),
        "picture": clips.pixels.reshape(*clips.pixels.shape[:2], *clips.shape),
        "pictured": list(kept),
        "decoded": np.stack([_by_clip(each, movies) for each in kept.values()]),
        "clip_frames": clips.frames,
        "clip_rate_hz": clips.rate_hz,
        "cells": movies.raw.response.shape[2],
        "showings": len(movies.showings.clip),
        "deconvolved_by": movies.deconvolved_by,
    }


def _fallen_back(used: list[Used]) -> list[str]:
    """In how many folds the temporal decoder is not used, and why."""
    out = [each for each in used if each.name != TEMPORAL]
    if not out:
        return []
    clips = mean(np.array([float(each.gain.clips) for each in out]))
    gain = mean(np.array([each.gain.mean for each in out]))
    told = (
        f"held-out training clips ({clips:.0f} a fold, r {gain:+.3f}) do not show that it helps"
        if clips > 0 else "there are too few folds to judge by training clips"
    )  # fmt: skip
    return [
        f"decoding over time is used in {len(used) - len(out)} of {counted(len(used), 'fold')}; in "
        f"the others {told}, and the best smoothed frame-wise decoder stands in its place."
    ]


def _better(scores: ClipScores, rung: Rung, before: list[tuple[Rung, ClipScores]]) -> bool:
    """Whether no frame-wise rung before has a higher video_r."""
    others = [mean(each.value[0]) for other, each in before if other.name in FRAMEWISE]
    return mean(scores.value[0]) >= max(others, default=-np.inf)


def _scored(found: list[ClipScores], content: np.ndarray) -> dict[str, np.ndarray]:
    """Values, nulls, and gains of the last rung with intervals over clips."""
    value = np.stack([each.value for each in found])
    null = np.stack([each.null for each in found], axis=1)
    gains = value[-1] - value
    means = [[mean_score(row, None, content) for row in rung] for rung in value]
    gained = [[mean_score(row, None, content) for row in rung] for rung in gains]
    ends = np.array([[each.interval for each in row] for row in means])
    # Where all clips score the same nothing says how far a mean is off.
    ends[ends[..., 0] == ends[..., 1]] = np.nan
    ends = np.clip(ends, -1.0, 1.0)
    share = SCORES.index("identification")
    ends[:, share] = [share_interval(rung[share], content) for rung in value]
    return {
        "value": value,
        "value_mean": np.array([[each.mean for each in row] for row in means]),
        "value_ci95": ends,
        "gain": np.array([[each.mean for each in row] for row in gained]),
        "gain_ci95": np.array([[each.interval for each in row] for row in gained]),
        "null_mean": np.apply_along_axis(mean, -1, null),
    }


def _chosen(chosen: list[list[Choice] | None], clips: Clips) -> dict[str, np.ndarray]:
    """Lags, strength and smoothing of every rung and fold, NaN where a rung chose none."""
    longest = max(len(each.lags) for rung in chosen if rung for each in rung)
    lag = np.full((len(chosen), clips.folds, longest), np.nan)
    strength, smoothing = np.full((2, len(chosen), clips.folds), np.nan)
    for place, rung in enumerate(chosen):
        for fold, each in enumerate(rung or []):
            lag[place, fold, : len(each.lags)] = np.array(each.lags) / clips.rate_hz
            strength[place, fold] = each.strength
            smoothing[place, fold] = each.smoothing / clips.rate_hz
    return {"lag_s": lag, "strength": strength, "smoothing_s": smoothing}


def _by_clip(made: np.ndarray, movies: Movies) -> np.ndarray:
    """Decoded clips (clips, frames, y, x), mean over showings; NaN where not tested or shown."""
    clips, showings = movies.clips, movies.showings
    total = np.zeros(clips.pixels.shape, np.float32)
    count = np.zeros((*clips.pixels.shape[:2], 1), np.float32)
    for showing in showings.of(clips.part < clips.folds).tolist():
        clip, shown = showings.clip[showing], showings.shown[showing]
        total[clip, shown] += made[showing, shown]
        count[clip, shown] += 1
    average = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return average.reshape(*average.shape[:2], *clips.shape)


def _held(response: Any) -> np.ndarray:
    """In memory where it is not too large."""
    size = 4 * int(np.prod(response.shape))
    return np.asarray(response, np.float32) if size <= IN_MEMORY_BYTES else response


def _deconvolved(found: FrameResponses, raw: Signal) -> tuple[Signal | None, str, list[str]]:
    """The deconvolved signal, what made it, and what is to be said of it."""
    if found.deconvolved is not None:
        return Signal(_held(found.deconvolved), raw.showings), "suite2p", []
    if found.signal == "deconvolved":
        return None, "", ["the responses are deconvolved already: that rung is the one before it."]
    if not np.isfinite(found.indicator_decay_s):
        return None, "", [
            "nothing is deconvolved: the session has no deconvolved traces, and the indicator's "
            "decay is not known."
        ]  # fmt: skip
    filled = np.stack([raw.of(showing) for showing in range(found.showings)])
    made = differenced(filled, found.clip_rate_hz, found.indicator_decay_s)
    return Signal(made, raw.showings), "difference", [
        "the session has no deconvolved traces: what each frame adds to an indicator that decays "
        f"in {found.indicator_decay_s:g} s stands for them."
    ]  # fmt: skip


def _refuse_unseen(found: FrameResponses) -> None:
    if not np.asarray(found.shown).any():
        raise AnalysisError("no frame of any clip was shown while cells were recorded.")
