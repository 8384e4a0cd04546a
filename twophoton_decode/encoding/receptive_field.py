"""Where on the picture a cell looks: its receptive field, and the field's centre and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.special import logsumexp, softmax

from twophoton_decode.features import LinearFeatures
from twophoton_decode.kernels.threads import results_in_turn
from twophoton_decode.progress import Progress, silent

GRID = 11
"""Centres on a grid of so many rows and columns."""
WIDTHS = (0.06, 0.1, 0.16, 0.26)
"""Standard deviations of the envelope, in shorter sides of the picture."""
SMOOTHNESS = 0.06
"""Distance over which neighbouring pixels' weights are alike, in shorter sides."""
SIGNALS = tuple(10.0 ** (np.arange(-4, 4) / 2))
"""Signal variance over noise variance of the trial means."""
RADIUS_SD = 2.0
"""The area is that of a disc of so many standard deviations of the envelope."""


def pixel_weights(weight: np.ndarray, space: LinearFeatures) -> np.ndarray:
    """Gradient of the modelled responses with respect to each pixel, (cells, y, x).

    The response is linear in the features and these are linear in the pixels, so it is
    the weights times the features of pictures with a single lit pixel.
    """
    height, width = space.shape
    unit = np.eye(height * width).reshape(-1, height, width)
    return (weight @ space.encode(unit).T).reshape(-1, height, width)


def envelopes(
    pictures: np.ndarray, response: np.ndarray, repeats: np.ndarray, progress: Progress = silent
) -> dict[str, np.ndarray]:
    """Where each cell's receptive field lies and how large it is, by Bayesian evidence [ours].

    Trial means are taken as weighted sums of the pixels plus noise. The weights have a
    Gaussian prior: smooth, and with an expected square that falls off as exp(−d²/2σ²) with
    the distance d from a centre. Every centre, σ and signal-to-noise ratio on a grid is
    weighted by its marginal likelihood, the noise variance at its maximum.

    Parameters
    ----------
    pictures : ndarray, shape (images, y, x)
    response : ndarray, shape (images, cells)
        Trial means.
    repeats : ndarray, shape (images,)
        Presentations behind each mean.
    progress : callable

    Returns
    -------
    dict of ndarray, shape (cells,)
        centre_x, centre_y: posterior mean of the centre, px; centre_sd: its posterior standard
        deviation, root mean square of x and y, px; area: of a disc of two standard deviations of
        the envelope, by their geometric posterior mean, px². NaN for a constant cell.
    """
    X, Y, outside = _rotated(pictures, response, repeats)
    kinds = list(_priors(pictures.shape[1:]))
    logs = np.empty((len(kinds), Y.shape[1]))

    def evidence(kind: _Prior) -> np.ndarray:
        return _log_evidence(X, Y, outside, len(pictures), kind)

    for number, log in enumerate(results_in_turn(evidence, kinds)):
        logs[number] = log
        progress(number + 1, len(kinds), "places of receptive fields")
    share = softmax(logs, axis=0)
    place = np.array([(kind.x, kind.y, np.log(kind.sd)) for kind in kinds])
    x, y, log_sd = place.T @ share
    variance = ((place[:, :2] ** 2).T @ share - np.stack([x, y]) ** 2).mean(axis=0)
    # Between the points of the grid a centre is known no better than this.
    variance += (np.array(pictures.shape[1:]) ** 2).mean() / GRID**2 / 12
    area = np.pi * (RADIUS_SD * np.exp(log_sd)) ** 2
    return {"centre_x": x, "centre_y": y, "centre_sd": np.sqrt(variance), "area": area}


@dataclass(frozen=True, eq=False)
class _Prior:
    """A centre and width (px), and the pixel weights' prior as two factors.

    The prior covariance is ``E S Sᵀ E``, E the envelope's standard deviations on the diagonal
    and S the smoothing along columns, then rows.
    """

    x: float
    y: float
    sd: float
    envelope: np.ndarray
    along_y: np.ndarray
    along_x: np.ndarray


def _priors(shape: tuple[int, int]) -> Iterator[_Prior]:
    """Every centre and width."""
    height, width = shape
    side = min(shape)
    smooth = [_smoothing(length, SMOOTHNESS * side) for length in shape]
    rows, columns = np.mgrid[:height, :width]
    for sd in np.array(WIDTHS) * side:
        for y in (np.arange(GRID) + 0.5) / GRID * height - 0.5:
            for x in (np.arange(GRID) + 0.5) / GRID * width - 0.5:
                distance = (rows - y) ** 2 + (columns - x) ** 2
                yield _Prior(x, y, sd, np.exp(-distance / (4 * sd**2)), *smooth)


def _smoothing(length: int, scale: float) -> np.ndarray:
    """Symmetric factor of the covariance exp(−d²/2 scale²) along one axis."""
    place = np.arange(length)
    covariance = np.exp(-((place[:, None] - place) ** 2) / (2 * scale**2))
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(values.clip(min=0.0))) @ vectors.T)


def _rotated(
    pictures: np.ndarray, response: np.ndarray, repeats: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centred pictures (rows, y, x) and responses (rows, cells) of equal noise variance.

    Where there are more images than pixels they are rotated into as few rows, which
    changes no evidence; the third value is the sum of squares that no row holds, (cells,).
    """
    root = np.sqrt(repeats)[:, None]
    X, Y = (
        root * (rows - np.average(rows, axis=0, weights=repeats))
        for rows in (pictures.reshape(len(pictures), -1), response)
    )
    total = (Y**2).sum(axis=0)
    if len(X) > X.shape[1]:
        Q, X = linalg.qr(X, mode="economic", check_finite=False)
        Y = Q.T @ Y
    outside = np.maximum(total - (Y**2).sum(axis=0), 0.0)
    return X.reshape(-1, *pictures.shape[1:]), Y, outside


def _log_evidence(
    X: np.ndarray, Y: np.ndarray, outside: np.ndarray, images: int, prior: _Prior
) -> np.ndarray:
    """Log marginal likelihood of each cell's responses, mean over SIGNALS, up to a constant."""
    # One product of all rows along each axis: a product for each row would take longer.
    along_x = ((X * prior.envelope).reshape(-1, X.shape[2]) @ prior.along_x).reshape(X.shape)
    rows = along_x.swapaxes(1, 2).reshape(-1, X.shape[1]) @ prior.along_y
    rows = rows.reshape(len(X), -1)
    values, vectors = np.linalg.eigh(rows @ rows.T)
    values = values.clip(min=0.0) * (images / values.sum())
    energy = (vectors.T @ Y) ** 2
    noise = 1.0 + np.array(SIGNALS)[:, None] * values
    with np.errstate(divide="ignore"):
        fit = np.log((1 / noise) @ energy + outside)
    logs = -images / 2 * fit - np.log(noise).sum(axis=1)[:, None] / 2
    return np.asarray(logsumexp(logs, axis=0))
