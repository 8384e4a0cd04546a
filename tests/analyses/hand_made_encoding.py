"""Encoding records made by hand: what a test does not give is zero, empty or true."""

from __future__ import annotations

import dataclasses

import numpy as np

from twophoton_decode.records import Encoding


def encoding_of(shape, *, selected, centre=None, area=4.0, has_field=None, features="pixels"):
    """Cells with sets of features and discs as receptive fields, `centre` (cells, y and x)."""
    cells, count = selected.shape
    centre = np.zeros((cells, 2)) if centre is None else np.asarray(centre, float)
    given = {
        "selected": selected,
        "weight": selected.astype(float),
        "receptive_field": np.zeros((cells, *shape)),
        "centre_y": centre[:, 0],
        "centre_x": centre[:, 1],
        "area": np.broadcast_to(area, cells),
        "has_field": np.ones(cells, bool) if has_field is None else has_field,
        "features": features,
        "notes": [],
    }
    sizes = {"cell": cells, "feature": count, "y": shape[0], "x": shape[1]}
    for name, spec in Encoding.arrays():
        if name not in given and not spec.optional:
            given[name] = np.zeros([sizes.get(axis, 1) for axis in spec.axes], spec.dtype)
    for name, _ in Encoding.scalars():
        required = {field.name for field in dataclasses.fields(Encoding)
                    if field.default is dataclasses.MISSING}  # fmt: skip
        if name not in given and name in required:
            given[name] = (0.0, 0.0)
    return Encoding(**given)
