"""Means of successive frames, and their percentiles in a running window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_POSITIONS_PER_WINDOW = 10


def stretches(frames: int, pauses: np.ndarray, shortest: int) -> list[slice]:
    """Parts of a recording that have an F0 of their own: between pauses, none too short.

    A pause with fewer than `shortest` frames since the last cut, or until the end, does not
    cut: too few frames have no percentile of their own.

    Parameters
    ----------
    frames : int
    pauses : ndarray of int
        The first frame after each pause, rising.
    shortest : int
        Frames.
    """
    edges = [0]
    for pause in pauses:
        if pause - edges[-1] >= shortest and frames - pause >= shortest:
            edges.append(int(pause))
    return [slice(*ends) for ends in zip(edges, [*edges[1:], frames], strict=True)]


@dataclass(frozen=True, eq=False)
class Binned:
    """Means of successive good frames.

    Attributes
    ----------
    mean : ndarray, shape (rois, bins)
    middle : ndarray, shape (bins,)
        Mean index of the frames in each bin.
    starts : ndarray of int, shape (stretches,)
        The first bin of each stretch.
    """

    mean: np.ndarray
    middle: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, signal: np.ndarray, width: int, good: np.ndarray, parts: Sequence[slice]) -> Binned:
        """Means of `width` good frames; what is left over at the end of a part joins its last bin.

        Parameters
        ----------
        signal : ndarray, shape (rois, frames)
        width : int
            Frames in a bin.
        good : ndarray of bool, shape (frames,)
            Other frames are left out, unless a part has no good one.
        parts : sequence of slice
            No bin reaches from one to the next.
        """
        kept: list[np.ndarray] = []
        first, starts, bins = [], [], 0
        for part in parts:
            chosen = np.flatnonzero(good[part]) + part.start
            chosen = chosen if chosen.size else np.arange(part.start, part.stop)
            before = sum(each.size for each in kept)
            count = max(1, chosen.size // width)
            kept.append(chosen)
            first.append(before + width * np.arange(count))
            starts.append(bins)
            bins += count
        frame, edge = np.concatenate(kept), np.concatenate(first)
        size = np.diff(edge, append=frame.size)
        values = signal if frame.size == signal.shape[1] else signal[:, frame]
        mean = values if width == 1 and size.max() == 1 else _sums(values, edge) / size
        return cls(mean, _sums(frame[np.newaxis], edge)[0] / size, np.array(starts))

    def percentiles(self, levels: Sequence[float], window: int) -> Percentiles:
        """The percentiles at ten positions per window, which stays inside a stretch.

        A window that is longer than the stretch is cut to it.

        Parameters
        ----------
        levels : sequence of float
            0 to 100.
        window : int
            Bins.
        """
        middle: list[float] = []
        value, first = [], []
        for start, stop in zip(self.starts, [*self.starts[1:], self.middle.size], strict=True):
            length = min(window, stop - start)
            step = max(1, length // _POSITIONS_PER_WINDOW)
            last = stop - length
            first.append(len(middle))
            for at in np.unique(np.append(np.arange(start, last, step), last)):
                inside = slice(at, at + length)
                value.append(np.percentile(self.mean[:, inside], levels, axis=1).T)
                middle.append((self.middle[inside.start] + self.middle[inside.stop - 1]) / 2)
        return Percentiles(np.stack(value, axis=1), np.array(middle), np.array(first))


@dataclass(frozen=True, eq=False)
class Percentiles:
    """Percentiles at some positions of the window.

    Attributes
    ----------
    value : ndarray, shape (rois, positions, levels)
    middle : ndarray, shape (positions,)
        Frame in the middle of the window.
    first : ndarray of int, shape (stretches,)
        The first position of each stretch.
    """

    value: np.ndarray
    middle: np.ndarray
    first: np.ndarray

    def at_frames(self, level: int, parts: Sequence[slice]) -> np.ndarray:
        """One of the levels at every frame, shape (rois, frames).

        Linear between positions; constant before the first and after the last of a stretch.
        """
        value = self.value[:, :, level]
        result = np.empty((len(value), parts[-1].stop))
        for part, start, stop in zip(
            parts, self.first, [*self.first[1:], self.middle.size], strict=True
        ):
            frame = np.arange(part.start, part.stop)
            for roi, row in enumerate(value[:, start:stop]):
                result[roi, part] = np.interp(frame, self.middle[start:stop], row)
        return result


def _sums(values: np.ndarray, edge: np.ndarray) -> np.ndarray:
    return np.asarray(np.add.reduceat(values, edge, axis=1, dtype=np.float64))
