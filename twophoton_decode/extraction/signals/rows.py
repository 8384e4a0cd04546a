"""Signals of ROIs that stay on disk, and come in grey levels where they are indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.records import Traces


@dataclass(frozen=True, eq=False)
class ScaledRows:
    """A signal in levels of the 16-bit movie, handed out in grey levels.

    Indexed by ROI first; only what is indexed is read.

    Parameters
    ----------
    levels : ndarray or memmap, shape (rois, frames)
    offset : ndarray, shape (rois,)
        Grey level of level 0, for each ROI.
    scale : float
        Grey levels per level.
    """

    levels: np.ndarray
    offset: np.ndarray
    scale: float
    dtype: np.dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        """(ROIs, frames)."""
        return self.levels.shape

    def __len__(self) -> int:
        return len(self.levels)

    def __getitem__(self, index: Any) -> np.ndarray:
        rows, *rest = index if isinstance(index, tuple) else (index,)
        offset = np.broadcast_to(self.offset[:, np.newaxis], self.shape)
        levels = self.levels[(rows, *rest)]
        return (levels * self.scale + offset[(rows, *rest)]).astype(np.float32)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)


@dataclass(frozen=True, eq=False)
class JoinedRows:
    """Signals of several planes, one below the other; only what is indexed is read."""

    parts: Sequence[ScaledRows]
    dtype: np.dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        """(ROIs of all planes, frames)."""
        return (len(self), *self.parts[0].shape[1:])

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __getitem__(self, index: Any) -> np.ndarray:
        rows, *rest = index if isinstance(index, tuple) else (index,)
        wanted = np.arange(len(self))[rows]
        if wanted.ndim == 0:
            return self[(wanted[np.newaxis], *rest)][0]
        found = np.empty((len(wanted), *self.shape[1:]), self.dtype)
        start = 0
        for part in self.parts:
            here = (wanted >= start) & (wanted < start + len(part))
            if here.any():
                found[here] = part[wanted[here] - start]
            start += len(part)
        return found[(slice(None), *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)


@dataclass(frozen=True, eq=False)
class LoweredRows:
    """A signal minus a level; only what is indexed is read.

    Traces that are 0 throughout stay so: their ROIs have no pixels of their own.
    """

    signal: Any
    level: float
    dtype: np.dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        """(ROIs, frames)."""
        shape: tuple[int, ...] = self.signal.shape
        return shape

    def __len__(self) -> int:
        return len(self.signal)

    def __getitem__(self, index: Any) -> np.ndarray:
        found = np.asarray(self.signal[index], dtype=np.float32)
        own = found.any(axis=-1, keepdims=True)
        return np.where(own, found - np.float32(self.level), found)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)


def _lowered(signal: Any, level: float) -> Any:
    return LoweredRows(signal, level)


def above_dark_level(traces: Traces, level: float) -> Traces:
    """The traces counted from the grey level without light: F, neuropil and brightness.

    Deconvolved signals have no zero of that kind.
    """
    if not level:
        return traces
    frame_mean = None if traces.frame_mean is None else traces.frame_mean - level
    return replace(
        traces,
        fluorescence=_lowered(traces.fluorescence, level),
        neuropil=None if traces.neuropil is None else _lowered(traces.neuropil, level),
        mean_image=traces.mean_image - level,
        frame_mean=frame_mean,
    )


def joined_rows(parts: Sequence[ScaledRows]) -> Any:
    """One signal of all planes, opened, not read."""
    if len(parts) > 1:
        return JoinedRows(parts)
    (only,) = parts
    # Nothing to undo: the file itself is the signal.
    return only.levels if only.scale == 1.0 and not only.offset.any() else only
