"""The order in which people number their files: frame2 before frame10."""

from __future__ import annotations

import re
from pathlib import Path


def natural_order(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that compares runs of digits in a file's name as numbers.

    Names that differ only in case or leading zeros keep one order everywhere.
    """
    parts = re.findall(r"\d+|\D+", path.name)
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in parts]
    return key, path.name
