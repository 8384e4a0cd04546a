"""Logs in MATLAB files: structs, struct arrays, cell arrays, vectors and named matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import StimulusLogError, TpDecodeError
from twophoton_decode.files.damage.mat_elements import (
    UnpacksToMoreError,
    check_elements,
)
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.candidates import choose_table
from twophoton_decode.stimulus.tables.matlab_hdf5 import hdf5_variables
from twophoton_decode.stimulus.tables.matlab_tables import MatlabObject, objects_in, tables_of
from twophoton_decode.stimulus.tables.table import LogTable
from twophoton_decode.words import decoded

_LARGEST_BYTES = 256 * 2**20


def read_matlab(path: Path, settings: LogSettings) -> LogTable:
    """The variable of a .mat file that holds the log, of version 5 to 7.3.

    Raises
    ------
    StimulusLogError
        A damaged file, one that unpacks to more than a log could hold, a MATLAB table, or no
        variable with a log.
    """
    try:
        if h5py.is_hdf5(path):
            variables = hdf5_variables(path)
        else:
            check_elements(path, _LARGEST_BYTES)
            variables = _variables(path)
        tables = tables_of(variables)
        objects = list(objects_in(variables))
    except TpDecodeError as failure:
        raise StimulusLogError(f"{path}: {failure}") from failure
    except UnpacksToMoreError as failure:
        raise StimulusLogError(
            f"{path}: the .mat file unpacks to more than {_LARGEST_BYTES // 2**20} MB, too much "
            "for a stimulus log. Save only the log's variables."
        ) from failure
    except Exception as failure:  # SciPy and HDF5 raise whatever damaged bytes lead them to
        raise StimulusLogError(
            f"{path} cannot be read as a .mat file: it is damaged, cut short or of another kind "
            f"({type(failure).__name__})."
        ) from failure
    try:
        return choose_table(path, tables, settings, "variable")
    except StimulusLogError as failure:
        if objects:
            raise StimulusLogError(_only_matlab(path, *objects[0])) from failure
        raise


def _variables(path: Path) -> dict[str, Any]:
    """Every variable of a version 5 file, structs as dictionaries."""
    import scipy.io

    loaded = scipy.io.loadmat(path, simplify_cells=True)
    variables = {}
    for name, value in loaded.items():
        if isinstance(value, np.ndarray) and value.dtype.names and "s2" in value.dtype.names:
            entry = value.flat[0]
            variables[decoded(entry["s0"])] = MatlabObject(decoded(entry["s2"]))
        elif not name.startswith("__"):
            variables[name] = value
    return variables


def _only_matlab(path: Path, name: str, kind: str) -> str:
    if kind in ("table", "timetable"):
        way = f"Run writetable({name}, 'log.csv') in MATLAB, and name log.csv."
        if kind == "timetable":
            way = f"Run writetimetable({name}, 'log.csv') in MATLAB, and name log.csv."
    else:
        way = (
            "Save texts as a cell array by cellstr(...) and times as numbers, or run "
            "writetable(struct2table(...), 'log.csv') in MATLAB."
        )
    return f"{path}: {name} is a MATLAB {kind}, which only MATLAB can read. {way}"
