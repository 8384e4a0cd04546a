"""Arrays in netCDF, NWB, zarr and tables."""

import sys
import types

import h5netcdf
import h5py
import numpy as np
import pytest
import scipy.io

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.files.array import open_array, read_array

VALUES = np.arange(24.0).reshape(2, 3, 4)
AXES = ("trial", "stimulus", "neuron")


def save_classic(path, values, **attributes):
    with scipy.io.netcdf_file(path, "w") as file:
        for name, length in zip(AXES, values.shape, strict=True):
            file.createDimension(name, length)
        made = file.createVariable("R", values.dtype.newbyteorder(">"), AXES)
        made[:] = values
        for name, value in attributes.items():
            setattr(made, name, value)


def save_netcdf4(path, values, **attributes):
    with h5netcdf.File(path, "w") as file:
        file.dimensions = dict(zip(AXES, values.shape, strict=True))
        made = file.create_variable("R", AXES, data=values)
        for name, value in attributes.items():
            made.attrs[name] = value


@pytest.mark.parametrize("save", [save_classic, save_netcdf4])
def test_netcdf_names_its_axes(tmp_path, save):
    save(tmp_path / "a.nc", VALUES)
    found = open_array(tmp_path / "a.nc", "R")
    np.testing.assert_array_equal(found.values, VALUES)
    assert found.values.dtype.isnative
    assert (found.axes, found.order) == (AXES, "given")
    np.testing.assert_array_equal(read_array(tmp_path / "a.nc"), VALUES)
    with pytest.raises(UsageError, match="no variable called 'S'; it holds R"):
        read_array(tmp_path / "a.nc", "S")


@pytest.mark.parametrize("save", [save_classic, save_netcdf4])
def test_fill_values_and_packing_of_netcdf(tmp_path, save):
    packed = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    packed[1, 2, 3] = -99
    marks = {"_FillValue": np.int16(-99), "scale_factor": 0.5, "add_offset": 10.0}
    save(tmp_path / "a.nc", packed, **marks)
    found = open_array(tmp_path / "a.nc")
    assert np.isnan(found.values[1, 2, 3])
    np.testing.assert_array_equal(found.values[0], 10 + 0.5 * packed[0])
    assert found.notes == (
        "a.nc: its packed values were multiplied by 0.5, and 10 added.",
        "a.nc: 1 fill values were taken as NaN.",
    )


def test_netcdf_that_is_neither_is_damaged(tmp_path):
    save_classic(tmp_path / "a.nc", VALUES)
    whole = (tmp_path / "a.nc").read_bytes()
    for content in (b"once upon a time", whole[:60], whole[:-100], b"CDF\x01" + b"\xff" * 40):
        (tmp_path / "a.nc").write_bytes(content)
        with pytest.raises(ResponseError, match=r"a\.nc cannot be read"):
            read_array(tmp_path / "a.nc")


