"""Channels and planes that lie in files of their own."""

import re

import h5py
import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved

TIMES = range(1, 6)


def stack(channel, time, frames=1, plane=0):
    """Frames that say where they belong in every pixel: channel, plane and time."""
    first = 10000 * channel + 1000 * plane + 10 * time
    return np.repeat(np.arange(first, first + frames, dtype=np.uint16), 72).reshape(-1, 8, 9)


def write(file, frames, **options):
    file.parent.mkdir(exist_ok=True)
    tifffile.imwrite(file, frames, photometric="minisblack", **{"metadata": None} | options)


def shown(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 3)))[:, 0, 0].tolist()


NAMES = {
    "Ch": "xxx_Ch{channel}_{time:04d}.tif",
    "camel": "recCh{channel}_{time}.tif",
    "ThorImage": "Chan{letter}_0001_0001_0001_{time:04d}.tif",
    "C001T001": "img_C{channel:03d}T{time:03d}.tif",
    "T001C001": "img_T{time:03d}C{channel:03d}.tif",
    "Leica": "Series003_t{time:03d}_ch{channel:02d}.tif",
    "letter": "rec_{time}_c{channel}.tif",
    "ImageJ": "C{channel}-rec_{time}.tif",
    "MetaMorph": "exp_w{channel}{dye}_t{time}.TIF",
    "Bruker": "T-001_Cycle00001_Ch{channel}_{time:06d}.ome.tif",
    "folders": "Chan{letter}/{time:04d}.tif",
}


def name(kind, channel, time):
    dye = ("GFP", "mCherry")[channel - 1]
    return NAMES[kind].format(channel=channel, letter="AB"[channel - 1], time=time, dye=dye)


@pytest.mark.parametrize("frames", [1, 4])
@pytest.mark.parametrize("kind", NAMES)
def test_channels_lie_beside_each_other(tmp_path, kind, frames):
    for channel in (1, 2):
        for time in TIMES:
            options = {"metadata": {"axes": "TYX"}} if kind == "Bruker" else {}
            write(tmp_path / name(kind, channel, time), stack(channel, time, frames), **options)
    paths = [tmp_path / "ChanA", tmp_path / "ChanB"] if kind == "folders" else [tmp_path]
    recording = open_recording(paths)
    assert (recording.frames, recording.planes, recording.channels) == (5 * frames, 1, 2)
    assert recording.source["channels"] == "file names"
    for channel in (1, 2):
        expected = [10000 * channel + 10 * time + n for time in TIMES for n in range(frames)]
        assert shown(recording, 0, channel - 1) == expected
    assert len(recording.warnings) == 1
    assert recording.warnings[0].startswith("the files are read as 2 channels, by their names (")


@pytest.mark.parametrize("kind", sorted(NAMES.keys() - {"folders"}))
def test_one_channel_named_by_glob_is_one_movie(tmp_path, kind):
    for channel in (1, 2):
        for time in TIMES:
            write(tmp_path / name(kind, channel, time), stack(channel, time))
    pattern = NAMES[kind].format(channel=2, letter="B", time=7, dye="mCherry")
    pattern = re.sub(r"0*7", "*", pattern)
    recording = open_recording([tmp_path / pattern])
    assert (recording.channels, recording.warnings) == (1, ())
    assert shown(recording) == [20000 + 10 * time for time in TIMES]


def test_one_file_for_each_channel(tmp_path):
    for channel in (1, 2):
        write(tmp_path / f"C{channel}-rec.tif", stack(channel, 0, 7))
    recording = open_recording([tmp_path / "C2-rec.tif", tmp_path / "C1-rec.tif"])
    assert (recording.frames, recording.channels) == (7, 2)
    assert shown(recording, 0, 1) == list(range(20000, 20007))


def test_planes_and_channels_in_files_of_their_own(tmp_path):
    for channel in (1, 2):
        for plane in range(3):
            for time in TIMES:
                file = tmp_path / f"r_plane{plane}_Ch{channel}_{time}.tif"
                write(file, stack(channel, time, 2, plane))
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.planes, recording.channels) == (10, 3, 2)
    for plane in range(3):
        first = [20000 + 1000 * plane + 10 * time for time in TIMES]
        assert shown(recording, plane, 1) == [value + n for value in first for n in (0, 1)]


def test_thorimage_volumes(tmp_path):
    for plane in range(3):
        for time in TIMES:
            file = tmp_path / f"ChanA_0001_0001_{plane + 1:04d}_{time:04d}.tif"
            write(file, stack(1, time, plane=plane))
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.planes, recording.channels) == (5, 3, 1)
    assert shown(recording, 2) == [12000 + 10 * time for time in TIMES]


# Settings


@pytest.fixture
def two_channels(tmp_path):
    for channel in (1, 2):
        for time in TIMES:
            write(tmp_path / f"x_Ch{channel}_{time}.tif", stack(channel, time, 4))
    return open_recording([tmp_path])


