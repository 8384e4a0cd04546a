"""How alike the patterns of one image's trials are: pictures or responses, as vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPLITS = 100
SIMILARITY_WIDENING = 1.2
"""Standard error of mean similarity over that of independent images, which share decoders:
1.1 to 1.3 in simulations, less than for R (`docs/methods/stability.md`)."""


@dataclass(frozen=True)
class RepeatSimilarity:
    """Similarity and variability of one image's trials, each a mean over trials.

    *Leave-one-out* compares a trial with the average of the other trials [ours], given for
    every trial too; *including* with the average of all trials, itself among them [paper].
    """

    of_trial: np.ndarray
    leave_one_out: float
    including: float
    other: float
    split_half: float
    variability: float
    variability_including: float


def repeat_similarity(
    trials: np.ndarray, others_direction: np.ndarray | None, rng: np.random.Generator
) -> RepeatSimilarity:
    """Compare the trials of an image with their averages and with those of other images.

    Similarity is Pearson's r over the pattern [paper]; variability is the squared
    difference to the average [paper] over the average's squared norm [ours].

    Parameters
    ----------
    trials : ndarray, shape (trials, dimensions)
        Two trials or more.
    others_direction : ndarray, shape (dimensions,), or None
        `mean_direction` of the trial averages of other images; without any, `other` is NaN.
    """
    average = trials.mean(axis=0, keepdims=True)
    others = (len(trials) * average - trials) / (len(trials) - 1)
    of_trial = correlation(trials, others)
    return RepeatSimilarity(
        of_trial=of_trial,
        leave_one_out=float(of_trial.mean()),
        including=float(correlation(trials, average).mean()),
        other=np.nan
        if others_direction is None
        else float(mean_direction(trials) @ others_direction),
        split_half=split_half(trials, rng),
        variability=relative_difference(trials, others),
        variability_including=relative_difference(trials, average),
    )


def correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's r of each pair of rows; 0 where a row is constant and has none.

    Parameters
    ----------
    first, second : ndarray, shape (rows, dimensions)
        A single row is compared with every row of the other.
    """
    return np.einsum("...d,...d->...", standardised(first), standardised(second))


def relative_difference(trials: np.ndarray, average: np.ndarray) -> float:
    """Mean over trials of ‖trial − average‖² / ‖average‖²; NaN where an average is zero."""
    difference = ((trials - average) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = difference / (average**2).sum(axis=1)
    return float(ratio.mean()) if np.isfinite(ratio).all() else np.nan


def split_half(trials: np.ndarray, rng: np.random.Generator) -> float:
    """Correlation of the averages of two random halves, Spearman-Brown corrected [field].

    r is averaged over 100 splits, then 2r / (1 + |r|): the size of r keeps a negative
    value above −1. With an odd number of trials one half has one trial more.
    """
    splits = SPLITS if len(trials) > 2 else 1
    first = rng.permuted(np.tile(np.arange(len(trials)), (splits, 1)), axis=1) < len(trials) // 2
    # Averages of halves are mixtures of trials, so their products need no pixels.
    products = trials - trials.mean(axis=1, keepdims=True)
    products = products @ products.T
    halves = [half / half.sum(axis=1, keepdims=True) for half in (first, ~first)]
    r = float(_mixture_correlation(products, *halves).mean())
    return 2 * r / (1 + abs(r))


def _mixture_correlation(products: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation of mixtures (rows, trials) of trials with these inner products."""
    carried = first @ products
    norms = [(carried * first).sum(axis=1), (second @ products * second).sum(axis=1)]
    product = (carried * second).sum(axis=1)
    # Mixtures that cancel leave rounding behind.
    size = [(mixture**2) @ np.diag(products) for mixture in (first, second)]
    varies = (norms[0] > 1e-13 * size[0]) & (norms[1] > 1e-13 * size[1])
    scale = np.sqrt(np.where(varies, norms[0] * norms[1], 1.0))
    return np.where(varies, product / scale, 0.0)


def mean_direction(patterns: np.ndarray) -> np.ndarray:
    """Mean of patterns at mean 0 and norm 1, shape (dimensions,).

    The product of two of them is the mean correlation of all pairs of their patterns.
    """
    return np.asarray(standardised(patterns).mean(axis=0))


def standardised(rows: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and norm 1; zero where a row is constant."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    # A constant row can leave rounding behind, which must not become a pattern.
    constant = norm <= 1e-12 * np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, norm))
