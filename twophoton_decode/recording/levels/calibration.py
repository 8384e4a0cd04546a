"""Grey levels by the straight line that a file gives for them: grey = scale x stored + offset.

Fiji stores signed 16-bit movies as unsigned ones and says so in such a line; Femtonics' files
and HDF5 after the CF conventions have one as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twophoton_decode.records import Recording

_WHOLE_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "int64")
_LARGEST_WHOLE = 2**53


@dataclass(frozen=True)
class Calibration:
    """grey = scale x stored + offset, as `by` says; empty where nobody does."""

    offset: float = 0.0
    scale: float = 1.0
    by: str = ""

    @property
    def changes_nothing(self) -> bool:
        """Whether grey levels are the stored ones."""
        return (self.offset, self.scale) == (0.0, 1.0)

    @property
    def can_be_used(self) -> bool:
        """Whether both numbers are finite, and levels do not all become one."""
        return math.isfinite(self.offset) and math.isfinite(self.scale) and self.scale != 0.0

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers stay whole numbers."""
        return all(
            value.is_integer() and abs(value) < _LARGEST_WHOLE
            for value in (self.offset, self.scale)
        )


def line_in_words(offset: float, scale: float) -> str:
    """``grey level = stored - 32768``."""
    product = "stored" if scale == 1.0 else f"{scale:g} x stored"
    sign = "-" if offset < 0 else "+"
    return f"grey level = {product}" + (f" {sign} {abs(offset):g}" if offset else "")


def calibration_of(recording: Recording) -> Calibration:
    """The calibration of a recording."""
    by = recording.source.get("grey_scale", "")
    return Calibration(recording.grey_offset, recording.grey_scale, by)


def calibration_note(recording: Recording) -> str:
    """What grey levels are made of, in words; empty where they are the stored ones."""
    found = calibration_of(recording)
    if found.changes_nothing:
        return ""
    return f"{line_in_words(found.offset, found.scale)} ({found.by})"


def grey_type(stored: np.dtype, calibration: Calibration) -> np.dtype:
    """The pixel type that holds all grey levels: the smallest of whole numbers, else floats."""
    if stored.kind == "f" or calibration.changes_nothing:
        return stored
    limits = np.iinfo(stored)
    ends = [calibration.scale * end + calibration.offset for end in (limits.min, limits.max)]
    if calibration.is_whole and max(map(abs, ends)) < _LARGEST_WHOLE:
        holds = (
            np.dtype(name)
            for name in _WHOLE_TYPES
            if np.iinfo(name).min <= min(ends) and max(ends) <= np.iinfo(name).max
        )
        return next(holds)
    # Neighbouring levels have to stay apart: each is much wider than what rounding takes.
    fine = max(map(abs, ends)) * np.finfo(np.float32).eps < abs(calibration.scale) / 8
    return np.dtype(np.float32 if fine else np.float64)


def grey_levels(recording: Recording, stored: np.ndarray) -> np.ndarray:
    """The grey levels of stored pixels of any shape, without rounding whole numbers."""
    calibration = calibration_of(recording)
    if calibration.changes_nothing:
        return stored
    kind = grey_type(stored.dtype, calibration)
    if kind.kind == "f":
        return stored.astype(kind) * kind.type(calibration.scale) + kind.type(calibration.offset)
    # Whole numbers wrap on the way, not at its end: the type holds every level.
    scale, offset = (
        np.array(int(value)).astype(kind) for value in (calibration.scale, calibration.offset)
    )
    return np.asarray(stored.astype(kind) * scale + offset, dtype=kind)
