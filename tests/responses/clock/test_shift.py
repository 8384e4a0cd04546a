"""A stimulus clock that runs wrong, found in responses whose truth is known."""

import numpy as np
import pytest

from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.clock.shift import clock_shift
from twophoton_decode.responses.clock.signals import SignalCollector
from twophoton_decode.settings import ResponseSettings

RATE, PERIOD, CELLS, IMAGES = 10.0, 1.5, 20, 25
SETTINGS = ResponseSettings()


def frames_only(frames, **more):
    nothing, none = np.zeros((0, frames)), np.zeros(0)
    fields = {
        "fluorescence": nothing,
        "neuropil": nothing,
        "deconvolved": nothing,
        "is_cell": none,
        "cell_probability": none,
        "plane": none,
        "center_y": none,
        "center_x": none,
        "pixel_offset": np.zeros(1),
        "pixel_y": none,
        "pixel_x": none,
        "pixel_weight": none,
        "mean_image": np.zeros((1, 1, 1)),
        "motion_y": np.zeros((1, frames)),
        "motion_x": np.zeros((1, frames)),
        "bad_frame": np.zeros(frames),
        "plane_delay_s": np.array([0.05]),
        "frame_rate_hz": RATE,
        "intensity_offset": 0.0,
        "intensity_scale": 1.0,
    }
    return Traces(**(fields | more))


def session(seed=0, minutes=5.0, noise=0.5, responding=CELLS, gain=None, repeats=True):
    """Signals, pictures and true onsets; a response rises within 0.2 s and decays with 0.5 s."""
    rng = np.random.default_rng(seed)
    onset_s = 3 + PERIOD * np.arange(int((60 * minutes - 8) / PERIOD))
    blocks = [rng.permutation(IMAGES) for _ in range(onset_s.size // IMAGES + 1)]
    image = np.concatenate(blocks)[: onset_s.size] if repeats else np.arange(onset_s.size)
    size = rng.random((image.max() + 1, CELLS)) * (rng.random((image.max() + 1, CELLS)) < 0.3)
    size[:, responding:] = 0
    size = size[image] * (1 if gain is None else gain(onset_s / onset_s[-1])[:, None])
    time = (np.arange(int(60 * minutes * RATE)) + 0.5) / RATE
    age = np.maximum(time - onset_s[:, None] - 0.1, 0)
    shape = (1 - np.exp(-age / 0.1)) * np.exp(-age / 0.5)
    trace = size.T @ shape + noise * rng.standard_normal((CELLS, time.size)) * 0.3
    collector = SignalCollector(frames_only(time.size))
    collector.add(trace, 0)
    return collector.signals(), image, onset_s


@pytest.mark.parametrize("fast", [0.001, -0.0005, 0.007])
def test_a_wrong_clock_is_found_with_its_interval(fast):
    signals, image, onset_s = session()
    found = clock_shift(signals, image, onset_s * (1 + fast), SETTINGS)
    true = 60 * (1 / (1 + fast) - 1)
    low, high = found.ci95
    assert low < true < high
    assert found.per_min == pytest.approx(true, abs=0.006)
    assert high - low < 0.02


def test_the_factor_found_leaves_nothing_to_find():
    signals, image, onset_s = session(1)
    logged = onset_s * 1.002
    found = clock_shift(signals, image, logged, SETTINGS)
    again = clock_shift(signals, image, logged * (1 + found.stretch), SETTINGS)
    assert abs(again.per_min) < 1e-3
    low, high = again.ci95
    assert low < 0 < high


def test_parts_of_the_session_lie_on_the_line():
    signals, image, onset_s = session(2)
    found = clock_shift(signals, image, onset_s * 0.998, SETTINGS)
    line = (found.part_s - onset_s.mean() * 0.998) * found.stretch
    assert found.part_s.size == 10
    assert np.abs(found.part_shift_s - line).max() < 0.15
    assert np.corrcoef(found.part_shift_s, line)[0, 1] > 0.95
    assert (np.abs(found.part_shift_s - line) < 3.5 * found.part_error_s).all()


@pytest.mark.parametrize("gain", [lambda part: np.exp(-2 * part), lambda part: 0.2 + part])
def test_gains_that_change_over_the_session_are_no_shift(gain):
    signals, image, onset_s = session(3, gain=gain, noise=0.2)
    found = clock_shift(signals, image, onset_s, SETTINGS)
    assert abs(found.per_min) < 0.005
    low, high = found.ci95
    assert low < 0 < high


def test_false_alarms_are_as_rare_as_the_interval_says():
    wrong = 0
    for seed in range(12):
        low, high = clock_shift(*session(seed, minutes=2, noise=1.0), SETTINGS).ci95
        wrong += not low < 0 < high
    assert wrong <= 2


def test_images_shown_once_do_as_well():
    signals, image, onset_s = session(4, repeats=False, noise=0.2)
    found = clock_shift(signals, image, onset_s * 1.001, SETTINGS)
    assert found.per_min == pytest.approx(-0.06, abs=0.01)


def test_few_responding_cells_suffice():
    signals, image, onset_s = session(5, responding=3)
    found = clock_shift(signals, image, onset_s * 1.001, SETTINGS)
    assert found.per_min == pytest.approx(-0.06, abs=0.02)


def test_noise_tells_nothing():
    told = [
        np.isfinite(clock_shift(*session(s, 2, responding=0), SETTINGS).stretch) for s in range(6)
    ]
    assert sum(told) <= 1


def test_too_few_presentations_tell_nothing():
    signals, image, onset_s = session()
    assert np.isnan(clock_shift(signals, image[:39], onset_s[:39], SETTINGS).stretch)
    assert np.isnan(clock_shift(None, image, onset_s, SETTINGS).stretch)


def test_cells_that_never_change_are_passed_over():
    collector = SignalCollector(frames_only(600))
    collector.add(np.full((3, 600), 7.3), 0)
    assert collector.signals() is None


def test_planes_are_timed_each_by_its_own_delay():
    frames = np.arange(1800)
    still = np.zeros((2, 1800))
    traces = frames_only(
        1800,
        plane_delay_s=np.array([0.0, 0.05]),
        mean_image=np.zeros((2, 1, 1)),
        motion_y=still,
        motion_x=still,
    )
    collector = SignalCollector(traces)
    for plane in (0, 1):
        collector.add(np.sin(2 * np.pi * 0.25 * (frames / RATE + 0.05 * plane))[None], plane)
    value = collector.signals().value[500:-500]
    np.testing.assert_allclose(value[:, 0], value[:, 1], atol=0.02)
