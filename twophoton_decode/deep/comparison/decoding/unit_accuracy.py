"""How well each unit is decoded: correlation over images, its chance and what repeats allow."""

from __future__ import annotations

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import DecodedLayer


def over_images(values: np.ndarray) -> np.ndarray:
    """Columns (images, units) with mean 0 and variance 1 over images; zero where constant."""
    centred = values - values.mean(axis=0, dtype=np.float64)
    sd = centred.std(axis=0)
    scaled: np.ndarray = np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 1e-9)
    return scaled


def unit_r(decoded: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Pearson correlation over images of each unit, (units,); 0 where one is constant.

    Parameters
    ----------
    decoded, truth : ndarray, shape (images, units)
        Standardised by the training part of each image's fold, so that folds do not differ
        in level.
    """
    product = over_images(decoded) * over_images(truth)
    return np.asarray(product.mean(axis=0))


def contributions(layer: DecodedLayer) -> np.ndarray:
    """What each image adds to the mean of r over units, (images,): their mean is that mean."""
    product = over_images(layer.decoded) * over_images(layer.truth)
    return np.asarray(product.mean(axis=1))


def wrong_image_contributions(layer: DecodedLayer, fold: np.ndarray) -> list[np.ndarray]:
    """The same if each other image of the fold had been shown, one matrix (n, n) a fold.

    Row: image decoded; column: image taken for the true one; the diagonal is `contributions`.
    """
    decoded, truth = over_images(layer.decoded), over_images(layer.truth)
    tested = [fold == number for number in range(int(fold.max()) + 1)]
    return [decoded[t] @ truth[t].T / decoded.shape[1] for t in tested]


def repeat_reliability(halves: np.ndarray | None) -> float:
    """Correlation of what two halves of the trials decode, stepped up to all of them, over units.

    2ρ / (1 + ρ), ρ the mean over units of the correlation over images [field, Spearman-Brown].
    NaN without halves (2, images, units) of three images.
    """
    if halves is None:
        return float("nan")
    known = np.isfinite(halves).all(axis=(0, 2))
    if np.count_nonzero(known) < 3:
        return float("nan")
    rho = float(unit_r(halves[0, known], halves[1, known]).mean())
    return 2 * rho / (1 + rho)


def infinite_trials_r(mean_unit_r: float, reliability: float) -> float:
    """Mean unit r if every image were shown infinitely often: r / √reliability; NaN if not > 0."""
    return mean_unit_r / reliability**0.5 if reliability > 0 else float("nan")
