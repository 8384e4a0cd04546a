import json

import numpy as np
import pytest
import tifffile
from scanimage_files import RATE, beside, bigtiff_with_block, modern, one, stack, volumes, write

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved, used
from twophoton_decode.settings import RecordingSettings


def test_one_plane_and_channel_is_a_movie_with_its_rate(tmp_path):
    images = stack(40)
    write(tmp_path / "raw.tif", images, modern(), rate=29.5)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.layout, recording.frames, recording.bidirectional) == ("scanimage", 40, True)
    assert np.array_equal(one(recording), images)
    assert recording.frame_rate_hz == pytest.approx(29.5, rel=1e-3)
    assert recording.source["frame_rate_hz"] == "ScanImage frame timestamps"
    assert recording.source["channels"] == "ScanImage header"
    assert (recording.dropped_frames, recording.warnings) == (0, ())


def test_few_frames_have_the_rate_of_the_header(tmp_path):
    write(tmp_path / "raw.tif", stack(5), modern(), rate=29.5)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frame_rate_hz, recording.source["frame_rate_hz"]) == (
        30.0,
        "ScanImage header",
    )


def test_rates_that_disagree_are_told(tmp_path):
    write(tmp_path / "raw.tif", stack(40), modern(), rate=15.0)
    recording = open_recording([tmp_path / "raw.tif"])
    assert recording.frame_rate_hz == pytest.approx(15.0, rel=1e-3)
    assert "the header says 30 Hz, but the frames' timestamps 15 Hz" in recording.warnings[0]


def test_planes_channels_and_flyback_over_two_files(tmp_path):
    """The border of the files lies within a volume."""
    images = stack(6, 4, 2)
    header = volumes(3, flyback=1, channels="[1;3]")
    flat = images.reshape(-1, 8, 6)
    write(tmp_path / "raw_9.tif", flat[:20], header, range(1, 11), channels=2)
    write(tmp_path / "raw_10.tif", flat[20:], header, range(11, 25), channels=2)
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.planes, recording.channels) == (6, 3, 2)
    for plane in range(3):
        for channel in range(2):
            assert np.array_equal(one(recording, plane, channel), images[:, plane, channel])
    assert recording.frame_rate_hz == pytest.approx(RATE / 4, rel=1e-3)
    assert recording.dropped_frames == 0
    assert recording.warnings == ("1 of every 4 images are flyback and are left out",)


def test_planes_are_timed_by_the_frames_before_the_flyback(tmp_path):
    """24 frames, six volumes of three planes and one flyback, time stamps at 30 Hz."""
    write(tmp_path / "raw.tif", stack(24), volumes(3, flyback=1))
    recording = open_recording([tmp_path / "raw.tif"])
    assert recording.source["plane_delay_s"] == "ScanImage frame timestamps"
    assert np.allclose(recording.plane_delay_s, (np.arange(3) + 0.5) / RATE, atol=1e-5)


def test_planes_without_enough_time_stamps_are_timed_by_the_header(tmp_path):
    write(tmp_path / "raw.tif", stack(8), volumes(3, flyback=1))
    recording = open_recording([tmp_path / "raw.tif"])
    assert recording.source["plane_delay_s"] == "ScanImage header"
    assert np.allclose(recording.plane_delay_s, (np.arange(3) + 0.5) / RATE)


def test_the_time_of_planes_survives_dropped_frames(tmp_path):
    kept = [number for number in range(30) if number not in (6, 16, 17)]
    write(tmp_path / "raw.tif", stack(30)[kept], volumes(3), [k + 1 for k in kept])
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.allclose(recording.plane_delay_s, (np.arange(3) + 0.5) / RATE, atol=1e-5)


def test_flyback_that_was_never_saved_is_no_drop(tmp_path):
    images = stack(8, 2)
    numbers = [3 * volume + plane + 1 for volume in range(8) for plane in range(2)]
    write(tmp_path / "raw.tif", images.reshape(-1, 8, 6), volumes(2, flyback=1), numbers)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.dropped_frames) == (8, 2, 0)
    assert np.array_equal(one(recording, 1), images[:, 1])


def test_one_plane_whose_flyback_was_never_saved(tmp_path):
    write(tmp_path / "raw.tif", stack(30), volumes(1, flyback=1), range(1, 61, 2))
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.dropped_frames) == (30, 1, 0)
    assert np.array_equal(one(recording), stack(30))
    assert recording.frame_rate_hz == pytest.approx(RATE / 2, rel=1e-3)


