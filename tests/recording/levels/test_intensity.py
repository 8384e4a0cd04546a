import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.levels.plane_movie import PlaneMovie
from twophoton_decode.recording.levels.sixteen_bits import (
    common_mapping,
    mapping_for,
    survey,
)
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records import IntensityMapping

INTEGERS = st.sampled_from([np.uint8, np.uint16, np.int16])


def converted(folder, frames, batch_frames=3):
    folder.mkdir(exist_ok=True)
    tifffile.imwrite(folder / "raw.tif", frames, photometric="minisblack")
    recording = open_recording([folder])
    reports = []
    seen = survey(
        recording, batch_frames=batch_frames, progress=lambda *report: reports.append(report)
    )
    mapping = common_mapping([seen])
    chunked = PlaneMovie(recording, None, mapping).chunks(0, batch_frames)
    levels = np.concatenate([functional for functional, _ in chunked])
    return levels.reshape(frames.shape), mapping, reports


# The rule


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_lowering_is_exact_over_all_levels(kind):
    grey = np.arange(2**16).astype(kind)
    levels = IntensityMapping(32768.0, 1.0).levels(grey)
    assert levels.dtype == np.int16
    assert np.array_equal(levels, np.arange(-(2**15), 2**15))


@given(INTEGERS.flatmap(lambda kind: arrays(kind, st.integers(2, 50))))
def test_integers_come_back_exactly(grey):
    mapping = mapping_for(float(grey.min()), float(grey.max()), whole_numbers=True)
    levels = mapping.levels(grey)
    assert levels.dtype == np.int16
    assert mapping.scale == 1.0
    assert np.array_equal(mapping.grey(levels), grey.astype(np.float32))
    order = np.argsort(grey, kind="stable")
    assert (np.diff(levels[order].astype(np.int64)) >= 0).all()


FINITE = st.floats(-(2.0**100), 2.0**100, width=32)


@given(arrays(np.float32, st.integers(2, 50), elements=FINITE).filter(lambda a: np.ptp(a) > 1e-20))
def test_floats_come_back_within_half_a_level_and_never_wrap(grey):
    mapping = mapping_for(float(grey.min()), float(grey.max()), whole_numbers=False)
    levels = mapping.levels(grey)
    span = float(grey.max()) - float(grey.min())
    assert mapping.scale == pytest.approx(span / 65534)
    back = levels.astype(float) * mapping.scale + mapping.offset
    assert np.abs(back - grey).max() <= 0.5001 * mapping.scale
    assert levels.min() == -32767
    assert levels.max() == 32767


@pytest.mark.parametrize(
    ("lowest", "highest", "whole", "expected"),
    [
        (0, 255, True, (0, 1)),
        (0, 32767, True, (0, 1)),
        (-32768, 32767, True, (0, 1)),
        (0, 32768, True, (32768, 1)),
        (0, 65535, True, (32768, 1)),
        (-1, 32768, True, (16383.5, 32769 / 65534)),
        (0, 1, False, (0.5, 1 / 65534)),
    ],
)
def test_rule_at_its_borders(lowest, highest, whole, expected):
    mapping = mapping_for(lowest, highest, whole)
    assert (mapping.offset, mapping.scale) == pytest.approx(expected)


# The movie


@pytest.mark.parametrize(
    ("dtype", "low", "high", "mapping"),
    [
        ("uint8", 0, 255, (0, 1)),
        ("int16", -32768, 32767, (0, 1)),
        ("uint16", 0, 32767, (0, 1)),
        ("uint16", 0, 65535, (32768, 1)),
        ("uint16", 40000, 50000, (32768, 1)),
        ("float32", 0, 4095, (0, 1)),
        ("float32", 0, 60000, (32768, 1)),
    ],
)
@pytest.mark.parametrize("batch_frames", [3, 100])
def test_whole_numbers_are_kept(tmp_path, dtype, low, high, mapping, batch_frames):
    frames = np.random.default_rng(0).integers(low, high, (10, 8, 6), endpoint=True)
    frames.flat[:2] = low, high
    levels, found, _ = converted(tmp_path, frames.astype(dtype), batch_frames)
    assert found == IntensityMapping(*map(float, mapping))
    assert np.array_equal(levels.astype(np.int64) + mapping[0], frames)


