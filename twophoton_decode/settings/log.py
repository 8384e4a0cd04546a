"""The section ``[log]``: how the stimulus log is read, where it does not say so itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twophoton_decode.settings.section import MOST_ITEMS, ClockSeconds, Section


class LogSettings(Section):
    """How the stimulus log is read, where its own words are not enough."""

    table: str = Field(
        "", description="the sheet of a workbook, or the variable of a .mat file; empty: found"
    )
    image_column: str = Field(
        "", description="column that names the pictures; empty: found by its name"
    )
    group_column: str = Field(
        "",
        description="column of groups of pictures that belong together, such as the scene they "
        "show: they share a fold, as near-duplicates do; empty: none",
    )
    onset_column: str = Field("", description="column of the onsets; empty: found by its name")
    onset_unit: Literal["auto", "s", "ms", "us", "ns", "frame"] = Field(
        "auto", description="unit of the onsets; auto: as the column's name says, else s"
    )
    picture_numbers: Literal["auto", "index", "name"] = Field(
        "auto",
        description="what a number in the image column, or a label, is: the index of a picture, "
        "or the number in its name; auto: the number in a name where all are, unless "
        "first_index = 1",
    )
    blank_values: list[str] = Field(
        ["", "blank", "gray", "grey", "none", "nan", "na", "-1"],
        max_length=MOST_ITEMS,
        description="values of the image column, or labels, that mean a screen without a picture",
    )
    onset_offset_s: ClockSeconds = Field(
        0.0,
        description="movie time = onset_offset_s + clock_factor x the log's time; in s",
    )
    clock_factor: float = Field(
        1.0,
        ge=1e-9,
        le=1e9,
        description="seconds of the microscope's clock per second of the log's clock",
    )
    movie_start: str = Field(
        "",
        description="when the movie began by the log's clock, for logs that write the time of day "
        'or the date: "14:02:11.250" or "2026-03-05T14:02:11.250"',
    )
    order: Literal["error", "sort", "blocks"] = Field(
        "error",
        description="onsets that go back in time: an error, rows to sort, or blocks that each "
        "have a clock of their own",
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
        description="presentations before or after the movie: an error, or left out and counted",
    )
