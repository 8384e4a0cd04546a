"""MATLAB files as SciPy writes them pass; those whose elements cannot be true do not."""

import struct

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from twophoton_decode.recording.damage.mat_elements import check_elements

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
    refused(path, content, "an element is longer than what holds it")


def test_dimensions_that_do_not_fit_the_values_are_refused(tmp_path):
    path, content = written(tmp_path, VALUES["numbers"])
    at = content.index(struct.pack("<III", 2, 3, 4))
    content[at : at + 4] = struct.pack("<I", 2**30)
    refused(path, content, r"\d+ values take 192 bytes of 8 each")


def test_a_cell_that_claims_more_than_the_file_holds_is_refused(tmp_path):
    path, content = written(tmp_path, VALUES["cell"])
    at = content.index(struct.pack("<II", 1, 2))
    content[at : at + 8] = struct.pack("<II", 2**15, 2**15)
    refused(path, content, "claims 1073741824 arrays in it, more than the file can hold")


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
    with pytest.raises(ValueError, match=r"no MATLAB file|empty"):
        check_elements(tmp_path / "a.mat")


def test_arrays_nested_without_end_are_refused(tmp_path):
    values = 1.0
    for _ in range(70):
        values = {"inner": values}
    path, content = written(tmp_path, values)
    refused(path, content, "arrays are nested too deeply")
