import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.intensity import mapping_for, write_int16
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records import IntensityMapping

INTEGERS = st.sampled_from([np.uint8, np.uint16, np.int16])


def converted(folder, frames, batch_frames=3):
    folder.mkdir(exist_ok=True)
    tifffile.imwrite(folder / "raw.tif", frames, photometric="minisblack")
    recording = open_recording([folder])
    reports = []
    mapping = write_int16(
        recording,
        folder / "data.bin",
        batch_frames=batch_frames,
        progress=lambda *report: reports.append(report),
    )
    levels = np.fromfile(folder / "data.bin", dtype=np.int16).reshape(frames.shape)
    return levels, mapping, reports


# The rule


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


@pytest.mark.parametrize(("dtype", "expected"), [("uint16", 10), ("float32", 20)])
def test_progress_ends_with_all_frames(tmp_path, dtype, expected):
    frames = np.random.default_rng(0).integers(0, 99, (10, 8, 6)).astype(dtype)
    _, _, reports = converted(tmp_path, frames)
    done = [report[0] for report in reports]
    assert reports[-1] == (expected, expected, "frames converted")
    assert done == sorted(done)


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
