"""Responses to pictures: what ridge learned, and the inversion that makes pictures of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.decoding.feature_decoding import FoldDecoder
from twophoton_decode.deep.inversion.critic import Target
from twophoton_decode.deep.inversion.inversion import Inverted
from twophoton_decode.deep.inversion.latent import Latent
from twophoton_decode.deep.inversion.readout.codes import CodeReadout
from twophoton_decode.deep.inversion.readout.features import FeatureReadout
from twophoton_decode.deep.inversion.studio import PULL, Studio
from twophoton_decode.deep.inversion.working_size import Brightness, averaged


@dataclass(frozen=True, eq=False)
class PictureReadout:
    """Fitted to the mean responses to training pictures.

    Attributes
    ----------
    studio : Studio
    features : FeatureReadout
    code : CodeReadout or None
        None where there is no generator.
    colour : ndarray, shape (3,)
        Mean of the training pictures.
    brightness : Brightness
        From luma to the session's pictures.
    """

    studio: Studio
    features: FeatureReadout
    code: CodeReadout | None
    colour: np.ndarray
    brightness: Brightness

    @classmethod
    def fit(
        cls, studio: Studio, known: np.ndarray, average: np.ndarray, content: np.ndarray,
        shown: np.ndarray,
    ) -> PictureReadout:  # fmt: skip
        """Ridge to every layer and to the code, all from one decomposition of the responses.

        Parameters
        ----------
        known : ndarray of int, shape (images,)
            The training pictures among those of the studio.
        average : ndarray, shape (images, cells)
        content : ndarray of int, shape (images,)
            Images of equal numbers are left out together inside training.
        shown : ndarray, shape (images, y, x)
            The pictures as the session has them.
        """
        part = FoldDecoder.of(average, content, np.arange(len(known)))
        pictures = studio.pictures(known)
        return cls(
            studio,
            FeatureReadout.fit(part, studio.layers(known)),
            _code_readout(studio, part, known, pictures),
            pictures.mean(axis=(0, 2, 3)),
            Brightness.of(averaged(pictures, shown.shape[1:]), shown),
        )

    def invert(
        self, response: np.ndarray, target: Target | None = None, *, generator: bool = True
    ) -> Inverted:
        """The picture of one response (cells,), optimised from where it starts.

        Parameters
        ----------
        target : Target, optional
            Features of one picture that stand for those decoded.
        generator : bool
            False: pixels, although there is a generator.
        """
        row = np.asarray(response, float)[None]
        wanted = self.features(row) if target is None else target
        inversion = self.studio.inversion(generator=generator)
        return inversion(self.latent(row, generator=generator), wanted)

    def latent(self, row: np.ndarray, *, generator: bool = True) -> Latent:
        """Where the picture of a response (1, cells) starts: its decoded code, or flat colour.

        The prior on a code is what ridge says: the code of its picture, and what that leaves open.
        """
        if self.code is None or not generator:
            return Latent(self.studio.pixels.flat(self.colour))
        start, centre = self.code(row)
        return Latent(start, centre, self.code.variance, PULL)

    def at_working_size(self, pictures: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """Pictures (n, 3, side, side) as the session has its own, (n, y, x)."""
        return self.brightness(averaged(pictures, shape))


def _code_readout(
    studio: Studio, part: FoldDecoder, known: np.ndarray, pictures: np.ndarray
) -> CodeReadout | None:
    if studio.generator is None:
        return None
    channels = pictures[:, : studio.pixels.channels]
    return CodeReadout.fit(part, channels, studio.codes(known), studio.generator.autoencoder.encode)
