"""What ``meta/neurons`` says of each cell, as a table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.cell_table import POSITION
from twophoton_decode.formats.sensorium.layout import Layout

AREAS = ("area", "brain_area")
COORDINATES = "cell_motor_coordinates"


def write_cell_table(layout: Layout, cells: int, path: Path) -> tuple[bool, bool]:
    """Write roi, unit, population (its area), layer and position of each cell, as far as known.

    Returns
    -------
    has_population, has_position : bool

    Raises
    ------
    ResponseError
        Coordinates of another shape than (cell, 3).
    """
    columns: dict[str, list[str]] = {"roi": [str(cell) for cell in range(cells)]}
    area = next((each for each in map(layout.of_cells, AREAS) if each is not None), None)
    named = {"unit_id": layout.of_cells("unit_ids"), "population": area,
             "layer": layout.of_cells("layer")}  # fmt: skip
    columns |= {name: _texts(values) for name, values in named.items() if values is not None}
    position = layout.of_cells(COORDINATES)
    if position is not None:
        if position.shape != (cells, 3):
            raise ResponseError(
                f"{layout.path / 'meta/neurons' / COORDINATES}.npy: expected x, y and depth of "
                f"each of {cells} cells, found the shape {position.shape}."
            )
        columns |= dict(zip(POSITION, map(_texts, position.T), strict=True))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return area is not None, position is not None


def _texts(values: np.ndarray) -> list[str]:
    return [str(each) for each in values.tolist()]
