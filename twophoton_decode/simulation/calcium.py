"""From spikes to the fluorescence of a calcium indicator."""

from __future__ import annotations

import numpy as np

TRANSIENT_DFF = 0.2
"""A transient is a rise of the clean ΔF/F through this value."""


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
    first = np.ceil(spike_s * frame_rate_hz - 0.5).astype(np.int64)
    lag = np.arange(int(np.ceil(8 * decay_s * frame_rate_hz)))
    frame = first[:, None] + lag
    age_s = (frame + 0.5) / frame_rate_hz - spike_s[:, None]
    value = (1 - np.exp(-age_s / rise_s)) * np.exp(-age_s / decay_s) / peak
    value *= dff_per_spike[spike_cell][:, None]
    trace = np.zeros((cells, frames), dtype=np.float32)
    inside = (frame >= 0) & (frame < frames)
    cell = np.broadcast_to(spike_cell[:, None], frame.shape)
    np.add.at(trace, (cell[inside], frame[inside]), value[inside])
    return trace


def count_transients(trace: np.ndarray) -> np.ndarray:
    """How often each clean trace rises through `TRANSIENT_DFF`, shape (cells,)."""
    above = trace > TRANSIENT_DFF
    return (above[:, 1:] & ~above[:, :-1]).sum(1) + above[:, 0]
