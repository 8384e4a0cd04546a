"""The tests over sessions as a table of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twophoton_decode.figures.canvas.numbers import DASH, bare_p, interval, number, signed
from twophoton_decode.records.sessions import PairedComparison
from twophoton_decode.words import counted_units


@dataclass(frozen=True)
class PageTable:
    """A table of the page, its cells written out; `note` stands below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def statistics_page(compared: Sequence[PairedComparison]) -> PageTable:
    """The tests as the page shows them."""
    rows = [
        (
            each.question,
            each.decoder or DASH,
            each.comparison,
            f"{each.higher} of {each.sessions}",
            signed(each.difference, 3),
            f"{signed(each.mean.mean, 3)} ({interval((each.mean.low, each.mean.high), 3)})",
            counted_units(each.mean.units, each.mean.level),
            number(each.rank_biserial),
            bare_p(each.p),
            bare_p(each.p_holm),
            each.note,
        )
        for each in compared
    ]
    return PageTable("Tests over sessions", _COLUMNS, rows, _NOTE)


_COLUMNS = (
    "Question",
    "Decoder",
    "Comparison",
    "Higher in",
    "Median difference",
    "Mean difference (95 % interval)",
    "Resampled",
    "Rank-biserial r",
    "p",
    "p, Holm",
    "Remark",
)


INTERVALS_OVER_SESSIONS = (
    "bootstrap over mice, each drawn with all its sessions and images (over sessions where all "
    "are of one mouse), the distance of the percentiles from the mean widened for few units. "
    "Where only one session has a value: Student's t over its images. Ends are cut at the range "
    "of what is measured, such as −1 and 1 for R or 1 for a number of cells: with few mice an "
    "interval can hold all of it."
)


_NOTE = (
    "Two-sided Wilcoxon signed-rank tests of session medians over images, averaged over the "
    "sessions of each mouse where there are several mice. Holm: corrected "
    "over the tests of a question for one decoder; of decoders, over all pairs. Rank-biserial "
    "r: 1 when every session is higher, weighted by rank. The median difference is of "
    "the sessions' medians over images, the mean difference over mice, sessions and images: where "
    "a few images stray far, as in variability, the two differ, and the test is of the medians."
)
