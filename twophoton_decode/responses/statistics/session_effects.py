"""What leaks into responses from before: the preceding image, and time in the session."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twophoton_decode.responses.statistics.reliability import column_correlation
from twophoton_decode.responses.statistics.slow_noise import trend_p
from twophoton_decode.statistics.by_image import sums_by_image
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.permutation import p_as_far

PERMUTATIONS = 999
_ROUNDING = 1e-12


@dataclass(frozen=True)
class SessionEffect:
    """A correlation with the residuals around the image mean.

    Attributes
    ----------
    by_cell : ndarray, shape (cell,)
        NaN for a cell without variation.
    over_all : float
    p : float
        Two-sided p of `over_all`.
    """

    by_cell: np.ndarray
    over_all: float
    p: float


def carry_over(
    response: np.ndarray, image: np.ndarray, previous: np.ndarray, rng: np.random.Generator
) -> SessionEffect:
    """How much a response depends on the image before it [ours].

    Pearson correlation, over presentations, of the response minus the cell's mean response
    to its image with the cell's mean response to the preceding image minus the cell's mean;
    `over_all` takes all cells and presentations together. That mean leaves out the preceding
    presentation itself, the present and the following one: noise that lasts longer than a
    presentation would otherwise correlate with itself. Calcium that still decays during the
    baseline makes it negative: then the baseline window is too early or the pause too short.

    p asks whether responses follow the preceding image more than the *following* one, which
    cannot act, but which stands to slow noise as the preceding one does. It exchanges what
    cells respond to images, 999 times: each image gets the responses to another one
    wherever it comes before or after.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        In the order of presentation.
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    previous : ndarray of int, shape (presentation,)
        Index of the image shown before it, -1 where there is none.
    rng : numpy.random.Generator

    Returns
    -------
    SessionEffect
        NaN with one repeat only, or where nothing varies.
    """
    residual = residuals(response, image)
    shown, row = np.unique(image, return_inverse=True)
    before = _place(previous, shown)
    means = _MeansElsewhere.of(response - response.mean(axis=0), row, len(shown))
    known = np.flatnonzero((before >= 0) & means.defined(before))
    if not known.size:
        return _undefined(response)
    expected, left = means.of_rows(known, before[known]), residual[known]
    expected -= expected.mean(axis=0)
    norm = _norm(left) * _norm(expected)
    if not norm > _ROUNDING * np.linalg.norm(response) ** 2:
        return _undefined(response)
    r = float(((left - left.mean()) * expected).sum() / norm)
    products = means.products(residual)
    after = np.concatenate([np.where(before[1:] == row[:-1], row[1:], -1), [-1]])
    both = known[after[known] >= 0]
    p = _relabelled_p(products[both], before[both], after[both], rng)
    return SessionEffect(column_correlation(left, expected), r, p)


@dataclass(frozen=True, eq=False)
class _MeansElsewhere:
    """Mean responses to images over presentations that are no neighbours of a given one.

    `response` (presentation, cell) about the cell's mean, `row` (presentation,) the image,
    `total` (image, cell) and `count` (image,) over all presentations; `away` (presentation,
    image) how many of them are no neighbours.
    """

    response: np.ndarray
    row: np.ndarray
    total: np.ndarray
    away: np.ndarray

    @classmethod
    def of(cls, response: np.ndarray, row: np.ndarray, images: int) -> _MeansElsewhere:
        total = sums_by_image(response, row)
        away = np.tile(np.bincount(row, minlength=images), (len(row), 1))
        for here, there in _neighbours(len(row)):
            away[here, row[there]] -= 1
        return cls(response, row, total, away)

    def defined(self, image: np.ndarray) -> np.ndarray:
        """Whether each presentation knows another one of `image` (presentation,)."""
        return np.asarray(self.away[np.arange(len(image)), image] > 0)

    def of_rows(self, rows: np.ndarray, image: np.ndarray) -> np.ndarray:
        """Mean response to `image` (n,) seen from the presentations `rows`, (n, cell)."""
        wanted = np.full(len(self.row), -1)
        wanted[rows] = image
        sums = np.zeros_like(self.response)
        sums[rows] = self.total[image]
        for here, there in _neighbours(len(self.row)):
            sums[here] -= self.response[there] * (self.row[there] == wanted[here])[:, None]
        return np.asarray(sums[rows] / self.away[rows, image][:, None])

    def products(self, residual: np.ndarray) -> np.ndarray:
        """Of each residual with the means of all images, over cells, (presentation, image)."""
        products = residual @ self.total.T
        for here, there in _neighbours(len(self.row)):
            own = np.einsum("tk,tk->t", residual[here], self.response[there])
            products[here, self.row[there]] -= own
        return np.asarray(products / np.maximum(self.away, 1))


def _neighbours(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Presentations, with themselves, with those before them, and with those after them."""
    every = np.arange(count)
    return [(every, every), (every[1:], every[:-1]), (every[:-1], every[1:])]


