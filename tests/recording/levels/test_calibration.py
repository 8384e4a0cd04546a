"""Grey levels by the straight lines of ImageJ and HDF5 files."""

import re

import h5py
import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks
from twophoton_decode.recording.inspection import inspect
from twophoton_decode.recording.levels.calibration import (
    Calibration,
    calibration_note,
    grey_type,
)
from twophoton_decode.recording.levels.imagej import imagej_calibration
from twophoton_decode.recording.levels.plane_movie import PlaneMovie
from twophoton_decode.recording.levels.sixteen_bits import common_mapping, survey
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records import IntensityMapping

RECORDED = np.random.default_rng(3).integers(-200, 900, (40, 24, 20)).astype(np.int16)


def imagej(path, stored, lines):
    text = f"ImageJ=1.54f\nimages={len(stored)}\nslices={len(stored)}\n{lines}"
    tifffile.imwrite(path, stored, description=text, metadata=None, photometric="minisblack")


def fiji(path, recorded):
    """As Fiji saves signed 16 bits: shifted by 32768, with the line that shifts them back."""
    stored = (recorded.astype(np.int32) + 32768).astype(np.uint16)
    imagej(path, stored, "cf=0\nc0=-32768.0\nc1=1.0\nvunit=Gray Value\n")


def frames_of(recording):
    return np.concatenate(list(chunks(recording, 7)))


def levels_of(recording):
    mapping = common_mapping([survey(recording, batch_frames=9)])
    movie = PlaneMovie(recording, None, mapping)
    return np.concatenate([levels for levels, _ in movie.chunks(0, 11)]), mapping


def test_fijis_signed_movie_is_the_recorded_one_to_the_bit(tmp_path):
    fiji(tmp_path / "saved.tif", RECORDED)
    recording = open_recording([tmp_path / "saved.tif"])
    frames = frames_of(recording)
    assert frames.dtype == np.int16
    assert np.array_equal(frames, RECORDED)
    levels, mapping = levels_of(recording)
    assert mapping == IntensityMapping(0.0, 1.0)
    assert np.array_equal(levels, RECORDED)
    assert calibration_note(recording) == "grey level = stored - 32768 (ImageJ)"


def test_inspect_shows_recorded_levels(tmp_path):
    fiji(tmp_path / "saved.tif", RECORDED)
    found = inspect([tmp_path / "saved.tif"], most_frames=1000)
    assert (found.looks[0].lowest, found.looks[0].highest) == (-200, 899)
    assert np.allclose(found.looks[0].mean, RECORDED.mean(axis=0))
    assert found.recording.dtype == "uint16"


def test_a_compressed_movie_and_one_directory_are_calibrated_too(tmp_path):
    fiji(tmp_path / "one.tif", RECORDED[:1])
    stored = (RECORDED.astype(np.int32) + 32768).astype(np.uint16)
    metadata = {"axes": "TYX", "cf": 0, "c0": -32768.0, "c1": 1.0}
    for name, options in (("zip", {"compression": "zlib"}), ("truncate", {"truncate": True})):
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, stored, imagej=True, metadata=metadata, **options)
        assert np.array_equal(frames_of(open_recording([path])), RECORDED)


def test_fractions_keep_every_stored_level(tmp_path):
    stored = np.random.default_rng(1).integers(0, 2**16, (5, 24, 20)).astype(np.uint16)
    stored.flat[:2] = 0, 65535
    imagej(tmp_path / "a.tif", stored, "cf=0\nc0=-640.5\nc1=0.0061\nvunit=V\n")
    recording = open_recording([tmp_path / "a.tif"])
    assert np.allclose(frames_of(recording), stored * 0.0061 - 640.5)
    levels, mapping = levels_of(recording)
    assert np.array_equal(levels, stored.astype(np.int32) - 32768)
    assert np.allclose(mapping.grey(levels), stored * 0.0061 - 640.5)