def test_dropped_frames_are_counted_and_do_not_shift_planes(tmp_path):
    images = stack(10, 3)
    kept = [number for number in range(30) if number not in (7, 16, 17)]
    write(tmp_path / "raw.tif", images.reshape(-1, 8, 6)[kept], volumes(3), [k + 1 for k in kept])
    recording = open_recording([tmp_path / "raw.tif"])
    whole = [volume for volume in range(10) if volume not in (2, 5)]
    assert recording.dropped_frames == 3
    for plane in range(3):
        assert np.array_equal(one(recording, plane), images[whole, plane])
    assert "dropped 3 frames" in recording.warnings[0]
    assert "images of some planes are missing in 2 volumes" in recording.warnings[1]


def test_dropped_frames_of_a_single_plane(tmp_path):
    kept = [number for number in range(60) if number not in (20, 40, 41)]
    write(tmp_path / "raw.tif", stack(60)[kept], modern(), [number + 1 for number in kept])
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.dropped_frames) == (57, 3)
    assert recording.warnings[0].startswith("the microscope dropped 3 frames")
    assert recording.frame_rate_hz == pytest.approx(RATE, rel=1e-3)


def test_averaged_frames_are_numbered_in_steps(tmp_path):
    header = modern(hScan2D__logAverageFactor="4")
    write(tmp_path / "raw.tif", stack(40), header, range(4, 164, 4))
    recording = open_recording([tmp_path / "raw.tif"])
    assert recording.dropped_frames == 0
    assert recording.frame_rate_hz == pytest.approx(RATE / 4, rel=1e-3)


def test_a_second_acquisition_begins_a_volume_anew(tmp_path):
    images = stack(5, 2)
    flat = images.reshape(-1, 8, 6)
    write(tmp_path / "a_1.tif", flat[:5], volumes(2), range(1, 6))
    write(tmp_path / "a_2.tif", flat[6:], volumes(2), range(1, 5))
    recording = open_recording([tmp_path])
    assert np.array_equal(one(recording, 1), images[[0, 1, 3, 4], 1])
    assert recording.dropped_frames == 0
    assert "numbered anew 1 time, first in a_2.tif" in recording.warnings[-2]
    assert "pauses for an unknown time before frame 2" in recording.warnings[-1]
    assert recording.unknown_pause.tolist() == [2]


def test_images_of_half_a_frame_at_the_end_are_left_out(tmp_path):
    header = modern(hChannels__channelSave="[1;2]")
    write(tmp_path / "raw.tif", stack(9), header, range(1, 6), channels=2)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.channels) == (4, 2)
    assert "the last 1 images are not of all 2 channels" in recording.warnings[0]


def test_the_header_of_version_4_lies_in_the_description(tmp_path):
    header = (
        "scanimage.SI4.channelsSave = [1;2]\nscanimage.SI4.fastZEnable = 1\n"
        "scanimage.SI4.stackNumSlices = 3\nscanimage.SI4.fastZNumDiscardFrames = 1\n"
        "scanimage.SI4.scanFrameRate = 28.0\n"
    )
    images = stack(4, 4, 2)
    with tifffile.TiffWriter(tmp_path / "raw.tif") as writer:
        for index, image in enumerate(images.reshape(-1, 8, 6)):
            number = f"Frame Number = {index // 2 + 1:04d}\nFrame Timestamp(s) = 0.1\n"
            writer.write(image, contiguous=False, metadata=None, description=number + header)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.channels) == (4, 3, 2)
    assert recording.frame_rate_hz == 7.0
    assert np.array_equal(one(recording, 2, 1), images[:, 2, 1])


CLASSIC = (
    "state.configName='x'\rstate.acq.numberOfChannelsSave=2\rstate.acq.frameRate=3.90625\r"
    "state.acq.numberOfZSlices=1\rstate.acq.averaging=1\rstate.acq.numAvgFramesSave=1\r"
    "state.acq.bidirectionalScan=0\rstate.acq.numberOfFrames=1220\r"
)


def test_the_header_of_version_3(tmp_path):
    images = stack(5, 2)
    with tifffile.TiffWriter(tmp_path / "raw.tif") as writer:
        for image in images.reshape(-1, 8, 6):
            writer.write(image, contiguous=False, metadata=None, description=CLASSIC)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes, recording.channels) == (5, 1, 2)
    assert (recording.frame_rate_hz, recording.bidirectional) == (3.90625, False)
    assert np.array_equal(one(recording, 0, 1), images[:, 1])
    assert "do not number their frames" in recording.warnings[0]


