"""The order in which people number their files: frame2 before frame10, rec before rec-1."""

from __future__ import annotations

import re
from pathlib import Path

_SUFFIX = re.compile(r"(?:\.ome)?\.[^.]+$", re.IGNORECASE)


def stem_of(name: str) -> str:
    """A file's name without its suffix, ``.ome.tif`` being one suffix."""
    return _SUFFIX.sub("", name) or name


def natural_order(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that compares runs of digits in a file's name as numbers.

    Suffixes are left out, so that a first file without a number comes first: rec, rec-1,
    rec-2, and rec, rec (1), rec (2). Names that differ only in case, suffix or leading zeros
    keep one order everywhere.
    """
    parts = re.findall(r"\d+|\D+", stem_of(path.name))
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in parts]
    return key, path.name
