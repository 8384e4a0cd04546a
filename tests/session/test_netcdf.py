import contextlib
import dataclasses
import math

import h5netcdf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from twophoton_decode.errors import RecordError
from twophoton_decode.records import Record, array, scalar
from twophoton_decode.session.netcdf import BLOCK_BYTES, OpenedArray, read_record, write_record


@dataclasses.dataclass(frozen=True, eq=False)
class Sample(Record):
    value: np.ndarray = array("row column", "s", dtype=np.float32, doc="values")
    flag: np.ndarray = array("row", dtype=bool, doc="flags")
    name: np.ndarray = array("column", dtype=str, doc="names")
    edge: np.ndarray = array("row+1", dtype=np.int64, doc="offsets")
    large: np.ndarray = array("row time", dtype=np.float32, opened=True, doc="opened")
    extra: np.ndarray = array("row", doc="optional", optional=True)
    rate: float = scalar("Hz", doc="rate")
    start: float | None = scalar("s", doc="optional", optional=True)
    ends: tuple[float, float] = scalar(doc="interval")
    notes: list[str] = scalar(doc="notes")


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
    with pytest.raises(AttributeError):
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
    assert found.notes == record.notes
