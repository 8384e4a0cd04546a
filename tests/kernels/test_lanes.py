"""Sixteen numbers at once: compiled code does what the same functions do to arrays."""

import numpy as np
import pytest
from numba import njit
from scipy.ndimage import map_coordinates

from twophoton_decode.kernels.motion.lanes import (
    LANES,
    inverse_root,
    load,
    sample,
    store,
    transpose,
    within,
)


def arithmetic(values, levels, out, whole):
    a, b = load(values, 1), load(values, 18)
    c = load(levels, 3)
    two = np.float32(2)
    store(out, 0, a * b + c - two * a)
    store(out, 16, within(c, np.float32(-100), np.float32(250)))
    store(out, 32, inverse_root(a * a + np.float32(1)))
    store(whole, 1, c * np.float32(0.5) - np.float32(3))


def turned(values, out):
    transpose(values, 2, 20, out, 5, 18)


def sampled(image, places, at, width, out):
    store(out, 0, sample(image, at, width, load(places, 0), load(places, LANES)))


def both(function, *arguments, outputs):
    """What a function leaves in its outputs, compiled and plain."""
    results = []
    for each in (njit(function), function):
        filled = [np.zeros_like(output) for output in outputs]
        each(*arguments, *filled)
        results.append(filled)
    return results


@pytest.fixture
def values():
    return np.random.default_rng(0).standard_normal(400).astype(np.float32)


def test_arithmetic_is_that_of_arrays(values):
    levels = np.arange(-400, 400, 17).astype(np.int16)
    out, whole = np.zeros(48, np.float32), np.zeros(18, np.int16)
    compiled, plain = both(arithmetic, values, levels, outputs=[out, whole])
    a, b, c = values[1:17], values[18:34], levels[3:19].astype(np.float32)
    assert np.allclose(compiled[0][:16], a * b + c - 2 * a, atol=1e-4)
    assert np.array_equal(compiled[0][16:32], np.clip(c, -100, 250))
    assert np.allclose(compiled[0][32:], 1 / np.sqrt(a**2 + 1), rtol=1e-6)
    assert np.array_equal(compiled[1][1:17], np.trunc(c / 2 - 3))
    assert compiled[1][0] == compiled[1][17] == 0
    assert np.allclose(compiled[0], plain[0], rtol=1e-6, atol=1e-4)
    assert np.array_equal(compiled[1], plain[1])


def test_rows_become_columns(values):
    compiled, plain = both(turned, values, outputs=[np.zeros(310, np.float32)])
    rows = np.stack([values[2 + 20 * n : 18 + 20 * n] for n in range(LANES)])
    columns = np.stack([compiled[0][5 + 18 * n : 21 + 18 * n] for n in range(LANES)])
    assert np.array_equal(columns, rows.T)
    assert np.array_equal(compiled[0], plain[0])


def test_samples_lie_between_the_four_pixels_around():
    rng = np.random.default_rng(1)
    image = rng.integers(-9000, 9000, (9, 13)).astype(np.int16)
    flat = np.concatenate([np.zeros(4, np.int16), image.ravel(), np.zeros(14, np.int16)])
    places = rng.uniform([[0], [0]], [[8], [12]], (2, LANES)).astype(np.float32)
    places[:, -1] = 8, 12
    out = [np.zeros(LANES, np.float32)]
    compiled, plain = both(sampled, flat, places.ravel(), 4, 13, outputs=out)
    expected = map_coordinates(image.astype(float), places, order=1)
    assert np.allclose(compiled[0], expected, atol=0.05)
    assert np.allclose(compiled[0], plain[0], atol=0.01)
