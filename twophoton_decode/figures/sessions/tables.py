"""Tables of several sessions: one row a measure and session, and one row a test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.analyses.sessions.comparisons import PairedComparison
from twophoton_decode.analyses.sessions.measures import Measurement
from twophoton_decode.figures.canvas.drawing import Table
from twophoton_decode.figures.sessions.decoders import PopulationView
from twophoton_decode.words import counted_units


def tidy_table(found: Sequence[Measurement]) -> Table:
    """One row per session, decoder, measure and condition, over its images.

    The interval is that of the mean, or of the single value.
    """
    quartiles = [np.percentile(each.defined, [25, 75]) for each in found]
    return {
        "session": [each.session for each in found],
        "mouse": [each.mouse for each in found],
        "decoder": [each.decoder for each in found],
        "measure": [each.measure for each in found],
        "condition": [each.condition for each in found],
        "n": [each.defined.size for each in found],
        "mean": [each.defined.mean() for each in found],
        "mean_ci95_low": [each.interval[0] for each in found],
        "mean_ci95_high": [each.interval[1] for each in found],
        "median": [each.median for each in found],
        "quartile_25": [low for low, _ in quartiles],
        "quartile_75": [high for _, high in quartiles],
    }


def population_table(view: PopulationView) -> Table:
    """One row per decoder, measure and condition, over the sessions.

    `mean` and its interval are hierarchical, as in the figures; `median` is over the session
    medians.
    """
    groups: dict[tuple[str, str, str], list[Measurement]] = {}
    for each in view.found:
        groups.setdefault((each.decoder, each.measure, each.condition), []).append(each)
    means = [view.mean(own) for own in groups.values()]
    return {
        "decoder": [decoder for decoder, _, _ in groups],
        "measure": [measure for _, measure, _ in groups],
        "condition": [condition for _, _, condition in groups],
        "sessions": [len(own) for own in groups.values()],
        "mice": [len({each.mouse for each in own}) for own in groups.values()],
        "mean": [mean.mean for mean in means],
        "mean_ci95_low": [mean.low for mean in means],
        "mean_ci95_high": [mean.high for mean in means],
        "resampled": [mean.level for mean in means],
        "median": [np.median([each.median for each in own]) for own in groups.values()],
    }


def statistics_table(compared: Sequence[PairedComparison]) -> Table:
    """One row a test."""
    return {
        "question": [each.question for each in compared],
        "decoder": [each.decoder for each in compared],
        "comparison": [each.comparison for each in compared],
        "sessions": [each.sessions for each in compared],
        "sessions_higher": [each.higher for each in compared],
        "median_difference": [each.difference for each in compared],
        "mean_difference": [each.mean.mean for each in compared],
        "mean_difference_ci95_low": [each.mean.low for each in compared],
        "mean_difference_ci95_high": [each.mean.high for each in compared],
        "resampled": [counted_units(each.mean.units, each.mean.level) for each in compared],
        "rank_biserial": [each.rank_biserial for each in compared],
        "tested": [counted_units(each.units, each.level) for each in compared],
        "p": [each.p for each in compared],
        "p_holm": [each.p_holm for each in compared],
        "note": [each.note for each in compared],
    }
