"""MATLAB files that MATLAB alone writes, made here byte by byte."""

import struct

import h5py
import numpy as np


def _element(kind, data):
    return struct.pack("<2I", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def write_object(path, name, kind):
    """A version 5 file with one object, such as a table, as MATLAB saves it."""
    numbers = _element(6, struct.pack("<2I", 13, 0))
    numbers += _element(5, struct.pack("<2i", 1, 1)) + _element(1, b"") + _element(6, b"\1\0\0\0")
    body = _element(6, struct.pack("<2I", 17, 0))
    body += b"".join(_element(1, text.encode()) for text in (name, "MCOS", kind))
    body += _element(14, numbers)
    header = b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + struct.pack(
        "<H2s", 0x100, b"IM"
    )
    path.write_bytes(header + _element(14, body))


def write_version_7_3(path, variables):
    """A version 7.3 file: structs, cell arrays of texts, texts and numbers."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            _write(file, file, name, value)
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def _write(file, group, name, value):
    if isinstance(value, dict):
        inner = group.create_group(name)
        inner.attrs["MATLAB_class"] = np.bytes_("struct")
        for key, each in value.items():
            _write(file, inner, key, each)
    elif isinstance(value, str):
        codes = np.array([[ord(sign)] for sign in value], dtype=np.uint16)
        group.create_dataset(name, data=codes).attrs["MATLAB_class"] = np.bytes_("char")
    elif isinstance(value, list):
        dataset = group.create_dataset(name, data=_references(file, value)[None])
        if not isinstance(value[0], float):
            dataset.attrs["MATLAB_class"] = np.bytes_("cell")
    else:
        data = np.atleast_2d(np.asarray(value, dtype=float))
        group.create_dataset(name, data=data).attrs["MATLAB_class"] = np.bytes_("double")


def _references(file, values):
    places = file.require_group("#refs#")
    references = np.empty(len(values), dtype=h5py.ref_dtype)
    for place, value in enumerate(values):
        name = f"r{len(places)}"
        _write(file, places, name, value)
        references[place] = places[name].ref
    return references


def write_struct_array(path, name, columns):
    """A version 7.3 file with one struct array, whose fields are lists of references."""
    with h5py.File(path, "w") as file:
        group = file.create_group(name)
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        for key, values in columns.items():
            group.create_dataset(key, data=_references(file, values)[:, None])


def write_object_version_7_3(path, name, kind):
    """A version 7.3 file with one object that only MATLAB can read."""
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset(name, data=np.zeros((6, 1), np.uint32))
        dataset.attrs["MATLAB_class"] = np.bytes_(kind)
        dataset.attrs["MATLAB_object_decode"] = np.int32(3)
