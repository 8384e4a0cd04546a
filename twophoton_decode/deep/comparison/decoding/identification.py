"""Which picture was seen? Decoded feature patterns against candidates that trained nothing.

A candidate fits by the correlation over units of its standardised features with the decoded
ones. Candidates of the session are the images of the same fold; distractors were never shown.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from twophoton_decode.decoding.scoring.identification import WrongCandidates
from twophoton_decode.deep.comparison.decoding.decoded_layers import DecodedLayer

CANDIDATES_AT_ONCE = 2048


def unit_patterns(rows: np.ndarray) -> np.ndarray:
    """Rows (n, units) minus their mean, at unit norm, float32; zero where a row is constant."""
    rows = np.asarray(rows, dtype=np.float32)
    size, centred = np.sqrt(_squares(rows)), rows - rows.mean(axis=1, keepdims=True)
    norm = np.sqrt(_squares(centred))
    # Subtracting the mean of a constant row leaves rounding, not variation.
    scale = np.divide(1, norm, out=np.zeros_like(norm), where=norm > 1e-5 * size)
    centred *= scale[:, None]
    return centred


def _squares(rows: np.ndarray) -> np.ndarray:
    """Sum of squares of each row."""
    return np.einsum("ij,ij->i", rows, rows)


def session_fits(layer: DecodedLayer, fold: np.ndarray) -> list[np.ndarray]:
    """Fit of decoded patterns with the images tested in the same fold, one matrix a fold."""
    tested = [fold == number for number in range(int(fold.max()) + 1)]
    return [unit_patterns(layer.decoded[t]) @ unit_patterns(layer.truth[t]).T for t in tested]


def among_tested(fits: list[np.ndarray], fold: np.ndarray, content: np.ndarray) -> WrongCandidates:
    """How the other images of the fold compare with the true one, for each image.

    Parameters
    ----------
    fits : list of ndarray
        From `session_fits`.
    fold, content : ndarray of int, shape (images,)
        Images of equal content show the same, and are never wrong for each other.
    """
    counts = np.zeros((3, len(fold)), dtype=np.int64)
    for number, fit in enumerate(fits):
        tested = fold == number
        own = content[tested]
        wrong = own[:, None] != own
        true = fit.diagonal()[:, None]
        found = ((fit < true) & wrong, (fit == true) & wrong, wrong)
        counts[:, tested] = [each.sum(axis=1) for each in found]
    return WrongCandidates(*counts)


def among_distractors(
    layer: DecodedLayer, fold: np.ndarray, features: np.ndarray
) -> WrongCandidates:
    """How pictures that the session never showed compare with the true one, for each image.

    Parameters
    ----------
    features : ndarray, shape (distractors, units)
        Of all units of the layer.
    """
    counts = np.zeros((3, len(fold)), dtype=np.int64)
    counts[2] = len(features)
    chosen = features if len(layer.unit) == features.shape[1] else features[:, layer.unit]
    for number, standard in enumerate(layer.standard):
        tested = np.flatnonzero(fold == number)
        decoded = unit_patterns(layer.decoded[tested])
        true = np.einsum("iu,iu->i", decoded, unit_patterns(layer.truth[tested]))[:, None]
        for start in range(0, len(chosen), CANDIDATES_AT_ONCE):
            some = standard(chosen[start : start + CANDIDATES_AT_ONCE])
            fit = decoded @ unit_patterns(some).T
            counts[0, tested] += (fit < true).sum(axis=1)
            counts[1, tested] += (fit == true).sum(axis=1)
    return WrongCandidates(*counts)


def two_way(found: WrongCandidates) -> np.ndarray:
    """Share of wrong candidates that fit worse than the true one, (images,); ties count half.

    NaN for an image without wrong candidates.
    """
    share = np.full(len(found.total), np.nan)
    np.divide(found.worse + 0.5 * found.tied, found.total, out=share, where=found.total > 0)
    return share


def wrong_image_shares(fit: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Two-way identification of every image of a fold if another one had been shown, (n, n).

    Row: image decoded; column: image taken for the true one. The image that was shown, and what
    shows the same, are no candidates, so that a row's mean is one half. NaN where the column
    shows the same as the row.
    """
    shares = np.full(fit.shape, np.nan)
    for row, wrong in enumerate(content[:, None] != content):
        others = int(np.count_nonzero(wrong)) - 1
        if others > 0:
            shares[row, wrong] = (rankdata(fit[row, wrong]) - 1) / others
    return shares
