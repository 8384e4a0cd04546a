import h5py
import numpy as np
import pytest
import scipy.io

from twophoton_decode.errors import ResponseError, StimulusImageError, UsageError
from twophoton_decode.recording.array_file import read_array

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
        file["#refs#/a"] = np.zeros(3)
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
    (folder / "table.txt").write_text("1 2 3")
    with pytest.raises(UsageError, match=r"expected a file ending in \.npy"):
        read_array(folder / "table.txt")


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


def test_links_to_other_files_are_no_names(elsewhere):
    with pytest.raises(UsageError, match="holds no array called 'linked'"):
        read_array(elsewhere, "linked")


@pytest.mark.parametrize("key", ["part", "never"])
def test_values_that_were_never_written_are_not_zeros(elsewhere, key):
    with pytest.raises(
        ResponseError, match=rf"/{key} is truncated: \d+ of \d+ (chunks|bytes) were"
    ):
        read_array(elsewhere, key)
