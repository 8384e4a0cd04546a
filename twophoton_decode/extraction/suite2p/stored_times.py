"""When frames were taken, kept beside suite2p's folders, which have no place for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.records.movie.frame_times import FrameTimes

_FILE = "frame_times.npz"


def write_frame_times(folder: Path, times: FrameTimes) -> None:
    """Keep `times` in suite2p's `folder`; what is not known is not written."""
    known = {
        "frame_time_s": times.began_s,
        "first_stamp_s": times.first_stamp_s,
        "unknown_pause": times.unknown_pause if times.unknown_pause.size else None,
    }
    np.savez(
        folder / _FILE,
        allow_pickle=False,
        **{name: np.asarray(value) for name, value in known.items() if value is not None},
    )


def has_frame_times(folder: Path) -> bool:
    """Whether they were kept: earlier versions did not."""
    return (folder / _FILE).exists()


def read_frame_times(folder: Path) -> dict[str, Any]:
    """Fields of `Traces`; none where frames are evenly spaced, or an earlier version extracted."""
    if not has_frame_times(folder):
        return {}
    # numpy would leave a damaged file open.
    with (folder / _FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        found: dict[str, Any] = dict(file)
    if "first_stamp_s" in found:
        found["first_stamp_s"] = float(found["first_stamp_s"])
    return found
