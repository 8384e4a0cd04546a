import numpy as np
import pytest
import tifffile

from twophoton_decode.recording.levels.glance import look
from twophoton_decode.recording.movie import open_recording


def seen(tmp_path, frames, most_frames=1000):
    tifffile.imwrite(tmp_path / "raw.tif", frames, photometric="minisblack")
    return look(open_recording([tmp_path / "raw.tif"]), 0, 0, most_frames=most_frames)


def noise(frames=20, dtype=np.uint16):
    return np.random.default_rng(0).integers(1, 200, (frames, 8, 6)).astype(dtype)


def test_mean_and_range_are_those_of_numpy(tmp_path):
    frames = noise()
    found = seen(tmp_path, frames)
    assert np.allclose(found.mean, frames.mean(axis=0))
    assert (found.lowest, found.highest) == (frames.min(), frames.max())
    assert (found.frames, found.blank_frames, found.saturated) == (20, 0, 0.0)
    assert found.whole_numbers
    assert not found.constant


def test_only_evenly_spaced_frames_are_read(tmp_path):
    frames = noise(21)
    found = seen(tmp_path, frames, most_frames=5)
    assert found.frames == 5
    assert np.allclose(found.mean, frames[[0, 5, 10, 15, 20]].mean(axis=0))


@pytest.mark.parametrize(
    ("dtype", "level", "share"),
    [("uint16", 4095, 0.1), ("int16", 32767, 0.1), ("uint16", 4000, 0.0), ("uint8", 255, 0.1)],
)
def test_pixels_at_a_digitisers_highest_level_are_saturated(tmp_path, dtype, level, share):
    frames = noise(dtype=dtype)
    frames.reshape(-1)[::10] = level
    assert seen(tmp_path, frames).saturated == pytest.approx(share)


def test_blank_frames_and_constant_movies(tmp_path):
    frames = noise()
    frames[[3, 7]] = 0
    assert seen(tmp_path, frames).blank_frames == 2
    assert seen(tmp_path, np.repeat(noise(1), 5, axis=0)).constant


def test_pixels_that_are_no_numbers_are_counted_and_left_out(tmp_path):
    frames = noise(dtype=np.float32)
    frames[2, 0, 0], frames[5, 1, 1], frames[:, 3, 3] = np.nan, np.inf, np.nan
    found = seen(tmp_path, frames)
    assert found.unfinite_frames == 20
    assert found.mean[0, 0] == pytest.approx(np.nanmean(frames[:, 0, 0]))
    assert np.isnan(found.mean[3, 3])
    assert np.isfinite(found.highest)
    assert found.whole_numbers


def test_one_plane_and_channel_at_a_time(tmp_path):
    images = np.arange(5 * 2 * 3 * 8 * 6, dtype=np.uint16).reshape(5, 2, 3, 8, 6)
    tifffile.imwrite(tmp_path / "raw.tif", images, imagej=True, metadata={"axes": "TZCYX"})
    found = look(open_recording([tmp_path / "raw.tif"]), 1, 2, most_frames=100)
    assert np.allclose(found.mean, images[:, 1, 2].mean(axis=0))


def test_lines_are_compared_in_some_of_many_frames(tmp_path):
    frames = np.random.default_rng(0).integers(0, 99, (450, 8, 50)).astype(np.uint8)
    found = seen(tmp_path, frames)
    assert found.frames == 450
    assert len(found.lines.differences) == 150
    assert found.lines.offset_px == 0
