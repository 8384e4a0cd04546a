from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path

import h5netcdf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from twophoton_decode.errors import RecordError
from twophoton_decode.records import Complementarity, Record, Recovery, array, scalar
from twophoton_decode.session.netcdf import BLOCK_BYTES, OpenedArray, read_record, write_record

FORMER = Path(__file__).parent / "former"


@dataclasses.dataclass(frozen=True, eq=False)
class Sample(Record):
    value: np.ndarray = array("row column", "s", dtype=np.float32, doc="values")
    flag: np.ndarray = array("row", dtype=bool, doc="flags")
    name: np.ndarray = array("column", dtype=str, doc="names")
    edge: np.ndarray = array("row+1", dtype=np.int64, doc="offsets")
    large: np.ndarray = array("row time", "{unit}", dtype=np.float32, opened=True, doc="opened")
    extra: np.ndarray = array("row", doc="optional", optional=True)
    rate: float = scalar("Hz", doc="rate")
    start: float | None = scalar("s", doc="optional", optional=True)
    ends: tuple[float, float] = scalar(doc="interval")
    notes: list[str] = scalar(doc="notes")
    unit: str = scalar(doc="unit of large", default="ΔF/F")
    whole: bool = scalar(doc="true or false", default=False)
    counts: list[int] = scalar(doc="counts", factory=list)
    mapping: dict[str, str] = scalar(doc="mapping", factory=dict)


def sample(rows=3, columns=2, **changes):
    fields = {
        "value": np.arange(rows * columns).reshape(rows, columns),
        "flag": np.arange(rows) % 2 == 0,
        "name": np.array([f"Δ{i}" for i in range(columns)]),
        "edge": np.arange(rows + 1),
        "large": np.ones((rows, 5), np.float32),
        "rate": 8.0,
        "ends": (0.5, math.nan),
        "notes": ["a <b>", ""],
    }
    return Sample(**(fields | changes))


def assert_equal(a, b):
    for name, _ in Sample.arrays():
        left, right = getattr(a, name), getattr(b, name)
        assert (left is None) == (right is None)
        if left is not None:
            np.testing.assert_array_equal(np.asarray(left), np.asarray(right))
    assert a.rate == b.rate
    assert a.notes == b.notes
    np.testing.assert_array_equal(a.ends, b.ends)


def test_what_is_written_is_read(tmp_path):
    record = sample(extra=[1.0, math.nan, 3.0])
    write_record(tmp_path / "s.nc", record)
    found = read_record(tmp_path / "s.nc", Sample)
    assert_equal(record, found)
    assert isinstance(found.ends, tuple)
    assert isinstance(found.large, OpenedArray)
    np.testing.assert_array_equal(found.large[1:, 2], [1, 1])
    assert found.value.dtype == np.float32
    assert found.flag.dtype == bool


@settings(max_examples=25, deadline=None)
@given(
    value=arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(0, 3))),
    text=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
def test_round_trip_of_any_values(tmp_path_factory, value, text):
    path = tmp_path_factory.mktemp("round") / "s.nc"
    rows, columns = value.shape
    record = sample(rows, columns, value=value, name=np.array([text] * columns, dtype=str))
    write_record(path, record)
    assert_equal(record, read_record(path, Sample))


def test_content_hash_sees_values_and_only_values(tmp_path):
    first = write_record(tmp_path / "a.nc", sample())
    assert write_record(tmp_path / "b.nc", sample()) == first
    assert write_record(tmp_path / "c.nc", sample(rate=9.0)) != first
    changed = np.arange(6).reshape(3, 2) + 1e-3
    assert write_record(tmp_path / "d.nc", sample(value=changed)) != first


def test_arrays_larger_than_a_block_are_whole(tmp_path):
    rows = 2 * BLOCK_BYTES // (4 * 2**16) + 3
    large = np.arange(rows * 2**16, dtype=np.float32).reshape(rows, -1)
    write_record(tmp_path / "s.nc", sample(rows=rows, large=large))
    np.testing.assert_array_equal(read_record(tmp_path / "s.nc", Sample).large[-1], large[-1])


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "s.nc"
    write_record(path, sample())
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_record(path, sample(notes=[object()]))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["s.nc"]


def test_damaged_and_foreign_files_are_refused(tmp_path):
    path = tmp_path / "s.nc"
    path.write_bytes(b"not a netCDF file")
    with pytest.raises(RecordError, match="cannot be read as Sample"):
        read_record(path, Sample)
    write_record(path, sample())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RecordError, match="damaged"):
        read_record(path, Sample)

    @dataclasses.dataclass(frozen=True, eq=False)
    class Other(Record):
        rate: float = scalar("Hz", doc="rate")

    write_record(path, Other(rate=1.0))
    with pytest.raises(RecordError, match="holds Other, not Sample"):
        read_record(path, Sample)


def test_a_changed_checksum_inside_is_an_error_in_words(tmp_path):
    path = tmp_path / "s.nc"
    write_record(path, sample())
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 40):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        with contextlib.suppress(RecordError):
            assert type(read_record(path, Sample)) is Sample


