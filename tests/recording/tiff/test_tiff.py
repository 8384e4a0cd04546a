import io
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.movie import chunks, open_recording, read_frames, where

DTYPES = ("uint8", "uint16", "int16", "float32", "float64", "int32")
SAME_FOLDER = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def movie(frames: int, height: int = 12, width: int = 10, dtype: str = "uint16") -> np.ndarray:
    """Every pixel of every frame differs, so that a misread frame shows."""
    values = np.arange(frames * height * width).reshape(frames, height, width)
    return (values % 251 if dtype == "uint8" else values - 100 * (dtype != "uint16")).astype(dtype)


def all_frames(recording) -> np.ndarray:
    return np.concatenate(list(chunks(recording, 4)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"metadata": None},
        {"metadata": None, "contiguous": False, "rowsperstrip": 5},
        {"metadata": None, "bigtiff": True, "byteorder": ">"},
        {"compression": "packbits"},
        {"compression": "zlib", "predictor": False},
        {"compression": "lzw", "metadata": None},
        {"compression": "zstd", "metadata": None},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw", "bigtiff": True, "byteorder": ">"},
        {"tile": (16, 16)},
        {"truncate": True},
    ],
    ids=lambda layout: " ".join(map(str, layout.items())) or "default",
)
def test_every_plain_layout_comes_back(tmp_path, dtype, layout):
    frames = movie(9, dtype=dtype)
    tifffile.imwrite(tmp_path / "raw.tif", frames, photometric="minisblack", **layout)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.height, recording.width) == frames.shape
    assert (recording.dtype, recording.layout) == (dtype, "plain")
    assert np.array_equal(all_frames(recording), frames)
    assert np.array_equal(read_frames(recording, 3, 7), frames[3:7])
    assert read_frames(recording, 3, 7).dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(
    "layout",
    [
        {"metadata": {"axes": "TYX"}},
        {"metadata": {"axes": "ZYX"}},
        {"metadata": {"axes": "CYX"}},
        {"metadata": {"axes": "TYX"}, "compression": "zlib"},
        # One directory for all frames, as ImageJ writes above 4 GB.
        {"metadata": {"axes": "TYX"}, "truncate": True},
    ],
    ids=["frames", "slices", "channels", "compressed", "one directory"],
)
def test_imagej_with_one_axis_comes_back(tmp_path, dtype, layout):
    frames = movie(9, dtype=dtype)
    tifffile.imwrite(tmp_path / "raw.tif", frames, imagej=True, **layout)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.layout) == (9, "imagej")
    assert np.array_equal(all_frames(recording), frames)
    assert np.array_equal(read_frames(recording, 8, 9), frames[8:])


def test_frames_written_one_by_one_come_back(tmp_path):
    frames = movie(6)
    with tifffile.TiffWriter(tmp_path / "raw.tif") as writer:
        for frame in frames:
            writer.write(frame)
    assert np.array_equal(all_frames(open_recording([tmp_path / "raw.tif"])), frames)


def test_a_single_frame_is_a_recording_of_one(tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", movie(1)[0])
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.array_equal(read_frames(recording, 0, 1), movie(1))


@pytest.fixture
def three_files(tmp_path):
    frames = movie(12)
    for name, start, stop in (("raw_2", 0, 5), ("raw_10", 5, 6), ("raw_11", 6, 12)):
        tifffile.imwrite(tmp_path / f"{name}.tif", frames[start:stop])
    (tmp_path / "notes.txt").write_text("not a movie")
    # macOS leaves these beside files on foreign disks.
    (tmp_path / "._raw_2.tif").write_bytes(b"no TIFF")
    return tmp_path, frames


@pytest.mark.parametrize("given_as", ["folder", "glob", "shuffled files"])
def test_files_are_put_in_natural_order(three_files, given_as):
    folder, frames = three_files
    paths = {
        "folder": [folder],
        "glob": [f"{folder}/raw_*.tif"],
        "shuffled files": sorted(folder.glob("raw_*.tif")),
    }[given_as]
    recording = open_recording(paths)
    assert [Path(file).name for file in recording.file] == ["raw_2.tif", "raw_10.tif", "raw_11.tif"]
    assert recording.file_frames.tolist() == [5, 1, 6]
    assert np.array_equal(all_frames(recording), frames)


def test_one_file_for_each_frame(tmp_path):
    frames = movie(12)
    for number, frame in enumerate(frames):
        tifffile.imwrite(tmp_path / f"t{number}.tif", frame)
    recording = open_recording([tmp_path])
    assert recording.file_frames.tolist() == [1] * 12
    assert np.array_equal(all_frames(recording), frames)


@given(span=st.tuples(st.integers(0, 11), st.integers(1, 12)).filter(lambda s: s[0] < s[1]))
@SAME_FOLDER
def test_reading_crosses_the_borders_of_files(three_files, span):
    folder, frames = three_files
    start, stop = span
    assert np.array_equal(read_frames(open_recording([folder]), start, stop), frames[start:stop])


def test_folders_keep_the_order_in_which_they_are_given(tmp_path):
    for folder, value in (("b", 1), ("a", 2)):
        (tmp_path / folder).mkdir()
        tifffile.imwrite(tmp_path / folder / "raw.tif", np.full((2, 8, 8), value, np.uint16))
    recording = open_recording([tmp_path / "b", tmp_path / "a"])
    assert all_frames(recording)[:, 0, 0].tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(4, [4, 4, 4]), (5, [5, 5, 2]), (1, [1] * 12), (12, [12]), (100, [12]), (7, [7, 5])],
)
def test_chunks_go_over_the_borders_of_files(three_files, size, expected):
    folder, frames = three_files
    parts = list(chunks(open_recording([folder]), size))
    assert [len(part) for part in parts] == expected
    assert np.array_equal(np.concatenate(parts), frames)


