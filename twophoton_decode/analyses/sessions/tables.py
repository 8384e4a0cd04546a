"""Tables of several sessions: one row a measure and session, and one row a test."""

from __future__ import annotations

from collections.abc import Sequence

from twophoton_decode.records.sessions import Measurement, PairedComparison, PopulationView
from twophoton_decode.records.table import Table
from twophoton_decode.words import counted_units


def tidy_table(found: Sequence[Measurement]) -> Table:
    """One row per session, decoder, measure and condition, over its images.

    The interval is that of the mean, or of the single value.
    """
    return {
        "session": [each.session for each in found],
        "mouse": [each.mouse for each in found],
        "decoder": [each.decoder for each in found],
        "measure": [each.measure for each in found],
        "condition": [each.condition for each in found],
        "n": [each.defined.size for each in found],
        "mean": [each.mean for each in found],
        "mean_ci95_low": [each.interval[0] for each in found],
        "mean_ci95_high": [each.interval[1] for each in found],
        "median": [each.median for each in found],
        "quartile_25": [each.quartiles[0] for each in found],
        "quartile_75": [each.quartiles[2] for each in found],
    }


def population_table(view: PopulationView) -> Table:
    """One row per decoder, measure and condition, over the sessions.

    `mean` and its interval are hierarchical, as in the figures; `median` is over the session
    medians.
    """
    groups = {key: view.of(*key) for key in view.means}
    means = list(view.means.values())
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
        "median": list(view.medians.values()),
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
