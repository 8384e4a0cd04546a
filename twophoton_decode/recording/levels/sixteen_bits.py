"""Any movie as the 16-bit movie that suite2p reads, without wrapping, halving or zeroing.

One rule [ours], applied to the lowest and highest grey level of the whole recording:

- whole numbers from -32768 to 32767 stay as they are;
- whole numbers from 0 to 65535 are lowered by 32768, so that none wraps;
- whole numbers that a file's calibration makes fractions of are mapped as they are stored;
- everything else is spread evenly over 65535 levels, lowest to -32767, highest to 32767.

All frames are surveyed before the first one is mapped. The offset and scale are handed on, and
undone in the traces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.frames import chunks, where
from twophoton_decode.recording.levels.calibration import Calibration, calibration_of
from twophoton_decode.recording.levels.range import GreyLevels
from twophoton_decode.records import IntensityMapping, Recording

_LEVELS = 65534
_FEWEST_LEVELS = 100
_SAMPLES = 1_000_000


def mapping_for(
    lowest: float,
    highest: float,
    whole_numbers: bool,
    calibration: Calibration | None = None,
) -> IntensityMapping:
    """The mapping of a movie whose grey levels run from `lowest` to `highest`.

    `calibration` is that of whole numbers in the files; None where those are none.
    """
    exact = _exact(lowest, highest) if whole_numbers else None
    if exact is None and calibration is not None and calibration.scale > 0:
        offset, scale = calibration.offset, calibration.scale
        stored = _exact(*(round((level - offset) / scale) for level in (lowest, highest)))
        exact = stored and IntensityMapping(stored.offset * scale + offset, scale)
    if exact is not None:
        return exact
    middle = lowest / 2 + highest / 2
    return IntensityMapping(offset=middle, scale=(highest / 2 - lowest / 2) / (_LEVELS / 2))


def _exact(lowest: float, highest: float) -> IntensityMapping | None:
    """The mapping of whole numbers that 16 bits hold without loss; None if they do not."""
    if lowest >= -(2**15) and highest < 2**15:
        return IntensityMapping(offset=0.0, scale=1.0)
    if lowest >= 0 and highest < 2**16:
        return IntensityMapping(offset=float(2**15), scale=1.0)
    return None


def stored_calibration(recording: Recording) -> Calibration | None:
    """The calibration of whole numbers in the files; None where they hold floats."""
    return calibration_of(recording) if np.dtype(recording.dtype).kind in "iu" else None


@dataclass(kw_only=True)
class Survey(GreyLevels):
    """The grey levels of one plane and channel, whose frames go by in order and all of them."""

    recording: Recording
    _samples: list[np.ndarray] = field(default_factory=list, repr=False)

    def see_frames(self, frames: np.ndarray) -> None:
        """Take in the next frames as they are in the files, (frames, height, width).

        `MovieError` names the frame that has NaN or infinite pixels.
        """
        if frames.dtype.kind == "f":
            self._refuse_unfinite(frames)
        super().see_frames(frames)
        if frames.dtype.kind == "f" or frames.dtype.itemsize > 2:
            self._sample(frames)

    def _refuse_unfinite(self, frames: np.ndarray) -> None:
        finite = np.isfinite(frames)
        if not finite.all():
            frame = int(np.argmin(finite.all(axis=(1, 2))))
            raise MovieError(
                f"{where(self.recording, self.frames + frame)} has NaN or infinite pixels. "
                "Expected finite grey levels: replace or cut out such frames."
            )

    def _sample(self, frames: np.ndarray) -> None:
        # Every so many pixels of the whole movie; odd, so that it is no column of the frames.
        pixels = self.recording.frames * frames[0].size
        every = pixels // _SAMPLES | 1
        self._samples.append(frames.ravel()[-self.frames * frames[0].size % every :: every].copy())

    def refuse_constant(self) -> None:
        """`MovieError` where all frames were the same."""
        if not self.changes:
            raise MovieError(
                f"the movie is constant: all {self.frames} frames from "
                f"{Path(self.recording.file[0]).name} on are the same. Is it the right file?"
            )

    @property
    def calibration(self) -> Calibration | None:
        """That of whole numbers in the files."""
        return stored_calibration(self.recording)

    @property
    def central(self) -> tuple[float, float]:
        """Between these lie 98 % of the pixels, or all where they are whole numbers of 16 bits."""
        if not self._samples:
            return self.lowest, self.highest
        low, high = np.percentile(np.concatenate(self._samples), [1, 99])
        return float(low), float(high)


def common_mapping(surveys: Sequence[Survey]) -> IntensityMapping:
    """One mapping for several planes or channels of a movie.

    Raises
    ------
    MovieError
        Rare extreme pixels leave the ordinary ones too few of the 65535 levels.
    """
    mapping = mapping_for(
        min(each.lowest for each in surveys),
        max(each.highest for each in surveys),
        all(each.whole_numbers for each in surveys),
        surveys[0].calibration,
    )
    exact = surveys[0].calibration is not None and mapping.scale == surveys[0].calibration.scale
    for each in surveys:
        low, high = each.central
        if mapping.scale != 1.0 and not exact and high - low < _FEWEST_LEVELS * mapping.scale:
            raise MovieError(
                f"the movie's pixels run from {each.lowest:g} to {each.highest:g}, but 98 % of "
                f"them lie between {low:g} and {high:g}: 16 bits cannot hold both. Cut out or clip "
                "the extreme pixels."
            )
    return mapping


def survey(recording: Recording, *, batch_frames: int, progress: Progress = silent) -> Survey:
    """Look at every frame of one plane and channel, at most `batch_frames` in memory.

    Raises
    ------
    MovieError
        A file cannot be decoded; a pixel is NaN or infinite; all frames are the same.
    """
    found = Survey(recording=recording)
    for frames in chunks(recording, batch_frames):
        found.see_frames(frames)
        progress(found.frames, recording.frames, "frames surveyed")
    found.refuse_constant()
    return found