def test_a_frame_is_named_by_its_file(three_files):
    recording = open_recording([three_files[0]])
    assert where(recording, 4) == "frame 4 of raw_2.tif"
    assert where(recording, 5) == "frame 0 of raw_10.tif"
    assert where(recording, 11) == "frame 5 of raw_11.tif"


def test_frames_outside_the_movie_are_refused(three_files):
    with pytest.raises(MovieError, match="frames 3 to 13 were asked for, but the movie has 12"):
        read_frames(open_recording([three_files[0]]), 3, 13)


# Refused


def test_nothing_there_is_a_wrong_call(tmp_path):
    with pytest.raises(UsageError, match=r"there is no file or folder .*gone"):
        open_recording([tmp_path / "gone.tif"])
    with pytest.raises(UsageError, match="no movie was given"):
        open_recording([])


def test_file_given_twice(three_files):
    with pytest.raises(UsageError, match=r"raw_10\.tif is given twice"):
        open_recording([three_files[0], three_files[0] / "raw_10.tif"])


def test_folder_without_tiffs(tmp_path):
    with pytest.raises(MovieError, match="holds no TIFF"):
        open_recording([tmp_path])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"time,image\n0,1\n", "begins with the bytes b'time,ima'"),
        (b"II*", "is not a TIFF"),
        (b"II*\0\0\0\0\0", "has no pages"),
        (b"II*\0\x08\0\0\0", "is truncated: it holds 0 whole frames"),
        (b"II*\0\x08\0\0\0\xff\xff", "is damaged: the directory at byte 8 has 65535 tags"),
    ],
)
def test_what_is_no_tiff(tmp_path, content, message):
    (tmp_path / "raw.tif").write_bytes(content)
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path / "raw.tif"])


def test_chain_in_a_circle(tmp_path):
    data = io.BytesIO()
    tifffile.imwrite(data, movie(1)[0], metadata=None)
    content = bytearray(data.getvalue())
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        tags = len(tiff.pages[0].tags)
        first = tiff.pages[0].offset
    pointer = first + 2 + 12 * tags
    content[pointer : pointer + 4] = first.to_bytes(4, "little")
    (tmp_path / "raw.tif").write_bytes(content)
    with pytest.raises(MovieError, match="runs in a circle"):
        open_recording([tmp_path / "raw.tif"])


def _rgb(path):
    tifffile.imwrite(path, np.zeros((4, 12, 10, 3), np.uint8), photometric="rgb")


def _micromanager(path):
    metadata = [(51123, 2, None, '{"PixelType": "GRAY16"}', True)]
    tifffile.imwrite(path, movie(5), metadata=None, extratags=metadata)


def _inverted(path):
    tifffile.imwrite(path, movie(3), photometric="miniswhite")


def _two_series(path):
    with tifffile.TiffWriter(path) as writer:
        writer.write(movie(5))
        writer.write(movie(2, height=6))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (_rgb, "colour or inverted"),
        (_micromanager, "of the kind micromanager"),
        (_inverted, "colour or inverted"),
        (_two_series, "page 5 has frames of 6 x 10 px in uint16, but page 0 has frames of 12 x 10"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_other_layouts_are_refused_in_words(tmp_path, write, message):
    write(tmp_path / "raw.tif")
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path / "raw.tif"])


def test_complex_pixels_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", movie(5).astype("complex64"))
    with pytest.raises(MovieError, match="in 64-bit pixels"):
        open_recording([tmp_path / "raw.tif"])


@pytest.mark.parametrize("other", [movie(5, height=6), movie(5, dtype="float32")])
def test_files_that_do_not_belong_together(tmp_path, other):
    tifffile.imwrite(tmp_path / "raw_1.tif", movie(5))
    tifffile.imwrite(tmp_path / "raw_2.tif", other)
    with pytest.raises(MovieError, match=r"raw_2.tif has frames .*raw_1.tif has frames of 12 x 10"):
        open_recording([tmp_path])


