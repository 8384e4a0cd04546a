"""From responses to codes of pictures, and from these to pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.deep.latent.codes import Remembered
from twophoton_decode.deep.latent.left_out_ridge import LeftOutRidge
from twophoton_decode.deep.latent.matching import Matching, Moments
from twophoton_decode.deep.latent.picture_scale import PictureScale, averaged
from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.progress import Progress, silent

LOOKED_AT = 48
"""Training images, left out, on which the variance of codes is matched."""


@dataclass(frozen=True, eq=False)
class DecodedCodes:
    """Responses to codes (see `matching`), fitted to the training images of one fold.

    Attributes
    ----------
    generator : Generator
    scale : PictureScale
    of_picture, of_code : LeftOutRidge
        To pictures from 0 to 1 at working size, and to codes.
    matching : Matching
    usual_trials : int
        Trials of a training image: their median.
    """

    generator: Generator
    scale: PictureScale
    of_picture: LeftOutRidge
    of_code: LeftOutRidge
    matching: Matching
    usual_trials: int

    @classmethod
    def fit(
        cls,
        training: TrainingResponses,
        finer: np.ndarray,
        scale: PictureScale,
        opened: tuple[Generator, Remembered],
        seed: int,
        progress: Progress = silent,
    ) -> Self:
        """Fit to pictures (images, 3, side, side), averaged to working size, and to their codes."""
        generator, remembered = opened
        codes, small = remembered.of(finer, progress), averaged(finer, scale.space.shape)
        of_picture = LeftOutRidge.fit(training, small.reshape(len(small), -1))
        of_code = LeftOutRidge.fit(training, codes.reshape(len(codes), -1))
        rng = np.random.default_rng([seed, 3])
        image = np.sort(rng.permutation(len(codes))[:LOOKED_AT])
        row = np.array([rng.choice(np.flatnonzero(training.target == each)) for each in image])

        def moments(shares: tuple[np.ndarray, np.ndarray]) -> Moments:
            picture = of_picture.left_out(shares[0]) + of_picture.mean
            shown = scale.enlarged(picture.reshape(-1, *scale.space.shape))
            decoded = of_code.left_out(shares[1]).reshape(-1, *codes.shape[1:])
            return Moments.of(generator.encode(shown), decoded)

        single = moments((of_picture.of_single[row], of_code.of_single[row]))
        average = moments((of_picture.of_average[image], of_code.of_average[image]))
        varying = (of_code.targets.reshape(codes.shape).astype(float) ** 2).mean(axis=(0, 2, 3))
        share, usual = float(np.mean(1 / training.repeats)), int(np.median(training.repeats))
        matching = Matching(single, average, share, varying)
        return cls(generator, scale, of_picture, of_code, matching, max(usual, 1))

    def codes(self, R: np.ndarray, trials: int = 1) -> np.ndarray:
        """Codes (n, channels, y, x) of responses (n, cells) that are means over so many trials."""
        picture = self.of_picture.mean + self.of_picture.deviation(R)
        shown = self.scale.enlarged(picture.reshape(-1, *self.scale.space.shape))
        first = self.generator.encode(shown)
        second = self.of_code.deviation(R).reshape(first.shape)
        factor = self.matching.factor(trials)[:, None, None]
        return (first + factor * second).astype(np.float32)

    def pictures(self, codes: np.ndarray) -> np.ndarray:
        """The generator's pictures (n, 3, side, side) of codes."""
        return self.generator.decode(codes)
