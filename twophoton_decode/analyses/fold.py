"""What enters the cell-count analyses of one fold: its presentations, amplitudes and filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.cumulative_reconstruction import FoldProducts, fold_products
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import Reconstruction, Responses


@dataclass(frozen=True)
class FoldTrials:
    """The presentations of one fold's images, sorted by image.

    Attributes
    ----------
    fold : int
    index, image : ndarray of int, shape (presentations,)
        Which presentations of the record, and the image shown in each.
    response, responsive : ndarray, shape (presentations, cells)
        Responses as recorded, and whether the cell is in the responsive set.
    shown : ndarray of int, shape (images,)
        The fold's images, each once.
    edges : ndarray of int, shape (images + 1,)
        Image ``shown[i]`` has the rows ``edges[i]:edges[i + 1]``.
    """

    fold: int
    index: np.ndarray
    image: np.ndarray
    response: np.ndarray
    responsive: np.ndarray
    shown: np.ndarray
    edges: np.ndarray

    @classmethod
    def of(cls, reconstruction: Reconstruction, responses: Responses, fold: int) -> FoldTrials:
        """Those whose images are tested in `fold`."""
        index = np.flatnonzero(reconstruction.fold[responses.image] == fold)
        index = index[np.argsort(responses.image[index], kind="stable")]
        image = responses.image[index]
        shown, first = np.unique(image, return_index=True)
        return cls(
            fold,
            index,
            image,
            responses.response[index],
            responses.responsive_others[index],
            shown,
            np.append(first, len(index)),
        )

    @property
    def repeats(self) -> np.ndarray:
        """Presentations of each image, shape (images,)."""
        return np.diff(self.edges)

    def average(self, values: np.ndarray) -> np.ndarray:
        """Mean over the presentations of each image, along the first axis."""
        return np.add.reduceat(values, self.edges[:-1], axis=0) / self.repeats[:, None]


@dataclass(frozen=True)
class FoldDecoder:
    """A fold's reverse filters, and what each is multiplied by.

    Attributes
    ----------
    products : FoldProducts
    amplitude : ndarray, shape (presentations, cells)
        a of the fold's presentations.
    """

    products: FoldProducts
    amplitude: np.ndarray

    @classmethod
    def of(cls, reconstruction: Reconstruction, trials: FoldTrials, omitted: str) -> FoldDecoder:
        """Read one fold's filters; `omitted` cells stand at their mean, or at zero."""
        filters = np.asarray(reconstruction.filters[trials.fold], np.float64)
        mean_response = np.asarray(reconstruction.mean_response[trials.fold])
        response = as_decoded(reconstruction, trials.response, trials.fold)
        pictures = pictures_less_mean(reconstruction, trials.fold)
        if omitted == "zero":
            return cls(fold_products(filters, pictures, -mean_response @ filters), response)
        start = np.zeros(pictures.shape[1])
        return cls(fold_products(filters, pictures, start), response - mean_response)


def pictures_less_mean(reconstruction: Reconstruction, fold: int) -> np.ndarray:
    """Every image less the fold's mean training image, shape (images, pixels)."""
    mean = np.asarray(reconstruction.mean_picture[fold], np.float64).ravel()
    return reconstruction.picture.reshape(len(reconstruction.picture), -1) - mean
