"""How alike the patterns of one image's trials are: pictures or responses, as vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPLITS = 100


@dataclass(frozen=True)
class RepeatSimilarity:
    """Similarity and variability of one image's trials, each a mean over trials.

    *Leave-one-out* compares a trial with the average of the other trials [ours];
    *including* with the average of all trials, itself among them [paper].
    """

    leave_one_out: float
    including: float
    other: float
    split_half: float
    variability: float
    variability_including: float


def repeat_similarity(
    trials: np.ndarray, other_averages: np.ndarray, rng: np.random.Generator
) -> RepeatSimilarity:
    """Compare the trials of an image with their averages and with those of other images.

    Similarity is Pearson's r over the pattern [paper]; variability is the squared
    difference to the average [paper] over the average's squared norm [ours].

    Parameters
    ----------
    trials : ndarray, shape (trials, dimensions)
        Two trials or more.
    other_averages : ndarray, shape (other images, dimensions)
        Trial averages of other images; without any, `other` is NaN.
    """
    average = trials.mean(axis=0, keepdims=True)
    others = (len(trials) * average - trials) / (len(trials) - 1)
    return RepeatSimilarity(
        leave_one_out=float(correlation(trials, others).mean()),
        including=float(correlation(trials, average).mean()),
        other=_mean_correlation(trials, other_averages),
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
    return np.einsum("...d,...d->...", _standardised(first), _standardised(second))


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
    halves = [half @ trials / half.sum(axis=1, keepdims=True) for half in (first, ~first)]
    r = float(correlation(*halves).mean())
    return 2 * r / (1 + abs(r))


def _mean_correlation(trials: np.ndarray, averages: np.ndarray) -> float:
    if not len(averages):
        return np.nan
    return float((_standardised(trials) @ _standardised(averages).T).mean())


def _standardised(rows: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and norm 1; zero where a row is constant."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    # A constant row can leave rounding behind, which must not become a pattern.
    constant = norm <= 1e-12 * np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, norm))