# Cut short

LAYOUTS = {
    "plain": {"metadata": None},
    "described": {},
    "page by page": {"metadata": None, "contiguous": False, "compression": "packbits"},
    "frame by frame": {"contiguous": False, "compression": "packbits"},
    "strips": {"metadata": None, "contiguous": False, "rowsperstrip": 5},
    "imagej": {"imagej": True},
    "one directory": {"imagej": True, "truncate": True},
    "bigtiff": {"bigtiff": True, "compression": "zlib"},
}


def _written(layout: str) -> bytes:
    data = io.BytesIO()
    options = dict(LAYOUTS[layout])
    if options.pop("contiguous", True):
        tifffile.imwrite(data, movie(8), **options)
    else:
        with tifffile.TiffWriter(data) as writer:
            for frame in movie(8):
                writer.write(frame, contiguous=False, **options)
    return data.getvalue()


WRITTEN = {layout: _written(layout) for layout in LAYOUTS}


@pytest.mark.parametrize("layout", LAYOUTS)
@given(share=st.floats(0, 1, exclude_max=True))
@SAME_FOLDER
def test_a_cut_file_is_refused_or_read_right(tmp_path, layout, share):
    content = WRITTEN[layout]
    file = tmp_path / "raw_2.tif"
    file.write_bytes(content[: int(share * len(content))])
    try:
        frames = all_frames(open_recording([file]))
    except MovieError as error:
        complaint = str(error)
    else:
        assert np.array_equal(frames, movie(8))
        return
    assert re.search(r"raw_2\.tif is (truncated: it holds \d whole frames|not a TIFF)", complaint)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_whole_frames_of_a_cut_file_are_counted(tmp_path, layout):
    content = WRITTEN[layout]
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        start = tiff.pages[0].dataoffsets[0]
        if layout in ("page by page", "frame by frame", "strips", "bigtiff"):
            fifth = tiff.pages[5]
            cut = fifth.dataoffsets[-1] + fifth.databytecounts[-1] - 1
        else:
            cut = start + 5 * 240 + 100
    file = tmp_path / "raw_2.tif"
    file.write_bytes(content[:cut])
    # Without a word of metadata, only the directories that are there can be counted.
    whole = 1 if layout == "plain" else 5
    described = layout in ("described", "imagej", "one directory", "bigtiff")
    promise = f"{whole} whole frames of 8 announced" if described else f"{whole} whole frames, then"
    with pytest.raises(MovieError, match=rf"raw_2\.tif is truncated: it holds {promise}"):
        open_recording([file])


def test_pixels_missing_behind_a_whole_chain(tmp_path):
    data = io.BytesIO()
    tifffile.imwrite(data, movie(8), metadata=None)
    content = data.getvalue()
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        entry = tiff.pages[5].tags["StripOffsets"]
    moved = bytearray(content)
    moved[entry.valueoffset : entry.valueoffset + 4] = (len(content) - 10).to_bytes(4, "little")
    (tmp_path / "raw.tif").write_bytes(moved)
    with pytest.raises(MovieError, match="holds 5 whole frames of 8 announced"):
        open_recording([tmp_path / "raw.tif"])


@pytest.mark.parametrize("dtype", ["int8", "uint32", "int64", "uint64", "float16"])
def test_rarer_pixel_types_come_back(tmp_path, dtype):
    frames = (movie(5) % 100).astype(dtype)
    tifffile.imwrite(tmp_path / "raw.tif", frames, photometric="minisblack")
    recording = open_recording([tmp_path / "raw.tif"])
    assert recording.dtype == dtype
    assert np.array_equal(all_frames(recording), frames)


def test_fewer_pages_than_announced_are_read_and_both_numbers_told(tmp_path):
    frames = movie(3)
    description = '{"shape": [9, 12, 10]}'
    with tifffile.TiffWriter(tmp_path / "raw.tif") as writer:
        for frame in frames:
            writer.write(frame, metadata=None, description=description, compression="zlib")
            description = None
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.array_equal(all_frames(recording), frames)
    assert "announces 9 images, but 3 are present" in recording.warnings[0]


def test_undecodable_pixels_name_the_frames(tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", movie(5), compression="zlib", metadata=None)
    content = bytearray((tmp_path / "raw.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "raw.tif") as tiff:
        start = tiff.pages[1].dataoffsets[0]
    content[start : start + 8] = b"\xff" * 8
    (tmp_path / "raw.tif").write_bytes(content)
    recording = open_recording([tmp_path / "raw.tif"])
    with pytest.raises(MovieError, match=r"raw.tif: frames 0 to 2 cannot be decoded"):
        read_frames(recording, 0, 3)
