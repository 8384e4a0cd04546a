"""Scores of reconstructions at every number of cells, from inner products per fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from twophoton_decode.kernels.cell_count import (
    CONSTANT,
    Shown,
    grown_scores,
    squared_norms,
    squared_norms_in_pixels,
)
from twophoton_decode.kernels.threads import results_in_turn


@dataclass(frozen=True)
class FoldProducts:
    """Inner products of one fold's reverse filters, over pixels that are not centred.

    The mean training image m is subtracted from the images. `start…` belong to the
    reconstruction from no cells, less m.

    Attributes
    ----------
    filters : ndarray, shape (cells, pixels)
    gram : ndarray, shape (cells, cells), or None
        None where cells outnumber pixels, which are then the shorter way.
    filter_sum : ndarray, shape (cells,)
    product : ndarray, shape (cells, images)
    picture_sum, picture_norm, inverse_picture_norm : ndarray, shape (images,)
        Sum and squared norm of the images less m; 1 / norm (not squared) with pixels
        centred, 0 for an image that differs from m by a constant.
    start : ndarray, shape (pixels,)
    start_product : ndarray, shape (images,)
    """

    filters: np.ndarray
    gram: np.ndarray | None
    filter_sum: np.ndarray
    product: np.ndarray
    picture_sum: np.ndarray
    picture_norm: np.ndarray
    inverse_picture_norm: np.ndarray
    start: np.ndarray
    start_product: np.ndarray

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return int(self.filters.shape[1])

    @cached_property
    def unit_product(self) -> tuple[np.ndarray, np.ndarray]:
        """⟨w_k, s⟩ / ‖s‖ with pixels centred, (cells, images), and the same of the start."""
        mean, inverse = self.picture_sum / self.pixels, self.inverse_picture_norm
        product = self.product * inverse
        product -= np.outer(self.filter_sum, mean * inverse)
        return product, (self.start_product - self.start.sum() * mean) * inverse

    def filter_size(self) -> np.ndarray:
        """Norm of each reverse filter with pixels centred, shape (cells,)."""
        squared = np.einsum("kp,kp->k", self.filters, self.filters)
        return np.sqrt(np.maximum(squared - self.filter_sum**2 / self.pixels, 0.0))


def fold_products(filters: np.ndarray, picture: np.ndarray, start: np.ndarray) -> FoldProducts:
    """Inner products of the filters with each other, the images and the start.

    Parameters
    ----------
    filters : ndarray, shape (cells, pixels)
        Reverse filters w; computed with in float64.
    picture : ndarray, shape (images, pixels)
        The images less the mean training image.
    start : ndarray, shape (pixels,)
        The reconstruction from no cells less the mean training image.
    """
    filters = np.asarray(filters, np.float64)
    cells, pixels = filters.shape
    total, norm = picture.sum(axis=1), np.einsum("ip,ip->i", picture, picture)
    return FoldProducts(
        filters=filters,
        gram=filters @ filters.T if cells <= pixels else None,
        filter_sum=filters.sum(axis=1),
        product=filters @ picture.T,
        picture_sum=total,
        picture_norm=norm,
        inverse_picture_norm=inverse_norm(norm, total, pixels),
        start=start,
        start_product=picture @ start,
    )


def inverse_norm(norm: np.ndarray, total: np.ndarray, pixels: int) -> np.ndarray:
    """1 / norm of pictures with pixels centred, 0 for constant ones.

    Parameters
    ----------
    norm, total : ndarray
        Squared norm and sum over pixels that are not centred.
    """
    centred = norm - total**2 / pixels
    constant = centred <= CONSTANT * norm
    return np.where(constant, 0.0, 1 / np.sqrt(np.where(constant, 1, centred)))


def scores(
    products: FoldProducts, amplitude: np.ndarray, order: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """R and CD of every presentation at every number of cells, and 1 / ‖ŝ − m‖.

    R is the correlation over pixels of ŝ − m with s − m, 0 where ŝ − m is constant;
    CD = 1 − Σ(s − ŝ)² / Σ(s − m)² is not centred. [paper: per trial; ours: subtracting m]

    Parameters
    ----------
    amplitude : ndarray, shape (presentations, cells)
        What each cell's filter is multiplied by.
    order : ndarray of int, shape (presentations, entering)
        The cells that enter, in their order.
    image : ndarray of int, shape (presentations,)
        The image shown in each presentation.

    Returns
    -------
    r, cd, inverse_norm : ndarray, shape (presentations, entering + 1)
    """
    if products.gram is None:
        norms = squared_norms_in_pixels(products.filters, amplitude, order, products.start)
    else:
        start = products.start
        norms = squared_norms(
            products.gram, amplitude, order, products.filters @ start, float(start @ start)
        )
    return _scored(products, norms, amplitude, order, image)


def scores_in_one_order(
    products: FoldProducts, amplitude: np.ndarray, orders: np.ndarray, image: np.ndarray
) -> Iterator[np.ndarray]:
    """R as in `scores` for each order, which all presentations share: one matrix product.

    Parameters
    ----------
    orders : ndarray of int, shape (orders, entering)
    """
    norms_in = partial(_norms_in_one_order, products, amplitude)
    # A Gram matrix made for each order is too large for several at a time.
    every_norm = (
        map(norms_in, orders) if products.gram is None else results_in_turn(norms_in, orders)
    )
    for order, norms in zip(orders, every_norm, strict=True):
        rows = np.broadcast_to(order, (len(amplitude), len(order)))
        yield _scored(products, norms, amplitude, rows, image)[0]


def _norms_in_one_order(
    products: FoldProducts, amplitude: np.ndarray, order: np.ndarray
) -> np.ndarray:
    """‖x_n‖² of every presentation at every number of cells."""
    a, w = amplitude[:, order], products.filters
    gram = w[order] @ w[order].T if products.gram is None else products.gram[np.ix_(order, order)]
    norms = np.empty((len(a), len(order) + 1))
    norms[:, 0] = products.start @ products.start
    before = 2 * (a @ np.triu(gram, 1) + w[order] @ products.start)
    norms[:, 1:] = a * (before + a * gram.diagonal())
    return np.cumsum(norms, axis=1, out=norms)


def _scored(
    products: FoldProducts,
    norms: np.ndarray,
    amplitude: np.ndarray,
    order: np.ndarray,
    image: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shown = Shown(
        product=products.product.T[image],
        start_product=products.start_product[image],
        total=products.picture_sum[image],
        norm=products.picture_norm[image],
        inverse_norm=products.inverse_picture_norm[image],
    )
    start_sum = float(products.start.sum())
    return grown_scores(
        norms, amplitude, order, products.filter_sum, start_sum, shown, products.pixels
    )


@dataclass(frozen=True)
class Whole:
    """Reconstructions from every cell, less m.

    Attributes
    ----------
    r : ndarray, shape (presentations, images)
        R against each image.
    cd : ndarray, shape (presentations,)
        CD against the image shown.
    """

    r: np.ndarray
    cd: np.ndarray


def whole(products: FoldProducts, amplitude: np.ndarray, image: np.ndarray) -> Whole:
    """Scores from every cell at once, against every image."""
    picture = amplitude @ products.filters + products.start
    total, norm = picture.sum(axis=1), np.einsum("tp,tp->t", picture, picture)
    product, start = products.unit_product
    r = amplitude @ product + start
    r *= inverse_norm(norm, total, products.pixels)[:, None]
    along = np.einsum("tk,tk->t", amplitude, products.product.T[image])
    along += products.start_product[image]
    with np.errstate(invalid="ignore", divide="ignore"):
        return Whole(r, (2 * along - norm) / products.picture_norm[image])


def summed_over_images(
    products: FoldProducts, amplitude: np.ndarray, order: np.ndarray, inverse: np.ndarray
) -> np.ndarray:
    """R summed over all images, at every number of cells, shape (presentations, entering + 1).

    R is linear in the image at unit norm, so their sum takes the place of an image.

    Parameters
    ----------
    inverse : ndarray, shape (presentations, entering + 1)
        1 / ‖ŝ − m‖, of `scores`.
    """
    product, start = products.unit_product
    sums = np.empty((order.shape[0], order.shape[1] + 1))
    sums[:, 0] = start.sum()
    sums[:, 1:] = np.take_along_axis(amplitude * product.sum(axis=1), order, axis=1)
    return np.cumsum(sums, axis=1, out=sums) * inverse
