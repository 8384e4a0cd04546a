"""Which of many candidate images was seen? Expected over every choice of wrong candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln

from twophoton_decode.decoding.scoring.reconstructed import Reconstructed
from twophoton_decode.decoding.scoring.scores import unit_rows
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.statistics.share import share_interval

ROWS = 512
"""Reconstructions compared with all candidates at a time."""


@dataclass(frozen=True, eq=False)
class WrongCandidates:
    """How the wrong candidates compare with the true image, one row per reconstruction.

    `worse`, `tied` and `total` (n,) count the wrong candidates that fit worse than the true
    image, exactly as well, and all of them.
    """

    worse: np.ndarray
    tied: np.ndarray
    total: np.ndarray

    @property
    def rank(self) -> np.ndarray:
        """Rank of the true image among all candidates, 1 for the best; ties count half."""
        return 1 + (self.total - self.worse - self.tied) + 0.5 * self.tied

    def top1(self, candidates: np.ndarray) -> np.ndarray:
        """Probability that the true image fits best among `k` candidates, (n, candidates).

        The k − 1 wrong ones are drawn at random without replacement, and the best of equals
        is drawn at random: Σⱼ C(tied, j) C(worse, k−1−j) / (j + 1) / C(total, k−1), which
        is [C(worse + tied + 1, k) − C(worse, k)] / [(tied + 1) C(total, k−1)]. NaN where
        there are fewer than k candidates.
        """
        worse, tied, total = (a[:, None] for a in (self.worse, self.tied, self.total))
        k = np.asarray(candidates)
        with np.errstate(invalid="ignore"):
            of_all = _log_binomial(total, k - 1)
            best = np.exp(_log_binomial(worse + tied + 1, k) - of_all)
            without_tie = np.exp(_log_binomial(worse, k) - of_all)
            share = (best - without_tie) / (tied + 1)
        return np.where(k - 1 <= total, share, np.nan)


def identification(made: Reconstructed, external: np.ndarray) -> dict[str, Any]:
    """Top-1 share against number of candidates, and rank, by field of `Reconstruction`.

    A candidate s′ fits by the correlation of s′ − m with ŝ − m over pixels [field]. The
    pool *session* holds the images of the session, without those that show the same as
    the true one, or nearly so; most of them were trained on. The pool *external* holds the
    true image and pictures that the session never showed, so that no candidate was trained on.

    Parameters
    ----------
    made : Reconstructed
    external : ndarray, shape (pictures, y, x)
        From `usable_distractors`, perhaps none: then there is no such pool.
    """
    fit = _Fit(made, external)
    parts = {
        "single": _compared(fit, made.single, made.image),
        "average": _compared(fit, made.average, np.arange(len(made.pictures))),
    }
    pools = list(parts["average"])
    sizes = [int(1 + parts["average"][pool].total.min()) for pool in pools]
    candidates = candidate_counts(sizes)
    fields: dict[str, Any] = {"pool_name": pools, "pool_size": sizes, "candidates": candidates}
    for what, of_pool in parts.items():
        top1 = np.stack([of_pool[pool].top1(candidates) for pool in pools])
        rank = np.stack([of_pool[pool].rank for pool in pools])
        if what == "single":
            top1, rank = (_by_image(made, values) for values in (top1, rank))
        # Where some images lack candidates, the mean over images would change its images.
        top1 = np.where((candidates > np.array(sizes)[:, None])[:, None], np.nan, top1)
        fields |= {
            f"top1_{what}": top1,
            f"top1_{what}_ci95": _intervals(top1, made.content),
            f"rank_{what}": rank,
        }
    return fields


def candidate_counts(sizes: list[int]) -> np.ndarray:
    """2, 5, 10, 20, 50, … up to the largest pool, and each pool whole."""
    steps = np.multiply.outer(10 ** np.arange(7), [1, 2, 5]).ravel()[1:]
    return np.unique([*steps[steps < max(sizes)], *sizes])


class _Fit:
    """Correlation of reconstructions with candidates, both less the mean image of a fold.

    Candidates are the session's images, then pictures from elsewhere. They are centred over
    pixels once; what m changes follows from inner products.
    """

    def __init__(self, made: Reconstructed, external: np.ndarray) -> None:
        pixels = np.concatenate([made.pixels, external.reshape(-1, made.pixels.shape[1])])
        self.fold, self.content = made.fold, made.content
        self.outside = np.arange(len(pixels)) >= len(made.pictures)
        self.candidates, self.mean = _centred(pixels), _centred(made.mean)
        squares, about = ((rows**2).sum(axis=1) for rows in (self.candidates, self.mean))
        squared = squares - 2 * self.mean @ self.candidates.T + about[:, None]
        # A candidate that equals m leaves only rounding, which must not become a pattern.
        constant = squared <= 1e-12 * (squares + about[:, None])
        self.norm = np.sqrt(np.where(constant, np.inf, squared))

    def to(self, reconstructed: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Fit of reconstructions (n, pixels) of images `own`, shape (n, candidates)."""
        fold, pattern = self.fold[own], unit_rows(reconstructed)
        from_mean = np.einsum("np,np->n", pattern, self.mean[fold])
        fit: np.ndarray = (pattern @ self.candidates.T - from_mean[:, None]) / self.norm[fold]
        return fit

    def wrong(self, own: np.ndarray) -> dict[str, np.ndarray]:
        """Which candidates are wrong for images `own`, (n, candidates), in each pool."""
        shown = np.zeros((len(own), len(self.outside)), dtype=bool)
        shown[:, ~self.outside] = self.content[own][:, None] != self.content
        outside = np.broadcast_to(self.outside, shown.shape)
        return {"session": shown, "external": outside} if outside.any() else {"session": shown}


def _compared(fit: _Fit, reconstructed: np.ndarray, own: np.ndarray) -> dict[str, WrongCandidates]:
    """How the wrong candidates of each pool fit the reconstructions (n, pixels) of `own`."""
    counts: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(own), ROWS):
        rows = slice(start, start + ROWS)
        fits = fit.to(reconstructed[rows], own[rows])
        true = np.take_along_axis(fits, own[rows][:, None], axis=1)
        for pool, wrong in fit.wrong(own[rows]).items():
            found = ((fits < true) & wrong, (fits == true) & wrong, wrong)
            counts.setdefault(pool, []).append(np.array([each.sum(axis=1) for each in found]))
    return {pool: WrongCandidates(*np.hstack(parts)) for pool, parts in counts.items()}


def _by_image(made: Reconstructed, values: np.ndarray) -> np.ndarray:
    """Means over the presentations of each image, of each pool (pool, presentation, …)."""
    images = len(made.pictures)
    return np.stack([mean_by_image(each, made.image, images) for each in values])


def _centred(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, dtype=float)
    return rows - rows.mean(axis=1, keepdims=True)


def _log_binomial(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Logarithm of C(n, k); −inf where k > n."""
    n, k = np.broadcast_arrays(n, k)
    possible = k <= n
    rest = np.where(possible, n - k, 0)
    value = gammaln(n + 1) - gammaln(k + 1) - gammaln(rest + 1)
    return np.where(possible, value, -np.inf)


def _intervals(top1: np.ndarray, content: np.ndarray) -> np.ndarray:
    """95 % intervals of the means over images, (pool, candidate, 2)."""
    return np.array([[share_interval(share, content) for share in pool.T] for pool in top1])
