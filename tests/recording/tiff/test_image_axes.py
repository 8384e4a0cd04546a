import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved
from twophoton_decode.recording.tiff.imagej import rate_from_interval


def stack(*shape):
    """Every pixel differs from every other."""
    return np.arange(np.prod([*shape, 8, 6]), dtype=np.uint16).reshape(*shape, 8, 6)


def one(recording, plane=0, channel=0, size=4):
    return np.concatenate(list(chunks(select(recording, plane, channel), size)))


@pytest.mark.parametrize(
    "options", [{}, {"compression": "zlib"}, {"truncate": True}], ids=["", "zlib", "one directory"]
)
def test_a_hyperstack_comes_back_by_plane_and_channel(tmp_path, options):
    images = stack(5, 3, 2)
    metadata = {"axes": "TZCYX", "finterval": 0.25}
    tifffile.imwrite(tmp_path / "raw.tif", images, imagej=True, metadata=metadata, **options)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.channels) == (5, 3, 2)
    assert recording.frame_rate_hz == 4.0
    assert recording.source == dict.fromkeys(["planes", "channels", "frame_rate_hz"], "ImageJ")
    for plane in range(3):
        for channel in range(2):
            assert np.array_equal(one(recording, plane, channel), images[:, plane, channel])


def test_hyperstacks_follow_each_other_in_time(tmp_path):
    images = stack(7, 2)
    for name, part in (("a_2", images[:3]), ("a_10", images[3:])):
        tifffile.imwrite(tmp_path / f"{name}.tif", part, imagej=True, metadata={"axes": "TCYX"})
    recording = open_recording([tmp_path])
    assert recording.frames == 7
    assert np.array_equal(one(recording, 0, 1), images[:, 1])


def test_slices_of_a_stack_without_time_are_frames_and_said_so(tmp_path):
    images = stack(5, 2)
    tifffile.imwrite(tmp_path / "raw.tif", images, imagej=True, metadata={"axes": "ZCYX"})
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.channels) == (5, 1, 2)
    assert np.array_equal(one(recording, 0, 1), images[:, 1])
    assert "its 5 slices are taken as frames" in recording.warnings[0]


def test_files_with_other_channels_do_not_belong_together(tmp_path):
    tifffile.imwrite(tmp_path / "a_1.tif", stack(3, 2), imagej=True, metadata={"axes": "TCYX"})
    tifffile.imwrite(tmp_path / "a_2.tif", stack(3), imagej=True, metadata={"axes": "TYX"})
    with pytest.raises(
        MovieError, match=r"a_2\.tif has 1 plane and 1 channel, but .* 1 plane and 2 channels"
    ):
        open_recording([tmp_path])


def test_a_description_that_contradicts_itself(tmp_path):
    description = "ImageJ=1.53\nimages=6\nchannels=2\nframes=4\nhyperstack=true\n"
    tifffile.imwrite(tmp_path / "raw.tif", stack(6), description=description, metadata=None)
    recording = open_recording([tmp_path / "raw.tif"])
    with pytest.raises(MovieError, match=r"6 images, but its description says 2 channels"):
        interleaved(recording, 0, 0)
    assert interleaved(recording, 1, 2).frames == 3


@pytest.mark.parametrize("axes", ["TZYX", "TCYX", "CTYX"])
def test_arrays_with_named_axes_come_back(tmp_path, axes):
    images = stack(4, 3)
    tifffile.imwrite(
        tmp_path / "raw.tif", images, photometric="minisblack", metadata={"axes": axes}
    )
    recording = open_recording([tmp_path / "raw.tif"])
    time_first = images if axes[0] == "T" else images.swapaxes(0, 1)
    assert recording.frames == time_first.shape[0]
    assert (recording.planes > 1) == ("Z" in axes)
    for number in range(time_first.shape[1]):
        chosen = (number, 0) if "Z" in axes else (0, number)
        assert np.array_equal(one(recording, *chosen), time_first[:, number])


def test_axes_whose_names_mean_nothing_are_asked_about(tmp_path):
    tifffile.imwrite(
        tmp_path / "raw.tif", stack(4, 3), photometric="minisblack", metadata={"axes": "SCYX"}
    )
    recording = open_recording([tmp_path / "raw.tif"])
    with pytest.raises(MovieError, match="an array of 4 x 3 by tifffile's description"):
        interleaved(recording, 0, 0)
    by_channel = interleaved(recording, 1, 3)
    assert np.array_equal(one(by_channel, 0, 2), stack(4, 3)[:, 2])


def test_interleaved_movies_are_not_read_as_one(tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", stack(4, 3, 2), imagej=True)
    recording = open_recording([tmp_path / "raw.tif"])
    with pytest.raises(MovieError, match="3 planes and 2 channels: select one of each"):
        next(chunks(recording, 4))
    with pytest.raises(MovieError, match=r"there is no plane 3: the movie has 3 planes"):
        select(recording, 3, 0)


@pytest.mark.parametrize(
    ("interval", "rate"), [("0.1", 10.0), (0, 0.0), ("nan", 0.0), ("x", 0.0), (-1, 0.0), (1e9, 0.0)]
)
def test_only_intervals_between_frames_give_a_rate(interval, rate):
    assert rate_from_interval(interval) == rate
