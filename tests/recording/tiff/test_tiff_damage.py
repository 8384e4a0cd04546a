"""A byte that is not a pixel's is turned over: an error, a warning, or the right frames.

A pixel of an uncompressed file says nothing about itself, so pixels are left alone.
"""

import io
import logging

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks
from twophoton_decode.recording.movie import open_recording

MOVIE = np.arange(8 * 12 * 10, dtype=np.uint16).reshape(8, 12, 10)
SCANIMAGE = (
    "SI.hChannels.channelSave = 1\nSI.hFastZ.enable = false\nSI.hStackManager.enable = false\n"
    "SI.hRoiManager.scanFrameRate = 30\n"
)


def page_by_page(**options):
    data = io.BytesIO()
    texts = options.pop("texts", [None] * len(MOVIE))
    bigtiff = options.pop("bigtiff", False)
    with tifffile.TiffWriter(data, bigtiff=bigtiff) as writer:
        for frame, text in zip(MOVIE, texts, strict=True):
            writer.write(frame, contiguous=False, metadata=None, description=text, **options)
    return data.getvalue()


def at_once(**options):
    data = io.BytesIO()
    tifffile.imwrite(data, MOVIE, **options)
    return data.getvalue()


KINDS = {
    "plain": page_by_page(),
    "strips": page_by_page(rowsperstrip=5),
    "tiles": page_by_page(tile=(16, 16)),
    "packbits": page_by_page(compression="packbits"),
    "lzw": page_by_page(compression="lzw"),
    "zlib": page_by_page(compression="zlib"),
    "zstd": page_by_page(compression="zstd"),
    "described": at_once(),
    "bigtiff": at_once(bigtiff=True),
    "imagej": at_once(imagej=True),
    "one directory": at_once(imagej=True, truncate=True),
    "ome": at_once(ome=True, metadata={"axes": "TYX"}),
    "scanimage": page_by_page(
        bigtiff=True, software=SCANIMAGE, texts=[f"frameNumbers = {n + 1}\n" for n in range(8)]
    ),
}


def places(content):
    """Bytes of `content` that belong to no pixel."""
    keep = np.ones(len(content), dtype=bool)
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        for page in tiff.pages:
            for start, count in zip(page.dataoffsets, page.databytecounts, strict=True):
                keep[start : start + count] = False
        if len(tiff.pages) == 1:
            keep[tiff.pages[0].dataoffsets[0] :][: MOVIE.nbytes] = False
    return np.flatnonzero(keep).tolist()


PLACES = {kind: places(content) for kind, content in KINDS.items()}


@pytest.fixture(autouse=True)
def no_log_of_tifffile():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def read(file):
    """The frames, or None where an error or a warning says that something is wrong."""
    try:
        recording = open_recording([file])
        frames = np.concatenate(list(chunks(recording, 5)))
    except MovieError:
        return None
    return None if recording.warnings else frames


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_right_when_whole(tmp_path, kind):
    (tmp_path / "raw.tif").write_bytes(KINDS[kind])
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.array_equal(np.concatenate(list(chunks(recording, 5))), MOVIE)
    assert [text for text in recording.warnings if "bytes" in text] == []


@pytest.mark.parametrize("aside", [2, 4, 8, 14])
@pytest.mark.parametrize("page", [1, 4, 6])
def test_a_page_that_is_said_to_begin_among_padding_is_noticed(tmp_path, page, aside):
    content = bytearray(KINDS["plain"])
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        place = tiff.pages[page].tags["StripOffsets"].valueoffset
        start = tiff.pages[page].dataoffsets[0] - aside
    content[place : place + 4] = start.to_bytes(4, "little")
    (tmp_path / "raw.tif").write_bytes(content)
    assert read(tmp_path / "raw.tif") is None


def test_a_resolution_that_becomes_an_offset_of_tiles_is_noticed(tmp_path):
    content = bytearray(KINDS["bigtiff"])
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        place = tiff.pages[0].tags["YResolution"].offset
    content[place : place + 2] = (324).to_bytes(2, "little")
    (tmp_path / "raw.tif").write_bytes(content)
    assert read(tmp_path / "raw.tif") is None


@pytest.mark.parametrize("kind", ["plain", "strips", "packbits", "lzw", "zlib", "zstd"])
@pytest.mark.parametrize("page", [0, 3, 6])
def test_a_chain_of_pages_that_ends_early_is_noticed(tmp_path, kind, page):
    content = bytearray(KINDS[kind])
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        place = tiff.pages[page].offset + 2 + 12 * len(tiff.pages[page].tags)
    content[place : place + 4] = bytes(4)
    (tmp_path / "raw.tif").write_bytes(content)
    assert read(tmp_path / "raw.tif") is None


@pytest.mark.parametrize("tag", ["ImageWidth", "ImageLength"])
def test_a_page_without_width_or_height_is_an_error_in_words(tmp_path, tag):
    content = bytearray(KINDS["plain"])
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        place = tiff.pages[2].tags[tag].offset + 8
    content[place : place + 4] = bytes(4)
    (tmp_path / "raw.tif").write_bytes(content)
    with pytest.raises(MovieError, match=r"raw\.tif is damaged: page 2 does not say its size"):
        open_recording([tmp_path / "raw.tif"])


def test_a_compression_of_several_values_is_noticed(tmp_path):
    content = bytearray(KINDS["plain"])
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        place = tiff.pages[0].tags["Compression"].offset + 4
    content[place : place + 4] = (129).to_bytes(4, "little")
    (tmp_path / "raw.tif").write_bytes(content)
    assert read(tmp_path / "raw.tif") is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_byte_turned_over_never_gives_wrong_frames(tmp_path, kind, data):
    content = bytearray(KINDS[kind])
    content[data.draw(st.sampled_from(PLACES[kind]))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "raw.tif").write_bytes(content)
    frames = read(tmp_path / "raw.tif")
    assert frames is None or (frames.dtype == MOVIE.dtype and np.array_equal(frames, MOVIE))


@pytest.mark.parametrize("kind", ["tiles", "lzw", "zstd", "ome", "scanimage"])
@given(share=st.floats(0, 1, exclude_max=True))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_cut_file_never_gives_wrong_frames(tmp_path, kind, share):
    content = KINDS[kind]
    (tmp_path / "raw.tif").write_bytes(content[: int(share * len(content))])
    frames = read(tmp_path / "raw.tif")
    assert frames is None or np.array_equal(frames, MOVIE)