def test_the_header_between_bigtiff_header_and_first_page(tmp_path):
    images = stack(4, 2)
    header = modern(hChannels__channelSave="[1 2]")
    bigtiff_with_block(tmp_path / "raw.tif", images.reshape(-1, 8, 6), header, "{}")
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.layout, recording.frames, recording.channels) == ("scanimage", 4, 2)
    assert np.array_equal(one(recording, 0, 1), images[:, 1])


def regions(*fields):
    rois = [{"scanfields": [{"enable": 1}] * count} for count in fields]
    group = {"rois": rois[0] if len(rois) == 1 else rois}
    return json.dumps({"RoiGroups": {"imagingRoiGroup": group}})


@pytest.mark.parametrize(
    ("enabled", "json_text", "found"),
    [
        ("true", regions(1, 1), "2 regions"),
        ("1", regions(2), "2 regions"),
        (None, regions(1, 1, 1), "3 regions"),
        ("true", "{damaged", "an unknown number of regions"),
    ],
)
def test_several_regions_are_refused(tmp_path, enabled, json_text, found):
    header = modern(hRoiManager__mroiEnable=enabled)
    write(tmp_path / "raw.tif", stack(4), header, regions=json_text)
    with pytest.raises(MovieError, match=rf"mroi: {found} share each image"):
        open_recording([tmp_path / "raw.tif"])


@pytest.mark.parametrize(("enabled", "json_text"), [("false", regions(1, 1)), ("1", regions(1))])
def test_one_region_or_mroi_switched_off_is_a_movie(tmp_path, enabled, json_text):
    header = modern(hRoiManager__mroiEnable=enabled)
    write(tmp_path / "raw.tif", stack(4), header, regions=json_text)
    assert open_recording([tmp_path / "raw.tif"]).frames == 4


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (modern(hChannels__channelSave=None), "does not say which channels were saved"),
        (modern(hChannels__channelSave="[1;"), r"channelSave = '\[1;', which cannot be understood"),
        (
            modern(hFastZ__enable=None, hStackManager__enable=None),
            "does not say whether planes were taken",
        ),
        (volumes(4, flyback=-1), "contradicts itself: 4 planes in volumes of 3"),
        (
            volumes(3).replace("framesPerSlice = 1", "framesPerSlice = 20").replace(
                "Flyback = 3", "Flyback = 60"
            ),
            "stack of 3 depths with 20 images at each",
        ),
        (CLASSIC.replace("ZSlices=1", "ZSlices=9"), "stack of 9 depths with 1220 images"),
        (CLASSIC.replace("numberOfChannelsSave=2", "x=2"), "which channels were saved"),
    ],
)  # fmt: skip
def test_headers_that_leave_the_order_open_are_refused(tmp_path, header, message):
    if header.startswith("state"):
        tifffile.imwrite(tmp_path / "raw.tif", stack(6), description=header, metadata=None)
    else:
        write(tmp_path / "raw.tif", stack(6), header)
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path / "raw.tif"])


def test_slices_left_over_from_an_earlier_stack_are_told(tmp_path):
    write(tmp_path / "raw.tif", stack(6), modern(hStackManager__numSlices="11"))
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.frames, recording.planes) == (6, 1)
    assert recording.warnings == (
        "the header names 11 slices, but its stack is off: taken as one plane",
    )


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (modern(hChannels__channelSave="[1;2]"), r"a_2\.tif has 2 saved channels, but .*a_1\.tif"),
        (volumes(2), r"a_2\.tif has 2 planes, but .*a_1\.tif has 1"),
        (volumes(1, flyback=1), r"a_2\.tif has 2 images per volume, but .*a_1\.tif has 1"),
        (
            modern(hScan2D__logAverageFactor="2"),
            r"a_2\.tif has 2 frames averaged in each image, but .*a_1\.tif has 1\.",
        ),
    ],
)
def test_files_of_other_recordings_are_refused(tmp_path, other, message):
    write(tmp_path / "a_1.tif", stack(6), modern())
    write(tmp_path / "a_2.tif", stack(6), other)
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path])


def test_headers_may_differ_in_what_does_not_matter(tmp_path):
    """Slices left over in one file only; the warning about them is not lost."""
    write(tmp_path / "a_1.tif", stack(6), modern(), range(1, 7))
    left_over = modern(hStackManager__numSlices="11", hScan2D__bidirectional="false")
    write(tmp_path / "a_2.tif", stack(5), left_over, range(7, 12))
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.planes) == (11, 1)
    assert recording.warnings == (
        "the header names 11 slices, but its stack is off: taken as one plane",
    )


def test_copies_of_the_first_images_description_are_no_numbers(tmp_path):
    write(tmp_path / "raw.tif", stack(6), modern(), [1] * 6)
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.array_equal(one(recording), stack(6))
    assert "do not number their frames" in recording.warnings[0]


