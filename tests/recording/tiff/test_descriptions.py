"""TIFFs whose descriptions announce something else than there is, or leave time open."""

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved
from twophoton_decode.recording.tiff.time_axis import time_axis

PARTS = ((0, 20), (20, 40), (40, 55))


def movie(frames=55):
    """Every frame differs."""
    return np.arange(frames * 12 * 10, dtype=np.uint16).reshape(frames, 12, 10)


def all_frames(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 7)))


def read(path, planes=0, channels=0):
    return interleaved(open_recording([path]), planes, channels)


def with_texts(path, frames, text_of, **options):
    """One directory a frame, described by `text_of` its number."""
    with tifffile.TiffWriter(path) as writer:
        for number, frame in enumerate(frames):
            writer.write(
                frame, description=text_of(number), metadata=None, contiguous=False, **options
            )


# Written in parts


@pytest.mark.parametrize(
    "options",
    [
        {"contiguous": False},
        {"contiguous": False, "truncate": True},
        {"contiguous": False, "metadata": {"axes": "TYX"}},
        {"contiguous": False, "metadata": {"axes": "ZYX"}},
        {"contiguous": False, "compression": "zlib"},
    ],
    ids=["pages", "one directory each", "T", "Z", "zlib"],
)
def test_a_movie_written_in_parts_is_read_whole(tmp_path, options):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for start, stop in PARTS:
            writer.write(movie()[start:stop], photometric="minisblack", **options)
    recording = read(tmp_path / "a.tif")
    assert np.array_equal(all_frames(recording), movie())
    notes = [note for note in recording.warnings if "time axis" not in note]
    assert notes == []


def test_a_movie_appended_to_is_read_whole(tmp_path):
    for start, stop in PARTS:
        tifffile.imwrite(
            tmp_path / "a.tif", movie()[start:stop], photometric="minisblack", append=True
        )
    assert np.array_equal(all_frames(read(tmp_path / "a.tif")), movie())


