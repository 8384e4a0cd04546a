"""Where the ROIs of an NWB file lie, and which of them are cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import ExtractionError
from twophoton_decode.files.hdf5_dataset import item_at
from twophoton_decode.formats.nwb.contents import Contents
from twophoton_decode.formats.nwb.series import Series

_CELLS = ("iscell", "is_cell", "accepted", "valid_roi")
_PROBABILITY = ("cell_probability", "iscell_probability", "probability")
_LABELLED, _LABELLED_BY = "is_red", "red_probability"


@dataclass(frozen=True, eq=False)
class Rois:
    """Fields of `Traces` for the ROIs of one series, and notes."""

    fields: dict[str, Any]
    notes: list[str]


def read_rois(contents: Contents, series: Series) -> Rois:
    """The ROIs of a series, by the table of a PlaneSegmentation that it refers to.

    A table without masks gives ROIs without a place, which is said.

    Raises
    ------
    ExtractionError
        The series refers to ROIs that its table does not have.
    """
    table, rows = _table(contents, series)
    if table is None:
        separate, said = _masks_of_nwb1(contents, series)
        return Rois(_fields(separate, np.ones(series.rois, bool)), said)
    if rows.size and (rows.min() < 0 or rows.max() >= table["id"].shape[0]):
        raise ExtractionError(
            f"{series.label} refers to ROI {int(rows.max())}, but {table.name} has "
            f"{table['id'].shape[0]}."
        )
    notes: list[str] = []
    masks = _masks(contents, table, rows, notes)
    cell, probability = _labels(contents, table, rows, notes)
    fields = _fields(masks, cell, probability)
    red = _column(contents, table, (_LABELLED,))
    if red is not None:
        fields["is_red"] = red[rows] > 0
        sure = _column(contents, table, (_LABELLED_BY,))
        fields["red_probability"] = np.nan * rows if sure is None else sure[rows].astype(float)
    return Rois(fields, notes)


def _table(contents: Contents, series: Series) -> tuple[Any, np.ndarray]:
    """The table that a series refers to, and the rows of its ROIs."""
    region = item_at(contents.file, f"{series.path}/rois")
    if not isinstance(region, h5py.Dataset):
        return None, np.zeros(0, int)
    target = region.attrs.get("table")
    table = contents.file[target] if isinstance(target, h5py.Reference) and target else None
    if not isinstance(table, h5py.Group) or not isinstance(
        item_at(contents.file, f"{table.name}/id"), h5py.Dataset
    ):
        raise ExtractionError(f"{series.label} does not say which PlaneSegmentation it is of.")
    rows = np.asarray(region[()], dtype=np.int64).ravel()
    if rows.size != series.rois:
        raise ExtractionError(
            f"{series.label} has data of {series.rois} ROIs, but refers to {rows.size}."
        )
    return table, rows


def _labels(
    contents: Contents, table: h5py.Group, rows: np.ndarray, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Which ROIs are cells, and how probably."""
    found = _column(contents, table, _CELLS)
    if found is None:
        notes.append(f"{table.name} does not say which ROIs are cells: all count as cells.")
        return np.ones(rows.size, bool), np.ones(rows.size)
    found = found[rows].reshape(rows.size, -1).astype(float)
    cell = found[:, 0] > 0
    if found.shape[1] > 1:
        # suite2p writes both into one column.
        return cell, found[:, 1]
    said = _column(contents, table, _PROBABILITY)
    return cell, cell.astype(float) if said is None else said[rows].astype(float)


def _column(contents: Contents, table: h5py.Group, names: tuple[str, ...]) -> np.ndarray | None:
    """A column of numbers by one of its names, in any capitals."""
    for each in table:
        if each.lower() in names:
            found = contents.data(f"{table.name}/{each}")
            if found is not None and found.dtype.kind in "biuf":
                return np.asarray(found[()])
    return None


