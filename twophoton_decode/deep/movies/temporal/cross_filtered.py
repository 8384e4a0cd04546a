"""Filters taught by a fold's training clips, and clips through filters that they did not teach."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import combinations
from operator import add

import numpy as np

from twophoton_decode.deep.movies.parts import FoldSums
from twophoton_decode.deep.movies.showings import Clips, Signal
from twophoton_decode.deep.movies.temporal.filters import Filters, FilterSums

Fit = tuple[FoldSums, float]
"""What ridge of some lags is fitted from, and its strength."""
Parts = Sequence[int]
FEWEST_GROUPS = 3
"""Of training clips: two are decoded by the others, and one of these judges."""


def empty(signal: Signal, clips: Clips) -> np.ndarray:
    """Room for decoded clips, (showings, frames, pixels), NaN."""
    return np.full((len(signal.showings.clip), *clips.pixels.shape[1:]), np.nan, np.float32)


def fill(made: np.ndarray, fit: Fit, without: Parts, parts: Parts) -> None:
    """Decode the clips of some parts into `made`, by a fit to the training parts but `without`."""
    sums, strength = fit
    fitted = sums.ridge(*without).fit(strength)
    for some, rows in sums.signal.blocks(sums.showings(*parts), sums.lags):
        made[some] = fitted(rows)


def cross_fitted(fit: Fit) -> np.ndarray:
    """All clips: tested ones by the fit to all training parts, those by fits without their own."""
    sums = fit[0]
    made = empty(sums.signal, sums.clips)
    fill(made, fit, [], [sums.fold])
    for parts in sums.cross_parts():
        fill(made, fit, parts, parts)
    return made


def cross_filtered(fits: Sequence[Fit], inputs: Sequence[np.ndarray]) -> np.ndarray:
    """Tested clips by filters of all training clips, those by fits and filters without their own.

    Filters of other clips are not enough: were those decoded by fits that saw a clip, what it
    shares with them by chance would be in the filters and in the clip alike. So they are decoded
    by fits that saw neither. NaN where the training clips are in fewer than three groups.

    Parameters
    ----------
    fits : sequence of Fit
    inputs : sequence of ndarray, shape (showings, frames, pixels)
        `cross_fitted` of each.
    """
    sums = fits[0][0]
    groups = sums.cross_parts()
    made = empty(sums.signal, sums.clips)
    every = [_sums_of(inputs, sums, parts, sums.mean_frame(*parts)) for parts in groups]
    _pass(made, inputs, sums, [sums.fold], reduce(add, every).filters(sums.mean_frame()))
    for place, taught in _without_each(fits, groups).items():
        parts = groups[place]
        _pass(made, inputs, sums, parts, taught.filters(sums.mean_frame(*parts)))
    return made


def _without_each(fits: Sequence[Fit], groups: Sequence[Parts]) -> dict[int, FilterSums]:
    """What the other groups teach about each, decoded by fits that saw neither."""
    found: dict[int, FilterSums] = {}
    if len(groups) < FEWEST_GROUPS:
        return found
    sums = fits[0][0]
    for pair in combinations(range(len(groups)), 2):
        both = [part for place in pair for part in groups[place]]
        made = [empty(sums.signal, sums.clips) for _ in fits]
        for each, fit in zip(made, fits, strict=True):
            fill(each, fit, both, both)
        for held, teaches in (pair, pair[::-1]):
            own = _sums_of(made, sums, groups[teaches], sums.mean_frame(*both))
            found[held] = found[held] + own if held in found else own
    return found


def _sums_of(
    inputs: Sequence[np.ndarray], sums: FoldSums, parts: Parts, mean: np.ndarray
) -> FilterSums:
    return FilterSums.of(inputs, sums.showings(*parts), mean, sums.signal.showings, sums.clips)


def _pass(
    made: np.ndarray,
    inputs: Sequence[np.ndarray],
    sums: FoldSums,
    parts: Parts,
    filters: Filters,
) -> None:
    """The clips of some parts through filters, into `made`."""
    for showing in sums.showings(*parts).tolist():
        made[showing] = filters([each[showing] for each in inputs])
