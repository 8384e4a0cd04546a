"""Everything that can be said about a movie before it is extracted, and what is odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.file import volume_in_words
from twophoton_decode.recording.levels.glance import Look, look
from twophoton_decode.recording.levels.line_offset import LineOffset
from twophoton_decode.recording.levels.sixteen_bits import mapping_for, stored_calibration
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved, plane_delays
from twophoton_decode.recording.times.gap_words import gap_facts
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.records.movie.dark_level import dark_level_advice, estimated_dark_level

_INT16_BYTES = 2


@dataclass(frozen=True)
class Inspection:
    """A recording, a look at each of its planes and channels, and warnings."""

    recording: Recording
    looks: tuple[Look, ...]
    warnings: tuple[str, ...]

    @property
    def mapping(self) -> IntensityMapping | None:
        """How grey levels would become int16, by the frames looked at; None without any."""
        lowest = min(each.lowest for each in self.looks)
        highest = max(each.highest for each in self.looks)
        if lowest > highest:
            return None
        whole = all(each.whole_numbers for each in self.looks)
        return mapping_for(lowest, highest, whole, stored_calibration(self.recording))

    @property
    def line_offset_px(self) -> int:
        """How far every second line must move right to lie in line; 0 unless that is sure.

        By the first channel of all planes, which one mirror scans.
        """
        return _line_offset(self.looks)

    @property
    def plane_delay_s(self) -> np.ndarray | None:
        """Mid-time of each plane's frame since its volume began; None without a frame rate."""
        rate = self.recording.frame_rate_hz
        return plane_delays(self.recording, rate) if rate else None

    @property
    def duration_s(self) -> float:
        """From the beginning of the first frame to the end of the last; 0 without a rate."""
        recording = self.recording
        if not recording.frame_rate_hz:
            return 0.0
        return recording.times.end_s(recording.frames, recording.frame_rate_hz)

    @property
    def disk_bytes(self) -> int:
        """What extraction needs for its 16-bit copy of one plane and channel."""
        recording = self.recording
        return _INT16_BYTES * recording.frames * recording.height * recording.width


def inspect(
    paths: Sequence[str | Path],
    *,
    most_frames: int,
    planes: int = 0,
    channels: int = 0,
    progress: Progress = silent,
) -> Inspection:
    """Open the movie and look at about `most_frames` of its images, evenly spaced.

    `planes` and `channels` are those of files that do not say; see `interleaved`.

    Raises
    ------
    UsageError, MovieError
        As `open_recording`; a frame looked at cannot be decoded; there is no whole frame.
    """
    recording = interleaved(open_recording(paths), planes, channels)
    if not recording.frames:
        raise MovieError(
            f"{recording.file[0]} holds no whole frame of all planes and channels: expected a "
            f"movie of {volume_in_words(recording.planes, recording.channels)}."
        )
    parts = [(p, c) for p in range(recording.planes) for c in range(recording.channels)]
    each = max(1, most_frames // len(parts))
    looks = tuple(look(recording, *part, most_frames=each, progress=progress) for part in parts)
    warnings = [*recording.warnings, *_about_files(recording)]
    for one in looks:
        warnings += _about_pixels(one, len(parts) > 1)
    offset = _line_offset(looks)
    if offset:
        warnings.append(
            f"every second line lies {abs(offset)} px off the others: set line_offset_px = "
            f"{offset} in [recording] of session.toml"
        )
    return Inspection(recording, looks, tuple(warnings))


def _line_offset(looks: Sequence[Look]) -> int:
    first_channel = [each.lines.differences for each in looks if each.channel == 0]
    return LineOffset([difference for one in first_channel for difference in one]).offset_px


def _about_files(recording: Recording) -> list[str]:
    if recording.frame_rate_hz:
        return []
    return ["the files do not state the frame rate: give --frame-rate-hz to `tpdecode init`"]


def _about_pixels(seen: Look, named: bool) -> list[str]:
    where = f"plane {seen.plane + 1}, channel {seen.channel + 1}: " if named else ""
    found = dict.fromkeys(seen.oddities, True)
    advice = dark_level_advice(seen.mean)
    found |= {
        advice: bool(advice),
        f"{seen.unfinite_frames} of {seen.frames} frames have NaN or infinite pixels": bool(
            seen.unfinite_frames
        ),
        "all frames are the same": seen.constant,
    }
    return [where + text for text, odd in found.items() if odd]


def facts(inspection: Inspection) -> dict[str, Any]:
    """The inspection as numbers and words, for JSON."""
    recording, mapping = inspection.recording, inspection.mapping
    delay = inspection.plane_delay_s
    files = zip(recording.file.tolist(), recording.file_frames.tolist(), strict=True)
    return {
        "layout": recording.layout,
        "frames": recording.frames,
        "planes": recording.planes,
        "channels": recording.channels,
        "height": recording.height,
        "width": recording.width,
        "dtype": recording.dtype,
        "grey_offset": recording.grey_offset,
        "grey_scale": recording.grey_scale,
        "frame_rate_hz": recording.frame_rate_hz or None,
        "plane_delay_s": None if delay is None else delay.tolist(),
        "bidirectional": recording.bidirectional,
        "line_offset_px": inspection.line_offset_px,
        "dropped_frames": recording.dropped_frames,
        "duration_s": inspection.duration_s or None,
        "gaps": gap_facts(recording.times),
        "source": dict(recording.source),
        "files": [{"file": file, "images": images} for file, images in files],
        "looked_at": [_look_facts(each) for each in inspection.looks],
        "int16": {"offset": mapping.offset, "scale": mapping.scale} if mapping else None,
        "disk_bytes": inspection.disk_bytes,
        "warnings": list(inspection.warnings),
    }


def _look_facts(seen: Look) -> dict[str, Any]:
    known = seen.lowest <= seen.highest
    return {
        "plane": seen.plane + 1,
        "channel": seen.channel + 1,
        "frames": seen.frames,
        "lowest": seen.lowest if known else None,
        "highest": seen.highest if known else None,
        "dark_level_estimate": estimated_dark_level(seen.mean) if known else None,
        "saturated_share": seen.saturated,
        "blank_share": seen.blank_frames / seen.frames,
        "frames_not_finite": seen.unfinite_frames,
    }
