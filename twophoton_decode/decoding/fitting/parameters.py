"""Parameters of decoders, checked when they fit: scikit-learn sets them without a look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twophoton_decode.errors import ArgumentError


def require_penalties(strengths: Sequence[float]) -> None:
    """Refuse strengths of a ridge penalty that are not one or more finite numbers from 0 on.

    Raises
    ------
    ArgumentError
    """
    values = _numbers(strengths)
    if values.ndim != 1 or not values.size or not (np.isfinite(values) & (values >= 0)).all():
        raise ArgumentError(
            f"strengths must be a list of one or more finite numbers, 0 or above, found "
            f"{_shown(strengths)}."
        )


def require_fractions(strengths: Sequence[float]) -> None:
    """Refuse strengths of a sparse path that are not descending fractions, above 0 and up to 1.

    Raises
    ------
    ArgumentError
    """
    values = _numbers(strengths)
    inside = values.ndim == 1 and bool(values.size) and bool(((values > 0) & (values <= 1)).all())
    if not inside or (np.diff(values) >= 0).any():
        raise ArgumentError(
            "strengths must be a list of one or more numbers above 0 and up to 1, each smaller "
            f"than the one before, found {_shown(strengths)}."
        )


def require_share(name: str, value: float) -> None:
    """Refuse a share that is not above 0 and up to 1.

    Raises
    ------
    ArgumentError
    """
    number = _numbers(value)
    if number.ndim or not 0 < number <= 1:
        raise ArgumentError(f"{name} must be a number above 0 and up to 1, found {_shown(value)}.")


def require_threshold(name: str, value: float) -> None:
    """Refuse a threshold that is not a finite number from 0 on.

    Raises
    ------
    ArgumentError
    """
    number = _numbers(value)
    if number.ndim or not (np.isfinite(number) and number >= 0):
        raise ArgumentError(f"{name} must be a finite number, 0 or above, found {_shown(value)}.")


def _numbers(value: Any) -> np.ndarray:
    """The value as floats; NaN, which no range holds, if it is none."""
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return np.array(np.nan)


def _shown(value: Any) -> str:
    """A value as people type it, long ones cut."""
    text = repr(value.tolist() if isinstance(value, np.ndarray) else value)
    return text if len(text) <= 100 else f"{text[:99]}…"
