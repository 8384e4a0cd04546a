"""What pictures predict of each cell: kernel ridge, each picture predicted from the others."""

from __future__ import annotations

import numpy as np

from twophoton_decode.features.gabor import PHASES, FeatureSpace

STRENGTHS = (0.03, 0.3, 3.0)
"""Ridge penalties, relative to the mean eigenvalue of the kernel."""
FEWEST_IMAGES = 4
ROUNDING = 1e-9


def leave_one_out_predictors(picture: np.ndarray) -> np.ndarray:
    """Matrices that predict responses to each picture from those to all others [ours].

    Linear cells are predicted from the pixels, and from the pixels half whitened, which
    gives the fine structure of natural images, weak as it is, its weight. Complex cells,
    which answer to an edge whatever its phase, are predicted from the energies of pairs of Gabor
    filters. Each with three penalties. With the kernel K centred, the fit at the pictures
    is H = 11'/n + K (K + λ)⁻¹, and leaving a picture out multiplies its residual by
    1 / (1 − H_ii), exactly.

    Parameters
    ----------
    picture : ndarray, shape (images, y, x)
        All different: a copy of a picture would predict it.

    Returns
    -------
    ndarray, shape (predictors, images, images), float32
        ``P @ responses`` with responses (images, cells); the diagonal is zero.
    """
    centred = picture - picture.mean(axis=0)
    kinds = (centred, _half_whitened(centred), _gabor_energies(picture))
    kernels = [_centred_kernel(kind.reshape(len(kind), -1)) for kind in kinds]
    matrices = [_without_itself(*np.linalg.eigh(kernel)) for kernel in kernels]
    return np.concatenate(matrices).astype(np.float32)


def _half_whitened(centred: np.ndarray) -> np.ndarray:
    """Amplitudes times √f: half way from 1/f to white."""
    height, width = centred.shape[1:]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    return np.asarray(np.fft.irfft2(np.fft.rfft2(centred) * np.sqrt(frequency), (height, width)))


def _gabor_energies(picture: np.ndarray) -> np.ndarray:
    """√(even² + odd²) at every position, orientation and scale [field, Adelson & Bergen 1985]."""
    space = FeatureSpace(picture.shape[1:])
    pairs = space.encode(space.prepare(picture)).reshape(len(picture), -1, PHASES)
    return np.linalg.norm(pairs, axis=2)


def _centred_kernel(features: np.ndarray) -> np.ndarray:
    centred = features - features.mean(axis=0)
    return np.asarray(centred @ centred.T)


def _without_itself(value: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Predictions at each image by a fit to the others, (strengths, images, images)."""
    images = len(value)
    value = np.maximum(value, 0.0)
    penalty = np.array(STRENGTHS)[:, None] * max(value.mean(), np.finfo(float).tiny)
    shrunk = value / (value + penalty)
    hat = 1 / images + np.einsum("ia,sa,ja->sij", vector, shrunk, vector)
    own = np.einsum("sii->si", hat)[:, :, None]
    predicted = (hat - own * np.eye(images)) / np.maximum(1 - own, ROUNDING)
    return np.asarray(predicted)


class Predictions:
    """How well the best predictor of each cell does, over images.

    Parameters
    ----------
    picture : ndarray, shape (images, y, x)
        All different, four or more.
    response : ndarray, shape (images, cells)
        Mean response to each; a cell with equal responses is predicted by r = −1.
    """

    def __init__(self, picture: np.ndarray, response: np.ndarray) -> None:
        self.predictors = leave_one_out_predictors(picture)
        centred = response - response.mean(axis=0)
        norm = np.linalg.norm(centred, axis=0)
        self.constant = norm <= ROUNDING * np.linalg.norm(response, axis=0)
        self.response = (centred / np.where(self.constant, 1.0, norm)).astype(np.float32)

    def best_r(self, order: np.ndarray | None = None) -> np.ndarray:
        """Largest Pearson correlation of prediction and response over predictors, (cells,).

        Parameters
        ----------
        order : ndarray of int, shape (images,), optional
            The same exchange of images for the responses of all cells.
        """
        response = self.response if order is None else self.response[order]
        images = len(response)
        best = np.full(response.shape[1], -1.0)
        for predictor in self.predictors:
            predicted = predictor @ response
            along = np.einsum("ik,ik->k", predicted, response)
            mean = predicted.mean(axis=0)
            spread = np.einsum("ik,ik->k", predicted, predicted) - images * mean**2
            # Responses have mean 0 and norm 1, so that only the prediction needs centring.
            r = along / np.sqrt(np.maximum(spread, np.finfo(np.float32).tiny))
            best = np.maximum(best, np.where(self.constant, -1.0, r))
        return best
