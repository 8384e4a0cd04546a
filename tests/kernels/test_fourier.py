"""Fourier transforms of sixteen sequences at once, against numpy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.kernels.motion import fourier
from twophoton_decode.kernels.motion.fourier import transform, transform_of
from twophoton_decode.kernels.motion.lanes import LANES


def transformed(sequences):
    """Sequences (points, 16), complex, through the kernel."""
    points = np.stack([sequences.real, sequences.imag], axis=1).astype(np.float32).ravel()
    other = np.empty_like(points)
    found = other if fourier.transform(transform_of(len(sequences)), points, other) else points
    parts = found.reshape(-1, 2, LANES).astype(float)
    return parts[:, 0] + 1j * parts[:, 1]


def sequences(length, seed):
    real, imaginary = np.random.default_rng(seed).standard_normal((2, length, LANES))
    return real + 1j * imaginary


def assert_as_numpy(given, found):
    expected = np.fft.fft(given, axis=0)
    assert abs(found - expected).max() < 3e-6 * abs(expected).max()


@settings(deadline=None)
@given(st.integers(1, 600), st.integers(0, 100))
def test_any_length_is_transformed_as_numpy_does(length, seed):
    given = sequences(length, seed)
    assert_as_numpy(given, transformed(given))


@pytest.mark.parametrize("length", [1024, 2048, 796, 1021, 1080])
def test_sides_of_large_frames(length):
    given = sequences(length, length)
    assert_as_numpy(given, transformed(given))


@pytest.mark.parametrize(
    ("length", "radices"),
    [
        (1, []),
        (2, [2]),
        (4, [4]),
        (16, [4, 4]),
        (128, [4, 4, 8]),
        (510, [2, 3, 5, 17]),
        (9, [3, 3]),
    ],
)
def test_a_length_is_split_into_few_passes(length, radices):
    assert transform_of(length).radices.tolist() == radices


@pytest.mark.parametrize("length", [8, 16, 30])
def test_plain_python_does_the_same(length, monkeypatch):
    for name, each in vars(fourier).items():
        if hasattr(each, "py_func"):
            monkeypatch.setattr(fourier, name, each.py_func)
    assert fourier.transform is not transform
    given = sequences(length, 7)
    assert_as_numpy(given, transformed(given))
