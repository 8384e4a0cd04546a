"""The section of ``session.toml`` on what the movie's files do not state."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from twophoton_decode.settings.section import CountFromOne, Rate, Section


class RecordingSettings(Section):
    """What the movie's files do not state."""

    frame_rate_hz: Rate = Field(
        0.0,
        description="frames per second and plane; `tpdecode init` takes it from the files if they "
        "state it",
    )
    planes: int = Field(
        0,
        ge=0,
        le=10_000,
        description="planes of a volume; 0: from the files. Set it if the files do not state it: "
        "images are then read as interleaved, channels fastest, then planes",
    )
    channels: int = Field(
        0,
        ge=0,
        le=1000,
        description="saved channels; 0: from the files. Set it if the files do not state it",
    )
    functional_channel: int = Field(
        1,
        ge=1,
        le=1000,
        description="channel that shows activity, counted from 1 among the saved ones; with two "
        "channels, the other one marks cells",
    )
    use_planes: list[CountFromOne] = Field(
        [],
        max_length=10_000,
        description="planes to extract, counted from 1 as in `tpdecode inspect`; empty: all",
    )
    line_offset_px: int = Field(
        0,
        ge=-20,
        le=20,
        description="bidirectional scanning: shift every second line back by this many "
        "pixels; `tpdecode inspect` estimates it",
    )
    frame_times: Literal["files", "even"] = Field(
        "files",
        description="times of frames: files: from time stamps or frame numbers, if the files have "
        "any; even: one after the other at frame_rate_hz, without pauses",
    )
    onset_clock: Literal["movie", "microscope"] = Field(
        "movie",
        description="zero of onset_s in the log: movie: the movie's first frame; "
        "microscope: the zero of the microscope's time stamps",
    )
    dark_level: float = Field(
        0.0,
        ge=-1e12,
        le=1e12,
        description="grey level without light, subtracted from F and neuropil; below 0 if the "
        "microscope subtracts too much. `tpdecode inspect` estimates it",
    )
    pixel_um: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="side of a pixel in micrometres, for figures; 0: not known, and they show "
        "pixels. `tpdecode figures` draws them again",
    )
    picture_deg: float = Field(
        0.0,
        ge=0,
        le=360,
        description="width of a picture in degrees of visual angle as used, after cropping, for "
        "figures; 0: not known",
    )
    first_index: Literal[0, 1] = Field(
        0, description="first image index and first frame in the log: 0, or 1 as in MATLAB"
    )

    @model_validator(mode="after")
    def _one_clock(self) -> RecordingSettings:
        if (self.frame_times, self.onset_clock) == ("even", "microscope"):
            raise ValueError(
                'onset_clock = "microscope" needs frame_times = "files": evenly spaced frames do '
                "not follow the microscope's clock"
            )
        return self
