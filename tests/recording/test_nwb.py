"""The movie of an NWB file, written here as the standard orders it."""

import h5py
import numpy as np
import pytest

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.movie import chunks, open_recording, select

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
    assert recording.source == {"frame_rate_hz": "NWB"}
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
    assert recording.warnings[0] == (
        "2 steps between timestamps took longer than usual: times after them are too early"
    )


def test_timestamps_that_begin_anew_are_told(tmp_path):
    """Two recordings in one series, each from 0 on, and a gap in the second."""
    stamps = np.concatenate([np.arange(20), np.arange(20) + np.repeat([0, 30], 10)]) / 8
    recording = open_recording([add_series(tmp_path / "a.nwb", stack(40), stamps=stamps)])
    assert recording.frame_rate_hz == pytest.approx(8)
    assert recording.warnings[0] == (
        "1 step between timestamps took longer than usual, and 1 step did not lead forward, as in "
        "a new recording: times after them are too early"
    )


@pytest.mark.parametrize(
    ("stamps", "rate"),
    [
        (np.zeros(4), None),
        ([3.0, 2, 1, 2], None),
        ([0.0, np.nan, 1, 2], None),
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
