"""Scalars of a record as netCDF attributes that any reader understands, and back.

A number is a number, a text a text, several of them a list; true and false are 1 and 0, as
netCDF knows no other. Only a mapping is text in JSON. Files of earlier versions, which have no
attribute ``format``, hold every scalar as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np

from twophoton_decode.visible import storable

FORMAT = 2
"""Written as the attribute ``format`` of a file."""


def attribute_of(value: Any) -> Any:
    """What stands in the file for the scalar `value`."""
    if isinstance(value, Mapping):
        return storable(as_json(value))
    if isinstance(value, bool | np.bool_):
        return np.int8(value)
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return np.array([storable(each) for each in value], dtype=h5py.string_dtype())
    return np.asarray(value)[()]


def scalar_of(stored: Any, declared: str, form: int) -> Any:
    """The scalar that an attribute stands for.

    Parameters
    ----------
    stored : object
        The attribute's value as h5netcdf has it: a list of one is the one.
    declared : str
        The field's type as its record declares it, such as ``"tuple[float, float]"``.
    form : int
        The file's ``format``; 1 where it has none.
    """
    declared = declared.removesuffix(" | None")
    if form < FORMAT or declared.startswith(("dict", "Mapping")):
        value = json.loads(stored)
    elif declared.startswith(("list", "tuple")):
        value = [stored] if isinstance(stored, str) else np.atleast_1d(stored).tolist()
    elif declared == "bool":
        value = bool(stored)
    elif declared == "str":
        value = str(stored)
    else:
        value = stored.item()
    return tuple(value) if declared.startswith("tuple") else value


def as_json(value: Any) -> str:
    """`value` as JSON that UTF-8 can hold; lone surrogates become JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda each: each.item())
    return text.encode("utf-8", "backslashreplace").decode()
