"""Which images of a volume are frames, by headers that say it in different ways."""

import numpy as np
import pytest
from scanimage_files import RATE, modern, one, stack, volumes, write

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.tiff.scanimage.header import read_header


def repeated(planes, repeats, flyback=0, averaged=1, mode="fast", **changes):
    """The header of a stack with several frames per slice, as ScanImage 2020 and later write it."""
    frames = planes * repeats
    stated = {
        "hStackManager__actualNumSlices": f"{planes}",
        "hStackManager__framesPerSlice": f"{repeats}",
        "hStackManager__numFramesPerVolume": f"{frames}",
        "hStackManager__numFramesPerVolumeWithFlyback": f"{frames + flyback}",
        "hStackManager__numVolumes": "3",
        "hStackManager__stackMode": f"'{mode}'",
        "hStackManager__stackDefinition": "'uniform'",
        "hRoiManager__scanVolumeRate": f"{RATE / (frames + flyback)}",
    }
    return modern(
        hFastZ__enable="true" if mode == "fast" else "false",
        hFastZ__numDiscardFlybackFrames=f"{flyback}",
        hScan2D__logAverageFactor=f"{averaged}",
        hStackManager__enable="true",
        **(stated | changes),
    )


@pytest.mark.parametrize("mode", ["slow", "fast"])
def test_one_depth_with_many_frames_is_a_movie(tmp_path, mode):
    write(tmp_path / "raw.tif", stack(40), repeated(1, 600, mode=mode), rate=29.5)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.warnings) == (40, 1, ())
    assert np.array_equal(one(recording), stack(40))
    assert recording.frame_rate_hz == pytest.approx(29.5, rel=1e-3)
    assert read_header(repeated(1, 600, mode=mode), "", "raw.tif").rate_hz == RATE


def test_one_depth_with_averaged_frames_is_a_movie(tmp_path):
    write(tmp_path / "raw.tif", stack(30), repeated(1, 600, averaged=4), range(4, 124, 4))
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.dropped_frames) == (30, 0)
    assert recording.frame_rate_hz == pytest.approx(RATE / 4, rel=1e-3)


def test_averages_of_one_depth_each_are_planes(tmp_path):
    """Four frames at each of three depths, saved as one image."""
    images = stack(12, 3)
    header = repeated(3, 4, averaged=4)
    write(tmp_path / "raw.tif", images.reshape(-1, 8, 6), header, range(4, 148, 4))
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.dropped_frames) == (12, 3, 0)
    for plane in range(3):
        assert np.array_equal(one(recording, plane), images[:, plane])
    assert recording.frame_rate_hz == pytest.approx(RATE / 12, rel=1e-3)
    assert recording.warnings == ()


def test_averages_of_flyback_are_left_out():
    """Two depths of two frames and two frames of flyback are three images."""
    header = read_header(repeated(2, 2, flyback=2, averaged=2), "", "raw.tif")
    assert (header.planes, header.slots, header.averaged) == (2, 3, 2)
    assert header.rate_hz == pytest.approx(RATE / 6)
    assert header.warnings == ("1 of every 3 images are flyback and are left out",)


def test_the_rate_of_averaged_volumes_without_a_rate_of_volumes():
    header = repeated(3, 4, averaged=4, hRoiManager__scanVolumeRate=None)
    assert read_header(header, "", "raw.tif").rate_hz == pytest.approx(RATE / 12)


def test_frames_per_slice_left_over_from_before_fast_planes():
    """ScanImage 2016: there is no stackMode, and a fast stack takes one frame per slice."""
    header = modern(
        hStackManager__enable=None,
        hFastZ__enable="1",
        hFastZ__numFramesPerVolume="4",
        hFastZ__numDiscardFlybackFrames="1",
        hStackManager__numSlices="3",
        hStackManager__framesPerSlice="20",
        hRoiManager__scanVolumeRate=f"{RATE / 4}",
    )
    found = read_header(header, "", "raw.tif")
    assert (found.planes, found.slots, found.rate_hz) == (3, 4, RATE / 4)


OLD = {"hStackManager__enable": None, "hFastZ__numFramesPerVolume": "[]"}
NO_SLOTS = {
    "hStackManager__numFramesPerVolume": None,
    "hStackManager__numFramesPerVolumeWithFlyback": None,
}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (repeated(1, 600, flyback=1), "one depth was taken 600 times, then come 1 images of fly"),
        (repeated(3, 2, flyback=1, averaged=2), "each saved image is the mean of 2 frames"),
        (repeated(2, 2, flyback=1, averaged=2), "volumes have 5 with 2 at each of 2 depths"),
        (repeated(3, 1, averaged=3), "volumes have 3 with 1 at each of 3 depths"),
        (volumes(3, hScan2D__logAverageFactor="4"), "means over several depths"),
        (volumes(1, flyback=1, hScan2D__logAverageFactor="4"), "or over depths and flyback"),
        (repeated(3, 4, averaged=2), "stack of 3 depths with 2 images at each"),
        (repeated(3, 20, mode="slow"), "stack of 3 depths with 20 images at each"),
        (repeated(3, 20, mode="slow", averaged=20), "stack of 3 depths with 20 images at each"),
        (repeated(3, 20, mode="slow", **NO_SLOTS), "stack of 3 depths with 20 images at each"),
        (
            repeated(3, 20, mode="slow", hStackManager__stackMode=None, **NO_SLOTS),
            "stack of 3 depths with 20 images at each",
        ),
        (
            modern(hStackManager__numSlices="3", hStackManager__framesPerSlice="20", **OLD),
            "stack of 3 depths with 20 images at each",
        ),
    ],
)
def test_volumes_that_are_no_movie_are_refused(header, message):
    with pytest.raises(MovieError, match=message):
        read_header(header, "", "raw.tif")


def test_slices_of_a_version_that_does_not_say_whether_its_stack_was_on_are_told(tmp_path):
    write(tmp_path / "raw.tif", stack(6), modern(hStackManager__numSlices="11", **OLD))
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes) == (6, 1)
    assert recording.warnings == (
        "the header names 11 slices, and does not say that its stack was off: taken as one plane, "
        "but the images may be of several depths",
    )
