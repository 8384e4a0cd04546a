"""Frames through the codes of an autoencoder, each by itself, and each after the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from twophoton_decode.deep.latent.matching import Moments
from twophoton_decode.deep.latent.picture_scale import PictureScale
from twophoton_decode.deep.movies.choice import Choice
from twophoton_decode.deep.movies.moments import LinearMap
from twophoton_decode.deep.movies.parts import FoldSums, sums_of_folds
from twophoton_decode.deep.movies.showings import Clips, Signal
from twophoton_decode.deep.movies.smoothing import smoothed
from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.progress import Progress, silent

ALONE = "latent"
ANCHORED = "latent, after the frame before"
KEPT = (0.0, 0.25, 0.5, 0.75)
"""Shares of the code before, to choose from."""
LOOKED_AT, RUN = 6, 8
"""Training clips, and successive frames of each, on which codes are matched, the share chosen."""
MOST_BYTES = 2 * 2**30


@dataclass(eq=False)
class FrameLatents:
    """An autoencoder through which decoded frames go (docs/methods/latent.md).

    Attributes
    ----------
    clips : Clips
    generator : Generator
    side : int
        To which frames are enlarged, px.
    seed : int
    progress : callable
    kept : ndarray, shape (folds,)
        The share of the code before that each fold chose.
    """

    clips: Clips
    generator: Generator
    side: int
    seed: int
    progress: Progress = silent
    kept: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.kept = np.zeros(self.clips.folds)
        self._of_code = self.generator.latent_shape(self.side)
        size = 4 * self.clips.pixels[..., 0].size * int(np.prod(self._of_code))
        if size > MOST_BYTES:
            raise AnalysisError(
                f"the codes of {self.clips.pixels[..., 0].size} frames at {self.side} px take "
                f"{size / 2**30:.1f} GB, more than {MOST_BYTES / 2**30:.0f} GB. Lower input_px "
                "under [deep], or leave movie_latents out."
            )

    @cached_property
    def scale(self) -> PictureScale:
        """Between pixels of clips and the generator's, from 0 to 1."""
        low = min(0.0, float(self.clips.pixels.min()))
        high = max(1.0, float(self.clips.pixels.max()))
        return PictureScale(FeatureSpace(self.clips.shape), high - low, low, self.side, ())

    def of(
        self, signal: Signal, chosen: Sequence[Choice], made: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Tested clips (showings, frames, pixels) by each frame's code alone, and anchored.

        Parameters
        ----------
        chosen : sequence of Choice
            Of each fold, by which `made` was decoded.
        made : ndarray, shape (showings, frames, pixels)
        """
        both = replace(self.clips, pixels=np.concatenate([self.clips.pixels, self._codes], axis=2))
        alone, anchored = np.full_like(made, np.nan), np.full_like(made, np.nan)
        for lags in dict.fromkeys(each.lags for each in chosen):
            for sums in sums_of_folds(signal, both, lags, self.seed):
                if chosen[sums.fold].lags != lags:
                    continue
                self.progress(sums.fold, self.clips.folds, "folds through the autoencoder")
                one = _Fold(self, sums, chosen[sums.fold])
                self.kept[sums.fold] = one.kept
                for showing in sums.showings(sums.fold).tolist():
                    codes = one.codes(showing, made[showing])
                    alone[showing] = self._pixels(codes)
                    anchored[showing] = self._pixels(after_the_one_before(codes, one.kept))
        return alone, anchored

    def encoded(self, frames: np.ndarray) -> np.ndarray:
        """Codes (n, channels, y, x) of frames (n, pixels)."""
        small = ((frames - self.scale.offset) / self.scale.slope).reshape(-1, *self.clips.shape)
        return self.generator.encode(self.scale.enlarged(small))

    def code(self, rows: np.ndarray) -> np.ndarray:
        """Codes (n, channels, y, x) of rows (n, pixels and values)."""
        return rows[:, self.clips.pixels.shape[2] :].reshape(-1, *self._of_code)

    @cached_property
    def _codes(self) -> np.ndarray:
        """Of all frames, (clips, frames, values)."""
        found = []
        for number, frames in enumerate(self.clips.pixels):
            self.progress(number, len(self.clips.pixels), "clips through the autoencoder")
            found.append(self.encoded(frames).reshape(len(frames), -1))
        return np.stack(found)

    @cached_property
    def squares(self) -> np.ndarray:
        """Sums over the frames of each part of squared codes, (parts, channels, y, x)."""
        total = np.zeros((self.clips.parts, *self._of_code))
        for part, codes, frames in zip(
            self.clips.part, self._codes, self.clips.frames, strict=True
        ):
            squared = codes[:frames].astype(float) ** 2
            total[part] += squared.sum(axis=0).reshape(self._of_code)
        return total

    def _pixels(self, codes: np.ndarray) -> np.ndarray:
        return self.scale.features(self.generator.decode(codes.astype(np.float32)))


@dataclass(eq=False)
class _Fold:
    """From responses to codes z = E(x̂) + s (ẑ − z̄), see `latent.matching`, in one fold."""

    latents: FrameLatents
    sums: FoldSums
    choice: Choice

    def __post_init__(self) -> None:
        self.fitted = self.sums.ridge().fit(self.choice.strength)
        self.mean = self.latents.code(self.sums.mean_frame()[None])
        runs = self._held_out_runs()
        first, second, true = (np.concatenate(each) for each in zip(*runs, strict=True))
        self.factor = Moments.of(first, second).factor(self._wanted())[:, None, None]
        length = [len(each[0]) for each in runs]
        codes = np.split(first + self.factor * second, np.cumsum(length)[:-1])
        self.kept = self._best_kept(codes, true - self.mean)

    def codes(self, showing: int, picture: np.ndarray) -> np.ndarray:
        """Codes (frames, channels, y, x) of a tested showing, decoded as `picture`."""
        return self.latents.encoded(picture) + self.factor * self._decoded(self.fitted, showing)[1]

    def _decoded(self, fitted: LinearMap, showing: int) -> tuple[np.ndarray, np.ndarray]:
        """Smoothed pixels, and smoothed codes about their mean."""
        rows = fitted(self.sums.signal.lagged(showing, self.sums.lags))
        rows = smoothed(rows, self.choice.smoothing)
        return rows[:, : self.latents.clips.pixels.shape[2]], self.latents.code(rows) - self.mean

    def _held_out_runs(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """E(x̂), ẑ − z̄ and z of runs of frames of training clips, by fits to others."""
        rng = np.random.default_rng([self.latents.seed, 11, self.sums.fold])
        found, clips = [], self.latents.clips
        groups = self.sums.cross_parts()
        for number in range(LOOKED_AT):
            parts = groups[number % len(groups)]
            showing = int(rng.choice(self.sums.showings(*parts)))
            clip = int(self.sums.signal.showings.clip[showing])
            start = int(rng.integers(max(1, int(clips.frames[clip]) - RUN + 1)))
            run = slice(start, min(start + RUN, int(clips.frames[clip])))
            fitted = self.sums.ridge(*parts).fit(self.choice.strength)
            pixels, decoded = self._decoded(fitted, showing)
            true = self.latents.code(self.sums.clips.pixels[clip, run])
            found.append((self.latents.encoded(pixels[run]), decoded[run], true))
        return found

    def _wanted(self) -> np.ndarray:
        """Mean squares of the codes of training frames about their mean, (channels,)."""
        training = self.sums.training
        frames = sum(
            int(self.latents.clips.frames[self.latents.clips.part == each].sum())
            for each in training
        )
        squares = self.latents.squares[training].sum(axis=0) / frames - self.mean[0] ** 2
        return np.asarray(np.maximum(squares, 0).mean(axis=(1, 2)))

    def _best_kept(self, runs: Sequence[np.ndarray], true: np.ndarray) -> float:
        """The share of the code before at which codes resemble true ones most, by r."""
        fits = []
        for kept in KEPT:
            made = np.concatenate([after_the_one_before(each, kept) for each in runs]) - self.mean
            fits.append(float(np.corrcoef(made.ravel(), true.ravel())[0, 1]))
        return KEPT[int(np.argmax(fits))]


def after_the_one_before(codes: np.ndarray, kept: float) -> np.ndarray:
    """Codes (frames, …), each mixed with so much of the mixed one before it."""
    mixed = codes.copy()
    for frame in range(1, len(codes)):
        mixed[frame] = kept * mixed[frame - 1] + (1 - kept) * codes[frame]
    return mixed