def test_a_path_inside_an_nwb_file(tmp_path):
    with h5py.File(tmp_path / "a.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        file["processing/responses/data"] = VALUES
        file["processing/responses/data"].attrs["conversion"] = 0.001
        file["processing/responses/short"] = h5py.SoftLink("/processing/responses/data")
    for key in ("/processing/responses/data", "processing/responses/short"):
        found = open_array(tmp_path / "a.nwb", key)
        np.testing.assert_array_equal(found.values, VALUES)
        assert found.order == "given"
        assert "conversion to a unit, times 0.001, is not applied" in found.notes[0]


def test_a_zarr_store_needs_zarr(tmp_path, monkeypatch):
    (tmp_path / "a.zarr").mkdir()
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(UsageError, match=r"zarr is not installed\. Install it \(pip"):
        read_array(tmp_path / "a.zarr")


def test_a_zarr_store_is_read_through_zarr(tmp_path, monkeypatch):
    """By the few things that zarr 2 and 3 have in common; the package is no dependency."""
    zarr = pytest.importorskip("zarr")
    store = zarr.open(str(tmp_path / "a.zarr"), mode="w")
    store.create_group("deep").create_array("R", data=VALUES)
    store.create_array("S", data=VALUES + 1)
    np.testing.assert_array_equal(read_array(tmp_path / "a.zarr", "deep/R"), VALUES)
    with pytest.raises(UsageError, match=r"holds 2 arrays \(S, deep/R\)"):
        read_array(tmp_path / "a.zarr")


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("1,2.5\n3,4\n", 0),
        ("a,b\n1,2.5\n3,4\n", 0),
        ("a\tb\n1\t2.5\n3\t4\n", 0),
        ("sep=;\n1;2,5\n3;4\n", 0),
        ("1;2,5\n3;4\n", 0),
        ("\ufeffa;b\r\n1;2,5\r\n3;4\r\n\r\n", 0),
        ("# by hand\n1 2.5\n3 4\n", 0),
        (",a,b\n0,1,2.5\n1,3,4\n", 1),
        (",0,1\n0,1,2.5\n1,3,4\n", 1),
        ("0,1\n1,2.5\n3,4\n", 0),
    ],
)
def test_a_table_of_numbers(tmp_path, text, notes):
    (tmp_path / "R.csv").write_text(text, encoding="utf-8")
    found = open_array(tmp_path / "R.csv")
    np.testing.assert_array_equal(found.values, [[1, 2.5], [3, 4]])
    assert len(found.notes) == notes


def test_a_column_by_its_name(tmp_path):
    (tmp_path / "shown.csv").write_text("image,name,ok\n3,b.png,true\n1,a.png,\n")
    np.testing.assert_array_equal(read_array(tmp_path / "shown.csv", "image"), [3, 1])
    np.testing.assert_array_equal(read_array(tmp_path / "shown.csv", "ok"), [1, np.nan])
    names = open_array(tmp_path / "shown.csv", "name", texts=True).values
    assert names.tolist() == ["b.png", "a.png"]
    with pytest.raises(UsageError, match="no column called 'images'; it holds image, name, ok"):
        read_array(tmp_path / "shown.csv", "images")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,x\n", r"row 3, column 2: expected a number, found 'x'"),
        ("1,2\n3\n", r"row 2: expected 2 columns as in the first row, found 1"),
        ("", "holds no rows of numbers"),
        ("a,b\n", "holds no rows of numbers"),
        ("1_0,2\n1,1_0\n", r"row 2, column 2: expected a number, found '1_0'"),
    ],
)
def test_tables_that_are_none(tmp_path, text, message):
    (tmp_path / "R.csv").write_text(text)
    with pytest.raises(ResponseError, match=message):
        read_array(tmp_path / "R.csv")


def test_a_table_of_bytes_is_damaged(tmp_path):
    (tmp_path / "R.csv").write_bytes(bytes(range(256)))
    with pytest.raises(ResponseError, match=r"R\.csv cannot be read as a \.csv file of numbers"):
        read_array(tmp_path / "R.csv")


def test_zarr_arrays_are_found_in_groups(tmp_path, monkeypatch):
    """Through a stand-in with zarr's own interface: groups iterate over names."""
    array = types.SimpleNamespace(
        dtype=VALUES.dtype, size=VALUES.size, ndim=3, metadata=None,
        attrs={"_ARRAY_DIMENSIONS": list(AXES)}, __getitem__=None,
    )  # fmt: skip
    made = type("Array", (), {**vars(array), "__getitem__": lambda self, place: VALUES[place]})()
    fake = types.SimpleNamespace(open=lambda path, mode: {"deep": {"R": made}})
    monkeypatch.setitem(sys.modules, "zarr", fake)
    (tmp_path / "a.zarr").mkdir()
    found = open_array(tmp_path / "a.zarr", "deep/R")
    np.testing.assert_array_equal(found.values, VALUES)
    assert found.axes == AXES
