"""Whether a match of flips and log can be trusted: enough rows, not by chance, only one way."""

from __future__ import annotations

import numpy as np

from twophoton_decode.stimulus.clock.fit import matched_flips
from twophoton_decode.stimulus.clock.lines import MOST_DRIFT
from twophoton_decode.stimulus.clock.search import Alignment

_TIGHT = 9.0
"""The narrower tolerance, in MADs of the residuals [ours]."""
_LEAST_TIGHT_S = 0.002
_LEAST_AHEAD = 2
"""So many rows more than the next best alignment make the best one the only one [ours]."""
_MOST_BY_CHANCE = 0.01


def tight_rows(
    found: list[Alignment], log_s: np.ndarray, flip_s: np.ndarray, within_s: float, step_s: float
) -> tuple[float, list[int]]:
    """A tolerance as narrow as the best alignment's jitter allows, and rows within it of each.

    `step_s` is the time from one sample to the next.
    """
    least = min(max(_LEAST_TIGHT_S, 2 * step_s), within_s)
    jitter = found[0].jitter_s if np.isfinite(found[0].jitter_s) else within_s
    near = float(np.clip(_TIGHT * jitter / 1.4826, least, within_s))
    rows = [int(matched_flips(each.clock, log_s, flip_s, near).row.size) for each in found]
    return near, rows


def expected_by_chance(
    rows: int, matched: int, flips: int, log_span_s: float, flip_span_s: float, within_s: float
) -> float:
    """How many alignments with so many rows matched are expected of flips at random times.

    Two pairs set offset and drift: any row with any flip, and a flip within ±1 % of where the
    other row lies. Each of the other rows then has a flip by chance with p = 1 - exp(-2
    tolerance x rate), independently. Bonferroni's bound over all such pairs.
    """
    from scipy.stats import binom

    rate = flips / max(flip_span_s, 1e-9)
    p = 1 - np.exp(-2 * within_s * rate)
    ways = rows * flips * (1 + 2 * MOST_DRIFT * log_span_s * rate)
    return float(ways * binom.sf(matched - 3, max(rows - 2, 0), p))


def reasons_against(
    rows: int, matched: int, flips: int, tight: list[int], chance: float, least_share: float,
    shift_s: float,
) -> tuple[list[str], list[str]]:  # fmt: skip
    """Why a match is not to be trusted, and notes on one that is.

    Parameters
    ----------
    tight : list of int
        Rows within the narrower tolerance, of the best alignment and of the others.
    shift_s : float
        How far the next best alignment lies from the best.
    """
    against: list[str] = []
    notes: list[str] = []
    if matched < least_share * rows:
        against.append(
            f"only {matched} of {rows} rows have a flip ({matched / rows:.0%}); at least "
            f"{least_share:.0%} are needed (--min-matched)"
        )
    if chance > _MOST_BY_CHANCE:
        against.append(
            f"flips at random times would match as many rows: {chance:.2g} such alignments are "
            f"expected, at most {_MOST_BY_CHANCE:g} are accepted. Rows are too few, or flips so "
            "frequent that any row finds one"
        )
    other = max(tight[1:], default=0)
    counts_agree = matched == rows == flips
    if against and chance > _MOST_BY_CHANCE:
        return against, notes
    if tight[0] - other < _LEAST_AHEAD and not (counts_agree and other < tight[0]):
        against.append(
            f"the match is not unique: with the log {abs(shift_s):.4g} s "
            f"{'later' if shift_s > 0 else 'earlier'}, {other} rows have a flip as near, against "
            f"{tight[0]}. The intervals of the log are too regular to tell. Say where the log "
            "begins by --offset-near-s, or record from before the first to after the last stimulus"
        )
    elif tight[0] - other < _LEAST_AHEAD:
        notes.append(
            "the intervals of the log are regular: only the counts say which flip is which "
            f"({flips} flips, {rows} rows). A missed and an extra flip would go unnoticed together"
        )
    return against, notes
