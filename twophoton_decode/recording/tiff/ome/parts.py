"""A movie that tifffile wrote to an OME-TIFF part by part: one OME image for each call [ours]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WRITER = "tifffile"
"""By `Creator` of the XML; other programs write several OME images for fields of view."""


def join_parts(tables: Sequence[np.ndarray]) -> np.ndarray | None:
    """The parts of a movie one after the other, or None if they do not fit together.

    They are joined in time where they have several moments, else along their only axis: tifffile
    calls the frames of a plain array channels.

    Parameters
    ----------
    tables : sequence of ndarray of int, shape (frames, planes, channels)
        Which image of the file stands where, for each part.
    """
    longest = np.max([table.shape for table in tables], axis=0)
    long = np.flatnonzero(longest > 1)
    axis = 0 if longest[0] > 1 or not len(long) else int(long[0])
    if axis and len(long) > 1:
        return None
    others = {tuple(np.delete(table.shape, axis)) for table in tables}
    return np.concatenate(tables, axis=axis) if len(others) == 1 else None