def test_float_movie_keeps_what_varies(tmp_path):
    frames = np.random.default_rng(0).normal(0.3, 0.01, (10, 8, 6)).astype(np.float32)
    levels, mapping, _ = converted(tmp_path, frames)
    assert len(np.unique(levels)) > 400
    assert np.abs(mapping.grey(levels) - frames).max() < 1e-6


def test_progress_ends_with_all_frames(tmp_path):
    frames = np.random.default_rng(0).integers(0, 99, (10, 8, 6)).astype(np.uint16)
    _, _, reports = converted(tmp_path, frames)
    assert reports == [(done, 10, "frames surveyed") for done in (3, 6, 9, 10)]


# The survey


def movie(folder, frames):
    folder.mkdir(exist_ok=True)
    tifffile.imwrite(folder / "raw.tif", frames, photometric="minisblack")
    return open_recording([folder])


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
@pytest.mark.parametrize("batch_frames", [3, 100])
def test_the_survey_is_what_numpy_finds(tmp_path, dtype, batch_frames):
    frames = np.random.default_rng(0).integers(0, 200, (11, 8, 6)).astype(dtype)
    frames[[2, 7]] = 9
    frames[4:, 0, :3] = 255
    found = survey(movie(tmp_path, frames), batch_frames=batch_frames)
    assert (found.frames, found.whole_numbers) == (11, True)
    assert (found.lowest, found.highest) == (frames.min(), 255)
    assert found.blank_frames == 1
    assert found.saturated == pytest.approx(21 / frames.size)
    assert found.oddities == [
        "3.98 % of pixels are saturated at 255", "1 of 11 frames are blank"
    ]  # fmt: skip
    assert common_mapping([found]) == IntensityMapping(0.0, 1.0)


def test_several_planes_share_one_mapping(tmp_path):
    rng = np.random.default_rng(0)
    dim, bright = rng.integers(0, 200, (6, 8, 6)), rng.integers(0, 60000, (6, 8, 6))
    bright.flat[0] = 60000
    surveys = [
        survey(movie(tmp_path / name, frames.astype(np.uint16)), batch_frames=3)
        for name, frames in (("dim", dim), ("bright", bright))
    ]
    assert common_mapping(surveys[:1]).offset == 0.0
    assert common_mapping(surveys) == IntensityMapping(32768.0, 1.0)


def test_a_plane_that_a_common_mapping_would_flatten_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    faint, strong = rng.random((9, 8, 6)), 1e6 * rng.random((9, 8, 6))
    surveys = [
        survey(movie(tmp_path / name, frames.astype(np.float32)), batch_frames=3)
        for name, frames in (("faint", faint), ("strong", strong))
    ]
    assert common_mapping(surveys[:1]).scale == pytest.approx(1 / 65534, rel=0.02)
    with pytest.raises(MovieError, match=r"98 % of them lie between 0\.0"):
        common_mapping(surveys)


# Refused


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_constant_movie(tmp_path, dtype):
    still = np.tile(np.arange(48, dtype=dtype).reshape(1, 8, 6), (10, 1, 1))
    with pytest.raises(MovieError, match=r"the movie is constant: all 10 frames from raw\.tif"):
        converted(tmp_path, still)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_bad_pixel_names_the_frame(tmp_path, bad):
    frames = np.random.default_rng(0).random((10, 8, 6)).astype(np.float32)
    frames[7, 2, 3] = bad
    with pytest.raises(MovieError, match=r"frame 7 of raw\.tif has NaN or infinite pixels"):
        converted(tmp_path, frames)


def test_extreme_pixel_that_would_swallow_the_levels(tmp_path):
    frames = np.random.default_rng(0).random((50, 8, 16)).astype(np.float32)
    frames[3, 0, 0] = 1e6
    with pytest.raises(MovieError, match=r"run from .* to 1e\+06, but 98 % of them lie between"):
        converted(tmp_path, frames)
