"""HDF5 as MATLAB's ``save -v7.3`` writes it: first bytes, classes, reversed axes, references."""

import h5py
import numpy as np

BEGINNING = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 ."


def save_v73(path, mark_file=True, **variables):
    """`variables`: arrays in MATLAB's order, lists for cells, dicts for structures, texts."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            _write(file, file, name, value)
    if mark_file:
        with path.open("r+b") as stream:
            stream.write(BEGINNING.ljust(512))
    return path


def _write(file, group, name, value):
    if isinstance(value, dict):
        made = group.create_group(name)
        made.attrs["MATLAB_class"] = np.bytes_("struct")
        for field, inner in value.items():
            _write(file, made, field, inner)
    elif isinstance(value, list):
        hidden = file.require_group("#refs#")
        references = []
        for cell in value:
            inside = f"c{len(hidden)}"
            _write(file, hidden, inside, cell)
            references.append(hidden[inside].ref)
        # A cell array of one row: MATLAB's 1 × n is n × 1 here.
        made = group.create_dataset(name, (len(value), 1), dtype=h5py.ref_dtype)
        made[:, 0] = references
        made.attrs["MATLAB_class"] = np.bytes_("cell")
    elif isinstance(value, str):
        codes = np.frombuffer(value.encode("utf-16-le"), "<u2")
        group.create_dataset(name, data=codes[:, None]).attrs["MATLAB_class"] = np.bytes_("char")
    elif hasattr(value, "tocsc"):
        made, matrix = group.create_group(name), value.tocsc()
        made.attrs["MATLAB_class"] = np.bytes_("double")
        made.attrs["MATLAB_sparse"] = np.uint64(matrix.shape[0])
        made["data"], made["ir"], made["jc"] = (
            matrix.data, matrix.indices.astype(np.uint64), matrix.indptr.astype(np.uint64),
        )  # fmt: skip
    else:
        values = np.asarray(value)
        kind = (
            "logical"
            if values.dtype == bool
            else {"f8": "double", "f4": "single"}.get(values.dtype.str[1:], values.dtype.name)
        )
        stored = values.astype(np.uint8) if values.dtype == bool else values
        made = group.create_dataset(name, data=stored.T)
        made.attrs["MATLAB_class"] = np.bytes_(kind)