def test_an_acquisition_of_one_frame_before_another(tmp_path):
    """Frames are numbered 1 | 1, 2, 3, …"""
    write(tmp_path / "a_1.tif", stack(6)[:1], modern(), [1])
    write(tmp_path / "a_2.tif", stack(6)[1:], modern(), range(1, 6))
    recording = open_recording([tmp_path])
    assert np.array_equal(one(recording), stack(6))
    assert "numbered anew 1 time, first in a_2.tif" in recording.warnings[0]


def test_channels_that_the_header_does_not_name_are_noticed(tmp_path):
    write(tmp_path / "a_1.tif", stack(6), modern(), channels=2)
    recording = open_recording([tmp_path])
    message = "names 1 saved channel, but each frame number stands beside 2 images, so 2 channels"
    with pytest.raises(
        MovieError, match=rf"{message} were saved.* set channels = 2 in \[recording\]"
    ):
        interleaved(recording, 0, 0)
    with pytest.raises(MovieError, match="channels = 3 do not fit the images"):
        interleaved(recording, 0, 3)
    with pytest.raises(MovieError, match="channels = 1 do not fit the images"):
        interleaved(recording, 1, 1)


def test_the_user_confirms_the_channels_that_frame_numbers_speak_for(tmp_path):
    write(tmp_path / "a_1.tif", stack(80), modern(), range(1, 41), channels=2)
    recording = interleaved(open_recording([tmp_path]), 0, 2)
    assert (recording.frames, recording.channels) == (40, 2)
    assert recording.frame_rate_hz == pytest.approx(RATE, rel=1e-3)
    for channel in range(2):
        assert np.array_equal(one(recording, 0, channel), stack(80)[channel::2])
    assert "names 1 saved channel, but each frame number" in recording.warnings[0]


def test_planes_stay_as_the_header_says_when_channels_are_confirmed(tmp_path):
    images = stack(40, 3, 2)
    write(tmp_path / "a_1.tif", images.reshape(-1, 8, 6), volumes(3), range(1, 121), channels=2)
    recording = interleaved(open_recording([tmp_path]), 0, 2)
    assert (recording.frames, recording.planes, recording.channels) == (40, 3, 2)
    assert np.array_equal(one(recording, 2, 1), images[:, 2, 1])


def test_one_channel_where_the_header_names_two(tmp_path):
    write(tmp_path / "a_1.tif", stack(40), modern(hChannels__channelSave="[1;2]"))
    recording = open_recording([tmp_path])
    with pytest.raises(MovieError, match="stands beside 1 image, so 1 channel was saved"):
        interleaved(recording, 0, 0)
    assert np.array_equal(one(interleaved(recording, 0, 1)), stack(40))


def test_numbers_that_come_in_no_equal_groups_are_refused(tmp_path):
    write(tmp_path / "a_1.tif", stack(6), modern(), [1, 2, 2, 3, 4, 4])
    with pytest.raises(MovieError, match="do not come in such groups"):
        open_recording([tmp_path])


def loop(folder, images, header, sizes, pauses_s):
    """A LOOP: one file for each acquisition; frame numbers and time run on through all."""
    number = 0
    for acquisition, size in enumerate(sizes, 1):
        times = np.arange(number, number + size) / RATE + sum(pauses_s[: acquisition - 1])
        texts = [
            beside(number + within, stamp, acquisition, within)
            for within, stamp in enumerate(times, 1)
        ]
        file = folder / f"loop_{acquisition:05d}.tif"
        write(file, images[number : number + size], header, texts=texts)
        number += size


def test_pauses_of_a_loop_are_no_part_of_the_rate(tmp_path):
    loop(tmp_path, stack(75), modern(), [25, 25, 25], [4.0, 9.0])
    recording = open_recording([tmp_path])
    assert np.array_equal(one(recording), stack(75))
    assert recording.frame_rate_hz == pytest.approx(RATE, rel=1e-4)
    assert (recording.dropped_frames, recording.unknown_pause.tolist()) == (0, [])
    pauses = np.repeat([0.0, 4.0, 13.0], 25)
    assert np.allclose(recording.frame_time_s, np.arange(75) / RATE + pauses, atol=1e-5)
    assert recording.warnings == (
        "frames are numbered anew 2 times, first in loop_00002.tif: these are several acquisitions",
        "2 gaps between frames (13 s in all and 9 s at most, the first after frame 24, at 0.8 s): "
        "pauses or dropped frames. Frames are timed by ScanImage frame timestamps",
    )


