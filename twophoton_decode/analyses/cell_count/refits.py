"""What refitting a fold's decoder to some cells, images or trials needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twophoton_decode.analyses.fold import FoldTrials, pictures_less_mean
from twophoton_decode.decoding.contract import RidgePenalty
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.errors import UnknownNameError
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.statistics.by_image import sums_by_image

# Below this share of the largest variance, a coordinate of the training images is rounding.
NEGLIGIBLE = 1e-12


def why_not_refitted(decoder: str) -> str:
    """Why a decoder is not refitted, in words; empty if it is.

    Only decoders that declare it are: the weights of a `RidgePenalty` are those of ridge or
    least squares with the strength they report.
    """
    try:
        kind = DECODERS.load(decoder)
    except UnknownNameError:
        kind = None
    if isinstance(kind, type) and issubclass(kind, RidgePenalty):
        return ""
    return (
        f"the weights of {decoder} are not those of ridge or least squares with one strength, and "
        "only such weights are refitted; ridge and all-cells have refitted curves."
    )


def decoded_pictures(reconstruction: Reconstruction) -> np.ndarray:
    """Every image through the features and back, (images, pixels): what a decoder aims at."""
    picture = np.asarray(reconstruction.picture)
    space = FEATURE_SPACES.load(reconstruction.features)(picture.shape[1:])
    decoded: np.ndarray = space.decode(space.encode(picture))
    return decoded.reshape(len(picture), -1).astype(float)


@dataclass(frozen=True)
class Training:
    """The training part of a fold, in coordinates of the training images.

    Attributes
    ----------
    response : ndarray, shape (presentations, cells)
        Training responses as the decoder read them, less R̄.
    image : ndarray of int, shape (presentations,)
        Which training image each presentation showed, 0…
    target : ndarray, shape (training images, pixels)
        Training images through the features and back, less their mean.
    strength : float
        The fold's ridge penalty; 0 for least squares.
    test_response : ndarray, shape (test presentations, cells)
        Those of the fold's own presentations, less R̄.
    shown : ndarray, shape (images, pixels)
        Every image less m.
    """

    response: np.ndarray
    image: np.ndarray
    target: np.ndarray
    strength: float
    test_response: np.ndarray
    shown: np.ndarray

    @classmethod
    def of(
        cls,
        reconstruction: Reconstruction,
        responses: Responses,
        trials: FoldTrials,
        decoded: np.ndarray,
    ) -> Training:
        """Everything but the fold's own images; `decoded` is of `decoded_pictures`."""
        fold = trials.fold
        train = np.flatnonzero(reconstruction.fold[responses.image] != fold)
        known, image = np.unique(responses.image[train], return_inverse=True)
        mean_response = np.asarray(reconstruction.mean_response[fold])
        weight = np.bincount(image) / len(train)
        return cls(
            as_decoded(reconstruction, responses.response[train], fold) - mean_response,
            image,
            decoded[known] - weight @ decoded[known],
            float(np.nan_to_num(reconstruction.strength[fold])),
            as_decoded(reconstruction, trials.response, fold) - mean_response,
            pictures_less_mean(reconstruction, fold),
        )

    @cached_property
    def response_sums(self) -> np.ndarray:
        """Responses summed over the presentations of each training image, (images, cells)."""
        return sums_by_image(self.response, self.image)

    @cached_property
    def basis(self) -> tuple[np.ndarray, np.ndarray]:
        """Training images as coordinates @ unit vectors, the unit vectors being orthonormal."""
        images, pixels = self.target.shape
        if images >= pixels:
            return self.target, np.eye(pixels)
        variance, directions = np.linalg.eigh(self.target @ self.target.T)
        kept = variance > NEGLIGIBLE * variance[-1]
        scale = np.sqrt(variance[kept])
        return directions[:, kept] * scale, (directions[:, kept] / scale).T @ self.target
