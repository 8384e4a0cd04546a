"""Codes of an autoencoder decoded from responses, and made into pictures."""

from __future__ import annotations

import time
from typing import ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.deep.latent.codes import Remembered
from twophoton_decode.deep.latent.decoded_codes import DecodedCodes
from twophoton_decode.deep.latent.opened import opened_codes
from twophoton_decode.deep.latent.picture_scale import PictureScale
from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.errors import ArgumentError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.statistics.by_image import identical_rows
from twophoton_decode.words import counted

FEWEST = 64
"""Different training images, near-duplicates counted once, below which ridge stays as it is."""


class Decoder(BaseEstimator):  # type: ignore[misc]
    """Codes of an autoencoder by ridge, and its pictures of them (docs/methods/latent.md).

    A code is that of ridge's picture plus what ridge decodes of the code itself, so strongly
    that codes vary as those of pictures do [ours; latents by ridge as in Takagi & Nishimoto
    2023]. Pictures are finer than the session's; averaged to its size they are encoded as
    features. With few training images ridge stays as it is, which `warnings_` says.

    Parameters
    ----------
    space : LinearFeatures
        The features it decodes.
    session : SessionContext, optional
        Where finer pictures, weights and settings come from.
    """

    ridge_: Ridge
    codes_: DecodedCodes | None
    scale_: PictureScale
    warnings_: list[str]
    seconds_per_picture_: float

    name: ClassVar = "latent"
    settings_read: ClassVar[tuple[str, ...]] = (
        "deep.generator", "deep.weights", "deep.input_px", "deep.colour", "source.images",
        "source.image_shape", "source.image_axes",
    )  # fmt: skip
    sources_read: ClassVar[tuple[str, ...]] = ("images",)

    def __init__(
        self, space: LinearFeatures | None = None, session: SessionContext | None = None
    ) -> None:
        self.space = space
        self.session = session

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """For features alone; `fit` then enlarges the pictures that they show."""
        return cls(space)

    @classmethod
    def for_session(cls, space: LinearFeatures, session: SessionContext) -> Self:
        """As the session's ``[deep]`` says.

        Raises
        ------
        WeightsError
            The autoencoder's weights are missing or damaged.
        DeviceError
            The device is not there.
        """
        made = cls(space, session)
        made._opened()
        return made

    def fit(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray | None = None) -> Self:
        """As `fit_long`, silently; groups are identical rows of Y by default."""
        groups = identical_rows(Y)[0] if groups is None else groups
        return self.fit_long(R, Y, groups, TrainingRun())

    def fit_long(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray, run: TrainingRun) -> Self:
        """Fit ridge to features, pictures and codes.

        Parameters
        ----------
        R : ndarray, shape (presentations, cells)
        Y : ndarray, shape (presentations, features)
        groups : ndarray of int, shape (presentations,)
        run : TrainingRun
            There is nothing to resume: its progress and seed are used.
        """
        space = self._space()
        self.ridge_ = Ridge.for_features(space).fit(R, Y, groups=groups)
        self.codes_, self.warnings_ = None, list(self.ridge_.warnings_)
        self.seconds_per_picture_ = 0.0
        target, first = identical_rows(Y)
        finer, notes = self._finer(Y[first])
        self.scale_ = PictureScale.of(space, Y[first], finer)
        different, group = np.unique(groups, return_inverse=True)
        if different.size < FEWEST:
            few = counted(different.size, "training image")
            self.warnings_.append(
                f"ridge stays as it is: {few} cannot show how codes of pictures vary; at least "
                f"{FEWEST} are needed, near-duplicates counted once."
            )
            return self
        self.warnings_ += [*notes, *self.scale_.notes]
        self._fit_codes(TrainingResponses(np.asarray(R, float), target, group), finer, run)
        begun = time.monotonic()
        self._pictures(R[:1], 1)
        self.seconds_per_picture_ = time.monotonic() - begun
        return self

    def _fit_codes(self, training: TrainingResponses, finer: np.ndarray, run: TrainingRun) -> None:
        """Fit to pictures (images, 3, side, side), one for each target of `training`."""
        self.codes_ = DecodedCodes.fit(
            training, finer, self.scale_, self._opened(), run.seed, run.progress
        )

    def _finer(self, features: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        """Pictures (n, 3, side, side) of rows of features; without a session, what these show."""
        session, space = self._context, self._space()
        if self.session is None:
            name = np.arange(len(features)).astype(str)
            session = session.about(name, space.decode(features), features)
        found = session.finer(max(session.deep.input_px, *space.shape))
        return found.of(features), found.notes

    @property
    def _context(self) -> SessionContext:
        return self.session or NO_SESSION

    def _opened(self) -> tuple[Generator, Remembered]:
        session = self._context
        return opened_codes(session.deep.generator, session.weights, session.deep.device)

    def predict(self, R: np.ndarray) -> np.ndarray:
        """Features (n, features) of responses (n, cells)."""
        return self.predict_mean(R, 1)

    def predict_mean(self, R: np.ndarray, trials: int) -> np.ndarray:
        """The same of responses that are means over so many trials."""
        check_is_fitted(self, "ridge_")
        if self.codes_ is None:
            return np.asarray(self.ridge_.predict(R))
        return self.scale_.features(self._pictures(R, trials))

    def finer_pictures(self, R: np.ndarray) -> np.ndarray:
        """Grey pictures (n, side, side) from 0 to 1, of means over the usual number of trials."""
        check_is_fitted(self, "ridge_")
        if self.codes_ is None:
            made = self.scale_.of_features(self.ridge_.predict(R))
        else:
            made = self._pictures(R, self.codes_.usual_trials)
        return np.asarray(made.mean(axis=1))

    def _pictures(self, R: np.ndarray, trials: int) -> np.ndarray:
        assert self.codes_ is not None
        return self.codes_.pictures(self.codes_.codes(R, trials))

    def _space(self) -> LinearFeatures:
        if self.space is None:
            raise ArgumentError(
                f"{self.name} needs to know the feature space whose pictures it makes: give it one "
                "by for_features(space)."
            )
        return self.space
