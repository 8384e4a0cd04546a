from dataclasses import replace

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import MovieError, SettingsError
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import (
    interleaved,
    plane_delays,
    structural_channel,
    used,
)
from twophoton_decode.recording.tiff import pixels as tiff_pixels
from twophoton_decode.records import Recording
from twophoton_decode.settings import RecordingSettings


def stack(*shape):
    """Every pixel differs from every other."""
    return np.arange(np.prod([*shape, 8, 6]), dtype=np.uint16).reshape(*shape, 8, 6)


def written(folder, images, files=1, **options):
    """The images, one after the other, in several files that end anywhere."""
    flat = images.reshape(-1, 8, 6)
    for number, part in enumerate(np.array_split(flat, files)):
        tifffile.imwrite(folder / f"raw_{number}.tif", part, photometric="minisblack", **options)
    return open_recording([folder])


def one(recording, plane=0, channel=0, size=4):
    return np.concatenate(list(chunks(select(recording, plane, channel), size)))


def plain(frames, rate=0.0):
    return Recording(
        file=["raw.tif"],
        file_frames=[frames],
        height=8,
        width=6,
        dtype="uint16",
        layout="plain",
        frame_rate_hz=rate,
        source={"frame_rate_hz": "ImageJ"} if rate else {},
    )


SETTINGS = RecordingSettings(frame_rate_hz=10.0)


# Interleaved images


