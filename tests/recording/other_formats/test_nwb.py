"""The movie of an NWB file, written here as the standard orders it."""

import h5py
import numpy as np
import pytest

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.movie import chunks, open_recording, select
from twophoton_decode.recording.planes.used import interleaved

HEIGHT, WIDTH = 6, 9


def stack(*shape):
    size = [*shape, HEIGHT, WIDTH]
    return np.arange(np.prod(size), dtype=np.uint16).reshape(size)


def add_series(path, images, name="TwoPhotonSeries", rate=None, stamps=None, **more):
    """`images`: (frame, height, width) or (frame, plane, height, width)."""
    with h5py.File(path, "a") as file:
        file.attrs["nwb_version"] = "2.7.0"
        group = file.create_group(f"acquisition/{name}")
        group.attrs["neurodata_type"] = "TwoPhotonSeries"
        axes = (0, 2, 1) if images.ndim == 3 else (0, 3, 2, 1)
        group["data"] = images.transpose(axes)
        if rate is not None:
            group["starting_time"] = 0.0
            group["starting_time"].attrs["rate"] = rate
        for field, value in ({"timestamps": stamps} | more).items():
            if value is not None:
                group[field] = value
    return path


def one(recording, plane=0):
    return np.concatenate(list(chunks(select(recording, plane, 0), 3)))


def test_width_comes_before_height(tmp_path):
    recording = open_recording([add_series(tmp_path / "a.nwb", stack(5), rate=7.5)])
    assert (recording.frames, recording.height, recording.width) == (5, HEIGHT, WIDTH)
    assert (recording.layout, recording.axes, recording.frame_rate_hz) == ("nwb", "txy", 7.5)
    assert recording.dataset.tolist() == ["/acquisition/TwoPhotonSeries/data"]
    assert recording.source == {"frame_rate_hz": "NWB rate"}
    assert np.array_equal(one(recording), stack(5))


def test_depths_are_planes(tmp_path):
    images = stack(4, 3)
    recording = open_recording([add_series(tmp_path / "a.nwb", images)])
    assert (recording.frames, recording.planes, recording.frame_rate_hz) == (4, 3, 0.0)
    for plane in range(3):
        assert np.array_equal(one(recording, plane), images[:, plane])


def test_nwb_by_another_suffix_is_read_as_nwb(tmp_path):
    recording = open_recording([add_series(tmp_path / "a.h5", stack(5))])
    assert (recording.layout, recording.width) == ("nwb", WIDTH)


def test_timestamps_give_the_rate(tmp_path):
    stamps = np.arange(40) / 8 + np.random.default_rng(0).normal(0, 0.001, 40)
    recording = open_recording([add_series(tmp_path / "a.nwb", stack(40), stamps=stamps)])
    assert recording.frame_rate_hz == pytest.approx(8, rel=1e-3)
    assert recording.warnings == ()


def test_gaps_between_timestamps_are_told(tmp_path):
    stamps = np.arange(40) / 8 + np.repeat([0, 3, 9], [10, 10, 20])
    recording = open_recording([add_series(tmp_path / "a.nwb", stack(40), stamps=stamps)])
    assert recording.frame_rate_hz == pytest.approx(8)
    assert np.allclose(recording.frame_time_s, np.asarray(stamps) - stamps[0])
    assert "2 gaps between frames" in recording.warnings[0]


def test_timestamps_that_begin_anew_are_told(tmp_path):
    """Two recordings in one series, each from 0 on, and a gap in the second."""
    stamps = np.concatenate([np.arange(20), np.arange(20) + np.repeat([0, 30], 10)]) / 8
    recording = open_recording([add_series(tmp_path / "a.nwb", stack(40), stamps=stamps)])
    assert recording.frame_rate_hz == pytest.approx(8)
    assert "1 gap between frames (of 3.75 s after frame 29" in recording.warnings[0]
    assert "pauses for an unknown time before frame 20" in recording.warnings[1]
    assert recording.unknown_pause.tolist() == [20]
    assert recording.frame_time_s[20] == pytest.approx(20 / 8)


def test_timestamps_count_more_than_the_rate_beside_them(tmp_path):
    path = add_series(tmp_path / "a.nwb", stack(30), rate=30.0, stamps=5 + np.arange(30) / 20)
    recording = open_recording([path])
    assert recording.frame_rate_hz == pytest.approx(20.0)
    assert recording.first_stamp_s == 5.0
    assert recording.warnings == ("rate says 30 Hz, but timestamps 20 Hz, which is used",)


def test_a_rate_and_a_start_time_frames_evenly(tmp_path):
    path = add_series(tmp_path / "a.nwb", stack(30), rate=30.0)
    with h5py.File(path, "a") as file:
        file["acquisition/TwoPhotonSeries/starting_time"][...] = 12.5
    recording = open_recording([path])
    assert (recording.frame_time_s, recording.first_stamp_s) == (None, 12.5)


def test_timestamps_of_another_length_are_not_used(tmp_path):
    recording = open_recording([add_series(tmp_path / "a.nwb", stack(9), stamps=np.arange(8) / 8)])
    assert (recording.frame_rate_hz, recording.frame_time_s) == (0.0, None)
    assert recording.warnings == ("timestamps are 8, but frames 9: they are not used",)


