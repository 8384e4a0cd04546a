"""What was shown and what the cells did, as all folds share it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twophoton_decode.decoding.deletion import PictureProducts
from twophoton_decode.features import LinearFeatures


@dataclass(frozen=True, eq=False)
class Trials:
    """What was shown and what the cells did, images with identical pixels being one.

    `response` is (presentations, cells); `image` (presentations,) indexes the rows of
    `pixels` (images, pixels) and `features` (images, features) of the feature `space`.
    Images with equal `content` (images,) show nearly the same, and inner cross-validation keeps
    them together; None where all differ. `named` (presentations,) numbers the images as they
    are named, identical ones too; None where that is `image`.
    """

    response: np.ndarray
    image: np.ndarray
    pixels: np.ndarray
    features: np.ndarray
    space: LinearFeatures
    content: np.ndarray | None = None
    named: np.ndarray | None = None

    def group(self, known: np.ndarray) -> np.ndarray:
        """Number of the group of each image of `known` (n,) among these."""
        if self.content is None:
            return np.arange(len(known))
        return np.unique(self.content[known], return_inverse=True)[1]

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Features (n, features) back to pictures as rows, (n, pixels)."""
        return self.space.decode(features).reshape(len(features), -1)

    def pictures(self, order: np.ndarray, weight: np.ndarray) -> Pictures:
        """The way to pictures of a decoder that was trained on images `order` (targets,).

        `weight` (targets,) is the share of the presentations that each of them has.
        """
        return Pictures(self, order, weight)

    def decode_directions(self, axes: np.ndarray | None) -> np.ndarray:
        """Pictures of `axes` (directions, features), or of the features; made once for each."""
        if id(axes) not in self._directions:
            rows = np.eye(self.features.shape[1]) if axes is None else axes
            self._directions[id(axes)] = (axes, self.decode(rows))
        return self._directions[id(axes)][1]

    @cached_property
    def _directions(self) -> dict[int, tuple[np.ndarray | None, np.ndarray]]:
        """Keeps the axes too, so that no other ones get their number."""
        return {}

    @cached_property
    def decoded(self) -> np.ndarray:
        """Each image through the features and back, (images, pixels)."""
        return self.decode(self.features)

    @cached_property
    def products(self) -> PictureProducts:
        """Inner products of the images and of their `decoded` forms."""
        return PictureProducts.of(self.pixels, self.decoded)

    @cached_property
    def feature_products(self) -> np.ndarray:
        """Inner products of the images' features, about their mean, (images, images)."""
        centred = self.features - self.features.mean(axis=0)
        return centred @ centred.T


@dataclass(frozen=True, eq=False)
class Pictures:
    """The way from the features of one set of training images to pictures, as rows."""

    trials: Trials
    order: np.ndarray
    weight: np.ndarray

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Features (n, features) as pictures, (n, pixels)."""
        return self.trials.decode(features)

    def of_directions(self, axes: np.ndarray | None) -> np.ndarray:
        """Pictures of directions among the features, or of the features: (directions, pixels)."""
        return self.trials.decode_directions(axes)

    @cached_property
    def targets(self) -> np.ndarray:
        """The training images through the features and back, less their mean, (targets, pixels)."""
        decoded = self.trials.decoded[self.order]
        return decoded - self.weight @ decoded
