"""Scanbox recordings, written here as its own reader, sbxread, takes them."""

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.movie import chunks, open_recording, read_frames, select

HEIGHT, WIDTH = 8, 6
SAME_FOLDER = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stack(*shape):
    size = [*shape, HEIGHT, WIDTH]
    return np.arange(np.prod(size), dtype=np.uint16).reshape(size)


def version_2(channels=2, **more):
    """`channels`: 1 for both photomultipliers, 2 or 3 for one."""
    return {
        "scanbox_version": 2, "scanmode": 1, "resfreq": 7930.0, "recordsPerBuffer": HEIGHT,
        "sz": np.array([HEIGHT, WIDTH], np.uint16), "channels": channels, "volscan": 0,
        "otwave": np.array([]), "otparam": np.array([]), "fold_lines": 0, "area_line": 1,
        "config": {"frames": 0, "lines": HEIGHT},
    } | more  # fmt: skip


def version_3(saved=(1, 0, 0, 0), **more):
    chan = {"nchan": int(np.sum(saved)), "save": np.array(saved)}
    return version_2(channels=-1) | {"scanbox_version": 3, "chan": chan} | more


def write(path, images, info):
    """`images`: (frame, channel, height, width), those of all planes in turn."""
    stored = 65535 - images.transpose(0, 2, 3, 1)
    path.write_bytes(stored.astype("<u2").tobytes())
    scipy.io.savemat(path.with_suffix(".mat"), {"info": info}, do_compression=True)
    return path


def one(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 3)))


@pytest.mark.parametrize(
    ("info", "channels"),
    [
        (version_2(2), 1), (version_2(3), 1), (version_2(1), 2),
        (version_3(), 1), (version_3((1, 0, 1, 0)), 2), (version_3((1, 1, 1, 1)), 4),
    ],
)  # fmt: skip
def test_channels_come_back_right_way_up(tmp_path, info, channels):
    images = stack(7, channels)
    recording = open_recording([write(tmp_path / "a.sbx", images, info)])
    assert (recording.frames, recording.planes, recording.channels) == (7, 1, channels)
    assert (recording.layout, recording.dtype) == ("sbx", "uint16")
    assert (recording.bidirectional, recording.frame_rate_hz) == (False, 7930 / HEIGHT)
    assert recording.source["frame_rate_hz"] == "Scanbox header"
    for channel in range(channels):
        assert np.array_equal(one(recording, 0, channel), images[:, channel])
    assert np.array_equal(read_frames(select(recording, 0, 0), 2, 5), images[2:5, 0])


