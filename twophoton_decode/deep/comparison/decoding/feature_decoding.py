"""Features of a network decoded from responses: ridge, every image by a fit that never saw it.

A layer's units are decoded together: one penalty a layer, chosen inside training; what depends
on the responses alone is computed once for all units and layers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from twophoton_decode.decoding.fitting.thin_weights import ThinWeights
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import Hat, hat_matrices
from twophoton_decode.decoding.ridge.strength import (
    STRENGTHS,
    Choice,
    choose_penalty,
    held_out_residual,
    members_by_size,
)
from twophoton_decode.decoding.scoring.scores import unit_rows

PENALTIES = STRENGTHS[::2]
"""Penalties to choose from, relative to the mean eigenvalue of RᵀR: two per decade."""
CONSTANT = 1e-6
"""Range of a unit over pictures, as a share of its largest value, that is rounding alone."""


@dataclass(frozen=True, eq=False)
class Standard:
    """Mean and standard deviation of each unit over training images, (units,)."""

    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> Standard:
        """From features (images, units), none of them constant."""
        mean, sd = (of(axis=0, dtype=np.float64) for of in (features.mean, features.std))
        return cls(mean.astype(np.float32), sd.astype(np.float32))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Features (…, units) in training SD from the training mean, float32."""
        centred = np.asarray(features, dtype=np.float32) - self.mean
        centred /= self.sd
        return centred


@dataclass(frozen=True, eq=False)
class LayerDecoder:
    """Responses to the features of one layer, fitted to the training images of one fold.

    Attributes
    ----------
    centre : ndarray, shape (cells,)
        Mean training response.
    mixture : ThinWeights
        (cells, training images).
    targets : ndarray, shape (training images, units)
        Their features, standardised.
    gain : ndarray, shape (units,)
        Brings what is decoded to the standard deviation of training; see `FoldDecoder.fit`.
    standard : Standard
    alpha : float
        Ridge penalty.
    strength : float
        The same, relative to the mean eigenvalue of RᵀR.
    """

    centre: np.ndarray
    mixture: ThinWeights
    targets: np.ndarray
    gain: np.ndarray
    standard: Standard
    alpha: float
    strength: float

    def predicted(self, R: np.ndarray) -> np.ndarray:
        """Features (n, units) in training SD as ridge predicts them, from responses (n, cells)."""
        share = ((R - self.centre) @ self.mixture).astype(np.float32)
        return np.asarray(share @ self.targets)

    def patterns(self, R: np.ndarray) -> np.ndarray:
        """Standardised features (n, units) of responses (n, cells)."""
        return self.predicted(R) * self.gain

    def features(self, R: np.ndarray) -> np.ndarray:
        """The same in the units of the features that it was fitted to."""
        return self.patterns(R) * self.standard.sd + self.standard.mean


@dataclass(frozen=True, eq=False)
class FoldDecoder:
    """One fold: what its training responses give to the decoders of all layers.

    Parameters
    ----------
    training : TrainingResponses
        Mean response of each training image, which is its own target.
    known : ndarray of int, shape (training images,)
    """

    training: TrainingResponses
    known: np.ndarray
    _left_out: dict[float, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, average: np.ndarray, content: np.ndarray, known: np.ndarray) -> FoldDecoder:
        """From mean responses (images, cells); images of equal `content` stay together inside."""
        group = np.unique(content[known], return_inverse=True)[1]
        return cls(TrainingResponses(average[known], np.arange(len(known)), group), known)

    def fit(self, features: np.ndarray) -> LayerDecoder:
        """Decode a layer's features (images, units) of the training images.

        The penalty has the smallest squared error, in training SD and over all units, on
        images left out inside training. Ridge shrinks what it cannot predict, so each unit is
        then scaled: predictions of images left out inside training get the standard deviation
        that the unit has there [field: Shen et al. 2019].
        """
        standard = Standard.of(features[self.known])
        targets = standard(features[self.known])
        alpha = self._choose(targets).strength
        spread = (targets - self._residual(alpha) @ targets).std(axis=0)
        return LayerDecoder(
            centre=self.training.mean,
            mixture=self._hats(alpha).mixture,
            targets=targets,
            gain=np.divide(1, spread, out=np.zeros_like(spread), where=spread > CONSTANT),
            standard=standard,
            alpha=alpha,
            strength=alpha * self.training.cells / self.training.variance,
        )

    def left_out(self, decoder: LayerDecoder) -> np.ndarray:
        """What fits without an image's group predict of it, (images, units), in training SD.

        From the mean of the images that they were fitted to: it leans away from the image that
        is left out, so that with few images all would seem to be decoded worse than by chance.
        """
        found = decoder.targets - self._residual(decoder.alpha) @ decoder.targets
        group = self.training.group
        sums = np.zeros((int(group.max()) + 1, found.shape[1]), np.float32)
        np.add.at(sums, group, decoder.targets)
        others = len(group) - np.bincount(group)
        return np.asarray(found + sums[group] / np.maximum(others, 1)[group, None])

    def told_apart(self, decoder: LayerDecoder) -> float:
        """Two-way identification of training images left out inside training; chance is one half.

        Candidates are the other training images.
        """
        group = self.training.group
        fit = unit_rows(self.left_out(decoder)) @ unit_rows(decoder.targets).T
        own, other = np.diag(fit)[:, None], group[:, None] != group
        worse = (fit < own) + 0.5 * (fit == own)
        return float((worse * other).sum() / max(other.sum(), 1))

    @cached_property
    def _choose(self) -> Callable[[np.ndarray], Choice[float]]:
        return choose_penalty(self.training, PENALTIES)

    @cached_property
    def _hats(self) -> Callable[[float], Hat]:
        return hat_matrices(self.training)

    def _residual(self, alpha: float) -> np.ndarray:
        """Any targets to their residuals where their group was left out, (images, images)."""
        if alpha not in self._left_out:
            groups = members_by_size(self.training.group)
            found = held_out_residual(self._hats(alpha), groups, None)
            self._left_out[alpha] = found.astype(np.float32)
        return self._left_out[alpha]
