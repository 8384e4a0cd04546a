"""Time among the axes of OME-TIFFs: parts of a movie, and axes of another name [ours]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.recording.tiff.time_axis import ASK, taken_as_time, time_axis


def time_of_tables(
    file: str, tables: Sequence[np.ndarray]
) -> tuple[np.ndarray | None, str, tuple[str, ...]]:
    """The images of all files in time, a question about them, and what was taken for what.

    Parameters
    ----------
    file : str
        The first one's name, for the question.
    tables : sequence of arrays
        (frame, plane, channel) -> image as each file's XML says, of equal planes and channels.

    Returns
    -------
    page : array or None
        (frame, plane, channel) -> image; None where every image is a frame, in order.
    question : str
        What planes and channels of the settings have to decide; empty if nothing.
    notes : tuple of str
    """
    page = np.concatenate(tables)
    moments, planes, channels = tables[0].shape
    if max(len(table) for table in tables) > 1:
        return page, "", ()
    time = time_axis({"frames": moments, "slices": planes, "channels": channels})
    if time == "frames":
        return page, "", ()
    if not time or (time == "slices" and len(tables) > 1):
        return page, _question(file, len(tables), planes, channels), ()
    note = taken_as_time("OME-XML", time, planes if time == "slices" else channels)
    frames = page.transpose(0, 2, 1) if time == "channels" else page
    page = frames.reshape(-1, 1, 1 if time == "channels" else channels)
    in_order = page.shape[2] == 1 and np.array_equal(page.ravel(), np.arange(page.size))
    return None if in_order else page, "", (note,)


def _question(file: str, files: int, planes: int, channels: int) -> str:
    beside = f" in each of {files} files" if files > 1 else ""
    volumes = f"planes = {planes} if it was a volume" + (" that each file holds" * (files > 1))
    return (
        f"{file}: its OME-XML says {planes} slices, {channels} channels and one time{beside}, so "
        f"that slices, or channels, may be time. {ASK}{volumes}, planes = 1 if slices are time; "
        f"channels = {channels} if they are channels, channels = 1 if they are time."
    )


def join_parts(tables: Sequence[np.ndarray]) -> np.ndarray | None:
    """The parts in which tifffile wrote a movie, one after the other; None if they do not fit.

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
