"""One network's hierarchy score from the counts of all sessions, with its nulls and interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.units.pairs import interval
from twophoton_decode.deep.hierarchy.best import Counts
from twophoton_decode.deep.hierarchy.score import hierarchy, layer_draws, orders


class Score(NamedTuple):
    """A hierarchy score.

    `ci95` is over pictures. `null` holds mean, lowest and highest score over all orders of the
    populations, `p` the share of orders that reach the score. `table` (layers, populations) is
    how many units each population decodes best, mean over draws of cells.
    """

    score: float
    ci95: tuple[float, float]
    null: tuple[float, float, float]
    p: float
    table: np.ndarray


def network_score(sessions: Sequence[Counts], layers: Sequence[str], seed: int) -> Score:
    """The score of units pooled over sessions, mean over draws of cells and of layers.

    Parameters
    ----------
    sessions : sequence of Counts
        Arrays (draws of cells, 1 + blocks, populations) or (1 + blocks, populations).
    layers : sequence of str
        Early to late; each is in every session.
    """
    counts = np.stack([sum(each[name] for each in sessions) for name in layers], axis=-2)
    counts = counts if counts.ndim == 4 else counts[None]
    rng = np.random.default_rng([seed, 10])
    draws = layer_draws(len(layers), rng)
    by_block = _over_draws(hierarchy(counts, draws))
    low, high = interval(np.array(by_block[0]), by_block[1:])
    every = orders(counts.shape[-1], rng)
    permuted = np.array(
        [_over_draws(hierarchy(counts[:, :1][..., order], draws))[0] for order in every]
    )
    score = float(by_block[0])
    reached = permuted >= score - 1e-9
    known = np.isfinite(score)
    return Score(
        score=score,
        ci95=(float(low), float(high)),
        null=(float(permuted.mean()), float(permuted.min()), float(permuted.max())),
        p=float(reached.mean()) if known else float("nan"),
        table=counts[:, 0].mean(axis=0),
    )


def _over_draws(scores: np.ndarray) -> np.ndarray:
    """Mean over draws of cells (draws, 1 + blocks) that have a score; NaN where none has."""
    known = np.isfinite(scores)
    total = np.where(known, scores, 0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