@pytest.mark.parametrize(("planes", "channels"), [(0, 0), (0, 2), (1, 2), (1, 0)])
def test_settings_that_agree(two_channels, planes, channels):
    assert interleaved(two_channels, planes, channels) is two_channels


@pytest.mark.parametrize("channels", [1, 3])
def test_settings_that_contradict(two_channels, channels):
    message = rf"channels = {channels}, but the files say 2 \(file names\)"
    with pytest.raises(MovieError, match=message):
        interleaved(two_channels, 0, channels)


@pytest.mark.parametrize("channels", [0, 2])
def test_planes_that_take_turns_in_the_files_of_each_channel(two_channels, channels):
    recording = interleaved(two_channels, 3, channels)
    assert (recording.frames, recording.planes, recording.channels) == (6, 3, 2)
    assert recording.warnings[-1] == (
        "2 images at the end, no whole volume of 3 planes and 2 channels, left out"
    )
    inside = [20000 + 10 * time + n for time in TIMES for n in range(4)]
    for plane in range(3):
        assert shown(recording, plane, 1) == inside[plane:18:3]


# Refused


def test_a_channel_with_fewer_files(tmp_path):
    for channel, times in ((1, (1, 2, 3)), (2, (1, 3))):
        for time in times:
            write(tmp_path / f"x_Ch{channel}_{time:04d}.tif", stack(channel, time))
    message = (
        r"not the same files of each: Ch1 3 files, Ch2 2 files\. There is no file of Ch2 that goes "
        r"with x_Ch1_0002\.tif\. .* such as '.*/x_Ch1_\*\.tif'\."
    )
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path])


def test_a_channel_with_fewer_frames(tmp_path):
    for channel in (1, 2):
        write(tmp_path / f"x_Ch{channel}.tif", stack(channel, 0, 5 - channel))
    with pytest.raises(MovieError, match=r"x_Ch2\.tif has 3 frames, but .*x_Ch1\.tif, which by"):
        open_recording([tmp_path])


def test_a_file_that_holds_both_channels_itself(tmp_path):
    for channel in (1, 2):
        images = np.stack([stack(1, 0, 5), stack(2, 0, 5)], axis=1)
        options = {"imagej": True, "metadata": {"axes": "TCYX"}}
        write(tmp_path / f"x_Ch{channel}.tif", images, **options)
    with pytest.raises(MovieError, match=r"holds 2 channels, but its name says that it holds one"):
        open_recording([tmp_path])


def test_names_with_and_without_a_channel(tmp_path):
    names = ("x_Ch1_1.tif", "x_Ch2_1.tif", "y_1.tif")
    for number, file in enumerate(names):
        write(tmp_path / file, stack(number, 0))
    with pytest.raises(MovieError, match=r"x_Ch1_1\.tif says its channel, but y_1\.tif does not"):
        open_recording([tmp_path / file for file in names])


@pytest.mark.parametrize("word", ["channel", "plane"])
def test_many_channels_of_one_frame_are_no_movie(tmp_path, word):
    for number in range(12):
        write(tmp_path / f"{word}{number:03d}.tif", stack(1, number))
    with pytest.raises(MovieError, match=rf"the files are 12 {word}s of one frame each"):
        open_recording([tmp_path])


def test_a_letter_before_the_only_number_is_no_channel(tmp_path):
    for number in range(12):
        write(tmp_path / f"c{number:03d}.tif", stack(1, number))
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.channels, recording.warnings) == (12, 1, ())


def test_a_channel_that_is_always_the_same(tmp_path):
    for time in TIMES:
        write(tmp_path / f"x_Ch1_{time}.tif", stack(1, time))
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.channels, recording.warnings) == (5, 1, ())


def test_scanimage_that_tells_of_one_channel(tmp_path):
    header = "SI.hChannels.channelSave = 1\nSI.hRoiManager.scanFrameRate = 30\n"
    header += "SI.hStackManager.enable = false\nSI.hFastZ.enable = false\n"
    for channel in (1, 2):
        options = {"software": header, "description": "frameNumbers = 1"}
        write(tmp_path / f"x_Ch{channel}.tif", stack(channel, 0, 3), **options)
    message = r"\(Ch1, Ch2\), the files are 2 channels, but their scanimage metadata state 1"
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path])
    assert open_recording([tmp_path / "x_Ch2.tif"]).frames == 3


def test_hdf5_files_of_one_channel_each(tmp_path):
    for channel in (1, 2):
        with h5py.File(tmp_path / f"x_Ch{channel}.h5", "w") as file:
            file["data"] = stack(channel, 0, 3)
    with pytest.raises(
        MovieError, match=r"the files are 2 channels, but their hdf5 metadata state"
    ):
        open_recording([tmp_path])
    assert open_recording([tmp_path / "x_Ch2.h5"]).frames == 3