def test_xarray_opens_the_file(tmp_path):
    xarray = pytest.importorskip("xarray")
    write_record(tmp_path / "s.nc", sample())
    with xarray.open_dataset(tmp_path / "s.nc", engine="h5netcdf") as dataset:
        assert dataset["value"].dims == ("row", "column")
        assert dataset["value"].attrs["units"] == "s"
        np.testing.assert_array_equal(dataset["value"], sample().value)


def test_scalars_are_plain_attributes_and_truth_values_true_or_false(tmp_path):
    """What xarray, MATLAB and ncdump show is no JSON and no bytes."""
    xarray = pytest.importorskip("xarray")
    record = sample(notes=["one"], start=2, mapping={"a": "b"}, whole=True, counts=[])
    write_record(tmp_path / "s.nc", record)
    with xarray.open_dataset(tmp_path / "s.nc") as dataset:
        assert dataset["flag"].dtype == bool
        assert dataset["flag"].values.tolist() == [True, False, True]
        assert dataset["name"].values.tolist() == ["Δ0", "Δ1"]
        assert dataset["name"].attrs == {"long_name": "names"}
        assert dataset["large"].attrs == {"long_name": "opened", "units": "ΔF/F"}
        attrs = dict(dataset.attrs)
    assert (attrs["record"], attrs["unit"], attrs["notes"]) == ("Sample", "ΔF/F", "one")
    assert (attrs["rate"], attrs["start"], attrs["whole"]) == (8.0, 2, 1)
    assert isinstance(attrs["rate"], np.float64)
    np.testing.assert_array_equal(attrs["ends"], [0.5, math.nan])
    assert attrs["mapping"] == '{"a": "b"}'
    assert np.size(attrs["counts"]) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": []}, {"notes": ["one"]}, {"notes": [""]}, {"counts": [7]}, {"counts": [1, 2]},
        {"whole": False}, {"rate": 8}, {"rate": np.float32(0.5)}, {"mapping": {"ü": "1"}},
        {"counts": list(range(20_000))}, {"notes": ["a note"] * 9000}, {"unit": ""},
    ],
)  # fmt: skip
def test_scalars_come_back_as_they_were(tmp_path, changes):
    write_record(tmp_path / "s.nc", sample(**changes))
    found = read_record(tmp_path / "s.nc", Sample)
    for name, value in changes.items():
        assert getattr(found, name) == value
        assert type(getattr(found, name)) is type(np.asarray(value)[()].item()
                                                  if np.isscalar(value) else value)  # fmt: skip


def test_an_attribute_of_another_type_is_damage(tmp_path):
    write_record(tmp_path / "s.nc", sample())
    with h5netcdf.File(tmp_path / "s.nc", "a") as file:
        file.attrs["rate"] = "fast"
    with pytest.raises(RecordError, match="cannot be read as Sample"):
        read_record(tmp_path / "s.nc", Sample)


def test_files_of_an_earlier_version_whose_scalars_are_json_open():
    """Both were written by the version before; the numbers were read by ncdump."""
    found = read_record(FORMER / "recovery.nc", Recovery)
    assert (found.cells, found.true_cells, found.smallest_iou, found.notes) == (13, 13, 0.5, [])
    assert found.found.dtype == bool
    assert found.found.sum() == 13
    shared = read_record(FORMER / "complementarity.nc", Complementarity)
    assert (shared.decoder, shared.features) == ("ridge", "gabor")
    assert shared.unavailable.keys() == {"overlap", "local"}
    assert shared.unavailable["overlap"].startswith("no image has two responsive cells")
    assert isinstance(shared.local_ratio_alone_ci95, tuple)
    assert math.isnan(shared.local_ratio_alone_ci95[1])


def test_an_optional_number_is_written_only_where_it_is_known(tmp_path):
    """So that records of before it was there can be read, and have the content they had."""
    hashes = [write_record(tmp_path / f"{start}.nc", sample(start=start)) for start in (None, 2.5)]
    assert read_record(tmp_path / "2.5.nc", Sample).start == 2.5
    assert read_record(tmp_path / "None.nc", Sample).start is None
    assert hashes[0] != hashes[1]
    with h5netcdf.File(tmp_path / "None.nc", "r") as file:
        assert "start" not in file.attrs


NOT_UTF_8 = b"caf\xe9".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (NOT_UTF_8, r"caf\xe9"),
        ("zero\0byte", r"zero\x00byte"),
        ("\x1b[31m, \u202e, \n, $x$", "\x1b[31m, \u202e, \n, $x$"),
        ("", ""),
    ],
)
def test_odd_names_are_stored(tmp_path, name, read):
    record = sample(name=np.array([name, "b"]), notes=[f"{name} was left out", name])
    write_record(tmp_path / "s.nc", record)
    found = read_record(tmp_path / "s.nc", Sample)
    assert found.name.tolist() == [read, "b"]
    assert found.notes == [f"{read} was left out", read]
