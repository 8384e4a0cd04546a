"""One fold's decoder without pixels: reconstructions in as few numbers as their products need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.fold import FoldTrials, pictures_less_mean
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import Reconstruction

# Directions that hold less than this share of the strongest one's power are rounding.
NEGLIGIBLE = 1e-11


@dataclass(frozen=True)
class FoldReadout:
    """Reverse filters and images in an orthonormal basis of the pictures the fold can make.

    Pixels are centred first, so inner products and norms in the basis give Pearson's r over
    pixels. A decoder fitted to a few hundred images makes pictures in so many directions at
    most, which makes decoding thousands of altered populations cheap.

    Attributes
    ----------
    trials : FoldTrials
    amplitude : ndarray, shape (presentations, cells), float32
        What each cell's filter is multiplied by: its response as decoded less its mean.
    filters : ndarray, shape (cells, directions), float32
    picture : ndarray, shape (images, directions)
        The images of the fold's presentations, in the order of ``trials.shown``, less the
        mean training image.
    picture_norm : ndarray, shape (images,)
        Their norm over pixels; what lies outside the basis counts.
    """

    trials: FoldTrials
    amplitude: np.ndarray
    filters: np.ndarray
    picture: np.ndarray
    picture_norm: np.ndarray

    @classmethod
    def of(cls, reconstruction: Reconstruction, trials: FoldTrials) -> FoldReadout:
        """Read one fold's filters for its presentations."""
        filters = np.array(reconstruction.reverse_filter[trials.fold], np.float64)
        filters -= filters.mean(axis=1, keepdims=True)
        basis = _basis(filters)
        pictures = pictures_less_mean(reconstruction, trials.fold)[trials.shown]
        pictures = pictures - pictures.mean(axis=1, keepdims=True)
        mean = np.asarray(reconstruction.mean_response[trials.fold])
        decoded = as_decoded(reconstruction, trials.response, trials.fold)
        return cls(
            trials=trials,
            amplitude=np.asarray(decoded - mean, np.float32),
            filters=np.asarray(filters @ basis, np.float32),
            picture=pictures @ basis,
            picture_norm=np.linalg.norm(pictures, axis=1),
        )

    def decoded(self, amplitude: np.ndarray) -> np.ndarray:
        """Reconstructions (…, directions) from amplitudes (…, cells)."""
        return np.asarray(amplitude @ self.filters, np.float64)

    def r(self, made: np.ndarray, some: slice = slice(None)) -> np.ndarray:
        """R of reconstructions (…, presentations, directions) with the images shown.

        Shape (…, presentations); 0 where a reconstruction or the image is constant.
        Reconstructions may be those of `some` presentations.
        """
        of_row = np.repeat(np.arange(len(self.trials.shown)), self.trials.repeats)[some]
        product = np.einsum("...pd,pd->...p", made, self.picture[of_row])
        return _over(product, _norms(made) * self.picture_norm[of_row])

    def similarity(self, made: np.ndarray, compared: np.ndarray | None = None) -> np.ndarray:
        """Pearson's r with the average of the image's other trials, (…, presentations).

        Parameters
        ----------
        made : ndarray, shape (…, presentations, directions)
        compared : ndarray, shape (presentations, directions), optional
            The trials whose average is compared with; `made` itself by default. NaN where
            the image has one trial only.
        """
        others = self.other_sums(made if compared is None else compared)
        product = np.einsum("...pd,...pd->...p", made, others)
        norms = _norms(made) * _norms(others)
        alone = np.repeat(self.trials.repeats < 2, self.trials.repeats)
        return np.where(alone, np.nan, _over(product, norms))

    def other_sums(self, made: np.ndarray) -> np.ndarray:
        """Sum over the other trials of each presentation's image."""
        totals = np.add.reduceat(made, self.trials.edges[:-1], axis=-2)
        return np.repeat(totals, self.trials.repeats, axis=-2) - made

    def by_image(self, values: np.ndarray) -> np.ndarray:
        """Mean over the trials of each image, (…, presentations) to (…, images)."""
        totals = np.add.reduceat(values, self.trials.edges[:-1], axis=-1)
        return np.asarray(totals / self.trials.repeats)


def _basis(filters: np.ndarray) -> np.ndarray:
    """Orthonormal pictures that span the filters, shape (pixels, directions)."""
    cells, pixels = filters.shape
    power, directions = np.linalg.eigh(
        filters @ filters.T if cells < pixels else filters.T @ filters
    )
    kept = power > NEGLIGIBLE * max(power[-1], 0.0)
    if cells < pixels:
        return np.asarray(filters.T @ (directions[:, kept] / np.sqrt(power[kept])))
    return np.asarray(directions[:, kept])


def _norms(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.einsum("...d,...d->...", rows, rows)))


def _over(product: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Quotients, 0 where there is nothing to divide by."""
    return np.divide(product, norms, out=np.zeros_like(product), where=norms > 0)
