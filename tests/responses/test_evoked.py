import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.responses.evoked import evoked_responses


def test_a_step_is_recovered():
    signal = np.zeros((2, 40))
    signal[0, 10:20] = 3.0
    signal[1] = 5.0
    starts = np.array([10, 25])
    evoked = evoked_responses(signal, (starts - 5, starts), (starts, starts + 5))
    np.testing.assert_allclose(evoked, [[3.0, 0.0], [0.0, 0.0]], atol=1e-13)


@given(st.integers(0, 2**32 - 1), st.floats(-1e3, 1e3), st.floats(0.1, 100))
def test_window_means_as_written(seed, offset, scale):
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal((3, 60))
    draws = [rng.choice(61, size=3, replace=False) for _ in range(7)]
    b0, r0, stop = np.sort(draws, axis=1).T
    expected = [
        [row[r:e].mean() - row[b:r].mean() for row in signal]
        for b, r, e in zip(b0, r0, stop, strict=True)
    ]
    evoked = evoked_responses(signal, (b0, r0), (r0, stop))
    np.testing.assert_allclose(evoked, expected, atol=1e-12)
    moved = evoked_responses(offset + scale * signal, (b0, r0), (r0, stop))
    np.testing.assert_allclose(moved, scale * evoked, atol=1e-9 * scale + 1e-9)


def test_a_long_bright_movie_loses_no_digits():
    rng = np.random.default_rng(0)
    signal = (30000 + rng.standard_normal((1, 200_000))).astype(np.float32)
    start = np.array([199_900])
    evoked = evoked_responses(signal, (start, start + 50), (start + 50, start + 100))
    window = signal[0, 199_900:].astype(np.float64)
    assert evoked[0, 0] == pytest.approx(window[50:].mean() - window[:50].mean(), abs=1e-8)
