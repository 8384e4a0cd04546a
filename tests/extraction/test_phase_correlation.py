"""Phase correlation of images of any size, against the formula in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.extraction.motion.phase_correlation import (
    at_once,
    border_taper,
    pieces,
    template,
)
from twophoton_decode.kernels.motion import fourier, phase
from twophoton_decode.kernels.motion.lanes import LANES

LOW, HIGH = -700, 800


def expected_windows(blocks, references, weight, limit):
    """Blocks (blocks, n, y, x); clipped, tapered, whitened, near no shift."""
    filling = references.mean(axis=(1, 2))[:, None, None] * (1 - weight)
    tapered = np.clip(blocks, LOW, HIGH) * weight[:, None] + filling[:, None]
    spectrum, against = np.fft.fft2(tapered), np.conj(np.fft.fft2(references))
    rows, columns = references.shape[1:]
    gaussian = [
        np.exp(-((np.arange(side) - (side - 1) / 2) ** 2) / (2 * 1.15**2))
        for side in (rows, columns)
    ]
    kernel = np.outer(gaussian[0], gaussian[1])
    against *= np.fft.fft2(np.fft.ifftshift(kernel / kernel.sum())).real / abs(against)
    whole = np.fft.ifft2(spectrum / abs(spectrum) * against[:, None]).real
    near = np.arange(-limit, limit + 1)
    return whole[:, :, near[:, None] % rows, near % columns]


def windows_of(frames, corners, references, weight, limit):
    count = len(frames)
    found = np.empty((len(corners), count, 2 * limit + 1, 2 * limit + 1), np.float32)
    flat = np.append(frames.ravel(), np.zeros(LANES, np.int16))
    compared = template(references, weight, LOW, HIGH)
    shape = frames.shape[1:]
    phase.correlation_windows(flat, count, shape, corners, compared, limit, found)
    return found


def assert_as_expected(shape, size, count, limit, seed):
    rng = np.random.default_rng(seed)
    frames = rng.integers(-1000, 1000, (count, *shape)).astype(np.int16)
    places = [(0, 0), (shape[0] - size[0], shape[1] - size[1])]
    cut = [np.s_[..., y : y + size[0], x : x + size[1]] for y, x in places]
    # One frame is most of the reference, so that the correlation has a peak.
    references = np.stack([frames[-1][part] + rng.normal(0, 300, size) for part in cut])
    weight = np.stack([border_taper(2.3, size)] * 2)
    blocks = np.stack([frames[part] for part in cut])
    corners = np.array([y * shape[1] + x for y, x in places])
    found = windows_of(frames, corners, references, weight, limit)
    expected = expected_windows(blocks, references, weight, limit)
    assert expected.max() > 0.01
    assert abs(found - expected).max() < 1e-5


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(32, 90), st.integers(32, 90)),
    st.tuples(st.integers(16, 64), st.integers(16, 64)),
    st.integers(1, 5),
    st.integers(0, 1000),
)
def test_images_of_any_shape_are_correlated(shape, size, count, seed):
    size = min(shape[0], size[0]), min(shape[1], size[1])
    assert_as_expected(shape, size, count, min(min(size) // 2 - 1, 8), seed)


def test_frames_as_microscopes_have_them():
    assert_as_expected((128, 512), (128, 128), 3, 8, 0)
    assert_as_expected((509, 127), (509, 127), 2, 13, 1)


def test_plain_python_does_the_same(monkeypatch):
    for module in (fourier, phase):
        for name, each in vars(module).items():
            if hasattr(each, "py_func"):
                monkeypatch.setattr(module, name, each.py_func)
    # What lies past the end of an image is worked on with it and never looked at.
    with np.errstate(all="ignore"):
        assert_as_expected((33, 35), (18, 21), 3, 4, 2)


def test_a_dim_frame_is_correlated_beside_a_bright_one_as_if_alone():
    rng = np.random.default_rng(4)
    dim = rng.integers(0, 4, (1, 64, 64)).astype(np.int16)
    bright = rng.integers(-700, 800, (1, 64, 64)).astype(np.int16)
    reference, weight = dim + rng.normal(0, 1, dim.shape), border_taper(2.3, (64, 64))[None]
    alone, beside = (
        windows_of(frames, np.zeros(1, np.int64), reference, weight, 6)[0, 0]
        for frames in (dim, np.concatenate([dim, bright]))
    )
    assert np.unravel_index(alone.argmax(), alone.shape) == (6, 6)
    assert abs(alone - beside).max() < 1e-3 * alone.max()


@pytest.mark.parametrize("shape", [(256, 256), (512, 512), (2048, 2048), (32, 32), (509, 127)])
def test_memory_at_a_time_is_bounded(shape):
    frames = at_once(shape)
    assert frames % 8 == 0
    assert frames * shape[0] * shape[1] <= max(2**23, 16 * shape[0] * shape[1])
    parts = pieces(frames + 3)
    assert np.array_equal(
        np.concatenate([np.arange(frames + 3)[p] for p in parts]), range(frames + 3)
    )