def test_lines_of_both_directions_double_the_rate(tmp_path):
    info = version_2(scanmode=0, recordsPerBuffer=HEIGHT // 2)
    recording = open_recording([write(tmp_path / "a.sbx", stack(4, 1), info)])
    assert (recording.bidirectional, recording.frame_rate_hz) == (True, 2 * 7930 / HEIGHT)


@pytest.mark.parametrize(
    "lens",
    [
        {"otwave": np.arange(3)},
        {"otparam": np.array([100.0, 900.0, 3.0])},
        {"otwave": np.arange(3), "otparam": np.array([0.0, 9.0, 3.0])},
        {"etl_table": np.arange(6).reshape(3, 2)},
    ],
)
@pytest.mark.parametrize("code", [1, 2])
def test_planes_take_turns(tmp_path, lens, code):
    channels = 2 if code == 1 else 1
    images = stack(11, channels)
    write(tmp_path / "a.sbx", images, version_2(code, volscan=1, **lens))
    recording = open_recording([tmp_path / "a.sbx"])
    assert (recording.frames, recording.planes, recording.channels) == (3, 3, channels)
    assert recording.frame_rate_hz == pytest.approx(7930 / HEIGHT / 3)
    for plane in range(3):
        assert np.array_equal(one(recording, plane, channels - 1), images[plane:9:3, -1])
    assert recording.warnings == ("a.sbx ends within a volume: its last 2 frames are left out",)


def test_a_waveform_left_over_from_an_earlier_volume_is_no_plane(tmp_path):
    info = version_2(otwave=np.arange(5), volscan=0)
    assert open_recording([write(tmp_path / "a.sbx", stack(6, 1), info)]).planes == 1


@pytest.mark.parametrize("table", [np.array([[10, 20]]), np.array(10)])
@pytest.mark.parametrize("volscan", [1, None])
def test_a_table_of_one_row_is_one_plane(tmp_path, table, volscan):
    """MATLAB's readers take its first axis away: two columns look like two planes."""
    info = version_2(etl_table=table, volscan=volscan)
    if volscan is None:
        del info["volscan"]
    images = stack(6, 1)
    recording = open_recording([write(tmp_path / "a.sbx", images, info)])
    assert (recording.planes, recording.frames, recording.warnings) == (1, 6, ())
    assert np.array_equal(one(recording), images[:, 0])


@pytest.mark.parametrize("shape", [(3, 1), (1, 5), (2, 2, 2)])
def test_a_table_of_another_shape_is_refused(tmp_path, shape):
    write(tmp_path / "a.sbx", stack(6, 1), version_2(etl_table=np.ones(shape), volscan=1))
    with pytest.raises(MovieError, match=r"has an etl_table of the shape \(.*, not rows of two"):
        open_recording([tmp_path / "a.sbx"])


def test_a_table_left_over_from_an_earlier_volume_is_not_looked_at(tmp_path):
    info = version_2(etl_table=np.ones((3, 1)), volscan=0)
    assert open_recording([write(tmp_path / "a.sbx", stack(6, 1), info)]).planes == 1


def test_planes_without_volscan_are_told(tmp_path):
    info = version_2(otwave=np.arange(3))
    del info["volscan"]
    recording = open_recording([write(tmp_path / "a.sbx", stack(6, 1), info)])
    assert recording.planes == 3
    assert "has no volscan: 3 planes are taken" in recording.warnings[0]


def test_each_file_begins_a_volume_anew(tmp_path):
    info = version_2(otwave=np.arange(2), volscan=1)
    images = stack(9, 1)
    write(tmp_path / "m_2.sbx", images[:5], info)
    write(tmp_path / "m_10.sbx", images[5:], info)
    recording = open_recording([tmp_path])
    assert np.array_equal(one(recording, 1), images[[1, 3, 6, 8], 0])


def test_a_recording_that_was_stopped_is_told(tmp_path):
    info = version_2(config={"frames": 12}, area_line=0)
    recording = open_recording([write(tmp_path / "a.sbx", stack(6, 1), info)])
    assert recording.warnings[0] == "a.sbx: the header calls it a line scan"
    assert recording.warnings[1].startswith("a.sbx holds 6 frames of 12 requested")


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (version_2(scanbox_version=1), "is of Scanbox's version 1; versions 2 and 3 are read"),
        (version_2(scanbox_version=2.5), "is of Scanbox's version 2.5"),
        (version_2(fold_lines=4), "folds several frames into one"),
        (version_2(channels=7), "has channels = 7; 1, 2 and 3 are known"),
        (version_2(channels="both"), "has channels = 'both', not a number"),
        (version_2(channels=np.nan), "has channels = 'nan', not a number"),
        (version_2(sz=np.array([HEIGHT])), r"has sz = \[8\], not rows and columns"),
        (version_2(sz=np.array([0, 4])), r"has sz = \[0, 4\], not rows and columns"),
        (version_2(recordsPerBuffer=5), "8 rows in sz, but 5 lines a frame"),
        (version_2(volscan=1), "says that planes were taken, but not how many"),
        (
            version_2(volscan=1, otwave=np.arange(3), otparam=np.array([0, 1, 4])),
            "volumes of 3 and 4 planes",
        ),
        (version_2(volscan=1, otwave="sine"), "has otwave = 'sine', not numbers"),
        (version_3(chan={"nchan": 1, "save": np.array([1, 1])}), "1 channels, of which 2 saved"),
        (version_3(chan={"save": np.array([1, 1])}), "has nchan = 'None', not a number"),
        ("no structure", "its variable info is no structure"),
        (version_2(channels=2.5), r"has channels = 2\.5; expected a whole number"),
        (version_2(sz=np.array([8.5, 6])), r"has sz = \[8\.5, 6\.0\], not rows and columns"),
        (version_2(config={"frames": 1e300}), r"has frames = 1e\+300; expected a whole number"),
        (version_2(volscan=1, otparam=np.array([0, 1, 1e300])), "planes were taken, but not how"),
        (version_3(chan={"nchan": 1e300, "save": np.array([1])}), r"has nchan = 1e\+300; expected"),
    ],
)
def test_headers_that_leave_the_order_open(tmp_path, info, message):
    write(tmp_path / "a.sbx", stack(6, 1), info)
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path / "a.sbx"])


