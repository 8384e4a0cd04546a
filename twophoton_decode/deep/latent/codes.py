"""Codes of pictures, each made once however many fits need it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.progress import Progress, silent

_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class RememberedCodes:
    """A generator's codes of the pictures it was asked for, in memory (32 kB each at 128 px).

    Folds share most of their training pictures, and a code takes longer than all the rest of
    a fit.
    """

    generator: Generator
    _known: dict[bytes, np.ndarray] = field(default_factory=dict)

    def of(self, pictures: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Codes, float32 (n, channels, y, x), of pictures (n, 3, side, side) from 0 to 1."""
        keys = [_key(each) for each in pictures]
        new = [row for row, key in enumerate(keys) if key not in self._known]
        new = list({keys[row]: row for row in new}.values())
        for start in range(0, len(new), _AT_ONCE):
            progress(start, len(new), f"pictures through {self.generator.name}")
            rows = new[start : start + _AT_ONCE]
            for row, code in zip(rows, self.generator.encode(pictures[rows]), strict=True):
                self._known[keys[row]] = code
        return np.stack([self._known[key] for key in keys])


def _key(picture: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(picture).tobytes(), digest_size=16).digest()


def digest(parts: Iterable[object]) -> str:
    """A hash of plain values and arrays, for what a fit depends on."""
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        plain = not isinstance(part, np.ndarray)
        found.update(json.dumps(part).encode() if plain else np.ascontiguousarray(part).tobytes())
    return found.hexdigest()
