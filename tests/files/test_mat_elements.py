"""MATLAB files as SciPy writes them pass; those whose elements cannot be true do not."""

import struct
import tracemalloc
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from twophoton_decode.files.damage.mat_elements import (
    UnpacksToMoreError,
    check_elements,
)

VALUES = {
    "numbers": np.arange(24.0).reshape(2, 3, 4),
    "bytes": np.arange(5, dtype=np.uint8),
    "truth": np.array([True, False]),
    "imaginary": np.array([1 + 2j]),
    "text": "drifting grating",
    "Greek": "Δ orientation",
    "texts": np.array(["a", "bcd"]),
    "cell": np.array([[1.0, "two"]], dtype=object),
    "structure": {"sz": np.array([9, 10]), "config": {"frames": 6, "name": "x"}},
    "structures": np.array([(1.0, "a"), (2.0, "b")], dtype=[("n", object), ("s", object)]),
    "sparse": scipy.sparse.csc_array(np.eye(4)[:, :3]),
    "empty": np.zeros((0, 3)),
    "nothing": {},
}


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("name", VALUES)
def test_what_scipy_writes_is_sound(tmp_path, name, compressed):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"first": 1.0, "value": VALUES[name]}, do_compression=compressed)
    check_elements(path)
    assert "value" in scipy.io.loadmat(path)


def written(tmp_path, values, compressed=False):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"value": values}, do_compression=compressed)
    return path, bytearray(path.read_bytes())


def refused(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        check_elements(path)


def test_a_size_beyond_the_file_is_refused(tmp_path):
    path, content = written(tmp_path, VALUES["numbers"])
    content[132:136] = struct.pack("<I", 2**31)
    refused(path, content, "a variable reaches beyond the file")


def test_dimensions_that_do_not_fit_the_values_are_refused(tmp_path):
    path, content = written(tmp_path, VALUES["numbers"])
    at = content.index(struct.pack("<III", 2, 3, 4))
    content[at : at + 4] = struct.pack("<I", 2**30)
    refused(path, content, r"\d+ values take 192 bytes of 8 each")


def test_a_cell_that_claims_more_than_the_file_holds_is_refused(tmp_path):
    path, content = written(tmp_path, VALUES["cell"])
    at = content.index(struct.pack("<II", 1, 2))
    content[at : at + 8] = struct.pack("<II", 2**15, 2**15)
    refused(path, content, "claims 1073741824 arrays in it, more than there is room for")


def test_a_changed_byte_in_a_compressed_variable_is_noticed(tmp_path):
    path, content = written(tmp_path, VALUES["numbers"], compressed=True)
    content[-3] ^= 1
    refused(path, content, "a compressed variable is damaged: .*incorrect data check")


def test_a_sparse_matrix_with_values_outside_is_refused(tmp_path):
    path, content = written(tmp_path, VALUES["sparse"])
    at = content.index(struct.pack("<III", 0, 1, 2))
    content[at : at + 4] = struct.pack("<I", 99)
    refused(path, content, "a sparse matrix has values outside of it")


@pytest.mark.parametrize("content", [b"", b"MATLAB", bytes(200), b"once upon a time " * 20])
def test_what_is_no_such_file_is_refused(tmp_path, content):
    (tmp_path / "a.mat").write_bytes(content)
    with pytest.raises(ValueError, match=r"no MATLAB file|0 x 0 values"):
        check_elements(tmp_path / "a.mat")


def test_arrays_nested_without_end_are_refused(tmp_path):
    values = 1.0
    for _ in range(70):
        values = {"inner": values}
    path, content = written(tmp_path, values)
    refused(path, content, "arrays are nested too deeply")


def test_a_change_of_a_nested_size_is_refused(tmp_path):
    path, content = written(tmp_path, VALUES["structure"])
    at = content.index(struct.pack("<III", 14, 56, 6))
    content[at + 4 : at + 8] = struct.pack("<I", 40)
    refused(path, content, "an element is longer than what holds it")


@pytest.mark.parametrize("name", ["numbers", "text", "sparse"])
def test_version_4_is_walked_too(tmp_path, name):
    path = tmp_path / "a.mat"
    value = VALUES[name] if name != "numbers" else np.arange(6.0).reshape(2, 3)
    scipy.io.savemat(path, {"first": 1j, "value": value}, format="4")
    check_elements(path)
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<i", 2**30)
    refused(path, content, "a matrix is longer than the file")
    content[0:4] = struct.pack("<i", 99)
    refused(path, content, "a matrix is of the unknown kind 99")


def test_a_variable_may_unpack_to_so_much_and_no_more(tmp_path):
    path, _ = written(tmp_path, np.zeros(2**17), compressed=True)
    check_elements(path, 2**20 + 1000)
    with pytest.raises(UnpacksToMoreError):
        check_elements(path, 2**20)


MADE_BY_MATLAB = Path(scipy.io.__file__).parent / "matlab" / "tests" / "data"


@pytest.mark.skipif(not MADE_BY_MATLAB.is_dir(), reason="SciPy is installed without its tests")
def test_no_file_that_matlab_wrote_is_refused():
    files = sorted(MADE_BY_MATLAB.glob("test*_[4567]*.mat"))
    files += [MADE_BY_MATLAB / "logical_sparse.mat", MADE_BY_MATLAB / "sqr.mat"]
    assert len(files) > 80
    for file in files:
        if not h5py.is_hdf5(file):
            check_elements(file)


def test_memory_is_not_taken_for_what_a_compressed_element_claims(tmp_path):
    flags = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<II", 5, 2**31 - 8)
    content = zlib.compress(struct.pack("<II", 14, 2**31 + 24) + flags + bytes(100))
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    tracemalloc.start()
    refused(
        tmp_path / "a.mat",
        header + struct.pack("<II", 15, len(content)) + content,
        "cut short",
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22
