"""Noise levels of white noise are known on paper."""

import numpy as np
import pytest

from twophoton_decode.extraction.signals.noise import (
    SNR_OF_NOISE,
    frame_noise,
    noise_level,
    signal_to_noise,
)


def white(sd, frames=40_000, rois=3, seed=0):
    return sd * np.random.default_rng(seed).standard_normal((rois, frames))


def everywhere(signal):
    return np.ones(signal.shape[1], dtype=bool)


@pytest.mark.parametrize(("sd", "rate"), [(0.1, 30.0), (0.02, 8.0)])
def test_white_noise_has_the_level_of_its_sd(sd, rate):
    # The step of two frames has SD √2 σ; half of a normal lies within 0.67449 SD.
    expected = 100 * 0.67449 * np.sqrt(2) * sd / np.sqrt(rate)
    assert noise_level(white(sd), rate) == pytest.approx(expected, rel=0.02)
    assert frame_noise(white(sd)) == pytest.approx(sd, rel=0.02)


def test_the_level_does_not_depend_on_the_frame_rate():
    fast = white(0.1, frames=80_000)
    slow = fast.reshape(3, -1, 4).mean(axis=2)
    assert noise_level(slow, 7.5) == pytest.approx(noise_level(fast, 30.0), rel=0.03)


def test_slow_transients_and_bad_frames_hardly_change_the_level():
    dff = white(0.05)
    clean = noise_level(dff, 30.0)
    time = np.arange(300) / 30.0
    for start in range(0, dff.shape[1] - 300, 2000):
        dff[:, start : start + 300] += 2.0 * np.exp(-time)
    assert noise_level(dff, 30.0) == pytest.approx(clean, rel=0.03)
    good = everywhere(dff)
    good[::3] = False
    dff[:, ~good] += 50.0
    assert (noise_level(dff, 30.0) > 10 * clean).all()
    assert noise_level(dff, 30.0, good) == pytest.approx(clean, rel=0.05)


def test_noise_alone_has_the_signal_to_noise_of_its_percentile():
    noise = white(0.3)
    assert signal_to_noise(noise, everywhere(noise)) == pytest.approx(SNR_OF_NOISE, rel=0.04)


def test_signal_to_noise_is_the_height_of_transients_in_sd():
    dff = white(0.05)
    dff[:, 100:1300] += 1.0
    # The 99th percentile of all frames is the 67th of the 3 % that are raised.
    expected = (1.0 + 0.05 * 0.43) / 0.05
    assert signal_to_noise(dff, everywhere(dff)) == pytest.approx(expected, rel=0.03)
    assert signal_to_noise(7 * dff + 3, everywhere(dff)) == pytest.approx(expected, rel=0.03)


def test_frames_that_are_not_good_do_not_count_as_signal():
    dff = white(0.05)
    good = everywhere(dff)
    good[100:1300] = False
    dff[:, ~good] += 1.0
    assert signal_to_noise(dff, good) == pytest.approx(SNR_OF_NOISE, rel=0.04)


def test_what_cannot_be_measured_is_not_a_number():
    flat, missing = np.full((1, 50), 0.4), np.full((1, 50), np.nan)
    assert noise_level(flat, 10.0).tolist() == [0.0]
    assert np.isnan(signal_to_noise(flat, everywhere(flat))).all()
    assert np.isnan(signal_to_noise(missing, everywhere(missing))).all()
    assert np.isnan(noise_level(missing, 10.0)).all()
    assert np.isnan(noise_level(flat[:, :1], 10.0)).all()
    assert np.isnan(noise_level(flat, 10.0, np.zeros(50, dtype=bool))).all()
    assert np.isnan(signal_to_noise(flat, np.zeros(50, dtype=bool))).all()
