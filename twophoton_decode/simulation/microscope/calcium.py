"""From spikes to the fluorescence of a calcium indicator."""

from __future__ import annotations

import numpy as np

TRANSIENT_DFF = 0.2
"""A transient is a rise of the clean ΔF/F through this value."""

_VALUES_AT_ONCE = 2_000_000


def calcium_traces(
    spike_cell: np.ndarray,
    spike_s: np.ndarray,
    *,
    cells: int,
    frames: int,
    frame_rate_hz: float,
    rise_s: float,
    decay_s: float,
    dff_per_spike: np.ndarray,
) -> np.ndarray:
    """ΔF/F of every cell at the middle of every frame, without noise.

    Each spike adds (1 - exp(-t/rise)) exp(-t/decay), scaled to a peak of one spike's ΔF/F.

    Parameters
    ----------
    spike_cell, spike_s : ndarray, shape (spikes,)
        The cell that fires and when, in seconds since the movie began.
    dff_per_spike : ndarray, shape (cells,)

    Returns
    -------
    ndarray, shape (cells, frames), float32, ΔF/F
    """
    peak_s = rise_s * np.log1p(decay_s / rise_s)
    peak = (1 - np.exp(-peak_s / rise_s)) * np.exp(-peak_s / decay_s)
    lag = np.arange(int(np.ceil(8 * decay_s * frame_rate_hz)))
    trace = np.zeros((cells, frames), dtype=np.float32)
    at_once = max(1, _VALUES_AT_ONCE // max(lag.size, 1))
    for start in range(0, spike_s.size, at_once):
        block = slice(start, start + at_once)
        first = np.ceil(spike_s[block] * frame_rate_hz - 0.5).astype(np.int64)
        frame = first[:, None] + lag
        age_s = (frame + 0.5) / frame_rate_hz - spike_s[block, None]
        value = (1 - np.exp(-age_s / rise_s)) * np.exp(-age_s / decay_s) / peak
        value *= dff_per_spike[spike_cell[block]][:, None]
        inside = (frame >= 0) & (frame < frames)
        cell = np.broadcast_to(spike_cell[block, None], frame.shape)
        np.add.at(trace, (cell[inside], frame[inside]), value[inside])
    return trace


def count_transients(trace: np.ndarray) -> np.ndarray:
    """How often each clean trace rises through `TRANSIENT_DFF`, shape (cells,)."""
    above = trace > TRANSIENT_DFF
    return (above[:, 1:] & ~above[:, :-1]).sum(1) + above[:, 0]
