"""Chance for ridge and least squares: many permutations of the images, all refitted, at once.

What such a decoder makes of a test response is a sum of the training pictures whose weights
do not depend on the pictures, apart from the strength that is chosen for them. So refits with
permuted images need no more than inner products of pictures, and no pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeGuard

import numpy as np

from twophoton_decode.decoding.deletion import MOST_IMAGES, PictureProducts
from twophoton_decode.decoding.fitting.readout import Readout, RidgeMixing
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import hat_matrices, is_large
from twophoton_decode.decoding.ridge.strength import absolute_strengths, shared_form
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.statistics.by_image import mean_by_image

CONSTANT = 1e-24
"""Share of the summed squares of its parts below which a reconstruction is only rounding."""
AT_ONCE = 50
"""Permutations whose products are held in memory together."""


def permutes_at_once(
    readout: Readout, training: TrainingResponses, images: int
) -> TypeGuard[RidgeMixing]:
    """Whether `PermutedRidge` can stand for refits of the decoder that this was fitted by."""
    ridge = isinstance(readout, RidgeMixing)
    return ridge and images <= MOST_IMAGES and not is_large(training)


@dataclass(frozen=True, eq=False)
class PermutedRidge:
    """One fold of ridge or least squares, for any assignment of the images.

    Attributes
    ----------
    training : TrainingResponses
        As the decoder reads them.
    readout : RidgeMixing
        Fitted to `training` and the images as they were shown.
    response : ndarray, shape (rows, cells)
        Test responses minus the training mean.
    shown, known : ndarray of int
        The image of each test response, and those trained on.
    products : PictureProducts
        Of all images.
    features : ndarray, shape (images, images)
        Inner products of their features, about the mean over images.
    """

    training: TrainingResponses
    readout: RidgeMixing
    response: np.ndarray
    shown: np.ndarray
    known: np.ndarray
    products: PictureProducts
    features: np.ndarray

    def scores(self, orders: np.ndarray) -> np.ndarray:
        """R per trial and of trial averages under each order, (2, orders, test images).

        Order[i] is the image in place of i; test images are ascending.
        """
        choices = self._chosen(orders)
        scores = np.empty((2, len(orders), len(np.unique(self.shown))))
        for choice in np.unique(choices):
            rows = np.flatnonzero(choices == choice)
            made = in_threads(partial(self._score, self._weights(choice)), orders[rows])
            scores[:, rows] = np.stack(made, axis=1)
        return scores

    def _chosen(self, orders: np.ndarray) -> np.ndarray:
        """The strength that each order chooses by images left out inside training.

        The index of the fitted decoder's own strengths; -1 where it has none to choose from.
        """
        alphas = self._alphas()
        if len(alphas) < 2:
            return np.full(len(orders), len(alphas) - 1)
        forms = np.stack([shared_form(self.training, alpha).ravel() for alpha in alphas])
        chosen = [np.empty(0, dtype=np.int64)]
        for start in range(0, len(orders), AT_ONCE):
            some = orders[start : start + AT_ONCE, self.known]
            products = self.features[some[:, :, None], some[:, None, :]]
            chosen.append((forms @ products.reshape(len(some), -1).T).argmin(axis=0))
        return np.concatenate(chosen)

    def _alphas(self) -> np.ndarray:
        return absolute_strengths(self.training, self.readout.choices)

    def _weights(self, choice: int) -> tuple[np.ndarray, np.ndarray]:
        """Of the training images in reconstructions minus m, (rows, targets), and squared.

        The test responses first, then their averages over each image.
        """
        mixture = self.readout.mixture
        if choice >= 0:
            mixture = hat_matrices(self.training)(float(self._alphas()[choice])).mixture
        weights = self.response @ mixture
        weights = weights - weights.sum(axis=1, keepdims=True) * self._mean
        images, image = self._tested
        weights = np.concatenate([weights, mean_by_image(weights, image, len(images))])
        return weights, weights**2

    def _score(self, weights: tuple[np.ndarray, np.ndarray], order: np.ndarray) -> np.ndarray:
        """R per trial, then averaged, and of averages, (2, test images)."""
        rows, squared = weights
        images, image = self._tested
        known, shown = order[self.known], order[images]
        raw, mixed = self.products.raw, self.products.mixed.take(known, axis=0)
        among = self.products.decoded.take(known, axis=0).take(known, axis=1)
        # An order may take a picture more than once, where groups of alike ones differ in size.
        whole = np.bincount(known, self._mean, len(raw))
        # Training images, as decoded, with the test images minus m; and the latter's squares.
        target = mixed.take(shown, axis=1) - (mixed @ whole)[:, None]
        to_mean = raw @ whole
        square = raw[shown, shown] - 2 * to_mean[shown] + whole @ to_mean
        own = np.concatenate([image, np.arange(len(images))])
        product = (rows @ target)[np.arange(len(own)), own]
        norm = np.einsum("ij,ij->i", rows @ among, rows)
        r = _correlation(product, norm, squared @ among.diagonal(), square[own])
        single = mean_by_image(r[: len(image)], image, len(images))
        return np.stack([single, r[len(image) :]])

    @cached_property
    def _tested(self) -> tuple[np.ndarray, np.ndarray]:
        """The test images, and which of them each test response is of."""
        images, image = np.unique(self.shown, return_inverse=True)
        return images, image

    @property
    def _mean(self) -> np.ndarray:
        """m as a sum of training images, (targets,)."""
        return self.training.repeats / self.training.presentations


def _correlation(
    product: np.ndarray, norm: np.ndarray, parts: np.ndarray, square: np.ndarray
) -> np.ndarray:
    """R from inner products; 0 where one is constant, so that only rounding is left.

    `parts` are the summed squares of what each reconstruction is a sum of.
    """
    varies = (norm > CONSTANT * parts) & (square > 0)
    return np.where(varies, product / np.sqrt(np.where(varies, norm * square, 1.0)), 0.0)
