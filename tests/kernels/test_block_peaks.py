"""Peaks of blocks below the pixel: known places come back, and unclear ones ask around."""

import numpy as np
import pytest

from twophoton_decode.extraction.motion.block_shifts import CLEAR, PAD_PX, PER_PX, upsampling
from twophoton_decode.kernels.motion import peaks as block_peaks

LIMIT = 5
SIDE = 2 * (LIMIT + PAD_PX) + 1


@pytest.fixture(params=["compiled", "plain"], autouse=True)
def _way(request, monkeypatch):
    if request.param == "plain":
        for name, each in vars(block_peaks).items():
            if hasattr(each, "py_func"):
                monkeypatch.setattr(block_peaks, name, each.py_func)


def bump(y, x):
    rows, columns = np.mgrid[:SIDE, :SIDE] - (LIMIT + PAD_PX)
    distance = (rows - y) ** 2 + (columns - x) ** 2
    return np.exp(-distance / (2 * 1.1**2)).astype(np.float32)


def found(maps, smooth, smoother):
    shift, correlation = np.empty((1, 1, 2), np.int64), np.empty((1, 1), np.float32)
    stacks = [each[None, None] for each in (maps, smooth, smoother)]
    threshold = np.float32(CLEAR)
    block_peaks.block_shifts(*stacks, PAD_PX, threshold, upsampling(), shift, correlation)
    return shift[0, 0] / PER_PX, correlation[0, 0]


@pytest.mark.parametrize("place", [(0, 0), (1.3, -2.6), (-4.9, 4.8), (0.5, 3.1)])
def test_the_place_of_a_bump_is_found_to_a_tenth(place):
    flat = np.zeros((SIDE, SIDE), np.float32)
    shift, correlation = found(bump(*place), flat, flat)
    assert shift == pytest.approx(place, abs=0.1)
    assert correlation == pytest.approx(1, abs=0.02)


def test_an_unclear_map_gives_way_to_the_smooth_one_and_that_to_the_smoother():
    unclear = bump(-4, -4) + bump(4, 4) * np.float32(0.95)
    shift, _ = found(unclear, bump(1, 2), bump(3, 3))
    assert shift == pytest.approx((1, 2), abs=0.1)
    shift, _ = found(unclear, unclear, bump(3, 3))
    assert shift == pytest.approx((3, 3), abs=0.1)
    shift, _ = found(unclear, unclear, unclear)
    assert shift == pytest.approx((-4, -4), abs=0.1)