@pytest.mark.parametrize(
    ("clocks", "unknown", "begins"), [(("9:00", "9:00"), [], 20.0), (("9:00", "9:30"), [8], 0.8)]
)
def test_the_pause_between_files_of_one_clock_is_known(tmp_path, clocks, unknown, begins):
    for name, clock, start in zip("ab", clocks, (0.0, 20.0), strict=True):
        path = add_series(tmp_path / f"{name}.nwb", stack(8), rate=10.0)
        with h5py.File(path, "a") as file:
            file["timestamps_reference_time"] = clock
            file["acquisition/TwoPhotonSeries/starting_time"][...] = start
    recording = open_recording([tmp_path])
    assert recording.unknown_pause.tolist() == unknown
    assert recording.frame_time_s[8] == pytest.approx(begins)
    assert recording.frame_rate_hz == pytest.approx(10.0)


def test_times_of_images_told_apart_are_those_of_the_first_plane(tmp_path):
    stamps = np.arange(24) / 20 + np.repeat([0.0, 9.0], 12)
    found = open_recording([add_series(tmp_path / "a.nwb", stack(24), stamps=stamps)])
    volumes = interleaved(found, 2, 2)
    assert np.allclose(volumes.frame_time_s, stamps[::4])
    assert volumes.frame_rate_hz == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("stamps", "rate"),
    [
        (np.zeros(4), None),
        ([3.0, 2, 1, 2], None),
        ([0.0, np.nan, np.nan, np.nan], None),
        (None, 0.0),
    ],
)
def test_times_that_say_nothing(tmp_path, stamps, rate):
    path = add_series(tmp_path / "a.nwb", stack(4), stamps=stamps, rate=rate)
    assert open_recording([path]).frame_rate_hz == 0.0


@pytest.mark.parametrize("name", ["green", "/acquisition/green", "acquisition/green/data"])
def test_one_of_several_series_is_named(tmp_path, name):
    add_series(tmp_path / "a.nwb", stack(4), "green")
    add_series(tmp_path / "a.nwb", stack(3), "red")
    assert open_recording([f"{tmp_path}/a.nwb::{name}"]).frames == 4
    with pytest.raises(UsageError, match=r"has 2 TwoPhotonSeries \(green, red\); name one"):
        open_recording([tmp_path / "a.nwb"])
    with pytest.raises(UsageError, match=r"no TwoPhotonSeries 'blue' .*; it has green, red"):
        open_recording([f"{tmp_path}/a.nwb::blue"])


def test_dimension_that_contradicts_the_data_is_told(tmp_path):
    add_series(tmp_path / "a.nwb", stack(4), dimension=[HEIGHT, WIDTH])
    add_series(tmp_path / "b.nwb", stack(4), dimension=[WIDTH, HEIGHT])
    assert "rows and columns may be exchanged" in open_recording([tmp_path / "a.nwb"]).warnings[0]
    assert open_recording([tmp_path / "b.nwb"]).warnings == ()


def test_images_in_other_files_are_not_followed(tmp_path):
    names = [f"raw_{number}.tif" for number in range(5)]
    empty = np.zeros((0, 0, 0), np.uint16)
    add_series(tmp_path / "a.nwb", empty, external_file=names)
    with pytest.raises(MovieError, match=r"in other files \(raw_0\.tif, .*raw_2\.tif …\), which"):
        open_recording([tmp_path / "a.nwb"])


def test_series_linked_from_another_file_is_not_followed(tmp_path):
    add_series(tmp_path / "other.nwb", stack(4))
    with h5py.File(tmp_path / "a.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
        target = "/acquisition/TwoPhotonSeries"
        file["acquisition/TwoPhotonSeries"] = h5py.ExternalLink("other.nwb", target)
    with pytest.raises(MovieError, match="lies in another file"):
        open_recording([tmp_path / "a.nwb"])


def test_what_holds_no_movie(tmp_path):
    add_series(tmp_path / "empty.nwb", np.zeros((0, 4, 4), np.uint16))
    with pytest.raises(MovieError, match="has no images: its data is empty"):
        open_recording([tmp_path / "empty.nwb"])
    with h5py.File(tmp_path / "none.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
    with pytest.raises(MovieError, match="has no TwoPhotonSeries in acquisition, so no movie"):
        open_recording([tmp_path / "none.nwb"])
    with h5py.File(tmp_path / "plain.nwb", "w") as file:
        file["data"] = stack(4)
    with pytest.raises(MovieError, match="is HDF5, but not NWB: it has no nwb_version"):
        open_recording([tmp_path / "plain.nwb"])
    with h5py.File(tmp_path / "flat.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
        file["acquisition/s/data"] = np.zeros((4, 4), np.uint16)
        file["acquisition/s"].attrs["neurodata_type"] = "TwoPhotonSeries"
    with pytest.raises(MovieError, match=r"shape \(4, 4\)\. NWB orders a movie as \(time, width"):
        open_recording([tmp_path / "flat.nwb"])


def test_a_file_cut_short(tmp_path):
    content = add_series(tmp_path / "a.nwb", stack(40)).read_bytes()
    for end in (100, len(content) // 2, len(content) - 1):
        (tmp_path / "b.nwb").write_bytes(content[:end])
        with pytest.raises(MovieError, match="is truncated or damaged"):
            open_recording([tmp_path / "b.nwb"])
