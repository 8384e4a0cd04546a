"""Which picture was expected? Decoders of viewing read presentations that showed none.

A decoder never reads the omission of a picture whose viewing it was trained on: every picture
is scored by the fold in which it is tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import fitted_layers
from twophoton_decode.deep.comparison.decoding.identification import unit_patterns
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.permutation import p_above


class Exchanged(NamedTuple):
    """A mean curve over pictures, and what it is with the expected pictures exchanged.

    `curve`, `low` and `high` (bins,): the ends hold 95 % of exchanges, bin by bin; `p` is
    one-sided, of the highest bin against the highest of every exchange.
    """

    curve: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: float


def expectation_tables(
    average: np.ndarray,
    binned: Mapping[str, np.ndarray],
    layers: Mapping[str, np.ndarray],
    fold: np.ndarray,
    content: np.ndarray,
    progress: Progress = silent,
) -> dict[str, dict[str, np.ndarray]]:
    """How well what is decoded without a picture fits every picture, beyond others of its fold.

    Correlation over units of the decoded pattern with the picture's, less its mean over the
    other pictures of the picture's fold, from the decoder that was trained on the evoked
    responses to the pictures of the other folds.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
        Evoked responses to the pictures shown.
    binned : mapping of str to ndarray, shape (rows, bins, cells)
        Responses without a picture, of any kinds.
    layers : mapping of str to ndarray, shape (images, units)
        Units that vary alone.
    fold, content : ndarray of int, shape (images,)

    Returns
    -------
    dict of str to dict of str to ndarray, shape (rows, images, bins)
        By kind, then by layer. NaN where all pictures of a fold show the same.
    """
    tables = {
        kind: {
            name: np.empty((len(rows), len(average), rows.shape[1]), np.float32) for name in layers
        }
        for kind, rows in binned.items()
    }
    for number, name, decoder in fitted_layers(average, layers, fold, content, progress):
        tested = np.flatnonzero(fold == number)
        truth = unit_patterns(decoder.standard(layers[name][tested]))
        wrong = (content[tested][:, None] != content[tested]).astype(float)
        others = wrong.sum(axis=0)
        for kind, rows in binned.items():
            for place in range(rows.shape[1]):
                fit = unit_patterns(decoder.patterns(rows[:, place])) @ truth.T
                among = np.full(fit.shape, np.nan)
                np.divide(fit @ wrong, others, out=among, where=others > 0)
                tables[kind][name][:, tested, place] = fit - among
    return tables


def exchanged(table: np.ndarray, draws: int, rng: np.random.Generator) -> Exchanged:
    """The mean over pictures of what was expected, and with the expected pictures exchanged.

    Decoders know nothing of these responses, so that all exchanges are equally likely where
    the responses say nothing of the picture: the test is exact [field].

    Parameters
    ----------
    table : ndarray, shape (pictures, pictures, bins)
        Row: response; column: picture it is scored against; the diagonal is what was expected.
    """
    rows = np.arange(len(table))
    curve = table[rows, rows].mean(axis=0)
    chance = np.array([table[rows, rng.permutation(rows)].mean(axis=0) for _ in range(draws)])
    low, high = np.quantile(chance, (0.025, 0.975), axis=0)
    return Exchanged(curve, low, high, p_above(float(curve.max()), chance.max(axis=1)))


def nearest(onset_s: np.ndarray, others_s: np.ndarray) -> np.ndarray:
    """For each onset the index of the nearest of other onsets, (onsets,)."""
    return np.asarray(np.abs(onset_s[:, None] - others_s).argmin(axis=1))
