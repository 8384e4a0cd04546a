"""Levels, threshold crossings and bounces of simulated traces."""

import numpy as np
import pytest

from twophoton_decode.errors import AlignmentError
from twophoton_decode.stimulus.clock import trace as trace_module
from twophoton_decode.stimulus.clock.flips import choose_flips, find_crossings
from twophoton_decode.stimulus.clock.levels import find_levels
from twophoton_decode.stimulus.clock.trace import Trace

RATE = 5000.0


def trace_of(values):
    values = np.asarray(values, dtype=float)
    return Trace("a trace", values.size, RATE, lambda a, b: values[a:b])


def pulses(starts_s, lasting_s, duration_s, noise=0.0, rise_s=0.0, levels=(0.3, 2.4)):
    time = np.arange(int(duration_s * RATE)) / RATE
    values = np.zeros(time.size)
    for start in starts_s:
        values[(time >= start) & (time < start + lasting_s)] = 1
    if rise_s:
        kernel = np.exp(-np.arange(0, 8 * rise_s, 1 / RATE) / rise_s)
        values = np.convolve(values, kernel / kernel.sum())[: time.size]
    values = levels[0] + (levels[1] - levels[0]) * values
    return values + np.random.default_rng(0).normal(0, noise, time.size)


def flips(values, edges="rising", debounce_s=0.005):
    trace = trace_of(values)
    return choose_flips(find_crossings(trace, find_levels(trace)), edges, debounce_s)


STARTS = np.array([1.0, 2.7, 3.9, 6.2])


def test_noisy_photodiode_with_a_slow_rise():
    found = flips(pulses(STARTS, 0.8, 8, noise=0.1, rise_s=0.005))
    # Half the way up an exponential rise takes ln 2 time constants.
    assert found == pytest.approx(STARTS + 0.005 * np.log(2), abs=0.0015)


def test_falling_and_both():
    values = pulses(STARTS, 0.8, 8, noise=0.05)
    assert flips(values, "falling") == pytest.approx(STARTS + 0.8, abs=3e-4)
    both = np.sort(np.concatenate([STARTS, STARTS + 0.8]))
    assert flips(values, "both") == pytest.approx(both, abs=3e-4)


def test_inverted_polarity():
    values = pulses(STARTS, 0.8, 8, noise=0.05, levels=(2.4, 0.3))
    assert flips(values, "falling") == pytest.approx(STARTS, abs=3e-4)


def test_pulses_that_are_brief_and_rare():
    values = pulses(STARTS, 0.002, 8, noise=0.2, levels=(0, 5))
    assert flips(values) == pytest.approx(STARTS, abs=3e-4)


def test_double_flips_are_one():
    bounced = pulses(STARTS, 0.001, 8) + pulses(STARTS + 0.002, 0.8, 8) - 0.3
    assert flips(bounced) == pytest.approx(STARTS, abs=3e-4)
    assert flips(bounced, "falling").size == STARTS.size
    assert flips(bounced, debounce_s=0.0).size == 2 * STARTS.size


@pytest.mark.parametrize("chunk", [37, 500, 4999])
def test_chunks_make_no_difference(monkeypatch, chunk):
    values = pulses(STARTS, 0.8, 8, noise=0.1, rise_s=0.005)
    whole = flips(values)
    monkeypatch.setattr(trace_module, "CHUNK_SAMPLES", chunk)
    # A rise that spans chunks is timed to the sample.
    assert flips(values) == pytest.approx(whole, abs=1 / RATE)


def test_samples_that_are_no_numbers_keep_the_level():
    values = pulses(STARTS, 0.8, 8)
    values[int(1.2 * RATE) : int(1.4 * RATE)] = np.nan
    assert flips(values) == pytest.approx(STARTS, abs=3e-4)
    assert find_levels(trace_of(values)).missing == 1000


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full(100, np.nan), "no finite number"),
        (np.ones(100), "nothing but 1"),
        (np.random.default_rng(0).normal(size=20_000), "no two levels"),
    ],
)
def test_traces_without_levels(values, message):
    with pytest.raises(AlignmentError, match=message):
        find_levels(trace_of(values))


def test_threshold_that_is_never_crossed():
    with pytest.raises(AlignmentError, match="never crossed"):
        find_levels(trace_of(pulses(STARTS, 0.8, 8)), 9.0)
