"""Directories packed: what goes in comes out, and what is reckoned from their places."""

import tracemalloc

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.recording.tiff.directories import walk
from twophoton_decode.recording.tiff.pages import Chain, Directories, Directory, PageFormat

PAGES = 1500
FORMAT = PageFormat(4, 4, 16, 1, 1, 1, (1, 0, 4, 0, 0, 0, 0))


def directory(data, table=(0, 0), tags=(), description=(0, 0), layout=FORMAT, compressed=False):
    return Directory(layout, compressed, table, tuple(data), description, tuple(tags))


def chain(*directories, file_bytes=10_000):
    packed = Directories()
    for each in directories:
        packed.append(each)
    return Chain(packed, False, file_bytes)


PLACE = st.tuples(st.integers(0, 200), st.integers(1, 30)).map(lambda at: (at[0], sum(at)))
DIRECTORY = st.builds(
    directory,
    data=st.lists(PLACE, min_size=1, max_size=3),
    table=PLACE,
    tags=st.lists(PLACE, max_size=3),
    description=PLACE,
    layout=st.sampled_from([FORMAT, FORMAT._replace(height=5)]),
    compressed=st.booleans(),
)


@given(st.lists(DIRECTORY, max_size=6))
def test_directories_come_back_as_they_were(directories):
    packed = chain(*directories).directories
    assert list(packed) == directories
    assert len(packed) == len(directories)
    assert [packed[number] for number in range(len(packed))] == directories


def test_there_is_no_directory_beyond_the_last():
    packed = chain(directory([(10, 20)]), directory([(20, 30)])).directories
    assert packed[-1].data == ((20, 30),)
    with pytest.raises(IndexError):
        packed[2]


@given(st.lists(DIRECTORY, max_size=6), st.integers(1, 250))
def test_places_are_reckoned_with_page_by_page(directories, file_bytes):
    found = chain(*directories, file_bytes=file_bytes)
    beyond = [max(end for _, end in each.data) > file_bytes for each in directories]
    assert found.whole_pages == [*beyond, True].index(True)
    places = [p for each in directories for p in (each.table, *each.tags, *each.data)]
    assert found.unclaimed_bytes == file_bytes - 16 - sum(end - start for start, end in places)


@given(st.lists(DIRECTORY, max_size=6))
def test_an_overlap_is_found_where_there_is_one(directories):
    data = [p for each in directories for p in each.data]
    others = [p for each in directories for p in (each.table, *each.tags)]
    pairs = [(a, b) for number, a in enumerate(data) for b in (*data[number + 1 :], *others)]
    overlap = any(a[0] < b[1] and b[0] < a[1] for a, b in pairs)
    assert (chain(*directories).overlapping_page is not None) == overlap


def test_a_page_on_another_is_named():
    pages = [directory([(100 * n, 100 * n + 90)]) for n in range(1, 5)]
    assert chain(*pages).overlapping_page is None
    pages[2] = directory([(250, 340)])
    assert chain(*pages).overlapping_page == 2


def test_places_that_no_file_has_are_beyond_its_end():
    """BigTIFF's offsets have 64 bits without a sign."""
    far = 2**64 - 1
    found = chain(directory([(100, 132)]), directory([(far, far + 32)]))
    assert found.whole_pages == 1


def test_equal_formats_are_one_object_over_pages_and_files(tmp_path):
    found = []
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(tmp_path / name, np.zeros((3, 4, 4), np.uint16), photometric="minisblack")
        found += [each.format for each in walk(tmp_path / name).directories]
    assert found[0].height == 4
    assert all(layout is found[0] for layout in found)


def test_a_page_takes_few_bytes_of_memory(tmp_path):
    frames = np.zeros((PAGES, 4, 4), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", frames, photometric="minisblack")
    walk(tmp_path / "a.tif")
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        found = walk(tmp_path / "a.tif")
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(found.directories) == PAGES
    assert kept / PAGES < 200
