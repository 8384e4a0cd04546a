"""Dim cells as files for other programs: a table, and ROIs that suite2p reads."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from twophoton_decode.deep.microscope.context.activity import disc
from twophoton_decode.records.deep.dim_cells import DimCells

TABLE = "deep/candidates.csv"
ROIS = "deep/candidates_plane{number}_stat.npy"


def candidate_files(found: DimCells) -> dict[str, bytes]:
    """``candidates.csv``, and the dim cells of each plane as suite2p's ``stat.npy``."""
    files = {TABLE: _table(found)}
    for plane, number in enumerate(found.plane_number):
        stream = io.BytesIO()
        np.save(stream, as_rois(found, plane))
        files[ROIS.format(number=number)] = stream.getvalue()
    return files


def as_rois(found: DimCells, plane: int) -> np.ndarray:
    """The dim cells of a plane (from 0) as suite2p describes ROIs: an array of dictionaries."""
    shape = (found.picture.shape[2], found.picture.shape[3])
    chosen = np.flatnonzero(found.counts & (found.plane == plane))
    rois = np.empty(len(chosen), object)
    rois[:] = [_roi(found, candidate, shape) for candidate in chosen.tolist()]
    return rois


def _roi(found: DimCells, candidate: int, shape: tuple[int, int]) -> dict[str, Any]:
    centre = np.array([found.center_y[candidate], found.center_x[candidate]])
    y, x = np.divmod(disc(centre, found.radius[candidate], shape), shape[1])
    return {
        "ypix": y.astype(np.int32),
        "xpix": x.astype(np.int32),
        "lam": np.full(len(y), 1 / len(y), np.float32),
        "med": [float(centre[0]), float(centre[1])],
        "footprint": 0.0,
        "probability": float(found.probability[candidate]),
    }


def _table(found: DimCells) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["candidate", "plane", "center_y_px", "center_x_px", "radius_px", "sources",
         "probability", "activity", "p", "counts"]
    )  # fmt: skip
    for i in range(len(found.plane)):
        sources = " ".join(found.source_name[found.source[i]])
        numbers = (found.probability[i], found.activity[i], found.activity_p[i])
        writer.writerow(
            [i, found.plane_number[found.plane[i]], f"{found.center_y[i]:.1f}",
             f"{found.center_x[i]:.1f}", f"{found.radius[i]:.2f}", sources,
             *("" if np.isnan(value) else f"{value:.4g}" for value in numbers),
             int(found.counts[i])]
        )  # fmt: skip
    return stream.getvalue().encode()
