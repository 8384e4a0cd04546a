"""Frames moved back, against numpy's roll and scipy's interpolation."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from twophoton_decode.kernels.motion import warping
from twophoton_decode.kernels.motion.lanes import LANES

COUNT, HEIGHT, WIDTH = 3, 21, 37


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    return rng.integers(-20000, 20000, (COUNT, HEIGHT, WIDTH)).astype(np.int16)


@pytest.fixture(params=["compiled", "plain"], autouse=True)
def _way(request, monkeypatch):
    if request.param == "plain":
        for name, each in vars(warping).items():
            if hasattr(each, "py_func"):
                monkeypatch.setattr(warping, name, each.py_func)


def test_frames_are_rolled_around_the_borders(frames):
    dy, dx = np.array([2, -25, 0]), np.array([-1, 36, 0])
    rolled = np.zeros(frames.size + 5, np.int16)
    warping.roll_frames(frames, dy, dx, rolled)
    expected = [np.roll(f, (-y, -x), (0, 1)) for f, y, x in zip(frames, dy, dx, strict=True)]
    assert np.array_equal(rolled[:-5].reshape(frames.shape), expected)
    assert not rolled[-5:].any()


def between(side, blocks):
    place = np.linspace(0, blocks - 1, side).clip(0, blocks - 1)
    low = np.minimum(place.astype(np.int64), max(blocks - 2, 0))
    return low, (place - low).astype(np.float32)


@pytest.mark.parametrize("grid", [(2, 3), (1, 1), (4, 2)])
def test_frames_are_sampled_where_the_shifts_of_blocks_point(frames, grid):
    shifts = np.random.default_rng(1).uniform(-4, 4, (2, COUNT, *grid)).astype(np.float32)
    flat = np.append(frames.ravel(), np.zeros(WIDTH + LANES, np.int16))
    warped = np.empty_like(frames)
    along = [between(*each) for each in zip((HEIGHT, WIDTH), grid, strict=True)]
    warping.warp_frames(flat, *shifts, *along, warped)
    place = np.stack(np.meshgrid(*(low + share for low, share in along), indexing="ij"))
    pixels = np.indices((HEIGHT, WIDTH)).astype(float)
    for n in range(COUNT):
        dense = [map_coordinates(shift[n].astype(float), place, order=1) for shift in shifts]
        expected = map_coordinates(frames[n].astype(float), pixels + dense, order=1, mode="nearest")
        # Cut to whole levels, after rounding of single precision.
        assert abs(warped[n] - expected).max() < 1.1
        assert np.mean(warped[n] == np.trunc(expected)) > 0.98
