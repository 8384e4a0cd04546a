"""Arrays in MATLAB's files of version 4 to 7: matrices, cells, fields of structures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io
import scipy.sparse
from scipy.io.matlab import MatlabFunction, MatlabObject, MatlabOpaque

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.arrays.found import FoundArray, stacked, stacking_note, what_of
from twophoton_decode.files.arrays.matlab.objects import refused_object
from twophoton_decode.files.arrays.memory import check_memory, dense
from twophoton_decode.files.arrays.names import chosen
from twophoton_decode.files.damage.mat_elements import check_elements
from twophoton_decode.words import decoded

Announced = tuple[tuple[int, ...], str]
"""Shape and class of a variable, as the file's headers say."""
_SMALLEST_ITEM = {"cell": 8, "struct": 8}
_OBJECT = "None"
"""What scipy calls an object of a class of MATLAB's own."""


def read_matlab(path: Path, key: str) -> FoundArray:
    """One array of a file; ``structure.field`` is a field, and cells of one size are stacked."""
    check_elements(path)
    listed = [each for each in _listed(path) if not each[0].startswith("__")]
    announced = {name: (shape, kind) for name, shape, kind in listed}
    names = list(_names(path, announced))
    if _OBJECT in announced and (not names or (key and key not in names)):
        raise _refused(path, key)
    name = chosen(path, key, names)
    found = _numbers(_leaf(path, name, announced), what_of(path, key or name))
    if [each[0] for each in listed].count(name.partition(".")[0]) > 1:
        return replace(found, notes=(*found.notes, "the file holds it twice; the first was read"))
    return found


def _listed(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Name, shape and class of every variable."""
    try:
        return list(scipy.io.whosmat(path))
    except TypeError:
        # scipy lists no file in which an object of MATLAB's own classes lies, but reads it.
        read = scipy.io.loadmat(path)
        return [(name, np.shape(value), _class_of(value)) for name, value in read.items()]


def _class_of(value: Any) -> str:
    if isinstance(value, MatlabFunction | MatlabObject | MatlabOpaque):
        return "object"
    return "struct" if _is_structure(value) else "double"


def _leaf(path: Path, name: str, announced: Mapping[str, Announced]) -> Any:
    """A variable, or a field of one."""
    variable, *fields = name.split(".")
    value = _loaded(path, variable, announced)
    for field in fields:
        value = _field(value, field)
    return value


def _names(path: Path, announced: Mapping[str, Announced]) -> Iterator[str]:
    """Arrays and fields of structures; structures are read for what they hold."""
    for name, (_, kind) in announced.items():
        if kind == "struct":
            yield from _fields_of(name, _loaded(path, name, announced))
        elif name != _OBJECT and kind not in ("function", "object"):
            yield name


def _fields_of(name: str, value: Any) -> Iterator[str]:
    if not _is_structure(value):
        yield name
        return
    for field in value.dtype.names:
        yield from _fields_of(f"{name}.{field}", _field(value, field))


def _is_structure(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.names is not None and value.size > 0


def _field(value: np.ndarray, field: str) -> Any:
    """A field of a structure; of an array of structures, the field of each as a cell array."""
    return value[field].flat[0] if value.size == 1 else value[field]


def _loaded(path: Path, name: str, announced: Mapping[str, Announced]) -> Any:
    """A variable with the classes it had in MATLAB, which stores whole doubles as integers."""
    shape, kind = announced[name]
    check_memory(math.prod(shape), _SMALLEST_ITEM.get(kind, 1), what_of(path, name))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return scipy.io.loadmat(path, variable_names=[name], mat_dtype=True)[name]
    except np.exceptions.ComplexWarning:
        # scipy would have dropped the imaginary parts.
        return scipy.io.loadmat(path, variable_names=[name])[name]


def _numbers(value: Any, what: str) -> FoundArray:
    if scipy.sparse.issparse(value):
        return dense(value, what, "matlab")
    if isinstance(value, str):
        # What scipy puts where it could not read a variable.
        raise ValueError(value)
    if not isinstance(value, np.ndarray) or value.dtype.names is not None:
        raise ResponseError(f"{what} holds no numbers, but a structure or object of MATLAB.")
    if value.dtype.kind == "U":
        return FoundArray(np.char.rstrip(value), order="matlab")
    if value.dtype != object:
        return FoundArray(value, order="matlab")
    cells = [np.asarray(cell) for cell in value.ravel(order="F")]
    if all(cell.dtype.kind == "U" for cell in cells):
        texts = np.array([str(cell.item()) if cell.size == 1 else "" for cell in cells])
        return FoundArray(texts, order="matlab")
    if any(cell.dtype.kind not in "biuf" for cell in cells):
        raise ResponseError(f"{what}: expected numbers in every cell, found texts or other cells.")
    values = stacked(cells, value.shape, what)
    return FoundArray(values, notes=(stacking_note(len(cells)),))


def _refused(path: Path, key: str) -> ResponseError:
    """scipy tells the variable's name and class from the object's first lines."""
    found = scipy.io.loadmat(path, variable_names=[_OBJECT]).get(_OBJECT)
    named = getattr(found, "dtype", np.dtype(float)).names or ()
    texts = [decoded(found[0][name]) for name in named[:3]]
    name, kind = (texts[0], texts[2]) if len(texts) == 3 else (key or "it", "object")
    return refused_object(what_of(path, key or name), name, kind)
