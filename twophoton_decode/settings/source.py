"""Sections of ``session.toml`` on the source of the data and the animal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from twophoton_decode.settings.section import MOST_ITEMS, PathText, Section


class Source(Section):
    """Where the data come from; paths are relative to the session folder or absolute."""

    kind: Literal["movie", "arrays", "suite2p", "nwb"] = Field(
        "movie", description="movie, arrays, or traces imported from suite2p or nwb"
    )
    movie: list[PathText] = Field(
        [], max_length=MOST_ITEMS, description="movie files, folders or globs, in order"
    )
    log: PathText = Field(
        "", description="stimulus log: text, .xlsx or .mat; empty: extraction only"
    )
    images: PathText = Field(
        "", description="folder of pictures, .tif stack, or array: FILE or FILE=key"
    )
    clips: PathText = Field(
        "",
        description="movie stimuli in place of images: folder of clips (.npy, .tif, .gif), or one "
        "array (clip, frame, y, x): FILE or FILE=key",
    )
    distractors: PathText = Field(
        "",
        description="pictures that were not shown, as further candidates for identification: "
        "folder or stack; empty: none",
    )
    truth: PathText = Field(
        "",
        description="truth.npz of a movie made by `tpdecode simulate`, for comparison; empty: none",
    )
    traces: PathText = Field(
        "",
        description="kind = suite2p: suite2p's folder; kind = nwb: the NWB file; traces are read "
        "from there",
    )
    series: list[str] = Field(
        [],
        max_length=MOST_ITEMS,
        description="kind = nwb: RoiResponseSeries that traces are, one for each plane; empty: the "
        "only one of fluorescence or ΔF/F",
    )
    neuropil_series: list[str] = Field(
        [],
        max_length=MOST_ITEMS,
        description="kind = nwb: series of neuropil, in the order of series; empty: those in a "
        "container Neuropil, under the same names",
    )
    deconvolved_series: list[str] = Field(
        [],
        max_length=MOST_ITEMS,
        description="kind = nwb: series of deconvolved signals, in the order of series; empty: "
        "those in a container Deconvolved, under the same names",
    )
    responses: PathText = Field(
        "",
        description="kind = arrays: .npy .npz .mat .h5 .nwb .nc .zarr .csv; FILE, or FILE=key "
        "if it holds several arrays",
    )
    axes: str = Field("", description='kind = arrays: axes of the responses, "repeat image cell"')
    average: list[str] = Field(
        [], max_length=32, description="further axes of the responses to average over"
    )
    join: list[str] = Field(
        [],
        max_length=32,
        description='further axes to join into one, "plane cell": the cells of one plane after '
        "those of the other; the last word names the joined axis",
    )
    labels: PathText = Field(
        "",
        description='axes "presentation cell": the image of each row, as names or numbers; FILE, '
        "or FILE=key for an array or column of it",
    )
    groups: PathText = Field(
        "",
        description="kind = arrays: group of each picture, as names or numbers, such as the "
        "scene it shows; a group shares a fold; FILE, or FILE=key; empty: none",
    )
    categories: PathText = Field(
        "",
        description="kind = arrays: category of each picture, as names or numbers, for `tpdecode "
        "deep decode`; of movies the log's column category says it; FILE, or FILE=key; empty: none",
    )
    tags: PathText = Field(
        "",
        description="words about the pictures, for `tpdecode deep tags`: CSV with a picture's name "
        "and its words in each row; empty: none",
    )
    picture_table: PathText = Field(
        "",
        description="kind = arrays: table with a header and a row for each picture, in their "
        "order; its columns stand for those of a log; empty: none",
    )
    cell_table: PathText = Field(
        "",
        description="kind = arrays: table with a header and a row for each cell, in their order, "
        "whose columns x_um, y_um and z_um say where it lies; empty: none",
    )
    image_shape: str = Field(
        "",
        pattern=r"^(\d+x\d+)?$",
        description='flattened images: HEIGHTxWIDTH, such as "31x31"; else empty',
    )
    image_axes: str = Field(
        "",
        description='axes of images in an array, in the order of the file, "y x image"; for images '
        'flattened column by column, "image x y"; empty: from their lengths',
    )

    @property
    def described(self) -> str:
        """What the session was made from, in words that say why a stage may be missing."""
        if self.clips:
            return "its stimuli are clips, and the stage is for pictures"
        return f"its source is {self.kind}{'' if self.log else ' without a stimulus log'}"

    @model_validator(mode="after")
    def _pictures_or_clips(self) -> Source:
        if self.images and self.clips:
            raise ValueError(
                "images and clips cannot both be given: a session is of pictures or of clips. "
                "Make a second session of the same movie for the other"
            )
        return self

    @property
    def picture_shape(self) -> tuple[int, int] | None:
        """`image_shape` as rows and columns, px; None where it is empty."""
        rows, _, columns = self.image_shape.partition("x")
        return (int(rows), int(columns)) if self.image_shape else None


class Subject(Section):
    """Who was recorded."""

    mouse: str = Field(
        "", description="name of the animal; `tpdecode compare` groups sessions by it"
    )