def _place(image: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Place of each image among those `shown`, -1 where it is not."""
    place = np.searchsorted(shown, image).clip(max=len(shown) - 1)
    return np.where(shown[place] == image, place, -1)


def _relabelled_p(
    products: np.ndarray, before: np.ndarray, after: np.ndarray, rng: np.random.Generator
) -> float:
    """Two-sided p of the sum of products with the image before less that with the one after."""
    images = products.shape[1]
    table = np.zeros((images, images))
    np.add.at(table, before, products)
    np.subtract.at(table, after, products)
    # Entry (i, j): what comes of it if the image i has the responses to j.
    if not np.abs(table).max(initial=0.0) > 0:
        return math.nan
    rows = np.arange(images)
    chance = [table[rows, rng.permutation(images)].sum() for _ in range(PERMUTATIONS)]
    return p_as_far(float(np.trace(table)), np.array(chance), 0.0)


def drift(response: np.ndarray, image: np.ndarray, onset_s: np.ndarray) -> SessionEffect:
    """How much responses rise or fall over the session [ours].

    Pearson correlation, over presentations, of the response minus the cell's mean response
    to the image with the onset minus the mean onset of that image's presentations;
    `over_all` takes the mean of the residuals over cells. Neighbouring presentations resemble
    each other, so p is that of `slow_noise.trend_p`.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    onset_s : ndarray, shape (presentation,), s

    Returns
    -------
    SessionEffect
        NaN with one repeat only, or without onsets.
    """
    if not np.isfinite(onset_s).all():
        return _undefined(response)
    residual = residuals(response, image)
    # Onsets too are compared within an image, which is what repeats make comparable.
    onset = residuals(onset_s[:, None], image)
    mean = residual.mean(axis=1)
    norm = _norm(mean) * _norm(onset)
    if not norm > _ROUNDING * np.linalg.norm(response) * np.linalg.norm(onset):
        return _undefined(response)
    return SessionEffect(
        column_correlation(residual, np.broadcast_to(onset, residual.shape)),
        float((mean - mean.mean()) @ onset[:, 0] / norm),
        trend_p(response.mean(axis=1), image, onset_s),
    )


def residuals(response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Responses minus the mean of their image, (presentation, cell)."""
    groups = ImageGroups.of(image)
    residual = np.empty_like(response)
    residual[groups.order] = groups.deviations(response[groups.order])
    return residual


def mean_residual(response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Mean of `residuals` over cells, (presentation,)."""
    return np.asarray(residuals(response, image).mean(axis=1))


def _norm(values: np.ndarray) -> float:
    """Root of the sum of squares about the mean."""
    return float(np.linalg.norm(values - values.mean()))


def _undefined(response: np.ndarray) -> SessionEffect:
    return SessionEffect(np.full(response.shape[1], np.nan), math.nan, math.nan)
