"""Chance for ridge and least squares: many permutations of the images, all refitted, at once.

What such a decoder makes of a test response is a sum of the training pictures whose weights
do not depend on the pictures, apart from the strength that is chosen for them. So refits with
permuted images need no more than inner products of pictures, and no pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from twophoton_decode.decoding.deletion import MOST_IMAGES, PictureProducts, has_closed_form
from twophoton_decode.decoding.hat import hat_matrices, is_large
from twophoton_decode.decoding.leave_group_out import absolute_strengths, shared_form
from twophoton_decode.decoding.training import TrainingResponses
from twophoton_decode.kernels.sharing import in_threads
from twophoton_decode.statistics.by_image import mean_by_image

CONSTANT = 1e-24
"""Share of the summed squares of its parts below which a reconstruction is only rounding."""
AT_ONCE = 50
"""Permutations whose products are held in memory together."""


def permutes_at_once(decoder: Any, training: TrainingResponses, images: int) -> bool:
    """Whether `PermutedRidge` can stand for refits of this decoder."""
    return has_closed_form(decoder) and images <= MOST_IMAGES and not is_large(training)


@dataclass(frozen=True, eq=False)
class PermutedRidge:
    """One fold of ridge or least squares, for any assignment of the images.

    Attributes
    ----------
    training : TrainingResponses
        As the decoder reads them.
    decoder : Any
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
    decoder: Any
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
        strengths = getattr(self.decoder, "strengths", ())
        return absolute_strengths(self.training, strengths)

    def _weights(self, choice: int) -> tuple[np.ndarray, np.ndarray]:
        """Of the training images in each test reconstruction minus m: per trial, of averages."""
        mixture = self.decoder.mixture_
        if choice >= 0:
            mixture = hat_matrices(self.training)(float(self._alphas()[choice])).mixture
        weights = self.response @ mixture
        weights = weights - weights.sum(axis=1, keepdims=True) * self._mean
        images, image = self._tested
        return weights, mean_by_image(weights, image, len(images))

    def _score(self, weights: tuple[np.ndarray, np.ndarray], order: np.ndarray) -> np.ndarray:
        """R per trial, then averaged, and of averages, (2, test images)."""
        images, image = self._tested
        known, shown = order[self.known], order[images]
        raw, decoded, mixed = self.products.raw, self.products.decoded, self.products.mixed[known]
        whole = np.zeros(len(raw))
        whole[known] = self._mean
        # Training images, as decoded, with the test images minus m; and the latter's squares.
        target = mixed[:, shown] - (mixed @ whole)[:, None]
        to_mean = raw @ whole
        squares = raw[shown, shown] - 2 * to_mean[shown] + whole @ to_mean
        among = decoded[known[:, None], known]
        per_trial, average = weights
        single = _correlation(per_trial, among, target[:, image], squares[image])
        return np.stack(
            [
                mean_by_image(single, image, len(images)),
                _correlation(average, among, target, squares),
            ]
        )

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
    weights: np.ndarray, among: np.ndarray, target: np.ndarray, squares: np.ndarray
) -> np.ndarray:
    """R of sums of training images with targets, from inner products; 0 where one is constant."""
    product = np.einsum("ij,ji->i", weights, target)
    norm = np.einsum("ij,ij->i", weights @ among, weights)
    varies = (norm > CONSTANT * (weights**2 @ np.diag(among))) & (squares > 0)
    root = np.sqrt(np.where(varies, norm * squares, 1.0))
    return np.where(varies, product / root, 0.0)
