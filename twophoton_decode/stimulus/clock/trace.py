"""A recorded synchronisation trace: one column of samples, read in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

CHUNK_SAMPLES = 2**20


@dataclass(frozen=True)
class Trace:
    """A trace on disk.

    Attributes
    ----------
    name : str
        File, key and column, for messages.
    samples : int
    rate_hz : float
        Samples per second.
    read : callable
        Samples from a first one up to, without, a last one, shape (sample,).
    start_s : float
        Time of the first sample by the file's own clock, s.
    time_of : callable, optional
        Time of the samples with these whole numbers, s, where the file states each.
    notes : tuple of str
    """

    name: str
    samples: int
    rate_hz: float
    read: Callable[[int, int], np.ndarray]
    start_s: float = 0.0
    time_of: Callable[[np.ndarray], np.ndarray] | None = None
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """How long the trace lasts, s."""
        return self.samples / self.rate_hz

    def chunks(self) -> Iterator[tuple[int, np.ndarray]]:
        """First sample and samples, as float64, of one chunk after the other."""
        for first in range(0, self.samples, CHUNK_SAMPLES):
            last = min(first + CHUNK_SAMPLES, self.samples)
            yield first, np.asarray(self.read(first, last), dtype=np.float64)

    def seconds(self, sample: np.ndarray) -> np.ndarray:
        """Times of samples, s; their numbers need not be whole."""
        if self.time_of is None:
            return np.asarray(self.start_s + sample / self.rate_hz)
        before = np.clip(np.floor(sample).astype(np.int64), 0, max(self.samples - 2, 0))
        early, late = self.time_of(before), self.time_of(before + 1)
        return np.asarray(early + (sample - before) * (late - early))
