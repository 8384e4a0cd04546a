"""Scores of reconstructions at every number of cells, from inner products per fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.kernels.cell_count import squared_norms

# Below this share of the largest squared norm so far, what varies over pixels is rounding.
CONSTANT = 1e-12


@dataclass(frozen=True)
class FoldProducts:
    """Inner products of one fold's reverse filters, over pixels that are not centred.

    The mean training image m is subtracted from the images. `start_…` belong to the
    reconstruction from no cells, less m.

    Attributes
    ----------
    gram : ndarray, shape (cells, cells)
    filter_sum : ndarray, shape (cells,)
    product : ndarray, shape (cells, images)
    picture_sum, picture_norm : ndarray, shape (images,)
        Sum and squared norm of the images less m.
    start_gram : ndarray, shape (cells,)
    start_product : ndarray, shape (images,)
    start_sum, start_norm : float
    pixels : int
    """

    gram: np.ndarray
    filter_sum: np.ndarray
    product: np.ndarray
    picture_sum: np.ndarray
    picture_norm: np.ndarray
    start_gram: np.ndarray
    start_product: np.ndarray
    start_sum: float
    start_norm: float
    pixels: int


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
    return FoldProducts(
        gram=filters @ filters.T,
        filter_sum=filters.sum(axis=1),
        product=filters @ picture.T,
        picture_sum=picture.sum(axis=1),
        picture_norm=np.einsum("ip,ip->i", picture, picture),
        start_gram=filters @ start,
        start_product=picture @ start,
        start_sum=float(start.sum()),
        start_norm=float(start @ start),
        pixels=filters.shape[1],
    )


@dataclass(frozen=True)
class Growth:
    """Reconstructions less m at every number of cells, as far as scores need them.

    Attributes
    ----------
    total : ndarray, shape (presentations, cells + 1)
        Sum over pixels.
    norm : ndarray, shape (presentations, cells + 1)
        Squared norm.
    inverse_norm : ndarray, shape (presentations, cells + 1)
        1 / norm (not squared) with pixels centred; 0 where the reconstruction is constant.
    """

    total: np.ndarray
    norm: np.ndarray
    inverse_norm: np.ndarray


def grow(products: FoldProducts, amplitude: np.ndarray, order: np.ndarray) -> Growth:
    """Add cells one at a time; `amplitude` and `order` have shape (presentations, cells)."""
    norm = squared_norms(products.gram, amplitude, order, products.start_gram, products.start_norm)
    total = _accumulate(products.start_sum, amplitude * products.filter_sum, order)
    centred = norm - total**2 / products.pixels
    constant = centred <= CONSTANT * np.maximum.accumulate(norm, axis=1)
    return Growth(total, norm, np.where(constant, 0.0, 1 / np.sqrt(np.where(constant, 1, centred))))


def scores(
    products: FoldProducts,
    growth: Growth,
    amplitude: np.ndarray,
    order: np.ndarray,
    image: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """R and CD of every presentation at every number of cells.

    R is the correlation over pixels of ŝ − m with s − m, 0 where ŝ − m is constant;
    CD = 1 − Σ(s − ŝ)² / Σ(s − m)² is not centred. [paper: per trial; ours: subtracting m]

    Parameters
    ----------
    image : ndarray of int, shape (presentations,)
        The image shown in each presentation.

    Returns
    -------
    r, cd : ndarray, shape (presentations, cells + 1)
    """
    start = products.start_product[image][:, None]
    product = _accumulate(start, amplitude * products.product.T[image], order)
    picture_sum = products.picture_sum[image][:, None]
    centred = product - growth.total * picture_sum / products.pixels
    r = centred * growth.inverse_norm * inverse_picture_norm(products)[image][:, None]
    return r, (2 * product - growth.norm) / products.picture_norm[image][:, None]


def inverse_picture_norm(products: FoldProducts) -> np.ndarray:
    """1 / ‖s − m‖ with pixels centred, 0 for an image that differs from m by a constant."""
    centred = products.picture_norm - products.picture_sum**2 / products.pixels
    constant = centred <= CONSTANT * products.picture_norm
    return np.where(constant, 0.0, 1 / np.sqrt(np.where(constant, 1, centred)))


def _accumulate(start: np.ndarray | float, gain: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Running sums over cells in their order, beginning with `start` at no cells."""
    sums = np.empty((order.shape[0], order.shape[1] + 1))
    sums[:, :1] = start
    sums[:, 1:] = np.take_along_axis(gain, order, axis=1)
    return np.cumsum(sums, axis=1, out=sums)
