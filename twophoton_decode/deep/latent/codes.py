"""What is made of pictures, such as codes, each made once however many fits need it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.progress import Progress, silent

_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Remembered:
    """What `make` gives for pictures it was asked for, in memory (a code at 128 px: 32 kB).

    Folds share most of their training pictures, and a code takes longer than all the rest of
    a fit.

    Attributes
    ----------
    make : callable
        From pictures (n, 3, side, side) to an array (n, …), each picture for itself.
    what : str
        For progress.
    """

    make: Callable[[np.ndarray], np.ndarray]
    what: str
    _known: dict[bytes, np.ndarray] = field(default_factory=dict)

    def of(self, pictures: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """For pictures (n, 3, side, side) from 0 to 1, (n, …)."""
        keys = [_key(each) for each in pictures]
        new = [row for row, key in enumerate(keys) if key not in self._known]
        new = list({keys[row]: row for row in new}.values())
        for start in range(0, len(new), _AT_ONCE):
            progress(start, len(new), self.what)
            rows = new[start : start + _AT_ONCE]
            for row, made in zip(rows, self.make(pictures[rows]), strict=True):
                self._known[keys[row]] = made
        return np.stack([self._known[key] for key in keys])


def _key(picture: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(picture).tobytes(), digest_size=16).digest()
