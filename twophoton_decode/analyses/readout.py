"""One fold's decoder without pixels: reconstructions in as few numbers as their products need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.fold import FoldTrials, pictures_less_mean
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.decoding.folds.again import FittedModel, Models
from twophoton_decode.records import Reconstruction

# Directions that hold less than this share of the strongest one's power are rounding.
NEGLIGIBLE = 1e-11


@dataclass(frozen=True)
class FoldReadout(ABC):
    """A fold's decoder, and images, in an orthonormal basis of pictures.

    Pixels are centred first, so inner products and norms in the basis give Pearson's r over
    pixels.

    Attributes
    ----------
    trials : FoldTrials
    amplitude : ndarray, shape (presentations, cells)
        Responses as decoded less their training mean; zero for a cell that is left out.
    picture : ndarray, shape (images, directions)
        The images of the fold's presentations, in the order of ``trials.shown``, less the
        mean training image.
    picture_norm : ndarray, shape (images,)
        Their norm over pixels; what lies outside the basis counts.
    """

    trials: FoldTrials
    amplitude: np.ndarray
    picture: np.ndarray
    picture_norm: np.ndarray

    @property
    def values(self) -> int:
        """Numbers that decoding one presentation takes."""
        return max(self.amplitude.shape[1], self.picture.shape[1])

    @abstractmethod
    def decoded(self, amplitude: np.ndarray) -> np.ndarray:
        """Reconstructions (…, directions) from amplitudes (…, cells)."""

    @abstractmethod
    def after_removing(
        self, order: np.ndarray, removed: np.ndarray, whole: np.ndarray
    ) -> Iterator[np.ndarray]:
        """Reconstructions (presentations, directions) without the first cells of an order.

        Parameters
        ----------
        order : ndarray of int, shape (presentations, cells) or (cells,)
            Of each presentation, or the same for all.
        removed : ndarray of int, shape (counts,)
            Rising numbers of cells.
        whole : ndarray, shape (presentations, directions)
            The reconstructions with all cells: `decoded` of the amplitudes as they are.
        """

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


@dataclass(frozen=True)
class FilterReadout(FoldReadout):
    """Of an affine decoder, by its reverse filters, (cells, directions), float32.

    A decoder fitted to a few hundred images makes pictures in so many directions at
    most, which makes decoding thousands of altered populations cheap.
    """

    filters: np.ndarray

    @classmethod
    def of(cls, reconstruction: Reconstruction, trials: FoldTrials) -> FilterReadout:
        """Read one fold's filters for its presentations."""
        filters = np.array(reconstruction.filters[trials.fold], np.float64)
        filters -= filters.mean(axis=1, keepdims=True)
        basis = _basis(filters)
        pictures = _centred_pictures(reconstruction, trials)
        return cls(
            trials=trials,
            amplitude=np.asarray(_amplitude(reconstruction, trials), np.float32),
            filters=np.asarray(filters @ basis, np.float32),
            picture=pictures @ basis,
            picture_norm=np.linalg.norm(pictures, axis=1),
        )

    def decoded(self, amplitude: np.ndarray) -> np.ndarray:
        """As `FoldReadout` says."""
        return np.asarray(amplitude @ self.filters, np.float64)

    def after_removing(
        self, order: np.ndarray, removed: np.ndarray, whole: np.ndarray
    ) -> Iterator[np.ndarray]:
        """As `FoldReadout` says: what the cells add is taken off."""
        made = whole
        for before, count in zip([0, *removed], removed, strict=False):
            if count > before:
                made = made - self._added_by(order[..., before:count])
            yield made

    def _added_by(self, cells: np.ndarray) -> np.ndarray:
        """What some cells, or each presentation's own (presentations, few), add."""
        if cells.ndim == 1:
            return np.asarray(self.amplitude[:, cells] @ self.filters[cells], np.float64)
        only = np.zeros_like(self.amplitude)
        np.put_along_axis(only, cells, np.take_along_axis(self.amplitude, cells, axis=1), axis=1)
        return self.decoded(only)


@dataclass(frozen=True)
class PredictedReadout(FoldReadout):
    """Of any other decoder, by predicting again; its directions are all pixels."""

    model: FittedModel

    @classmethod
    def of(
        cls, reconstruction: Reconstruction, trials: FoldTrials, model: FittedModel
    ) -> PredictedReadout:
        """A fold's decoder, with its presentations."""
        pictures = _centred_pictures(reconstruction, trials)
        norm = np.linalg.norm(pictures, axis=1)
        return cls(trials, _amplitude(reconstruction, trials), pictures, norm, model)

    def decoded(self, amplitude: np.ndarray) -> np.ndarray:
        """As `FoldReadout` says."""
        rows = amplitude.reshape(-1, amplitude.shape[-1]) + self.model.mean_response
        made = self.model.pictures_of(rows)
        made -= made.mean(axis=1, keepdims=True)
        return made.reshape(*amplitude.shape[:-1], -1)

    def after_removing(
        self, order: np.ndarray, removed: np.ndarray, whole: np.ndarray
    ) -> Iterator[np.ndarray]:
        """As `FoldReadout` says: the cells stand at their training mean."""
        left = self.amplitude.copy()
        order = np.broadcast_to(order, left.shape)
        for before, count in zip([0, *removed], removed, strict=False):
            np.put_along_axis(left, order[:, before:count], 0.0, axis=1)
            yield self.decoded(left) if count else whole


def fold_readout(
    reconstruction: Reconstruction, trials: FoldTrials, models: Models | None
) -> FoldReadout:
    """One fold's decoder: by its filters, or by `models` where it has none."""
    if models is None:
        return FilterReadout.of(reconstruction, trials)
    return PredictedReadout.of(reconstruction, trials, models(trials.fold))


def _amplitude(reconstruction: Reconstruction, trials: FoldTrials) -> np.ndarray:
    mean = np.asarray(reconstruction.mean_response[trials.fold])
    return as_decoded(reconstruction, trials.response, trials.fold) - mean


def _centred_pictures(reconstruction: Reconstruction, trials: FoldTrials) -> np.ndarray:
    """The fold's images less the mean training image, pixels centred, (images, pixels)."""
    pictures = pictures_less_mean(reconstruction, trials.fold)[trials.shown]
    return pictures - pictures.mean(axis=1, keepdims=True)


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