def test_each_acquisition_of_a_loop_begins_with_the_first_plane(tmp_path):
    """A stop trigger ended the first in the midst of a volume; numbers of frames run on."""
    images = stack(41)
    loop(tmp_path, images, volumes(2), [21, 20], [2.5])
    recording = open_recording([tmp_path])
    assert np.array_equal(one(recording, 0), np.concatenate([images[0:20:2], images[21::2]]))
    assert np.array_equal(one(recording, 1), np.concatenate([images[1:20:2], images[22::2]]))
    assert recording.frame_rate_hz == pytest.approx(RATE / 2, rel=1e-4)
    assert recording.frame_time_s[[0, 9, 10]] == pytest.approx(
        [0, 18 / RATE, 21 / RATE + 2.5], abs=1e-5
    )


def test_a_time_lapse_of_one_frame_each_has_the_rate_of_its_acquisitions(tmp_path):
    loop(tmp_path, stack(25), modern(), [1] * 25, [5.0] * 24)
    recording = open_recording([tmp_path])
    assert recording.frames == 25
    assert recording.frame_rate_hz == pytest.approx(1 / (5 + 1 / RATE), rel=1e-4)
    assert len(recording.warnings) == 1
    assert "the header says 30 Hz, but the frames' timestamps 0.1987" in recording.warnings[0]


def test_gaps_in_time_without_a_number_are_told(tmp_path):
    times = np.arange(60) / RATE + np.repeat([0.0, 0.8], [40, 20])
    texts = [beside(number, stamp) for number, stamp in enumerate(times, 1)]
    write(tmp_path / "raw.tif", stack(60), modern(), texts=texts)
    recording = open_recording([tmp_path / "raw.tif"])
    assert recording.frame_rate_hz == pytest.approx(RATE, rel=1e-4)
    assert np.allclose(recording.frame_time_s, times, atol=1e-5)
    assert "1 gap between frames (of 0.8 s after frame 39" in recording.warnings[0]


def test_dropped_frames_move_the_times_of_all_later_ones(tmp_path):
    kept = np.array([n for n in range(60) if n not in (20, 21, 40)])
    texts = [beside(number + 1, number / RATE) for number in kept]
    write(tmp_path / "raw.tif", stack(57), modern(), texts=texts)
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.allclose(recording.frame_time_s, kept / RATE, atol=1e-5)
    assert recording.warnings[0] == "the microscope dropped 3 frames"


def test_numbers_time_frames_where_there_are_no_stamps(tmp_path):
    """By the rate in the settings, where that is another one than the header's."""
    kept = np.array([n for n in range(60) if n not in (20, 21, 40)])
    texts = [f"frameNumbers = {number + 1}\n" for number in kept]
    write(tmp_path / "raw.tif", stack(57), modern(), texts=texts)
    recording = open_recording([tmp_path / "raw.tif"])
    assert np.allclose(recording.frame_time_s, kept / RATE)
    assert (recording.first_stamp_s, recording.warnings[0]) == (
        None,
        "the microscope dropped 3 frames",
    )
    slower = used(recording, RecordingSettings(frame_rate_hz=15.0))
    assert np.allclose(slower.frame_time_s, kept / 15.0)


def test_times_are_those_of_the_volumes_that_are_kept(tmp_path):
    """Volumes of two planes and a flyback image; one image of the third volume is missing."""
    numbers = np.array([n for n in range(60) if n != 7])
    texts = [beside(number + 1, 3 + number / RATE) for number in numbers]
    write(tmp_path / "raw.tif", stack(59), volumes(2, flyback=1), texts=texts)
    recording = used(open_recording([tmp_path / "raw.tif"]), RecordingSettings(use_planes=[2]))
    volume = np.array([v for v in range(20) if v != 2])
    assert np.allclose(recording.frame_time_s, volume * 3 / RATE, atol=1e-5)
    assert recording.first_stamp_s == pytest.approx(3.0)
    assert recording.plane_delay_s == pytest.approx([1.5 / RATE], abs=1e-5)


def test_single_frames_whose_clock_always_begins_anew_are_no_pauses(tmp_path):
    """Each file an acquisition of its own: nothing says how they follow each other."""
    for number, image in enumerate(stack(30)):
        texts = [beside(1, 0.0, number + 1)]
        write(tmp_path / f"snap_{number:03d}.tif", image[None], modern(), texts=texts)
    recording = open_recording([tmp_path])
    assert (recording.frame_time_s, recording.unknown_pause.tolist()) == (None, [])
    assert "time stamps of frames do not rise, and are not used" in recording.warnings
