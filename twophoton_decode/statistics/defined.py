"""Means, medians and quartiles of the values that are defined."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from twophoton_decode.records.declaration import Record


def mean(values: np.ndarray) -> float:
    """Mean of the defined values; NaN if there are none."""
    known = defined(values)
    return float(known.mean()) if known.size else math.nan


def median(values: np.ndarray) -> float:
    """Median of the defined values; NaN if there are none."""
    known = defined(values)
    return float(np.median(known)) if known.size else math.nan


def standard_error(values: np.ndarray) -> float:
    """Standard error of the mean over the defined values; NaN if fewer than two."""
    known = defined(values)
    return float(known.std(ddof=1) / math.sqrt(known.size)) if known.size > 1 else math.nan


def quartiles(values: np.ndarray) -> list[float]:
    """25th, 50th and 75th percentile of the defined values; NaN if there are none."""
    known = defined(values)
    ends: list[float] = np.percentile(known, [25, 50, 75]).tolist() if known.size else []
    return ends or [math.nan] * 3


def column_means(values: np.ndarray) -> np.ndarray:
    """Mean over the rows of each column, shape (column,)."""
    return np.array([mean(column) for column in values.T])


def column_errors(values: np.ndarray) -> np.ndarray:
    """Standard error of the mean over the rows of each column, shape (column,)."""
    return np.array([standard_error(column) for column in values.T])


def means_of(record: Record, names: Iterable[str]) -> dict[str, float]:
    """The mean of each of the record's fields named."""
    return {name: mean(getattr(record, name)) for name in names}


def medians_of(record: Record, names: Iterable[str]) -> dict[str, float]:
    """The median of each of the record's fields named."""
    return {name: median(getattr(record, name)) for name in names}


def defined(values: np.ndarray) -> np.ndarray:
    """The values that are finite, in one row."""
    return np.asarray(values, float)[np.isfinite(values)]