@pytest.mark.parametrize("options", [{}, {"imagej": True}], ids=["plain", "imagej"])
@pytest.mark.parametrize("files", [1, 4])
def test_images_are_told_apart_channels_first(tmp_path, options, files):
    images = stack(5, 3, 2)
    recording = interleaved(written(tmp_path, images, files, **options), 3, 2)
    assert (recording.frames, recording.planes, recording.channels) == (5, 3, 2)
    assert recording.source["planes"] == "[recording] planes and channels"
    assert recording.warnings == ()
    for plane in range(3):
        for channel in range(2):
            assert np.array_equal(one(recording, plane, channel), images[:, plane, channel])


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 60))
def test_every_image_has_one_place_but_those_of_half_a_volume(planes, channels, frames):
    each = planes * channels
    if frames < each:
        with pytest.raises(MovieError, match=r"but .* say that one volume"):
            interleaved(plain(frames), planes, channels)
        return
    found = interleaved(plain(frames), planes, channels)
    assert found.frames == frames // each
    if each > 1:
        assert np.array_equal(found.page.ravel(), np.arange(frames // each * each))
    assert len(found.warnings) == (frames % each > 0)


def test_what_is_left_of_a_volume_is_told():
    assert interleaved(plain(11), 2, 2).warnings == (
        "3 images at the end, no whole volume of 2 planes and 2 channels, left out",
    )


def test_the_rate_of_images_is_divided_over_planes_not_channels():
    assert interleaved(plain(30, rate=30.0), 3, 2).frame_rate_hz == 10.0


def test_without_settings_every_image_stays_a_frame():
    recording = plain(7)
    assert interleaved(recording, 0, 0) is recording
    assert interleaved(recording, 1, 0) is recording


@pytest.mark.parametrize(("planes", "channels"), [(0, 0), (3, 2), (3, 0), (0, 2)])
def test_files_that_say_so_themselves_may_be_confirmed(tmp_path, planes, channels):
    tifffile.imwrite(tmp_path / "raw.tif", stack(4, 3, 2), imagej=True)
    recording = open_recording([tmp_path])
    assert interleaved(recording, planes, channels) is recording


@pytest.mark.parametrize(("planes", "channels"), [(2, 0), (6, 1), (1, 0)])
def test_files_that_say_something_else_are_not_overruled(tmp_path, planes, channels):
    tifffile.imwrite(tmp_path / "raw.tif", stack(4, 3, 2), imagej=True)
    message = rf"\[recording\] planes = {planes}, but the files say 3 \(ImageJ\)"
    with pytest.raises(MovieError, match=message):
        interleaved(open_recording([tmp_path]), planes, channels)


# What is used


def test_all_planes_are_used_without_a_choice(tmp_path):
    settings = SETTINGS.model_copy(update={"planes": 3, "channels": 2})
    found = used(written(tmp_path, stack(5, 3, 2)), settings)
    assert found.plane_number.tolist() == [1, 2, 3]
    assert np.allclose(found.plane_delay_s, [1 / 60, 3 / 60, 5 / 60])
    assert found.channels == 2


def test_chosen_planes_keep_their_numbers_and_times(tmp_path):
    images = stack(5, 3, 2)
    changes = {"planes": 3, "channels": 2, "use_planes": [3, 1], "functional_channel": 2}
    found = used(written(tmp_path, images), SETTINGS.model_copy(update=changes))
    assert (found.planes, found.frames) == (2, 5)
    assert found.plane_number.tolist() == [1, 3]
    assert np.allclose(found.plane_delay_s, [1 / 60, 5 / 60])
    assert np.array_equal(one(found, 1, 1), images[:, 2, 1])
    last = select(found, 1, 0)
    assert (last.plane_number.tolist(), last.planes) == ([3], 1)
    assert last.plane_delay_s == pytest.approx([5 / 60])


def test_a_movie_of_one_plane_is_timed_by_the_middle_of_its_frames():
    found = used(plain(30), SETTINGS)
    assert found.plane_number.tolist() == [1]
    assert found.plane_delay_s.tolist() == [0.05]
    assert select(found, 0, 0).page is None


def test_the_rate_of_the_files_serves_where_none_is_set():
    assert used(plain(30, rate=20.0), RecordingSettings()).plane_delay_s.tolist() == [0.025]
    with pytest.raises(SettingsError, match="Set frame_rate_hz in"):
        used(plain(30), RecordingSettings())


@pytest.mark.parametrize("wanted", [[0], [4], [1, 1], [-1, 2]])
def test_planes_that_are_not_there(wanted):
    settings = SETTINGS.model_copy(update={"planes": 3, "use_planes": wanted})
    with pytest.raises(SettingsError, match=r"use_planes = .*, but the movie has 3 planes"):
        used(plain(30), settings)


def test_a_channel_that_is_not_there():
    settings = SETTINGS.model_copy(update={"functional_channel": 2})
    with pytest.raises(SettingsError, match="functional_channel = 2, but the movie has 1 channel"):
        used(plain(30), settings)


def test_of_two_channels_the_other_one_marks_cells():
    found = {
        channels: [
            structural_channel(interleaved(plain(12), 1, channels), functional)
            for functional in range(1, channels + 1)
        ]
        for channels in (1, 2, 3)
    }
    assert found == {1: [None], 2: [1, 0], 3: [None, None, None]}


def test_delays_of_the_files_count():
    said = replace(interleaved(plain(30), 2, 1), plane_delay_s=[0.01, 0.02])
    assert plane_delays(said, 10.0).tolist() == [0.01, 0.02]
    assert used(said, SETTINGS).plane_delay_s.tolist() == [0.01, 0.02]


# Reading


def test_only_the_images_of_the_plane_are_decoded_and_files_opened_once(tmp_path, monkeypatch):
    recording = interleaved(written(tmp_path, stack(12, 3), files=3, compression="zlib"), 3, 1)
    opened, decoded = [], []
    file, paged = tifffile.TiffFile, tiff_pixels._paged
    monkeypatch.setattr(
        tifffile, "TiffFile", lambda path, **options: opened.append(path) or file(path, **options)
    )
    monkeypatch.setattr(
        tiff_pixels, "_paged", lambda tiff, pages: decoded.extend(pages) or paged(tiff, pages),
    )  # fmt: skip
    one(recording, plane=1, size=2)
    assert len(opened) == 3
    assert decoded == [1, 4, 7, 10] * 3
