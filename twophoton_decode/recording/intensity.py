"""Any movie as the 16-bit movie that suite2p reads, without wrapping, halving or zeroing.

One rule [ours], applied to the lowest and highest grey level of the whole recording:

- whole numbers from -32768 to 32767 stay as they are;
- whole numbers from 0 to 65535 are lowered by 32768, so that none wraps;
- everything else is spread evenly over 65535 levels, lowest to -32767, highest to 32767.

The offset and scale are handed on, and undone in the traces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.frames import chunks, where
from twophoton_decode.records import IntensityMapping, Recording

_LEVELS = 65534
_FEWEST_LEVELS = 100
_SAMPLES = 1_000_000


def mapping_for(lowest: float, highest: float, whole_numbers: bool) -> IntensityMapping:
    """The mapping of a movie whose grey levels run from `lowest` to `highest`."""
    if whole_numbers and lowest >= -(2**15) and highest < 2**15:
        return IntensityMapping(offset=0.0, scale=1.0)
    if whole_numbers and lowest >= 0 and highest < 2**16:
        return IntensityMapping(offset=float(2**15), scale=1.0)
    middle = lowest / 2 + highest / 2
    return IntensityMapping(offset=middle, scale=(highest / 2 - lowest / 2) / (_LEVELS / 2))


def write_int16(
    recording: Recording, path: Path, *, batch_frames: int, progress: Progress = silent
) -> IntensityMapping:
    """Write the movie to `path` as raw int16, frame after frame, and say how it was mapped.

    Integer movies are decoded once; float movies twice, since their range must be known
    before the first frame is written. At most `batch_frames` frames are in memory.

    Raises
    ------
    MovieError
        A file cannot be decoded; a pixel is NaN or infinite; all frames are the same; or
        rare extreme pixels leave ordinary ones too few of the 65535 levels.
    """
    if recording.dtype == "float32":
        return _write_float(recording, path, batch_frames, progress)
    return _write_integers(recording, path, batch_frames, progress)


@dataclass
class _Range:
    """What is learned about the grey levels while the frames go by."""

    recording: Recording
    frames: int = 0
    lowest: float = np.inf
    highest: float = -np.inf
    whole_numbers: bool = True
    changes: bool = False
    first: np.ndarray | None = None
    samples: list[np.ndarray] = field(default_factory=list)

    def see(self, frames: np.ndarray) -> None:
        self.first = frames[0] if self.first is None else self.first
        self.changes = self.changes or bool((frames != self.first).any())
        if frames.dtype.kind == "f":
            self._see_float(frames)
        self.lowest = min(self.lowest, float(frames.min()))
        self.highest = max(self.highest, float(frames.max()))
        self.frames += len(frames)

    def _see_float(self, frames: np.ndarray) -> None:
        if not np.isfinite(frames).all():
            frame = int(np.argmin(np.isfinite(frames).all(axis=(1, 2))))
            raise MovieError(
                f"{where(self.recording, self.frames + frame)} has NaN or infinite pixels. "
                "Expected finite grey levels: replace or cut out such frames."
            )
        self.whole_numbers = self.whole_numbers and bool((frames == np.rint(frames)).all())
        # Every so many pixels of the whole movie; odd, so that it is no column of the frames.
        pixels = self.recording.frames * frames[0].size
        every = pixels // _SAMPLES | 1
        self.samples.append(frames.ravel()[-self.frames * frames[0].size % every :: every].copy())

    def mapping(self) -> IntensityMapping:
        if not self.changes:
            raise MovieError(
                f"the movie is constant: all {self.frames} frames from "
                f"{Path(self.recording.file[0]).name} on are the same. Is it the right file?"
            )
        mapping = mapping_for(self.lowest, self.highest, self.whole_numbers)
        if mapping.scale != 1.0:
            self._check_levels(mapping)
        return mapping

    def _check_levels(self, mapping: IntensityMapping) -> None:
        low, high = np.percentile(np.concatenate(self.samples), [1, 99])
        if high - low < _FEWEST_LEVELS * mapping.scale:
            raise MovieError(
                f"the movie's pixels run from {self.lowest:g} to {self.highest:g}, but 98 % of "
                f"them lie between {low:g} and {high:g}: 16 bits cannot hold both. Cut out or clip "
                "the extreme pixels."
            )


def _write_integers(
    recording: Recording, path: Path, batch_frames: int, progress: Progress
) -> IntensityMapping:
    seen = _Range(recording)
    with path.open("wb") as stream:
        for frames in chunks(recording, batch_frames):
            seen.see(frames)
            # uint16 goes out bit by bit: whether it wraps is known only at the end.
            same_bits = frames.view(np.int16) if frames.dtype == np.uint16 else frames
            same_bits.astype(np.int16, copy=False).tofile(stream)
            progress(seen.frames, recording.frames, "frames converted")
    mapping = seen.mapping()
    if mapping.offset:
        _lower(path, recording, batch_frames)
    return mapping


def _lower(path: Path, recording: Recording, batch_frames: int) -> None:
    """Subtract 32768 from every uint16 of the file: its highest bit turns over."""
    shape = (recording.frames, recording.height, recording.width)
    pixels = np.memmap(path, dtype=np.uint16, mode="r+", shape=shape)
    for start in range(0, recording.frames, batch_frames):
        pixels[start : start + batch_frames] ^= np.uint16(2**15)
    pixels.flush()


def _write_float(
    recording: Recording, path: Path, batch_frames: int, progress: Progress
) -> IntensityMapping:
    seen = _Range(recording)
    for frames in chunks(recording, batch_frames):
        seen.see(frames)
        progress(seen.frames, 2 * recording.frames, "frames converted")
    mapping = seen.mapping()
    done = recording.frames
    with path.open("wb") as stream:
        for frames in chunks(recording, batch_frames):
            mapping.levels(frames).tofile(stream)
            done += len(frames)
            progress(done, 2 * recording.frames, "frames converted")
    return mapping
