"""How the log's clock was laid over a recorded trace, and what remains between the two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TraceExcerpt:
    """A stretch of a trace around its first matched flips.

    Attributes
    ----------
    time_s, value : ndarray, shape (sample,)
    threshold : float
    """

    time_s: np.ndarray
    value: np.ndarray
    threshold: float


@dataclass(frozen=True)
class ClockAlignment:
    """Flips of a trace matched with a log's onsets.

    Attributes
    ----------
    log_s : ndarray, shape (row,)
        Onsets by the log's clock, s, rising.
    flip_s : ndarray, shape (flip,)
        Flips by the trace's clock, s.
    matched_row, matched_flip : ndarray of int, shape (matched,)
        Which row has which flip.
    offset_s, drift : float
        Trace time = offset_s + (1 + drift) x log time.
    residual_s : ndarray, shape (matched,)
        How much later than that line each flip comes.
    jitter_s : float
        Median distance of the residuals from their median (MAD), s.
    within_s : float
        How far from the line a flip may lie.
    tight_s, tight_rows, next_rows : float, int, int
        Rows with a flip within the narrower `tight_s`, here and in the next best alignment.
    next_shift_s : float
        How far that one lies from this; NaN where there is none.
    chance : float
        How many alignments of as many rows are expected of flips at random.
    refused : tuple of str
        Why the match is not to be trusted; empty where it is.
    notes : tuple of str
    """

    log_s: np.ndarray
    flip_s: np.ndarray
    matched_row: np.ndarray
    matched_flip: np.ndarray
    offset_s: float
    drift: float
    residual_s: np.ndarray
    jitter_s: float
    within_s: float
    tight_s: float
    tight_rows: int
    next_rows: int
    next_shift_s: float
    chance: float
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def missed_row(self) -> np.ndarray:
        """Rows without a flip, shape (missed,)."""
        return np.setdiff1d(np.arange(self.log_s.size), self.matched_row)

    @property
    def extra_flip_s(self) -> np.ndarray:
        """Flips without a row, s, shape (extra,)."""
        return np.delete(self.flip_s, self.matched_flip)

    @property
    def expected_s(self) -> np.ndarray:
        """Every row's onset by the line, as trace time, s, shape (row,)."""
        return np.asarray(self.offset_s + (1 + self.drift) * self.log_s)

    @property
    def onset_s(self) -> np.ndarray:
        """The flip of each row, s of the trace; where it is missed, what the line expects."""
        onset = self.expected_s.copy()
        onset[self.matched_row] = self.flip_s[self.matched_flip]
        return onset

    @property
    def before_drift_s(self) -> np.ndarray:
        """Residuals with an offset alone, s, shape (matched,): 0 at the middle of the log."""
        late = self.residual_s + self.drift * self.log_s[self.matched_row]
        return np.asarray(late - self.drift * (self.log_s[0] + self.log_s[-1]) / 2)
