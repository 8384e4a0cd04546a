"""Everything that can be said about a movie before it is extracted, and what is odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twophoton_decode.errors import MovieError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.file_gaps import file_gaps
from twophoton_decode.recording.frames import counted
from twophoton_decode.recording.intensity import mapping_for
from twophoton_decode.recording.look import Look, look
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records import IntensityMapping, Recording

_SATURATED = 1e-3
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
        return mapping_for(lowest, highest, all(each.whole_numbers for each in self.looks))

    @property
    def disk_bytes(self) -> int:
        """What extraction needs for its 16-bit copy of one plane and channel."""
        recording = self.recording
        return _INT16_BYTES * recording.frames * recording.height * recording.width


def inspect(
    paths: Sequence[str | Path], *, most_frames: int, progress: Progress = silent
) -> Inspection:
    """Open the movie and look at about `most_frames` of its images, evenly spaced.

    Raises
    ------
    UsageError, MovieError
        As `open_recording`; a frame looked at cannot be decoded; there is no whole frame.
    """
    recording = open_recording(paths)
    if not recording.frames:
        raise MovieError(
            f"{recording.file[0]} holds no whole frame of all planes and channels: expected a "
            f"movie of {counted(recording.planes, 'plane')} and "
            f"{counted(recording.channels, 'channel')}."
        )
    parts = [(p, c) for p in range(recording.planes) for c in range(recording.channels)]
    each = max(1, most_frames // len(parts))
    looks = tuple(look(recording, *part, most_frames=each, progress=progress) for part in parts)
    warnings = [*recording.warnings, *_about_files(recording)]
    for one in looks:
        warnings += _about_pixels(one, len(parts) > 1)
    return Inspection(recording, looks, tuple(warnings))


def _about_files(recording: Recording) -> list[str]:
    warnings = file_gaps(recording.file.tolist())
    if not recording.frame_rate_hz:
        warnings.append(
            "the files do not say how many frames were taken per second: give --frame-rate-hz to "
            "`tpdecode init`"
        )
    if recording.planes * recording.channels > 1:
        warnings.append(
            "`tpdecode extract` takes one plane and one channel, and refuses this recording"
        )
    return warnings


def _about_pixels(seen: Look, named: bool) -> list[str]:
    where = f"plane {seen.plane + 1}, channel {seen.channel + 1}: " if named else ""
    found = {
        f"{seen.saturated:.2%} of pixels are saturated at {seen.highest:g}": (
            seen.saturated > _SATURATED
        ),
        f"{seen.blank_frames} of {seen.frames} frames are blank": bool(seen.blank_frames),
        f"{seen.unfinite_frames} of {seen.frames} frames have NaN or infinite pixels": bool(
            seen.unfinite_frames
        ),
        "all frames are the same": seen.constant,
    }
    return [where + text for text, odd in found.items() if odd]


def facts(inspection: Inspection) -> dict[str, Any]:
    """The inspection as numbers and words, for JSON."""
    recording, mapping = inspection.recording, inspection.mapping
    files = zip(recording.file.tolist(), recording.file_frames.tolist(), strict=True)
    return {
        "layout": recording.layout,
        "frames": recording.frames,
        "planes": recording.planes,
        "channels": recording.channels,
        "height": recording.height,
        "width": recording.width,
        "dtype": recording.dtype,
        "frame_rate_hz": recording.frame_rate_hz or None,
        "bidirectional": recording.bidirectional,
        "dropped_frames": recording.dropped_frames,
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
        "saturated_share": seen.saturated,
        "blank_share": seen.blank_frames / seen.frames,
        "frames_not_finite": seen.unfinite_frames,
    }
