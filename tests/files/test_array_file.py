import contextlib
import zipfile

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from twophoton_decode.errors import ResponseError, StimulusImageError, TpDecodeError, UsageError
from twophoton_decode.files.array import open_array, read_array

VALUES = np.arange(24.0).reshape(2, 3, 4)


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "a.npy", VALUES)
    np.savez(tmp_path / "one.npz", R=VALUES)
    np.savez(tmp_path / "two.npz", R=VALUES, S=VALUES + 1)
    scipy.io.savemat(tmp_path / "old.mat", {"R": VALUES})
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["deep/R"] = VALUES
    with h5py.File(tmp_path / "v73.mat", "w") as file:
        # MATLAB writes the axes of its arrays in reverse.
        file["R"] = VALUES.T
        file["R"].attrs["MATLAB_class"] = np.bytes_("double")
        file["#refs#/a"] = np.zeros(3)
    with h5py.File(tmp_path / "by_h5py.mat", "w") as file:
        file["R"] = VALUES
    return tmp_path


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.npy", ""),
        ("one.npz", ""),
        ("two.npz", "R"),
        ("old.mat", ""),
        ("old.mat", "R"),
        ("a.h5", "deep/R"),
        ("a.h5", "/deep/R"),
        ("a.h5", ""),
        ("v73.mat", ""),
        ("by_h5py.mat", ""),
    ],
)
def test_the_same_array_from_every_kind_of_file(folder, name, key):
    np.testing.assert_array_equal(read_array(folder / name, key), VALUES)


def test_an_open_choice_lists_the_names(folder):
    with pytest.raises(UsageError, match=r"holds 2 arrays \(R, S\); name one, such as two.npz=KE"):
        read_array(folder / "two.npz")
    with pytest.raises(UsageError, match="no array called 'Q'; it holds R, S"):
        read_array(folder / "two.npz", "Q")
    with pytest.raises(UsageError, match="no array called 'deep'; it holds deep/R"):
        read_array(folder / "a.h5", "deep")
    with pytest.raises(UsageError, match=r"an \.npy file holds one array"):
        read_array(folder / "a.npy", "R")


def test_missing_and_foreign_files(folder):
    with pytest.raises(UsageError, match="no such file"):
        read_array(folder / "none.npy")
    (folder / "table.docx").write_text("1 2 3")
    with pytest.raises(UsageError, match=r"expected a file ending in \.npy"):
        read_array(folder / "table.docx")


def test_pickled_objects_are_never_loaded(folder):
    np.save(folder / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(folder / "objects.npz", R=np.array([{"a": 1}], dtype=object))
    for name in ("objects.npy", "objects.npz"):
        with pytest.raises(ResponseError, match="holds Python objects") as caught:
            read_array(folder / name)
        assert "trust" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.npy", "one.npz", "old.mat", "a.h5", "v73.mat"])
def test_a_file_cut_short_is_named(folder, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StimulusImageError, match=f"{name} cannot be read"):
        read_array(folder / name, error=StimulusImageError)


@pytest.mark.parametrize("name", ["a.npy", "one.npz", "old.mat", "a.h5"])
def test_a_file_of_another_kind_is_named(folder, name):
    (folder / name).write_bytes(b"once upon a time " * 20)
    with pytest.raises(ResponseError, match=f"{name} cannot be read"):
        read_array(folder / name)


def test_texts_and_complex_numbers_are_refused(folder):
    np.save(folder / "words.npy", np.array(["a", "b"]))
    np.savez(folder / "complex.npz", R=VALUES + 1j)
    with pytest.raises(ResponseError, match=r"words\.npy: expected real numbers, found"):
        read_array(folder / "words.npy")
    with pytest.raises(ResponseError, match=r"complex\.npz=R: expected real numbers"):
        read_array(folder / "complex.npz", "R")


@pytest.fixture(params=[".h5", ".mat"])
def elsewhere(request, folder):
    """A file with a dataset of each kind that HDF5 would fill from other files, or with zeros."""
    VALUES.tofile(folder / "raw.bin")
    layout = h5py.VirtualLayout(shape=VALUES.shape, dtype=VALUES.dtype)
    layout[:] = h5py.VirtualSource(folder / "a.h5", "deep/R", shape=VALUES.shape)
    path = folder / f"b{request.param}"
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("virtual", layout)
        outside = [(str(folder / "raw.bin"), 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("outside", VALUES.shape, VALUES.dtype, external=outside)
        file["linked"] = h5py.ExternalLink("a.h5", "/deep/R")
        part = file.create_dataset("part", VALUES.shape, VALUES.dtype, chunks=(1, 3, 4))
        part[0] = VALUES[0]
        file.create_dataset("never", VALUES.shape, VALUES.dtype)
    return path


@pytest.mark.parametrize("key", ["virtual", "outside"])
def test_values_in_other_files_are_not_followed(elsewhere, key):
    with pytest.raises(StimulusImageError, match=rf"/{key} lies in another file, which is not"):
        read_array(elsewhere, key, error=StimulusImageError)


def test_links_to_other_files_are_not_followed(elsewhere):
    with pytest.raises(ResponseError, match="linked lies in another file, which is not followed"):
        read_array(elsewhere, "linked")


@pytest.mark.parametrize("key", ["part", "never"])
def test_values_that_were_never_written_are_not_zeros(elsewhere, key):
    with pytest.raises(
        ResponseError, match=rf"/{key} is truncated: \d+ of \d+ (chunks|bytes) were"
    ):
        read_array(elsewhere, key)


def test_a_wrong_key_lists_the_nearest_names(tmp_path):
    names = [f"session_{i:03d}" for i in range(130)] + ["responses_mean", "responses"]
    np.savez(tmp_path / "many.npz", **dict.fromkeys(names, VALUES))
    with pytest.raises(
        UsageError, match=r"it holds 132 of them, the nearest being responses"
    ) as caught:
        read_array(tmp_path / "many.npz", "respones")
    assert len(str(caught.value)) < 400 + len(str(tmp_path))
    with pytest.raises(
        UsageError, match=r"holds 132 arrays \(responses, .* and 124 more\); name one"
    ):
        read_array(tmp_path / "many.npz")


def header(shape, kind="<f8"):
    text = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 10**6, 10**6), (2**62, 4), (5,)])
