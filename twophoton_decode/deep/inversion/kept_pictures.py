"""Optimised pictures, kept as they are made: an interrupted run goes on, a later one reads them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np

from twophoton_decode.files.atomic import replacing

EVERY_S = 30.0


class KeptPictures:
    """Pictures (3, side, side) by the responses that they are of.

    Parameters
    ----------
    file : Path or None
        None: they are kept in memory alone.
    identity : str
        All else that they follow from; what lies in `file` under another one is discarded.

    Attributes
    ----------
    discarded : bool
        Whether that happened.
    """

    def __init__(self, file: Path | None, identity: str) -> None:
        self.file, self.identity, self.discarded = file, identity, False
        self._pictures: dict[str, np.ndarray] = {}
        self._doubts: dict[str, str] = {}
        self._written, self._new = time.monotonic(), False
        if file is not None and file.exists():
            self._read(file)

    def get(self, response: np.ndarray) -> np.ndarray | None:
        """The picture of a response (cells,); None where there is none."""
        return self._pictures.get(_key(response))

    def put(self, response: np.ndarray, picture: np.ndarray, doubt: str) -> None:
        """Keep a picture, and why it may not be what was asked for; written twice a minute."""
        key = _key(response)
        self._pictures[key], self._doubts[key] = picture, doubt
        self._new = True
        if time.monotonic() - self._written > EVERY_S:
            self.write()

    def write(self) -> None:
        """Write what is new; a disk that is full or read-only loses nothing but the copy."""
        if self.file is None or not self._new:
            return
        keys = list(self._pictures)
        try:
            with replacing(self.file) as temporary, temporary.open("wb") as stream:
                np.savez(
                    stream,
                    allow_pickle=False,
                    identity=np.array(self.identity),
                    key=np.array(keys),
                    picture=np.stack([self._pictures[key] for key in keys]),
                    doubt=np.array([self._doubts[key] for key in keys]),
                )
        except OSError:
            self.file = None
        self._written, self._new = time.monotonic(), False

    @property
    def doubts(self) -> dict[str, int]:
        """How many pictures there is each doubt about."""
        found = [doubt for doubt in self._doubts.values() if doubt]
        return {doubt: found.count(doubt) for doubt in dict.fromkeys(found)}

    def __len__(self) -> int:
        return len(self._pictures)

    def _read(self, file: Path) -> None:
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
                identity, keys = str(held["identity"]), held["key"].tolist()
                pictures, doubts = held["picture"], held["doubt"].tolist()
        except Exception:
            # Damage shows in many ways, and pictures can be made again.
            self.discarded = True
            return
        if identity != self.identity or not np.isfinite(pictures).all():
            self.discarded = True
            return
        self._pictures = dict(zip(keys, pictures, strict=True))
        self._doubts = dict(zip(keys, doubts, strict=True))


def _key(response: np.ndarray) -> str:
    values = np.ascontiguousarray(response, dtype=float)
    return hashlib.blake2b(values.tobytes(), digest_size=16).hexdigest()
