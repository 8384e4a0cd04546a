"""A look at all of the movie before hours are spent on it, kept for the next run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.recording.frames import read_chosen, select
from twophoton_decode.recording.levels.line_offset import LineOffset
from twophoton_decode.recording.levels.sixteen_bits import common_mapping, survey
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.session.sealed import Damaged, read_sealed, write_sealed

_KEPT = "intensities.json"
_FRAMES_FOR_LINES = 200


@dataclass(frozen=True)
class Intensities:
    """How grey levels become 16 bits, and what is odd about the pixels.

    Attributes
    ----------
    offset, scale : float
        Of one mapping for all planes and channels.
    line_offset_px : int
        How far every second line was found to lie beside the others.
    warnings : list of str
    """

    offset: float
    scale: float
    line_offset_px: int
    warnings: list[str]

    @property
    def mapping(self) -> IntensityMapping:
        """From grey levels to int16."""
        return IntensityMapping(self.offset, self.scale)

    def notes(self, shifted_px: int) -> Iterator[str]:
        """What the user should know, when lines are shifted back by `shifted_px`."""
        yield from self.warnings
        if self.line_offset_px != shifted_px:
            yield (
                f"every second line lies {self.line_offset_px} px beside the others, but "
                f"line_offset_px is {shifted_px} in [recording]"
            )


def intensities(work: StageInput, recording: Recording, movie: str) -> Intensities:
    """Look at every frame of all planes and channels.

    `movie` is the fingerprint of the files, under which the outcome is kept.
    """
    file = work.folder.private / _KEPT
    settings = work.settings.recording
    key = [movie, settings.planes, settings.channels, settings.use_planes]
    key.append(settings.functional_channel)
    if recording.grey_scale != 1.0 or recording.grey_offset:
        key += [recording.grey_scale, recording.grey_offset]
    with contextlib.suppress(Damaged, LookupError, TypeError, AttributeError):
        kept = read_sealed(file)
        if kept.pop("key") == key:
            return Intensities(**kept)
    found = _looked_at(work, recording)
    write_sealed(file, {"key": key, **asdict(found)})
    return found


def _looked_at(work: StageInput, recording: Recording) -> Intensities:
    batch = work.settings.extraction.batch_frames
    parts = [(p, c) for p in range(recording.planes) for c in range(recording.channels)]
    surveys, warnings = [], []
    for plane, channel in parts:
        one = select(recording, plane, channel)
        surveys.append(survey(one, batch_frames=batch, progress=work.progress))
        number = plane + 1 if recording.plane_number is None else recording.plane_number[plane]
        where = f"plane {number}, channel {channel + 1}: " if len(parts) > 1 else ""
        warnings += [where + warning for warning in surveys[-1].oddities]
    mapping = common_mapping(surveys)
    lines = _line_offset(recording, work.settings.recording.functional_channel - 1)
    return Intensities(mapping.offset, mapping.scale, lines, warnings)


def _line_offset(recording: Recording, channel: int) -> int:
    """By frames of the first plane, spread over the movie."""
    one = select(recording, 0, channel)
    chosen = np.unique(np.linspace(0, one.frames - 1, _FRAMES_FOR_LINES).astype(np.int64))
    lines = LineOffset()
    for frames in read_chosen(one, chosen, _FRAMES_FOR_LINES):
        lines.see(frames)
    return lines.offset_px
