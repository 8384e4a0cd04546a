"""What several sessions say together: means over mice, medians over sessions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.analyses.sessions.ranges import possible_range
from twophoton_decode.records.sessions import (
    HierarchicalMean,
    Key,
    Measurement,
    PairedComparison,
    PopulationView,
)
from twophoton_decode.statistics.hierarchical import hierarchical_bootstrap


def population_view(
    found: Sequence[Measurement],
    compared: Sequence[PairedComparison],
    *,
    resamplings: int,
    seed: int,
) -> PopulationView:
    """Measurements and tests, with the mean and the median of every measure over sessions."""
    groups: dict[Key, list[Measurement]] = {}
    for each in found:
        groups.setdefault((each.decoder, each.measure, each.condition), []).append(each)
    return PopulationView(
        found=found,
        compared=compared,
        means={key: _mean(own, resamplings, seed) for key, own in groups.items()},
        medians={
            key: float(np.median([each.median for each in own])) for key, own in groups.items()
        },
        matched_repeats=_matched_repeats(found),
        resamplings=resamplings,
        seed=seed,
    )


def _mean(found: Sequence[Measurement], resamplings: int, seed: int) -> HierarchicalMean:
    """Mean over mice, sessions and images; of a single session, its own."""
    if len(found) == 1 and found[0].values.size > 1:
        (own,) = found
        return HierarchicalMean(own.mean, *own.interval, "images", own.defined.size)
    return hierarchical_bootstrap(
        [each.values for each in found],
        [each.mouse for each in found],
        resamplings=resamplings,
        rng=np.random.default_rng(seed),
        possible=possible_range(found[0].measure, found[0].condition),
    )


def _matched_repeats(found: Sequence[Measurement]) -> str:
    """The condition of the sparseness at most repeats that every session has; or empty."""
    sessions, common = {each.session for each in found}, ""
    sparse = [each for each in found if each.measure == "population_sparseness"]
    for condition in dict.fromkeys(each.condition for each in sparse if each.condition):
        if {each.session for each in sparse if each.condition == condition} == sessions:
            common = condition
    return common