def test_scanbox_1_has_no_version(tmp_path):
    info = version_2()
    del info["scanbox_version"]
    write(tmp_path / "a.sbx", stack(6, 1), info)
    with pytest.raises(MovieError, match="is of Scanbox's version 1"):
        open_recording([tmp_path / "a.sbx"])


def test_a_movie_without_header(tmp_path):
    write(tmp_path / "a.sbx", stack(6, 1), version_2())
    (tmp_path / "a.mat").unlink()
    with pytest.raises(MovieError, match=r"has no header: expected a\.mat beside it"):
        open_recording([tmp_path / "a.sbx"])


def test_files_must_agree(tmp_path):
    write(tmp_path / "a.sbx", stack(6, 1), version_2())
    write(tmp_path / "b.sbx", stack(6, 2), version_2(1))
    with pytest.raises(MovieError, match=r"b\.sbx has 1 plane and 2 channels, but .*a\.sbx has 1"):
        open_recording([tmp_path])


# Damage


@given(missing=st.integers(1, 2 * HEIGHT * WIDTH * 2 - 1))
@SAME_FOLDER
def test_a_file_cut_within_a_frame(tmp_path, missing):
    path = write(tmp_path / "a.sbx", stack(6, 2), version_2(1))
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(MovieError, match=r"is truncated: it holds 5 whole frames of 8 x 6 px"):
        open_recording([path])


def test_an_empty_file(tmp_path):
    write(tmp_path / "a.sbx", stack(6, 1), version_2()).write_bytes(b"")
    with pytest.raises(MovieError, match="is truncated: it holds 0 whole frames"):
        open_recording([tmp_path / "a.sbx"])


@given(share=st.floats(0, 0.99))
@SAME_FOLDER
def test_a_header_cut_short_or_of_another_kind(tmp_path, share):
    path = write(tmp_path / "a.sbx", stack(6, 1), version_2())
    header = path.with_suffix(".mat")
    header.write_bytes(header.read_bytes()[: int(share * header.stat().st_size)])
    with pytest.raises(MovieError, match="cannot be read as Scanbox's header"):
        open_recording([path])


def test_a_header_without_compression(tmp_path):
    path = write(tmp_path / "a.sbx", stack(6, 1), version_2())
    scipy.io.savemat(path.with_suffix(".mat"), {"other": 1.0, "info": version_2()})
    assert np.array_equal(one(open_recording([path])), stack(6))


@given(place=st.floats(0, 0.999), bit=st.integers(0, 7))
@SAME_FOLDER
def test_a_header_with_a_changed_bit_is_an_error_or_read_all_the_same(tmp_path, place, bit):
    path = write(tmp_path / "a.sbx", stack(6, 1), version_2())
    header = path.with_suffix(".mat")
    content = bytearray(header.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    header.write_bytes(content)
    try:
        recording = open_recording([path])
    except MovieError:
        return
    assert np.array_equal(one(recording), stack(6))


def test_a_file_that_shrinks_after_it_was_opened(tmp_path):
    path = write(tmp_path / "a.sbx", stack(6, 1), version_2())
    recording = open_recording([path])
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(MovieError, match="frames 3 to 5 cannot be decoded"):
        one(recording)
