"""What people counted: read, refused where it is of another page, and tested."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twophoton_decode.errors import UsageError
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.report.counting.crops import BLIND, Crop, crops_of, page_code
from twophoton_decode.statistics.permutation import SignTest, sign_test

COLUMNS = ("page", "rater", "trial", "count")


@dataclass(frozen=True)
class Counts:
    """One person's counts, by code of the crop."""

    rater: str
    count: Mapping[str, int]


class Inventions(NamedTuple):
    """What people counted.

    Attributes
    ----------
    mean : dict of str to float
        Things a crop that the mean of the movie lacks, by method.
    crops : int
        Places that were counted by both methods, over all raters.
    raters, places : SignTest
        Whether more are counted in restored crops than in the moving average's, by either.
    """

    mean: dict[str, float]
    crops: int
    raters: SignTest
    places: SignTest


def read_counts(text: str, found: Restoration, where: str) -> Counts:
    """The counts in a CSV that the page saved.

    Raises
    ------
    UsageError
        It is of another page, has unknown or repeated trials, what is no count, several raters,
        or no row.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(
            f"{where}: expected the columns {', '.join(COLUMNS)}; there is no {', '.join(missing)}."
        )
    page, known = page_code(found), {crop.code for crop in crops_of(found)}
    raters: set[str] = set()
    count: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        problem = _problem(row, page, known, count)
        if problem:
            raise UsageError(f"{where}, line {line}: {problem}")
        count[row["trial"]] = int(row["count"])
        raters.add(row["rater"])
    if len(raters) != 1:
        raise UsageError(f"{where}: expected counts of one rater, found {len(raters)}.")
    return Counts(raters.pop(), count)


def _problem(row: Mapping[str, str], page: str, known: set[str], before: Mapping[str, int]) -> str:
    """What is wrong with a row; empty where nothing is."""
    if row["page"] != page:
        return f"counts of the page {row['page']!r}, but the movie's page is {page!r}."
    if row["trial"] not in known:
        return f"the page has no trial {row['trial']!r}."
    if row["trial"] in before:
        return f"trial {row['trial']!r} is counted twice."
    count = row["count"] or ""
    if not (count.isascii() and count.isdigit() and len(count) == 1):
        return f"expected a count from 0 to 9, found {count!r}."
    return ""


def inventions(found: Restoration, counted: Sequence[Counts]) -> Inventions:
    """Counts of all raters together, restored against moving average at the same places.

    Raises
    ------
    UsageError
        Two raters have one name, or nothing was counted by both methods.
    """
    names = [each.rater for each in counted]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(
            f"two files have counts of the rater {double!r}. Count each person once: leave one "
            "out, or correct the name in one."
        )
    pairs = _pairs(crops_of(found))
    # (method, rater, place): NaN where a rater left one of the two out.
    values = np.array([
        [[float(each.count.get(pair[method].code, np.nan)) for pair in pairs] for each in counted]
        for method in BLIND
    ])  # fmt: skip
    values[:, ~np.isfinite(values).all(axis=0)] = np.nan
    both = int(np.isfinite(values[0]).sum())
    if not both:
        raise UsageError("no crop was counted both restored and as a moving average.")
    more = _share_with_more(values[1] - values[0])
    mean = dict(zip(BLIND, np.nanmean(values, axis=(1, 2)).tolist(), strict=True))
    return Inventions(mean, both, sign_test(_means(more, 1)), sign_test(_means(more, 0)))


def _pairs(crops: Sequence[Crop]) -> list[dict[str, Crop]]:
    """The crops of every place by method."""
    found: dict[tuple[int, int, int], dict[str, Crop]] = {}
    for crop in crops:
        found.setdefault(crop.place, {})[crop.method] = crop
    return list(found.values())


def _share_with_more(difference: np.ndarray) -> np.ndarray:
    """1 where more are counted in the restored crop, 0 where fewer, one half where as many."""
    return np.where(np.isfinite(difference), 0.5 + 0.5 * np.sign(difference), np.nan)


def _means(more: np.ndarray, axis: int) -> np.ndarray:
    """Means of what is known, NaN where nothing is."""
    known = np.isfinite(more)
    total, count = np.where(known, more, 0).sum(axis=axis), known.sum(axis=axis)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
