"""Intervals and errors that other benchmarks measure: their pages, and what they found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cited:
    """A row that another page measured, named by its file in ``benchmarks/results``."""

    names: tuple[str, ...]
    what: str
    setting: str
    nominal: str
    measured: str
    runs: str
    verdict: str
    page: str


ROWS = (
    Cited(
        ("responsive",),
        "false discoveries among responsive pairs",
        "3, 4, 6 and 12 repeats",
        "5 %",
        "3.1, 3.7, 4.0 and 4.2 %",
        "200 each",
        "as stated; 3.4 % in blocked order, 2.7 to 3.7 % with spontaneous events, missing or dense "
        "responses",
        "responsive_pairs.md",
    ),
    Cited(
        ("responsive",),
        "recordings with any pair where nothing responds",
        "3, 4, 6 and 12 repeats",
        "at most 5 %",
        "1.0, 0.5, 2.0 and 4.0 %",
        "200 each",
        "as stated",
        "responsive_pairs.md",
    ),
    Cited(
        ("clock_shift_ci95", "clock_part_error_s"),
        "interval of the shift against the onsets holds the true one",
        "right clock, and one 0.1 % fast",
        "95 %",
        "97.9 to 99.5 %; 93 % with pictures shown once",
        "200 each",
        "somewhat wider than stated; where nobody responds a shift is told in 1.5 % of sessions",
        "clock_shift.md",
    ),
    Cited(
        ("neuropil_error",),
        "root mean square of what an estimate is off by, in its standard errors",
        "0.5 to 3 events/s, noise 5 to 20",
        "1",
        "0.39 to 1.07",
        "96 cells each",
        "cautious; estimates too unsure are refused",
        "neuropil_coefficient.md",
    ),
)
