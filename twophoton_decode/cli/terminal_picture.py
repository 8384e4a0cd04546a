"""A grey picture made of letters, as far as a terminal can show one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_BLOCKS, _LETTERS = " ░▒▓█", " .:*#"
_HEIGHT_OF_LETTER = 2.0


def picture(image: np.ndarray, columns: int) -> list[str]:
    """Lines that show `image`, at most `columns` wide; dark is blank, NaN too.

    Grey goes with the square root of the level, from the 1st to the 99.5th percentile.
    """
    import numpy as np

    height, width = image.shape
    columns = min(columns, width)
    rows = max(1, round(height * columns / width / _HEIGHT_OF_LETTER))
    small = _averaged(_averaged(image, min(rows, height), 0), columns, 1)
    finite = small[np.isfinite(small)]
    if not finite.size:
        return [" " * columns] * len(small)
    low, high = np.percentile(finite, [1, 99.5])
    letters = _BLOCKS if _can_show(_BLOCKS) else _LETTERS
    scaled = np.clip(np.nan_to_num((small - low) / max(high - low, 1e-300)), 0, 1) ** 0.5
    level = np.clip(scaled * len(letters), 0, len(letters) - 1).astype(int)
    return ["".join(letters[number] for number in row) for row in level]


def _averaged(image: np.ndarray, count: int, axis: int) -> np.ndarray:
    """`count` means over neighbouring rows or columns."""
    import numpy as np

    parts = np.array_split(image, count, axis=axis)
    return np.stack([part.mean(axis=axis) for part in parts], axis=axis)


def _can_show(letters: str) -> bool:
    try:
        letters.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
