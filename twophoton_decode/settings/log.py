"""The section ``[log]``: how the stimulus log is read, if the log does not say so itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twophoton_decode.settings.section import MOST_ITEMS, ClockSeconds, Rate, Section


class LogSettings(Section):
    """How the stimulus log is read, if the log does not say so itself."""

    table: str = Field(
        "", description="sheet of a workbook, or variable of a .mat file; empty: found"
    )
    image_column: str = Field("", description="column of the pictures; empty: found by its name")
    clip_column: str = Field(
        "",
        description="movie stimuli: column of the clips; empty: the one called clip",
    )
    frame_column: str = Field(
        "",
        description="movie stimuli with a row for each frame: column of the frame's number within "
        "its clip, counted as first_index says; empty: a row for each showing of a clip",
    )
    clip_rate_hz: Rate = Field(
        0.0,
        description="movie stimuli: frames of clips per second; 0: from the log's durations or "
        "rows of frames, or from the files",
    )
    group_column: str = Field(
        "",
        description="column that groups pictures, such as the scene they show, or clips by their "
        "source; a group shares a fold, as near-duplicates do; empty: none",
    )
    onset_column: str = Field("", description="column of the onsets; empty: found by its name")
    onset_unit: Literal["auto", "s", "ms", "us", "ns", "frame"] = Field(
        "auto", description="unit of the onsets; auto: from the column's name, else s"
    )
    picture_numbers: Literal["auto", "index", "name"] = Field(
        "auto",
        description="meaning of a number in the image column or of a label: index of a picture, "
        "or number in its name; auto: number in its name if all numbers occur there, unless "
        "first_index = 1",
    )
    blank_values: list[str] = Field(
        ["", "blank", "gray", "grey", "none", "nan", "na", "-1"],
        max_length=MOST_ITEMS,
        description="values of the image column, or labels, that mean no picture was shown",
    )
    condition_column: str = Field(
        "",
        description="column that says which rows show no picture; empty: every row shows its own",
    )
    without_picture: list[str] = Field(
        ["omitted", "cued"],
        max_length=MOST_ITEMS,
        description="values of condition_column for pictures that were expected, but not shown: no "
        "response counts them; `deep decode --bins` asks when they are decoded",
    )
    onset_offset_s: ClockSeconds = Field(
        0.0,
        description="movie time = onset_offset_s + clock_factor x log time, s",
    )
    clock_factor: float = Field(
        1.0,
        ge=1e-9,
        le=1e9,
        description="seconds of the microscope's clock per second of the log's clock",
    )
    movie_start: str = Field(
        "",
        description="start of the movie by the log's clock, for logs with the time of day or the "
        'date: "14:02:11.250" or "2026-03-05T14:02:11.250"',
    )
    order: Literal["error", "sort", "blocks"] = Field(
        "error",
        description="if onsets go back in time: stop with an error, sort the rows, or read blocks "
        "that each have their own clock",
    )
    block_column: str = Field(
        "",
        description='order = "blocks": column that numbers the blocks; empty: a block begins '
        "where the onsets go back",
    )
    block_starts_s: list[ClockSeconds] = Field(
        [],
        max_length=MOST_ITEMS,
        description='order = "blocks": movie time at which each block\'s clock read 0, in s',
    )
    beyond_movie: Literal["error", "trim"] = Field(
        "error",
        description="presentations before or after the movie: error, or leave out and count",
    )
