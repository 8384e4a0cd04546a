"""The order in which people number their files: frame2 before frame10, rec before rec-1."""

from __future__ import annotations

import re
from pathlib import Path

_SUFFIX = re.compile(r"(?:\.ome)?\.[^.]+$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"(.*?)([\s_.\-(\[#]*)(\d+)[)\]]*", re.DOTALL)
_WITHOUT = -1


def stem_of(name: str) -> str:
    """A file's name without its suffix, ``.ome.tif`` being one suffix."""
    return _SUFFIX.sub("", name) or name


def natural_order(path: Path) -> tuple[list[tuple[int, int, str]], str, int, str]:
    """Sort key of a file: stems first, then the number at their end.

    Runs of digits count as numbers. The stem is what stands before the suffix and the last
    number, so that a first file without a number comes first: rec, rec-1, rec-2 and rec,
    rec (1), rec (2). Names that differ only in case, suffix or leading zeros keep one order
    everywhere.
    """
    whole = stem_of(path.name)
    found = _LAST_NUMBER.fullmatch(whole)
    stem, separator, number = found.groups() if found else (whole, "", str(_WITHOUT))
    parts = re.findall(r"\d+|\D+", stem)
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in parts]
    return key, separator, int(number), path.name
