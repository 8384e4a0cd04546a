"""A movie restored chunk by chunk into a file, which an interrupted call goes on with."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.files.atomic import write_text
from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.frames import read_chosen
from twophoton_decode.records import Recording

_CHUNK_BYTES = 16_000_000


@dataclass(frozen=True)
class Levels:
    """grey level = offset + scale x stored, where stored is a uint16."""

    offset: float
    scale: float

    def stored(self, grey: np.ndarray) -> np.ndarray:
        """Levels of the file, rounded and cut at its ends."""
        found = (grey - np.float32(self.offset)) / np.float32(self.scale)
        return np.clip(np.rint(found), 0, 65535).astype(np.uint16)


@dataclass(frozen=True)
class Unfinished:
    """A file that frames are written to, and how far that has come.

    Attributes
    ----------
    file : Path
        Room for all frames from the byte `begins` on, one after the other.
    begins : int
    state : Path
        Says how many frames are there.
    identity : str
        What the frames depend on.
    """

    file: Path
    begins: int
    state: Path
    identity: str

    def done(self) -> tuple[int, int]:
        """Frames that are there, and their pixels that were cut; 0 where they are of others."""
        try:
            found = json.loads(self.state.read_text(encoding="utf-8"))
            if found["identity"] == self.identity:
                return int(found["frames"]), int(found["cut"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, 0

    def keep(self, frames: int, cut: int) -> None:
        """Say that so many frames are there."""
        found = {"identity": self.identity, "frames": frames, "cut": cut}
        write_text(self.state, json.dumps(found))


def windows(recording: Recording, beside: int, start: int, size: int) -> Iterator[np.ndarray]:
    """Grey levels of `size` frames from `start` on, with `beside` more at either end.

    The ends of the movie are mirrored in time.

    Raises
    ------
    MovieError
        The movie is shorter than a window; a frame is not finite, or cannot be decoded.
    """
    frames = recording.frames
    if frames < 2 * beside + 1:
        raise MovieError(
            f"the movie has {frames} frames, but a window needs {2 * beside + 1}: expected a "
            "longer movie of one plane and channel."
        )
    places = np.pad(np.arange(frames), beside, mode="reflect")
    # Reading goes forwards: mirrored frames are taken from those that are read.
    held: dict[int, np.ndarray] = {}
    for at in range(start, frames, size):
        wanted = places[at : min(at + size, frames) + 2 * beside]
        missing = np.array(sorted(set(wanted.tolist()) - held.keys()))
        if missing.size:
            for grey in read_chosen(recording, missing, missing.size):
                _check_finite(grey, missing)
                held |= dict(zip(missing.tolist(), grey, strict=True))
        held = {number: held[number] for number in sorted(set(wanted.tolist()))}
        yield np.stack([held[number] for number in wanted.tolist()])


def _check_finite(grey: np.ndarray, numbers: np.ndarray) -> None:
    whole = np.isfinite(grey).all(axis=(1, 2))
    if not whole.all():
        raise MovieError(
            f"frame {int(numbers[~whole][0])} has NaN or infinite pixels; counted from 0. Leave "
            "such frames out before the movie is restored."
        )


def chunk_frames(recording: Recording) -> int:
    """Frames that are restored before they are written: 16 MB of float32."""
    return max(1, _CHUNK_BYTES // (4 * recording.height * recording.width))


def restore_into(
    unfinished: Unfinished,
    recording: Recording,
    beside: int,
    restore: Callable[[np.ndarray], np.ndarray],
    levels: Levels,
    progress: Progress = silent,
) -> int:
    """Write all frames that are not there yet; how many pixels were cut at an end of 16 bits.

    Parameters
    ----------
    restore : callable
        Grey levels (frames + 2 beside, y, x) to restored ones (frames, y, x).

    Raises
    ------
    OSError
        The disk is full: what was written stays, and the next call goes on there.
    """
    size, frame_bytes = chunk_frames(recording), 2 * recording.height * recording.width
    done, cut = unfinished.done()
    with unfinished.file.open("r+b") as stream:
        for grey in windows(recording, beside, done, size):
            made = restore(grey)
            stored = levels.stored(made)
            cut += _cut(made, levels)
            stream.seek(unfinished.begins + done * frame_bytes)
            stream.write(stored.astype("<u2").tobytes())
            stream.flush()
            os.fsync(stream.fileno())
            done += len(stored)
            unfinished.keep(done, cut)
            progress(done, recording.frames, "frames restored")
    return cut


def _cut(grey: np.ndarray, levels: Levels) -> int:
    low, high = (levels.offset + levels.scale * end for end in (-0.5, 65535.5))
    return int(((grey < low) | (grey > high)).sum())
