"""Decoded codes, cleaned by a denoiser that is told what the picture is about."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.near_duplicates import NEAR_DUPLICATE
from twophoton_decode.deep.decoders import latent
from twophoton_decode.deep.latent.content import DecodedContent
from twophoton_decode.deep.latent.decoded_codes import DecodedCodes
from twophoton_decode.deep.latent.denoiser.pictures import refuse_known
from twophoton_decode.deep.latent.diffusion import Diffusion, Drive, Sampling
from twophoton_decode.deep.latent.opened import (
    OpenedDenoiser,
    opened_denoiser,
    refuse_other_codes,
)
from twophoton_decode.deep.latent.populations import sources
from twophoton_decode.errors import WeightsError
from twophoton_decode.features import LinearFeatures


class Decoder(latent.Decoder):
    """z from one population, c from another, and a denoiser (docs/methods/latent.md).

    The decoded code z is given noise, which a denoiser takes off again, told c: the first
    components of a network's last layer, decoded from cells [Takagi & Nishimoto 2023; the
    denoiser is ours, and small]. One sample from a fixed seed, never the best of several.

    Parameters
    ----------
    space : LinearFeatures
        The features it decodes.
    session : SessionContext
        Its ``deep.denoiser`` is needed.
    """

    diffusion_: Diffusion

    name: ClassVar = "latent-diffusion"
    settings_read: ClassVar[tuple[str, ...]] = (
        *latent.Decoder.settings_read, "deep.denoiser", "deep.denoiser_strength",
        "deep.denoiser_steps", "deep.driven_by", "deep.z_population", "deep.c_population",
    )  # fmt: skip
    sources_read: ClassVar[tuple[str, ...]] = (*latent.Decoder.sources_read, "deep.denoiser")

    @classmethod
    def for_session(cls, space: LinearFeatures, session: SessionContext) -> Self:
        """As the session's ``[deep]`` says.

        Raises
        ------
        WeightsError
            The denoiser or the autoencoder is missing, damaged, or not made for the other.
        DeviceError
            The device is not there.
        """
        made = cls(space, session)
        made._opened()
        made._denoiser()
        return made

    def _fit_codes(self, training: TrainingResponses, finer: np.ndarray, run: TrainingRun) -> None:
        deep, found = self._context.deep, self._denoiser()
        generator, remembered = self._opened()
        refuse_other_codes(
            self._file(), found.denoiser, generator, finer.shape[-1], deep.colour == "grey"
        )
        refuse_known(found.denoiser, finer, NEAR_DUPLICATE, str(self._file()))
        of = sources(training.cells, self._context.population, deep.z_population, deep.c_population)

        def of_cells(cells: np.ndarray) -> TrainingResponses:
            return TrainingResponses(training.responses[:, cells], training.target, training.group)

        self.codes_ = DecodedCodes.fit(
            of_cells(of.of_code),
            finer,
            self.scale_,
            (generator, remembered),
            run.seed,
            run.progress,
        )
        features = found.features.of(finer, run.progress)
        content = DecodedContent.fit(of_cells(of.of_content), found.denoiser.components(features))
        sampling = Sampling(deep.denoiser_strength, deep.denoiser_steps, run.seed)
        self.diffusion_ = Diffusion(self.codes_, content, of, found.denoiser, sampling)
        self.warnings_ += of.notes

    def driven(self, R: np.ndarray, trials: int, drive: Drive) -> np.ndarray:
        """Features (n, features) by z alone, by c alone, or by both; ridge's where it stays."""
        if self.codes_ is None:
            return self.predict_mean(R, trials)
        made = self.diffusion_.sample(R, trials, drive)
        return self.scale_.features(self.diffusion_.codes.pictures(made))

    def _pictures(self, R: np.ndarray, trials: int) -> np.ndarray:
        made = self.diffusion_.sample(R, trials, self._context.deep.driven_by)
        return self.diffusion_.codes.pictures(made)

    def _denoiser(self) -> OpenedDenoiser:
        session = self._context
        return opened_denoiser(self._file(), session.weights, session.deep.device)

    def _file(self) -> Path:
        if self._context.denoiser is None:
            raise WeightsError(
                "latent-diffusion needs a denoiser: `tpdecode deep train-denoiser FOLDER -o FILE` "
                "makes one from a folder of other pictures; then give `--denoiser FILE`, or set "
                "denoiser in [deep]."
            )
        return self._context.denoiser