def _masks(
    contents: Contents, table: h5py.Group, rows: np.ndarray, notes: list[str]
) -> list[np.ndarray]:
    """Pixels of each ROI, (pixel, 3): row, column, weight."""
    for name in ("pixel_mask", "voxel_mask"):
        data = contents.data(f"{table.name}/{name}")
        index = contents.data(f"{table.name}/{name}_index")
        if data is not None and index is not None:
            return _listed(np.asarray(data[()]), np.asarray(index[()], np.int64), rows)
    images = contents.data(f"{table.name}/image_mask")
    if images is None or images.ndim < 3:
        notes.append(f"{table.name} has no masks: where ROIs lie is not known.")
        return [np.zeros((0, 3)) for _ in rows]
    notes.append(
        f"{table.name} has masks as images; they are read as (ROI, x, y), as NWB orders them."
    )
    return [_of_image(np.asarray(images[int(row)])) for row in rows]


def _listed(pixels: np.ndarray, ends: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    if pixels.dtype.names is None or not {"x", "y", "weight"} <= set(pixels.dtype.names):
        raise ExtractionError("pixel_mask has no columns x, y and weight.")
    begins = np.concatenate([[0], ends[:-1]])
    if (ends < begins).any() or (ends.size and ends[-1] > pixels.size):
        raise ExtractionError(
            f"pixel_mask_index leads to pixel {int(ends.max())} of {pixels.size}."
        )
    stacked = np.stack([pixels[name].astype(float) for name in ("y", "x", "weight")], axis=1)
    return [stacked[begins[row] : ends[row]] for row in rows]


def _of_image(mask: np.ndarray) -> np.ndarray:
    flat = mask.max(axis=2) if mask.ndim == 3 else mask
    x, y = np.nonzero(flat)
    return np.stack([y, x, flat[x, y].astype(float)], axis=1)


def _masks_of_nwb1(contents: Contents, series: Series) -> tuple[list[np.ndarray], list[str]]:
    """Pixels of ROIs as NWB 1 keeps them: a group for each, in the order of ``roi_names``."""
    names = contents.texts(f"{series.path}/roi_names")
    places = [
        path
        for path in contents.types
        if "/ImageSegmentation/" in path and names and contents.has(f"{path}/{names[0]}")
    ]
    empty = [np.zeros((0, 3)) for _ in range(series.rois)]
    if not names or not places:
        return empty, [f"{series.label} refers to no ROIs: where they lie is not known."]
    masks = []
    for name in names:
        image = contents.data(f"{places[0]}/{name}/img_mask")
        # Stored as (y, x) there, unlike in NWB 2.
        masks.append(np.zeros((0, 3)) if image is None else _of_image(image[()].T))
    return masks, [f"{series.label} does not say which ROIs are cells: all count as cells."]


def _fields(
    masks: list[np.ndarray], cell: np.ndarray, probability: np.ndarray | None = None
) -> dict[str, Any]:
    counts = np.array([len(mask) for mask in masks], dtype=np.int64)
    whole = np.concatenate([*masks, np.zeros((0, 3))])
    middle = [np.median(mask[:, :2], axis=0) if len(mask) else (np.nan, np.nan) for mask in masks]
    centre = np.array(middle, dtype=float).reshape(-1, 2)
    if whole.size and (whole[:, :2].min() < 0 or whole[:, :2].max() > MOST_PX):
        raise ExtractionError(f"ROIs have pixels at {whole[:, :2].min():g} or beyond {MOST_PX} px.")
    return {
        "is_cell": cell,
        "cell_probability": cell.astype(float) if probability is None else probability,
        "is_red": None,
        "red_probability": None,
        "center_y": centre[:, 0],
        "center_x": centre[:, 1],
        "pixels": counts,
        "pixel_y": whole[:, 0].astype(np.int64),
        "pixel_x": whole[:, 1].astype(np.int64),
        "pixel_weight": whole[:, 2],
    }


MOST_PX = 20_000
"""Larger fields of view are taken for damage."""
