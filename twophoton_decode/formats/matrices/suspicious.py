"""Values that are probably no responses: fills, copies, counters, cells out of proportion."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.words import counted_are

HUGE_FILLS = (9.969209968386869e36, 1e20, 1e30, 1e36, 3.4028234663852886e38, 1.7976931348623157e308)
"""What netCDF and others write where there is no value."""
FILLS = (-9999.0, -999.0, -99.0, 999.0, 9999.0, 32767.0, -32768.0, 65535.0)
OUT_OF_PROPORTION = 1e6
FEWEST_DIFFERENT = 5
"""Rows with fewer different values can be equal by accident, as with rare spikes."""


@dataclass(frozen=True, eq=False)
class Presented:
    """Responses with what they belong to, NaN where they are missing.

    Attributes
    ----------
    rows : ndarray, shape (presentation, cell)
    image, repeat : ndarray of int, shape (presentation,)
    """

    rows: np.ndarray
    image: np.ndarray
    repeat: np.ndarray

    def place(self, row: int) -> str:
        """Which presentation a row is, for messages."""
        return f"image {self.image[row]}, repeat {self.repeat[row]}"


def suspicions(presented: Presented, path: Path) -> list[str]:
    """What a reader of the results must know about odd values, with count and first place.

    Raises
    ------
    ResponseError
        A fill value so large that no reading is possible.
    """
    _refuse_huge_fill(presented, path)
    return [
        *_fill_notes(presented),
        *_equal_over_cells(presented),
        *_identical_rows(presented),
        *_counters(presented),
        *_out_of_proportion(presented.rows),
    ]


def _refuse_huge_fill(presented: Presented, path: Path) -> None:
    for fill in HUGE_FILLS:
        here = np.isclose(np.abs(presented.rows), fill, rtol=1e-6, atol=0.0)
        others = np.abs(presented.rows[~here & ~np.isnan(presented.rows)])
        if np.count_nonzero(here) > 1 and (not others.size or np.max(others) < 1e-6 * fill):
            row, cell = np.argwhere(here)[0]
            value = float(presented.rows[row, cell])
            raise ResponseError(
                f"{path}: {here.sum()} responses are {value:.6g}, which some programs write for "
                f"missing values; the first is at {presented.place(row)}, cell {cell}. Add "
                f"--missing {value!r} to take them as missing."
            )


def _fill_notes(presented: Presented) -> Iterator[str]:
    rows = presented.rows
    for fill in FILLS:
        here = rows == fill
        others = np.abs(rows[~here & ~np.isnan(rows)])
        if here.sum() > 1 and others.size and others.max() < abs(fill) / 2:
            row, cell = np.argwhere(here)[0]
            yield (
                f"{here.sum()} responses are {fill:g}, the first at {presented.place(row)}, cell "
                f"{cell}, and no other comes near. If it means missing, add "
                f"--missing {fill:g}."
            )


def _equal_over_cells(presented: Presented) -> Iterator[str]:
    """Presentations that give one value in every cell, more often than chance makes them."""
    rows = presented.rows
    if rows.shape[1] < 2:
        return
    known = ~np.isnan(rows)
    low, high = np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1)
    equal = (low == high) & (known.sum(axis=1) > 1)
    for value, count in Counter(low[equal].tolist()).most_common(3):
        here = equal & (low == value)
        if count > 10 * len(rows) * _chance_of_all(rows[~here] == value):
            first = int(np.flatnonzero(here)[0])
            yield (
                f"{count} presentations are {value:g} in every cell, the first being "
                f"{presented.place(first)}. They count as responses; if they are missing, add "
                f"--missing {value:g}."
            )


def _chance_of_all(has_value: np.ndarray) -> float:
    """How often all cells have the value at once, if each has it by itself."""
    if not len(has_value):
        return 0.0
    return float(np.exp(np.log(np.maximum(has_value.mean(axis=0), 1e-9)).sum()))


def _identical_rows(presented: Presented) -> Iterator[str]:
    """Presentations that agree to the last bit: averages stored as repeats, rows pasted twice."""
    pairs = identical_pairs(presented.rows)
    within = [(a, b) for a, b in pairs if presented.image[a] == presented.image[b]]
    across = [(a, b) for a, b in pairs if presented.image[a] != presented.image[b]]
    if within:
        images = len({int(presented.image[b]) for _, b in within})
        a, b = within[0]
        yield (
            f"{len(within)} presentations of {images} images equal an earlier one of the same "
            f"image bit for bit, the first being {presented.place(b)}, which equals repeat "
            f"{presented.repeat[a]}. If averages were stored as repeats, all measures of "
            'reliability are wrong; import one of them as "image cell".'
        )
    if across:
        a, b = across[0]
        yield (
            f"{len(across)} presentations equal one of another image bit for bit, the first "
            f"being {presented.place(b)}, which equals {presented.place(a)}: were rows copied?"
        )


def identical_pairs(rows: np.ndarray) -> list[tuple[int, int]]:
    """For each row that equals an earlier one in every bit, that one and itself."""
    seen: dict[bytes, int] = {}
    pairs = []
    for place, row in enumerate(np.ascontiguousarray(rows)):
        first = seen.setdefault(hashlib.blake2b(row.tobytes(), digest_size=16).digest(), place)
        if first != place and np.unique(row[~np.isnan(row)]).size >= FEWEST_DIFFERENT:
            pairs.append((first, place))
    return pairs


def _counters(presented: Presented) -> Iterator[str]:
    """Columns that count presentations, images or repeats instead of being a cell."""
    rows = presented.rows
    with np.errstate(invalid="ignore"):
        whole = np.flatnonzero((rows == np.round(rows)).all(axis=0) & (np.ptp(rows, axis=0) > 1))
    counted = {
        "presentations": np.arange(len(rows)),
        "images": presented.image,
        "repeats": presented.repeat,
    }
    for cell in whole.tolist():
        for what, number in counted.items():
            offset = rows[:, cell] - number
            if len(rows) > 2 and np.ptp(number) > 1 and np.ptp(offset) == 0:
                first = ", ".join(f"{value:g}" for value in rows[:3, cell])
                yield (
                    f"cell {cell} counts the {what} ({first}, …): is it a column of indices? Leave "
                    "it out of the array if it is."
                )
                break


def _out_of_proportion(rows: np.ndarray) -> Iterator[str]:
    largest = np.fmax.reduce(np.abs(rows), axis=0)
    typical = float(np.median(largest[largest > 0])) if (largest > 0).any() else 0.0
    if typical == 0:
        return
    with np.errstate(over="ignore"):
        ratio = largest / typical
    for cells, what in (
        (np.flatnonzero(ratio > OUT_OF_PROPORTION), "larger"),
        (np.flatnonzero((ratio < 1 / OUT_OF_PROPORTION) & (largest > 0)), "smaller"),
    ):
        if cells.size:
            with np.errstate(over="ignore", divide="ignore"):
                factor = ratio[cells[0]] if what == "larger" else 1 / ratio[cells[0]]
            yield (
                f"{counted_are(cells.size, 'cell')} {what} than the others out of all proportion, "
                f"the first being cell {cells[0]} ({factor:.1g} times {what} than the median "
                "cell): in another unit, or damaged?"
            )
