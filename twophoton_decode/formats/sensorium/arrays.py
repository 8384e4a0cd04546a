"""A folder of one mouse as the arrays and tables that a session of arrays is made of."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.given import TESTED, TRAINS
from twophoton_decode.formats.sensorium.cells import write_cell_table
from twophoton_decode.formats.sensorium.layout import Layout
from twophoton_decode.formats.sensorium.pictures import ShownPictures, shown_pictures
from twophoton_decode.formats.sensorium.responses import write_responses
from twophoton_decode.progress import Progress, silent

WHOLE_PX = 64
"""Pictures up to this side keep their shape; larger ones are cropped and averaged as others are."""
FOLDS = "tier"


@dataclass(frozen=True, eq=False)
class SensoriumArrays:
    """What was written, and the settings of a session of it.

    Attributes
    ----------
    settings : dict
        Values by ``section.key``; paths are names of files in the folder of arrays.
    notes : list of str
        What was left out, by name.
    """

    settings: dict[str, Any]
    notes: list[str]


def write_arrays(layout: Layout, folder: Path, progress: Progress = silent) -> SensoriumArrays:
    """Write ``responses.npy``, ``images.npy``, ``labels.npy``, ``pictures.csv``, ``cells.csv``.

    One trial is in memory at a time, and the different pictures.

    Parameters
    ----------
    layout : Layout
        Of images.
    folder : Path
        Must be there.

    Raises
    ------
    ResponseError, StimulusImageError
        Files that cannot be read or do not fit each other.
    """
    shown = shown_pictures(layout)
    usable, notes = write_responses(layout, shown, folder / "responses.npy", progress)
    np.save(folder / "images.npy", shown.picture, allow_pickle=False)
    np.save(folder / "labels.npy", shown.image, allow_pickle=False)
    _write_pictures(shown, folder / "pictures.csv")
    cells = int(np.load(folder / "responses.npy", mmap_mode="r", allow_pickle=False).shape[1])
    population, position = write_cell_table(layout, cells, folder / "cells.csv")
    settings = sizes_of(*shown.picture.shape[1:3])
    if population:
        settings["responses.populations_file"] = "cells.csv"
    if position:
        settings |= {"source.cell_table": "cells.csv", "recording.pixel_um": 1.0}
    folds, more = _folds(shown, usable)
    return SensoriumArrays(settings | folds, [*shown.notes, *notes, *more])


def _write_pictures(shown: ShownPictures, path: Path) -> None:
    columns: dict[str, list[str]] = {"image": shown.name}
    if shown.tier is not None:
        columns[FOLDS] = shown.tier.tolist()
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def sizes_of(height: int, width: int) -> dict[str, Any]:
    """Settings that keep small pictures whole: their long side, and features of any shape."""
    if not 8 <= max(height, width) <= WHOLE_PX:
        return {}
    features = {} if height == width else {"decoding.features": "pixels"}
    return {"images.size_px": max(height, width), **features}


def _folds(shown: ShownPictures, usable: np.ndarray) -> tuple[dict[str, Any], list[str]]:
    """Folds from tiers, if images of both kinds have responses."""
    if shown.tier is None:
        return {}, []
    tier = shown.tier[np.unique(shown.image[usable])]
    tested, trains = np.isin(tier, TESTED).any(), np.isin(tier, TRAINS).any()
    if tested and trains:
        return {"decoding.folds_from": FOLDS}, []
    left = "train" if trains else "are tested"
    return {}, [
        f"only images that {left} have responses, so that tiers make no folds: folds are drawn "
        "over them."
    ]