def test_a_falling_line_turns_bright_and_dark(tmp_path):
    stored = (65535 - RECORDED.clip(0).astype(np.int32)).astype(np.uint16)
    imagej(tmp_path / "a.tif", stored, "cf=0\nc0=65535\nc1=-1\nvunit=Gray Value\n")
    assert np.array_equal(frames_of(open_recording([tmp_path / "a.tif"])), RECORDED.clip(0))


@pytest.mark.parametrize(
    ("metadata", "dtype", "expected"),
    [
        ({"cf": 0, "c0": -32768.0, "c1": 1.0}, "uint16", (-32768.0, 1.0)),
        # ImageJ counts signed 16-bit pixels from -32768.
        ({"cf": 0, "c0": -32768.0, "c1": 1.0}, "int16", (0.0, 1.0)),
        ({"c0": "3", "c1": "0.5"}, "uint8", (3.0, 0.5)),
        ({"cf": 20, "c0": 1, "c1": 2}, "uint16", (0.0, 1.0)),
        ({}, "uint16", (0.0, 1.0)),
    ],
)
def test_straight_lines_of_imagej(metadata, dtype, expected):
    found, warning = imagej_calibration(metadata, dtype)
    assert ((found.offset, found.scale), warning) == (expected, "")


@pytest.mark.parametrize(
    ("metadata", "dtype", "words"),
    [
        ({"cf": 4, "c0": 1, "c1": 2}, "uint16", r"cf = 4: exponential\) is not linear"),
        ({"cf": 21}, "uint8", "uncalibrated optical density"),
        ({"cf": 99, "c0": 1, "c1": 2}, "uint16", "unknown to us"),
        ({"cf": "x"}, "uint16", "unknown to us"),
        ({"cf": "nan", "c0": 1, "c1": 2}, "uint16", "unknown to us"),
        ({"cf": 0, "c0": 1, "c1": 0}, "uint16", "c1 = 0.* cannot be used"),
        ({"cf": 0, "c0": 1}, "uint16", r"c1 = \?.* cannot be used"),
        ({"cf": 0, "c0": "nan", "c1": 1}, "uint16", "cannot be used"),
        ({"cf": 0, "c0": 1, "c1": 2}, "float32", "none to floating-point pixels"),
    ],
)
def test_what_imagej_says_and_is_not_applied_is_told(metadata, dtype, words):
    found, warning = imagej_calibration(metadata, dtype)
    assert found.changes_nothing
    assert re.search(words, warning)


def test_the_warning_reaches_the_recording(tmp_path):
    imagej(tmp_path / "a.tif", RECORDED.astype(np.uint16), "cf=1\nc0=0\nc1=1\nc2=2\nvunit=x\n")
    assert "polynomial of degree 2" in open_recording([tmp_path / "a.tif"]).warnings[0]


def test_files_of_other_calibrations_are_not_mixed(tmp_path):
    fiji(tmp_path / "a_1.tif", RECORDED)
    imagej(tmp_path / "a_2.tif", RECORDED.clip(0).astype(np.uint16), "")
    with pytest.raises(
        MovieError, match=r"a_2\.tif says that grey levels are the stored ones, but .*- 32768"
    ):
        open_recording([tmp_path])


@pytest.mark.parametrize(
    ("stored", "offset", "scale", "expected"),
    [
        ("uint16", -32768.0, 1.0, "int16"),
        ("uint16", -100.0, 1.0, "int32"),
        ("uint8", -128.0, 1.0, "int8"),
        ("uint16", 65535.0, -1.0, "uint16"),
        ("uint32", -1.0, 1.0, "int64"),
        ("int16", 0.0, 0.25, "float32"),
        ("uint16", 1e9, 0.001, "float64"),
        ("int32", 0.0, 0.1, "float64"),
        ("float32", 5.0, 2.0, "float32"),
    ],
)
def test_the_type_of_grey_levels_holds_them_all(stored, offset, scale, expected):
    assert grey_type(np.dtype(stored), Calibration(offset, scale)).name == expected


# HDF5


