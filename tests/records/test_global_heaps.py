"""Texts in HDF5 lie in heaps; one whose objects have no size sends the library round for ever."""

import struct

import h5py
import numpy as np
import pytest

from twophoton_decode.files.damage.global_heaps import check_global_heaps


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["kind"] = "TwoPhotonSeries"
        file["names"] = np.array(["a.tif", "b.tif" * 900], dtype=h5py.string_dtype())
        file["numbers"] = np.frombuffer(b"GCOL\1\0\0\0" * 9, np.uint8)
    return tmp_path / "a.h5"


def test_heaps_that_hdf5_wrote_are_sound(file):
    assert file.read_bytes().count(b"GCOL") > 9
    check_global_heaps(file)


@pytest.mark.parametrize("size", [2**64 - 16, 2**63, 10**6])
def test_an_object_that_does_not_fit_is_refused(file, size):
    content = bytearray(file.read_bytes())
    heap = content.index(b"GCOL")
    content[heap + 24 : heap + 32] = struct.pack("<Q", size)
    file.write_bytes(content)
    with pytest.raises(ValueError, match=f"heap at byte {heap} takes {size} bytes"):
        check_global_heaps(file)


def test_an_empty_file_has_no_heap(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"")
    check_global_heaps(tmp_path / "a.h5")
