"""Frames of a log as seconds."""

from __future__ import annotations

import numpy as np


def seconds_of_frames(
    frame: np.ndarray, frame_rate_hz: float, frame_time_s: np.ndarray | None
) -> np.ndarray:
    """When frames begin, s; parts of a frame, and frames beyond the movie, by the frame rate.

    Parameters
    ----------
    frame : array (onset,)
        From 0 on; need not be whole.
    frame_rate_hz : float
    frame_time_s : array (frame,) or None
        When each frame of the movie began; None where they are evenly spaced.
    """
    if frame_time_s is None:
        return np.asarray(frame / frame_rate_hz)
    whole = np.clip(np.floor(frame), 0, frame_time_s.size - 1).astype(int)
    return np.asarray(frame_time_s[whole] + (frame - whole) / frame_rate_hz)