def hdf5(path, attributes, beside=None, name="data"):
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset(name, data=RECORDED.clip(0).astype(np.uint16))
        dataset.attrs.update(attributes)
        dataset.parent.attrs.update(beside or {})
    return path


@pytest.mark.parametrize(
    ("attributes", "beside", "name"),
    [
        ({"scale_factor": 1.0, "add_offset": -786.0}, None, "data"),
        ({"add_offset": np.array([-786])}, None, "data"),
        ({"ConversionLinearScale": 1.0, "ConversionLinearOffset": -786.0}, None, "data"),
        (
            {},
            {
                "Channel_0_Conversion_ConversionLinearScale": 1.0,
                "Channel_0_Conversion_ConversionLinearOffset": -786.0,
                "Channel_1_Conversion_ConversionLinearOffset": -5.0,
            },
            "MSession_0/MUnit_0/Channel_0",
        ),
    ],
    ids=["CF", "CF, offset alone", "beside itself", "Femtonics"],
)
def test_calibrated_datasets(tmp_path, attributes, beside, name):
    path = hdf5(tmp_path / "a.h5", attributes, beside, name)
    recording = open_recording([path])
    assert np.array_equal(frames_of(recording), RECORDED.clip(0).astype(np.int32) - 786)
    levels, mapping = levels_of(recording)
    assert mapping == IntensityMapping(0.0, 1.0)
    assert levels.min() == -786


def test_nwb_says_conversion_and_offset(tmp_path):
    with h5py.File(tmp_path / "a.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        series = file.create_group("acquisition/movie")
        series.attrs["neurodata_type"] = "TwoPhotonSeries"
        data = series.create_dataset("data", data=RECORDED.swapaxes(1, 2))
        data.attrs.update({"conversion": 2.0, "offset": 7.0})
    assert np.array_equal(
        frames_of(open_recording([tmp_path / "a.nwb"])), RECORDED.astype(np.int32) * 2 + 7
    )


@pytest.mark.parametrize(
    "attributes", [{"scale_factor": 0.0}, {"add_offset": np.nan}, {"scale_factor": "two"}]
)
def test_attributes_that_are_no_line_are_refused(tmp_path, attributes):
    with pytest.raises(
        MovieError, match=r"data: the attributes scale_factor and add_offset cannot"
    ):
        open_recording([hdf5(tmp_path / "a.h5", attributes)])


# What 16 bits cannot hold


def test_wide_whole_numbers_are_spread_and_come_back_to_a_step(tmp_path):
    wide = RECORDED.astype(np.int32) * 1000
    tifffile.imwrite(tmp_path / "a.tif", wide, photometric="minisblack")
    levels, mapping = levels_of(open_recording([tmp_path / "a.tif"]))
    assert mapping.scale == pytest.approx((wide.max() - wide.min()) / 65534)
    assert np.abs(mapping.grey(levels) - wide).max() <= 0.51 * mapping.scale


@pytest.mark.parametrize("dtype", ["int32", "float64", "uint32"])
def test_whole_numbers_of_16_bits_in_wider_types_stay(tmp_path, dtype):
    stored = RECORDED.clip(0).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack")
    levels, mapping = levels_of(open_recording([tmp_path / "a.tif"]))
    assert mapping == IntensityMapping(0.0, 1.0)
    assert np.array_equal(levels, RECORDED.clip(0))


@pytest.mark.parametrize("dtype", ["int32", "float64"])
def test_one_extreme_pixel_does_not_take_all_levels(tmp_path, dtype):
    stored = RECORDED.clip(0).astype(dtype)
    stored[3, 2, 1] = 2e9
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack")
    with pytest.raises(MovieError, match="16 bits cannot hold both"):
        levels_of(open_recording([tmp_path / "a.tif"]))


def test_pixels_that_are_no_numbers_are_refused_in_float64(tmp_path):
    stored = RECORDED.astype(np.float64)
    stored[3, 2, 1] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack")
    with pytest.raises(MovieError, match=r"frame 3 of a\.tif has NaN or infinite pixels"):
        levels_of(open_recording([tmp_path / "a.tif"]))
