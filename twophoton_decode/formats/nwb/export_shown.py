"""Presentations and pictures of a session in an NWB file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.formats.nwb.log import BLANK
from twophoton_decode.records import Presentations

if TYPE_CHECKING:
    from pynwb import NWBFile

PictureOf = Callable[[], np.ndarray]
"""Reads one picture, (y, x) or (y, x, colour), when it is written."""


def add_shown(file: NWBFile, shown: Presentations, pictures: Mapping[str, PictureOf]) -> None:
    """Every presentation and blank as a table of intervals, the pictures as templates."""
    if pictures:
        file.add_stimulus_template(_templates(pictures))
    rows = _rows(shown)
    table = file.create_time_intervals("presentations", "which picture was shown when; blank: none")
    table.add_column("image", "name of the picture among the templates")
    for name in shown.columns:
        table.add_column(_column_name(name), f"column {name} of the stimulus log")
    for row in rows:
        table.add_row(**row)


def label_of(name: str) -> str:
    """A picture's name as NWB allows it."""
    return name.replace("/", "_").replace(":", "_")


def _column_name(name: str) -> str:
    plain = label_of(name).strip() or "column"
    taken = {"image", "start_time", "stop_time", "tags", "timeseries", "id"}
    return f"log_{plain}" if plain in taken else plain


def _rows(shown: Presentations) -> list[dict[str, Any]]:
    """Presentations and blanks in the order of their onsets."""
    rows = []
    for place, onset in enumerate(shown.onset_s.tolist()):
        image = label_of(str(shown.image_name[shown.image[place]]))
        others = {_column_name(name): values[place] for name, values in shown.columns.items()}
        rows.append(_row(onset, float(shown.duration_s[place]), image) | others)
    blanks = [] if shown.blank_onset_s is None else shown.blank_onset_s.tolist()
    empty = {_column_name(name): "" for name in shown.columns}
    rows += [_row(onset, np.nan, BLANK) | empty for onset in blanks]
    return sorted(rows, key=lambda row: float(row["start_time"]))


def _row(onset: float, duration: float, image: str) -> dict[str, Any]:
    return {"start_time": onset, "stop_time": onset + duration, "image": image}


def _templates(pictures: Mapping[str, PictureOf]) -> Any:
    from pynwb.base import ImageReferences, Images
    from pynwb.image import GrayscaleImage, RGBImage

    images = []
    for name, read in pictures.items():
        values = read()
        kind = RGBImage if values.ndim == 3 else GrayscaleImage
        images.append(
            kind(name=label_of(name), data=values, description="a picture that was shown, (y, x)")
        )
    return Images(
        name="pictures",
        images=images,
        description="pictures that were shown, (y, x) or (y, x, colour)",
        order_of_images=ImageReferences(name="order_of_images", data=images),
    )
