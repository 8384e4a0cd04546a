"""When each plane of a volume is scanned, from the times of its frames."""

from __future__ import annotations

import numpy as np


def mid_times(began: np.ndarray, rate_hz: float) -> np.ndarray | None:
    """Time from the start of a volume to the middle of each plane's frame, (plane,) in s.

    The median over whole volumes of a plane's time minus the first plane's, plus half the
    usual step from plane to plane.

    Parameters
    ----------
    began : array (volume, plane)
        When each frame began, s; NaN where that is not known.
    rate_hz : float
        Volumes per second; 0 where unknown.

    Returns
    -------
    array or None
        None with one plane, and where times do not rise within one volume.
    """
    since = began - began[:, :1]
    whole = since[np.isfinite(since).all(axis=1)]
    if began.shape[1] == 1 or not len(whole) or not rate_hz:
        return None
    begin = np.median(whole, axis=0)
    steps = np.diff(begin)
    if not ((steps > 0).all() and begin[-1] < 1 / rate_hz):
        return None
    return np.asarray(begin + np.median(steps) / 2)