def test_parts_that_tifffile_joins_are_frames_and_said_so(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for start in (0, 20):
            writer.write(movie()[start : start + 20], photometric="minisblack", contiguous=True)
    recording = read(tmp_path / "a.tif")
    assert np.array_equal(all_frames(recording), movie(40))
    assert "2 x 20 images" in recording.warnings[0]
    assert "set channels or planes in [recording]" in recording.warnings[0]
    one_after_the_other = read(tmp_path / "a.tif", channels=2)
    assert np.array_equal(all_frames(one_after_the_other, 0, 1), movie(40)[20:])
    in_turn = read(tmp_path / "a.tif", channels=4)
    assert np.array_equal(all_frames(in_turn, 0, 1), movie(40)[1::4])


def test_joined_parts_in_files_of_other_lengths(tmp_path):
    for name, parts in (("a_1", 3), ("a_2", 2)):
        with tifffile.TiffWriter(tmp_path / f"{name}.tif") as writer:
            for _ in range(parts):
                writer.write(movie(9), photometric="minisblack", contiguous=True)
    recording = interleaved(open_recording([tmp_path]), 0, 0)
    assert recording.frames == 45


def test_frames_of_two_channels_written_one_by_one(tmp_path):
    images = movie(40).reshape(20, 2, 12, 10)
    for name, metadata in (("named", {"axes": "CYX"}), ("unnamed", {})):
        with tifffile.TiffWriter(tmp_path / f"{name}.tif") as writer:
            for pair in images:
                writer.write(pair, photometric="minisblack", contiguous=False, metadata=metadata)
    assert np.array_equal(all_frames(read(tmp_path / "named.tif"), 0, 1), images[:, 1])
    with pytest.raises(MovieError, match="array of 20 x 2"):
        read(tmp_path / "unnamed.tif")
    asked = read(tmp_path / "unnamed.tif", channels=2)
    assert np.array_equal(all_frames(asked, 0, 1), images[:, 1])


def test_a_part_cut_at_the_end_is_truncated(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for start, stop in PARTS:
            writer.write(
                movie()[start:stop], photometric="minisblack", contiguous=False, truncate=True
            )
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content[: -3 * 240])
    with pytest.raises(MovieError, match="holds 52 whole frames of 55 announced"):
        open_recording([tmp_path / "a.tif"])


# Rewritten by another program


@pytest.mark.parametrize(
    ("text_of", "told"),
    [
        (lambda number: None if number else "ImageJ=1.54f\nunit=um\n", ""),
        (lambda number: None if number else "ImageJ=1.54f\nimages=90\nslices=90\n", "announces 90"),
        (lambda number: None if number else "ImageJ=1.54f\nimages=20\nslices=20\n", "announces 20"),
        (lambda number: "ImageJ=1.54f\nimages=1\n", ""),
        (lambda number: "ImageJ=1.54f\nimages=90\nslices=90\n", "announces 90"),
        (lambda number: '{"shape": [55, 12, 10]}', ""),
        (lambda number: None if number % 11 else "ImageJ=1.54f\nimages=11\nframes=11\n", ""),
        (lambda number: None if number else '{"shape": [20, 12, 10]}', "announces 20"),
    ],
    ids=[
        "no number",
        "fewer pages",
        "more pages",
        "each its own",
        "copied to all",
        "copied",
        "eleven each",
        "tifffile",
    ],
)
def test_pages_are_read_whatever_the_first_one_announces(tmp_path, text_of, told):
    with_texts(tmp_path / "a.tif", movie(), text_of)
    recording = read(tmp_path / "a.tif")
    assert np.array_equal(all_frames(recording), movie())
    assert len(recording.warnings) == bool(told)
    assert all(f"{told} images, but 55 are present" in note for note in recording.warnings)


def test_hyperstacks_joined_by_another_program(tmp_path):
    text = "ImageJ=1.54f\nimages=20\nchannels=2\nframes=10\nhyperstack=true\n"
    with_texts(tmp_path / "a.tif", movie(60), lambda number: None if number % 20 else text)
    recording = read(tmp_path / "a.tif")
    assert (recording.frames, recording.channels) == (30, 2)
    assert np.array_equal(all_frames(recording, 0, 1), movie(60)[1::2])


def test_a_hyperstack_without_some_pages_is_asked_about(tmp_path):
    text = "ImageJ=1.54f\nimages=60\nchannels=2\nframes=30\nhyperstack=true\n"
    with_texts(tmp_path / "a.tif", movie(), lambda number: None if number else text)
    with pytest.raises(
        MovieError, match="holds 55 images, but its description says 2 channels and"
    ):
        read(tmp_path / "a.tif")
    recording = read(tmp_path / "a.tif", channels=2)
    assert np.array_equal(all_frames(recording, 0, 1), movie()[1:54:2])
    assert read(tmp_path / "a.tif", channels=1).frames == 55


def test_a_list_of_pages_that_lost_its_end_is_damaged(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", movie(8), photometric="minisblack")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        third = tiff.pages[2].offset
        end = third + 2 + 12 * len(tiff.pages[2].tags)
    content = bytearray((tmp_path / "a.tif").read_bytes())
    content[end : end + 4] = bytes(4)
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(MovieError, match="announces 8 images, its list of pages names 3"):
        open_recording([tmp_path / "a.tif"])


# No axis of time


@pytest.mark.parametrize(
    ("frames", "slices", "channels", "time"),
    [
        (9, 3, 2, "frames"),
        (9, 1, 300, "frames"),
        (1, 300, 1, "slices"),
        (1, 300, 2, "slices"),
        (1, 1, 300, "channels"),
        (1, 1, 2, "frames"),
        (1, 2, 300, ""),
    ],
)
def test_the_axis_that_is_taken_as_time(frames, slices, channels, time):
    assert time_axis({"frames": frames, "slices": slices, "channels": channels}) == time


@pytest.mark.parametrize("axes", ["QYX", "IYX", "CYX", "ZYX", "TYX"])
def test_one_axis_is_time_and_a_name_that_says_otherwise_is_told(tmp_path, axes):
    tifffile.imwrite(tmp_path / "a.tif", movie(), photometric="minisblack", metadata={"axes": axes})
    recording = read(tmp_path / "a.tif")
    assert np.array_equal(all_frames(recording), movie())
    assert len(recording.warnings) == (axes[0] in "CZ")
    assert read(tmp_path / "a.tif", channels=5).frames == 11


def test_imagejs_slices_are_frames_without_a_word_and_its_channels_with_one(tmp_path):
    for axis, name in (("slices", "a"), ("channels", "b")):
        text = f"ImageJ=1.54f\nimages=55\n{axis}=55\n"
        with_texts(tmp_path / f"{name}.tif", movie(), lambda n, text=text: None if n else text)
    assert read(tmp_path / "a.tif").warnings == ()
    recording = read(tmp_path / "b.tif")
    assert recording.frames == 55
    assert "ImageJ names no time axis: its 55 channels are taken as frames" in recording.warnings[0]


@pytest.mark.parametrize("shape", [(20, 2), (30, 4)])
def test_an_array_whose_fastest_axis_is_short_is_asked_about(tmp_path, shape):
    images = movie(shape[0] * shape[1]).reshape(*shape, 12, 10)
    tifffile.imwrite(tmp_path / "a.tif", images, photometric="minisblack")
    with pytest.raises(
        MovieError, match=rf"array of {shape[0]} x {shape[1]} .* which axis is time"
    ):
        read(tmp_path / "a.tif")
    recording = read(tmp_path / "a.tif", planes=shape[1])
    assert recording.planes == shape[1]
    assert np.array_equal(all_frames(recording, 1), images[:, 1])
    with pytest.raises(MovieError, match="planes = 1 and channels = 7 do not fit the images"):
        read(tmp_path / "a.tif", channels=7)


def test_files_of_one_such_array_each_follow_each_other(tmp_path):
    images = movie(60).reshape(3, 10, 2, 12, 10)
    for number, part in enumerate(images):
        tifffile.imwrite(tmp_path / f"a_{number}.tif", part, photometric="minisblack")
    recording = interleaved(open_recording([tmp_path]), 0, 2)
    assert np.array_equal(all_frames(recording, 0, 1), movie(60)[1::2])


# OME-TIFF


def ome(path, images, **metadata):
    tifffile.imwrite(path, images, ome=True, photometric="minisblack", metadata=metadata or None)


@pytest.mark.parametrize(("axes", "name"), [("CYX", "channels"), ("ZYX", "slices")])
def test_an_ome_movie_without_time_is_a_movie_all_the_same(tmp_path, axes, name):
    ome(tmp_path / "a.ome.tif", movie(), axes=axes)
    recording = read(tmp_path / "a.ome.tif")
    assert np.array_equal(all_frames(recording), movie())
    assert f"OME-XML names no time axis: its 55 {name} are taken as frames" in recording.warnings[0]
    assert read(tmp_path / "a.ome.tif", planes=5).frames == 11


def test_tifffiles_default_of_a_movie_is_a_movie(tmp_path):
    tifffile.imwrite(tmp_path / "a.ome.tif", movie())
    assert read(tmp_path / "a.ome.tif").frames == 55


@pytest.mark.parametrize("axes", ["ZCYX", "CZYX"])
def test_ome_slices_beside_two_channels_are_time(tmp_path, axes):
    images = movie(40).reshape(20, 2, 12, 10)
    stored = images if axes == "ZCYX" else images.swapaxes(0, 1)
    ome(tmp_path / "a.ome.tif", stored, axes=axes)
    recording = read(tmp_path / "a.ome.tif")
    assert (recording.frames, recording.planes, recording.channels) == (20, 1, 2)
    assert np.array_equal(all_frames(recording, 0, 1), images[:, 1])


def test_ome_slices_and_many_channels_are_asked_about(tmp_path):
    ome(tmp_path / "a.ome.tif", movie(40).reshape(2, 20, 12, 10), axes="ZCYX")
    with pytest.raises(MovieError, match="2 slices, 20 channels and one time"):
        read(tmp_path / "a.ome.tif")
    recording = read(tmp_path / "a.ome.tif", planes=2)
    assert np.array_equal(all_frames(recording, 1), movie(40)[20:])


def test_ome_volumes_in_files_of_their_own_are_asked_about(tmp_path):
    for number in range(4):
        part = movie(12)[3 * number : 3 * number + 3]
        ome(tmp_path / f"a_{number}.ome.tif", part, axes="ZYX")
    with pytest.raises(MovieError, match="3 slices, 1 channels and one time in each of 4 files"):
        interleaved(open_recording([tmp_path]), 0, 0)
    volumes = interleaved(open_recording([tmp_path]), 3, 0)
    assert np.array_equal(all_frames(volumes, 2), movie(12)[2::3])
    assert interleaved(open_recording([tmp_path]), 1, 0).frames == 12


def test_ome_snapshots_of_two_channels_follow_each_other(tmp_path):
    for number in range(4):
        ome(tmp_path / f"a_{number}.ome.tif", movie(8)[2 * number : 2 * number + 2], axes="CYX")
    recording = interleaved(open_recording([tmp_path]), 0, 0)
    assert (recording.frames, recording.channels) == (4, 2)
    assert np.array_equal(all_frames(recording, 0, 1), movie(8)[1::2])