def test_an_npy_that_announces_more_than_it_holds(tmp_path, shape):
    (tmp_path / "a.npy").write_bytes(header(shape) + bytes(32))
    with pytest.raises(ResponseError, match="it is cut short"):
        read_array(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("R.npy", header(shape) + bytes(32))
    with pytest.raises(ResponseError, match="it is cut short"):
        read_array(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "content",
    [
        header((-1,)), header((-4, -1)), header((2.5,)), header("3"), header((True, None)),
        header((1,), "<f8,,"), header((4,), "O"), header((4,), [("a", "O")]),
        b"\x93NUMPY\x01\x00\x10\x00" + b"({[(" * 4, b"\x93NUMPY\x01\x00\x10\x00" + b"'" * 16,
        b"\x93NUMPY\x01\x00\xff\x20" + b"[" * 0x20FF, b"\x93NUMPY\x09\x00\x10\x00", b"\x93NUM", b"",
        b"\x93NUMPY\x01\x00\x06\x00" + "{'é".encode("latin1") + b"\xff\xff\xff",
    ],
)  # fmt: skip
def test_damaged_npy_headers_are_said_in_words(tmp_path, content):
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ResponseError, match=r"a\.npy cannot be read"):
        read_array(tmp_path / "a.npy")


def test_more_than_fits_into_memory_is_refused_before_it_is_taken(folder, monkeypatch):
    small = "twophoton_decode.files.arrays.memory.available_bytes"
    for name in ("a.npy", "one.npz", "old.mat", "a.h5", "v73.mat"):
        assert read_array(folder / name).size == 24
        monkeypatch.setattr(small, lambda: 24 * 8 - 1)
        with pytest.raises(
            ResponseError, match=r"24 values, which take .* GB of memory as float64"
        ):
            read_array(folder / name)
        monkeypatch.undo()


def test_an_hdf5_dataset_that_claims_terabytes(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("R", (10**6, 10**6, 10), "f4", chunks=(100, 100, 10))
    with pytest.raises(ResponseError, match="truncated: 0 of"):
        read_array(tmp_path / "a.h5")


def test_scipys_sparse_matrices(tmp_path):
    matrix = scipy.sparse.random(6, 9, 0.3, format="csr", rng=np.random.default_rng(2))
    scipy.sparse.save_npz(tmp_path / "R.npz", matrix)
    np.testing.assert_array_equal(read_array(tmp_path / "R.npz"), matrix.toarray())
    parts = dict(np.load(tmp_path / "R.npz"))
    parts["indices"][0] = 10**6
    np.savez(tmp_path / "R.npz", **parts)
    with pytest.raises(ResponseError, match="damaged"):
        read_array(tmp_path / "R.npz")


@pytest.mark.parametrize("scale", [1e160, 1e-200, 1e300])
@pytest.mark.parametrize("name", ["R.npy", "R.mat", "R.h5", "R.csv"])
def test_values_of_any_size_come_as_they_are(tmp_path, name, scale):
    values = scale * np.array([[1.0, -2.0, 3.5], [0.25, 5.0, -6.0]])
    path = tmp_path / name
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".mat":
        scipy.io.savemat(path, {"R": values})
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file["R"] = values
    else:
        np.savetxt(path, values, delimiter=",", fmt="%.17g")
    np.testing.assert_array_equal(read_array(path), values)


def test_types_that_computers_and_people_write(tmp_path):
    np.save(tmp_path / "big.npy", VALUES.astype(">f4"))
    assert read_array(tmp_path / "big.npy").dtype == np.dtype("=f4")
    np.save(tmp_path / "half.npy", VALUES.astype(np.float16))
    assert "three digits" in open_array(tmp_path / "half.npy").notes[0]
    np.save(tmp_path / "long.npy", VALUES.astype(np.longdouble))
    found = open_array(tmp_path / "long.npy")
    assert found.values.dtype == np.float64
    if np.dtype(np.longdouble).itemsize > 8:
        assert found.notes == ("long.npy: its long doubles were taken as float64, with 16 digits.",)


@pytest.mark.parametrize("name", ["a.npy", "one.npz", "old.mat", "a.h5", "v73.mat"])
def test_any_damage_is_an_error_of_ours_or_leaves_an_array(folder, name):
    """A byte turned over or the end cut off, 150 times in each kind of file."""
    rng = np.random.default_rng(7)
    whole = (folder / name).read_bytes()
    for _ in range(150):
        content = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 4)):
            content[place] ^= int(rng.integers(1, 256))
        (folder / name).write_bytes(content[: rng.integers(len(whole) // 3, len(whole) + 1)])
        with contextlib.suppress(TpDecodeError):
            assert isinstance(read_array(folder / name), np.ndarray)
