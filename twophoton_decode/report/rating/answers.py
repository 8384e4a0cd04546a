"""The answers of people: read, refused where they are of another page, and tested."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twophoton_decode.errors import UsageError
from twophoton_decode.report.rating.trials import SIDES, Key
from twophoton_decode.statistics.permutation import SignTest, sign_test

COLUMNS = ("page", "rater", "trial", "choice")


@dataclass(frozen=True)
class Rater:
    """One person's choices, by code of the trial."""

    name: str
    choice: Mapping[str, str]


class Judged(NamedTuple):
    """One question: share of choices for the reconstruction, tested over raters and images.

    `choices` is how many there were.
    """

    question: str
    share: float
    choices: int
    raters: SignTest
    images: SignTest


def read_answers(text: str, key: Key, where: str) -> Rater:
    """The choices in a CSV that the page saved.

    Raises
    ------
    UsageError
        It is of another page, has unknown or repeated trials, another choice than left or right,
        several raters, or no row.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"{where}: expected the columns {', '.join(COLUMNS)}; there is no "
                         f"{', '.join(missing)}.")  # fmt: skip
    known, raters = {each.code for each in key.trials}, set()
    choice: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        _refuse_row(row, key, known, choice, f"{where}, line {line}")
        choice[row["trial"]] = row["choice"]
        raters.add(row["rater"])
    if len(raters) != 1:
        raise UsageError(f"{where}: expected answers of one rater, found {len(raters)}.")
    return Rater(raters.pop(), choice)


def _refuse_row(
    row: Mapping[str, str], key: Key, known: set[str], before: Mapping[str, str], where: str
) -> None:
    if row["page"] != key.page:
        raise UsageError(
            f"{where}: answers to the page {row['page']!r}, but this session's page is "
            f"{key.page!r}. Give answers to the page that `tpdecode deep rating` made last."
        )
    if row["trial"] not in known:
        raise UsageError(f"{where}: the page has no trial {row['trial']!r}.")
    if row["trial"] in before:
        raise UsageError(f"{where}: trial {row['trial']!r} is answered twice.")
    if row["choice"] not in SIDES:
        raise UsageError(f"{where}: expected left or right, found {row['choice']!r}.")


def judged(key: Key, raters: Sequence[Rater]) -> list[Judged]:
    """Each question that was asked, in the order of the key.

    Raises
    ------
    UsageError
        Two raters have one name.
    """
    names = [each.name for each in raters]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(
            f"two files have answers of the rater {double!r}. Count each person once: leave one "
            "out, or correct the name in one."
        )
    return [_question(key, raters, each) for each in dict.fromkeys(t.question for t in key.trials)]


def _question(key: Key, raters: Sequence[Rater], question: str) -> Judged:
    trials = [each for each in key.trials if each.question == question]
    # (raters, trials): 1 for the reconstruction, 0 for the other, NaN without an answer.
    for_it = np.array([
        [float(rater.choice[each.code] == each.side) if each.code in rater.choice else np.nan
         for each in trials]
        for rater in raters
    ])  # fmt: skip
    answered = np.isfinite(for_it)
    share = float(for_it[answered].mean()) if answered.any() else float("nan")
    by_rater, by_image = (_shares(for_it, axis) for axis in (1, 0))
    return Judged(question, share, int(answered.sum()), sign_test(by_rater), sign_test(by_image))


def _shares(for_it: np.ndarray, axis: int) -> np.ndarray:
    """Means of what is known, NaN where nothing is."""
    known = np.isfinite(for_it)
    total, count = np.where(known, for_it, 0).sum(axis=axis), known.sum(axis=axis)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
