"""Tables among MATLAB's values: whatever has a name for each column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.stimulus.tables.candidates import NumberedRows

# Structs within structs; deeper ones are no logs.
_DEEPEST = 4


@dataclass(frozen=True)
class MatlabObject:
    """A value that only MATLAB can read, such as a table, by the name of its class."""

    kind: str


def tables_of(variables: Mapping[str, Any]) -> dict[str, NumberedRows]:
    """Every table in the file, the first row being its header, by the name of its variable.

    A struct of vectors, a struct array, a cell array with a header, a matrix whose columns
    a cell array of texts names, and the file's vectors themselves, called "file".
    """
    found = dict(_tables("", variables, 0))
    for name, matrix in variables.items():
        for names in variables.values():
            header = _texts(names)
            if header and _is_matrix(matrix) and len(header) == matrix.shape[1]:
                found[name] = _numbered([header, *([_text(v) for v in row] for row in matrix)])
    return found


def objects_in(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Name and class of every value that only MATLAB can read."""
    if isinstance(value, MatlabObject):
        yield name, value.kind
    elif isinstance(value, Mapping) and depth <= _DEEPEST:
        for key, each in value.items():
            yield from objects_in(each, f"{name}.{key}".lstrip("."), depth + 1)


def _tables(name: str, value: Any, depth: int) -> Iterator[tuple[str, NumberedRows]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        columns = _columns(value)
        if columns:
            rows = [list(row) for row in zip(*columns.values(), strict=True)]
            yield name or "file", _numbered([list(columns), *rows])
        for key, each in value.items():
            yield from _tables(f"{name}.{key}".lstrip("."), each, depth + 1)
    elif _is_struct_array(value):
        header = list(value[0])
        rows = [[_text(each.get(key)) for key in header] for each in value]
        yield name, _numbered([header, *rows])
    elif isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == object:
        yield name, _numbered([[_text(cell) for cell in row] for row in value])


def _numbered(rows: list[list[str]]) -> NumberedRows:
    """Rows below the header counted from 1, as MATLAB does."""
    return list(enumerate(rows))


def _columns(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """The vectors among the fields that have the length most of them have."""
    vectors = {name: texts for name, value in fields.items() if (texts := _texts(value))}
    lengths = Counter(len(texts) for texts in vectors.values()).most_common(1)
    return {name: texts for name, texts in vectors.items() if len(texts) == lengths[0][0]}


def _texts(value: Any) -> list[str]:
    """A vector as text; empty for anything else."""
    if isinstance(value, np.ndarray) and value.ndim == 1 and not _is_struct_array(value):
        return [_text(each) for each in value]
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return list(value)
    return []


def _is_matrix(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind in "biuf"


def _is_struct_array(value: Any) -> bool:
    several = isinstance(value, list | np.ndarray) and np.ndim(value) == 1 and len(value) > 0
    return several and all(isinstance(each, Mapping) for each in value)


def _text(value: Any) -> str:
    """A value as a text log would write it; empty where it is no single value."""
    if isinstance(value, np.ndarray):
        value = value.item() if value.size == 1 else None
    if isinstance(value, bytes):
        return value.decode(errors="replace").strip()
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip() if isinstance(value, str | int | np.integer) else ""
