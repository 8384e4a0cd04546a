"""Codes of pictures, decoded from responses by ridge and brought to the variance of codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from twophoton_decode.decoding.fitting.thin_weights import ThinWeights
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import hat_matrices
from twophoton_decode.decoding.ridge.strength import (
    STRENGTHS,
    choose_penalty,
    held_out_residual,
    members_by_size,
)
from twophoton_decode.statistics.by_image import mean_by_image

PENALTIES = STRENGTHS[::2]
_NOTHING = 1e-6
"""Share of a channel's standard deviation below which ridge decodes nothing of it."""


@dataclass(frozen=True, eq=False)
class DecodedVariance:
    """How much left-out decoded codes vary in each channel, (channels,).

    Attributes
    ----------
    signal : ndarray
        Mean square over images, for ever so many trials.
    noise : ndarray
        What a single trial adds to it; zero where no image was shown twice.
    """

    signal: np.ndarray
    noise: np.ndarray

    def of_mean_over(self, trials: int) -> np.ndarray:
        """Mean square of codes that are decoded from means over so many trials."""
        return self.signal + self.noise / trials


@dataclass(frozen=True, eq=False)
class CodeRidge:
    """Responses to codes, fitted to training images.

    Minimises ‖Z − RH‖² + α‖H‖² over single trials; one strength α for the whole code, with the
    smallest squared error on images left out inside training. Ridge shrinks what it cannot
    predict, and a decoder of codes makes grey pictures of shrunken codes. So each channel is
    scaled about the mean code until codes decoded of left-out training images vary as much as
    the codes of training images do [ours; variance of units as in Shen et al. 2019]. Means over
    several trials are less noisy, and are scaled less.

    Attributes
    ----------
    centre : ndarray, shape (cells,)
        Mean training response.
    mixture : ThinWeights
        (cells, images).
    codes : ndarray of float32, shape (images, values)
        Of training images, minus `mean`.
    mean : ndarray of float32, shape (values,)
    channel : ndarray of int, shape (values,)
        The channel of each value of a code.
    spread : ndarray, shape (channels,)
        Standard deviation of training codes about the mean code.
    decoded : DecodedVariance
    left_out : ndarray of float32, shape (images, images)
        From codes to what is decoded of each training image by a fit without its group, from
        the mean over its trials, before scaling.
    strength : float
        Relative to the mean eigenvalue of RᵀR.
    warnings : tuple of str
    """

    centre: np.ndarray
    mixture: ThinWeights
    codes: np.ndarray
    mean: np.ndarray
    channel: np.ndarray
    spread: np.ndarray
    decoded: DecodedVariance
    left_out: np.ndarray
    strength: float
    warnings: tuple[str, ...]

    @classmethod
    def fit(cls, training: TrainingResponses, codes: np.ndarray, channel: np.ndarray) -> Self:
        """Fit codes (images, values), one row for each target of `training`."""
        training.require_change()
        mean = training.mean_target(codes).astype(np.float32)
        codes = codes - mean
        choice = choose_penalty(training, PENALTIES)(codes)
        hat = hat_matrices(training)(choice.strength)
        residual = held_out_residual(hat, members_by_size(training.group), None)
        single = np.eye(len(codes), dtype=np.float32)[training.target]
        # The identity's residuals are about its mean over presentations, as the fit is.
        single -= (training.repeats / training.presentations).astype(np.float32)
        single -= residual.astype(np.float32)
        average = mean_by_image(single, training.target, len(codes)).astype(np.float32)
        squares = _channel_squares(codes, channel)
        return cls(
            centre=training.mean,
            mixture=hat.mixture,
            codes=codes,
            mean=mean,
            channel=channel,
            spread=np.sqrt(np.einsum("cii->c", squares) / len(codes)),
            decoded=_decoded_variance(single, average, squares, training.repeats),
            left_out=average,
            strength=choice.strength * training.cells / training.variance,
            warnings=choice.warnings,
        )

    def predict(self, R: np.ndarray, trials: int = 1) -> np.ndarray:
        """Codes (n, values) of responses (n, cells) that are means over so many trials."""
        share = ((R - self.centre) @ self.mixture).astype(np.float32)
        return self.mean + (share @ self.codes) * self._gain(trials)

    def of_left_out(self, images: np.ndarray, repeats: np.ndarray) -> np.ndarray:
        """Codes of training images by fits without them, from the means over their trials.

        Parameters
        ----------
        images : ndarray of int, shape (n,)
            Rows of the codes that were fitted.
        repeats : ndarray of int, shape (images of the training,)
            Trials of each.
        """
        made = self.left_out[images] @ self.codes
        gain = np.stack([self._gain(int(repeats[each])) for each in images])
        return self.mean + made * gain

    def _gain(self, trials: int) -> np.ndarray:
        found = np.sqrt(self.decoded.of_mean_over(trials))
        something = found > _NOTHING * self.spread
        gain = np.divide(self.spread, found, out=np.zeros_like(found), where=something)
        return gain.astype(np.float32)[self.channel]


def _channel_squares(codes: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """Mean over the values of a channel of their products between images, (channels, n, n)."""
    channels = int(channel.max()) + 1
    of_channel = [codes[:, channel == number] for number in range(channels)]
    return np.stack([each @ each.T / each.shape[1] for each in of_channel])


def _decoded_variance(
    single: np.ndarray, average: np.ndarray, squares: np.ndarray, repeats: np.ndarray
) -> DecodedVariance:
    """From what is decoded of left-out presentations, and of means over an image's trials.

    With noise that is independent over trials, the mean square of the first is signal + noise,
    that of the second signal + noise times the mean of 1 / trials.
    """
    of_single, of_average = (
        np.einsum("ij,cij->c", made.T @ made, squares) / len(made) for made in (single, average)
    )
    share = float(np.mean(1 / repeats))
    if share > 1 - 1e-9:
        return DecodedVariance(of_single, np.zeros_like(of_single))
    noise = np.clip((of_single - of_average) / (1 - share), 0, of_single)
    return DecodedVariance(of_single - noise, noise)
