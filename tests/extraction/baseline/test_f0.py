"""The gain of ΔF/F in simulated cells whose true F0 is known."""

import numpy as np
import pytest

from twophoton_decode.extraction.signals.baseline.f0 import baseline
from twophoton_decode.settings import TraceSettings

PERCENTILE = TraceSettings(baseline_method="percentile")
F0, CELLS, SECONDS = 100.0, 8, 300
DECAY_S, SIZE = 0.7, 0.3


def calcium(rate, events_hz, seed=0):
    """Transients of 30 % ΔF/F, at random, that decay in 0.7 s; (cells, frames), ΔF/F."""
    rng = np.random.default_rng(seed)
    events = rng.poisson(events_hz / rate, (CELLS, int(SECONDS * rate)))
    kernel = SIZE * np.exp(-np.arange(int(6 * DECAY_S * rate)) / (DECAY_S * rate))
    return np.array([np.convolve(each, kernel)[: events.shape[1]] for each in events])


def noisy(activity, noise, seed=1):
    """The trace of cells of F0 with noise of so many F0."""
    rng = np.random.default_rng(seed)
    return F0 * (1 + activity + noise * rng.standard_normal(activity.shape))


def gain(trace, rate, settings=None):
    """By how much responses come out too large, averaged over frames; (cells,)."""
    found = baseline(trace, rate, settings or TraceSettings())
    assert found.safe.all()
    return (F0 / found.value).mean(axis=1)


@pytest.mark.parametrize(
    ("noise", "before"), [(0.10, 1.13), (0.20, 1.29), (0.33, 1.61), (0.42, 1.99)]
)
def test_noise_does_not_raise_responses(noise, before):
    trace = noisy(calcium(30.0, 0.2), noise)
    assert gain(trace, 30.0) == pytest.approx(1, abs=0.04)
    assert gain(trace, 30.0, PERCENTILE) == pytest.approx(before, abs=0.08)


@pytest.mark.parametrize("rate", [7.5, 15.0, 30.0, 60.0])
def test_same_light_at_another_frame_rate_gives_the_same_responses(rate):
    trace = noisy(calcium(rate, 0.2), 0.25 * np.sqrt(rate / 30))
    assert gain(trace, rate) == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize(
    ("events_hz", "lowest", "highest", "before"),
    [(1, 0.94, 1.07, 1.0), (3, 0.9, 1.1, 0.77), (5, 0.75, 1.0, 0.64), (8, 0.55, 0.8, 0.49)],
)
def test_busy_cells_keep_their_responses_or_what_is_documented(events_hz, lowest, highest, before):
    trace = noisy(calcium(30.0, events_hz), 0.10)
    assert lowest < gain(trace, 30.0).mean() < highest
    assert gain(trace, 30.0, PERCENTILE).mean() == pytest.approx(before, abs=0.08)


def test_bleaching_is_followed_in_busy_cells():
    activity = calcium(30.0, 2.0)
    fade = 1 - 0.4 * np.arange(activity.shape[1]) / activity.shape[1]
    found = baseline(fade * noisy(activity, 0.1), 30.0, TraceSettings()).value
    parts = np.array_split(fade * F0 / found, 3, axis=1)
    first, _, last = (part.mean() for part in parts)
    assert first == pytest.approx(1, abs=0.1)
    assert last == pytest.approx(1, abs=0.1)


def test_order_of_strongest_cells_is_the_true_one():
    rng = np.random.default_rng(2)
    rate, cells = 15.0, 24
    noise, events = rng.uniform(0.05, 0.4, cells), rng.uniform(0.05, 3, cells)
    activity = np.concatenate([calcium(rate, each, seed)[:1] for seed, each in enumerate(events)])
    trace = F0 * (1 + activity + noise[:, None] * rng.standard_normal(activity.shape))
    before, now = (
        np.std(F0 / baseline(trace, rate, how).value.mean(axis=1))
        for how in (PERCENTILE, TraceSettings())
    )
    assert now < before / 3


def test_units_do_not_matter():
    trace = noisy(calcium(15.0, 1.0), 0.1)
    found = baseline(trace, 15.0, TraceSettings())
    scaled = baseline(7 * trace, 15.0, TraceSettings())
    np.testing.assert_allclose(scaled.value, 7 * found.value, rtol=1e-9)
    assert (scaled.safe == found.safe).all()


@pytest.mark.parametrize("ratio", [0.0, 0.3, 0.6])
def test_level_near_zero_is_not_safe(ratio):
    """F0 of so many SD of a half-second mean's noise, and of zero in all the others."""
    trace = np.random.default_rng(3).normal(ratio, np.sqrt(15), (4, 9000))
    assert not baseline(trace, 30.0, TraceSettings()).safe.any()


def test_level_that_is_not_known_well_is_not_safe():
    """Hardly any frames: F0 is above the noise, but less than five errors above zero."""
    trace = noisy(calcium(30.0, 6.0)[:, :90], 0.3)
    assert not baseline(trace, 30.0, TraceSettings()).safe.all()


@pytest.mark.parametrize("frames", [1, 2, 5, 40])
def test_short_and_constant_traces_are_no_error(frames):
    trace = np.full((2, frames), 50.0)
    found = baseline(trace, 10.0, TraceSettings())
    assert found.value == pytest.approx(50.0)
    assert baseline(np.zeros((0, frames)), 10.0, TraceSettings()).value.shape == (0, frames)


def test_missing_frame_makes_a_cell_unsafe():
    trace = noisy(calcium(15.0, 0.2), 0.1)
    trace[2, 100] = np.nan
    assert np.flatnonzero(~baseline(trace, 15.0, TraceSettings()).safe).tolist() == [2]
