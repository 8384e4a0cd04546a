from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.extraction.signals import delta_f as traces_module
from twophoton_decode.extraction.signals.delta_f import (
    corrected_trace,
    delta_f_over_f,
    dff_of,
    neuropil_coefficients,
    signal_of,
    signal_unit,
)
from twophoton_decode.records import Traces
from twophoton_decode.settings import TraceSettings

RATE = 10.0
FRAMES = 3000


def traces_of(fluorescence: np.ndarray, neuropil: np.ndarray, spikes: np.ndarray) -> Traces:
    rois, frames = fluorescence.shape
    return Traces(
        fluorescence=fluorescence.astype(np.float32),
        neuropil=neuropil.astype(np.float32),
        deconvolved=spikes.astype(np.float32),
        is_cell=np.ones(rois),
        cell_probability=np.ones(rois),
        plane=np.zeros(rois),
        center_y=np.zeros(rois),
        center_x=np.zeros(rois),
        pixel_offset=np.arange(rois + 1),
        pixel_y=np.zeros(rois),
        pixel_x=np.zeros(rois),
        pixel_weight=np.ones(rois),
        mean_image=np.zeros((1, 4, 4)),
        motion_y=np.zeros((1, frames)),
        motion_x=np.zeros((1, frames)),
        bad_frame=np.zeros(frames),
        plane_delay_s=np.array([0.05]),
        frame_rate_hz=RATE,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def test_corrected_trace_removes_the_leak_and_keeps_the_baseline():
    leak = 40.0 + np.sin(np.arange(101))
    cell = np.full(101, 200.0)
    contaminated = cell + 0.7 * leak
    corrected = corrected_trace(contaminated[np.newaxis], leak[np.newaxis], 0.7)
    assert corrected == pytest.approx(200.0 + 0.7 * np.median(leak))


def test_dff_of_a_transient_on_a_drifting_baseline():
    frames = np.arange(FRAMES)
    baseline = 100.0 * (1 - 0.2 * frames / FRAMES)
    transient = np.where((frames % 500) < 20, 0.5, 0.0)
    corrected = (baseline * (1 + transient))[np.newaxis]
    how = TraceSettings(baseline_method="percentile", baseline_window_s=30.0)
    dff, usable = delta_f_over_f(corrected, RATE, how)
    assert usable.tolist() == [True]
    inside = slice(150, FRAMES - 150)
    # The 10th percentile of a window lies 0.4 windows below its middle on a falling line.
    lag = 0.4 * 300 * 0.2 * 100 / FRAMES / baseline
    expected = (1 + transient) / (1 - lag) - 1
    assert dff[0, inside] == pytest.approx(expected[inside], abs=0.003)


def test_rois_without_a_safe_baseline_are_not_usable():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 10, size=(5, FRAMES))
    corrected = noise + np.array([[100.0], [25.0], [8.0], [0.0], [-50.0]])
    # A half-second mean has a noise of 10 / √5 = 4.5, of which 8 is less than 3.
    dff, usable = delta_f_over_f(corrected, RATE, TraceSettings())
    assert usable.tolist() == [True, True, False, False, False]
    assert np.isnan(dff[2:]).all()
    assert np.isfinite(dff[:2]).all()
    # The 10th percentile is 1.28 noises below the mean: 87 and 12 grey levels.
    percentile = TraceSettings(baseline_method="percentile")
    assert delta_f_over_f(corrected[[0, 2]], RATE, percentile)[1].tolist() == [True, False]


@pytest.mark.parametrize("method", ["silent-level", "percentile"])
def test_silent_roi_at_zero_is_not_usable(method):
    how = TraceSettings(baseline_method=method, baseline_window_s=1.0)
    _, usable = delta_f_over_f(np.zeros((1, 50)), RATE, how)
    assert usable.tolist() == [False]


def paused(frame, after_s):
    """Two levels, the higher one after a pause before `frame`, of a known or unknown length."""
    rng = np.random.default_rng(5)
    level = np.where(np.arange(FRAMES) < frame, 100.0, 200.0)
    traces = traces_of(
        level + rng.normal(0, 2, (2, FRAMES)), np.zeros((2, FRAMES)), np.zeros((2, FRAMES))
    )
    if after_s is None:
        return replace(traces, unknown_pause=np.array([frame]))
    began = np.arange(FRAMES) / RATE + np.where(np.arange(FRAMES) < frame, 0, after_s)
    return replace(traces, frame_time_s=began)


@pytest.mark.parametrize("method", ["silent-level", "percentile"])
@pytest.mark.parametrize(("after_s", "apart"), [(120.0, True), (None, True), (5.0, False)])
def test_window_of_f0_reaches_over_short_pauses_only(method, after_s, apart):
    traces = paused(1500, after_s)
    how = TraceSettings(neuropil_coefficient=0, baseline_method=method, baseline_percentile=50)
    dff, usable = dff_of(traces, np.asarray(traces.fluorescence), how)
    assert usable.all()
    near = np.abs(dff[:, 1450:1550].mean(axis=1))
    if apart:
        assert dff[:, :1500].mean() == pytest.approx(0, abs=0.01)
        assert dff[:, 1500:].mean() == pytest.approx(0, abs=0.01)
        assert (near < 0.02).all()
    else:
        before = dff[:, 1450:1500].mean()
        assert before < -0.1


@pytest.mark.parametrize("method", ["silent-level", "percentile"])
def test_bad_frames_stay_out_of_f0(method):
    rng = np.random.default_rng(6)
    corrected = 100 + rng.normal(0, 5, (3, FRAMES))
    traces = traces_of(corrected, np.zeros_like(corrected), np.zeros_like(corrected))
    bad = np.zeros(FRAMES, dtype=bool)
    # A fifth of the frames: more than the percentile below which F0 lies.
    bad[:FRAMES].reshape(-1, 50)[:, :10] = True
    how = TraceSettings(baseline_method=method)
    expected, _ = dff_of(replace(traces, bad_frame=bad), corrected, how)
    dark = np.where(bad, 10.0, corrected)
    found, usable = dff_of(replace(traces, bad_frame=bad), dark, how)
    assert usable.all()
    np.testing.assert_array_equal(found[:, ~bad], expected[:, ~bad])
    taken_in, _ = dff_of(traces, dark, how)
    assert not np.allclose(taken_in[:, ~bad], expected[:, ~bad], atol=0.5)


def test_all_frames_bad_are_taken_as_they_are():
    corrected = 100 + np.random.default_rng(7).normal(0, 5, (2, 600))
    every = np.zeros(600, dtype=bool)
    dff, usable = delta_f_over_f(corrected, RATE, TraceSettings(), good=every)
    assert usable.all()
    np.testing.assert_array_equal(dff, delta_f_over_f(corrected, RATE, TraceSettings())[0])


@pytest.mark.parametrize(
    ("signal", "unit"), [("dff", "ΔF/F"), ("corrected", "grey level"), ("deconvolved", "a.u.")]
)
def test_signal_of_a_block_equals_the_rows_of_all(signal, unit):
    rng = np.random.default_rng(2)
    traces = traces_of(
        rng.normal(100, 2, (5, 300)), rng.normal(50, 2, (5, 300)), rng.random((5, 300))
    )
    settings = TraceSettings(signal=signal)
    every, usable = signal_of(traces, np.arange(5), settings)
    block, _ = signal_of(traces, np.array([3, 1, 3]), settings)
    assert usable.all()
    assert every.dtype == np.float32
    assert np.array_equal(block, every[[3, 1, 3]])
    assert signal_unit(settings) == unit


def leaking(share, frames=3000):
    """Cells with sparse transients and neuropil that leaks into them."""
    rng = np.random.default_rng(4)
    kernel = np.exp(-np.arange(40) / 7)
    spikes = (rng.random((len(share), frames)) < 0.01) * 100.0
    cell = np.array([np.convolve(each, kernel)[:frames] for each in spikes])
    slow = np.cumsum(rng.standard_normal(cell.shape), axis=1)
    around = 300 + 15 * np.sin(slow / 5)
    fluorescence = 500 + cell + np.array(share)[:, None] * around
    noisy = fluorescence + 3 * rng.standard_normal(cell.shape)
    return traces_of(noisy, around, np.zeros(cell.shape)), cell


def test_estimated_coefficients_are_subtracted_cell_by_cell(monkeypatch):
    true = [0.2, 0.5, 0.9, 0.4]
    traces, cell = leaking(true)
    rois, told = np.array([3, 0, 2]), []
    settings = TraceSettings(signal="corrected", neuropil_coefficient="estimated")
    found = neuropil_coefficients(traces, rois, settings)
    np.testing.assert_allclose(found.value, np.array(true)[rois], atol=0.05)
    assert set(found.origin) == {"estimated"}
    monkeypatch.setattr(traces_module, "_VALUES_AT_ONCE", 2 * traces.fluorescence.shape[1])
    blocks = neuropil_coefficients(traces, rois, settings, lambda *step: told.append(step))
    np.testing.assert_array_equal(blocks.value, found.value)
    assert told == [(2, 3, "neuropil coefficients"), (3, 3, "neuropil coefficients")]
    corrected, _ = signal_of(traces, rois, settings, found.value)
    for signal, active in zip(corrected, cell[rois], strict=True):
        assert np.corrcoef(signal, active)[0, 1] > 0.95
    asked, _ = signal_of(traces, rois, settings)
    np.testing.assert_array_equal(asked, corrected)


def test_coefficients_that_are_given_or_not_used():
    traces, _ = leaking([0.2, 0.5])
    rois = np.arange(2)
    fixed = neuropil_coefficients(traces, rois, TraceSettings(neuropil_coefficient=0.6))
    assert (fixed.value.tolist(), fixed.origin.tolist()) == ([0.6, 0.6], ["fixed", "fixed"])
    deconvolved = TraceSettings(signal="deconvolved", neuropil_coefficient="estimated")
    unused = neuropil_coefficients(traces, rois, deconvolved)
    assert np.isnan(unused.value).all()
    assert unused.origin.tolist() == ["not used", "not used"]


def test_signal_is_what_its_name_says():
    rng = np.random.default_rng(3)
    traces = traces_of(
        rng.normal(100, 2, (2, 300)), rng.normal(50, 2, (2, 300)), rng.random((2, 300))
    )
    rois = np.arange(2)
    expected = corrected_trace(traces.fluorescence, traces.neuropil, 0.5)
    corrected, _ = signal_of(
        traces, rois, TraceSettings(signal="corrected", neuropil_coefficient=0.5)
    )
    assert np.allclose(corrected, expected)
    spikes, _ = signal_of(traces, rois, TraceSettings(signal="deconvolved"))
    assert np.array_equal(spikes, traces.deconvolved)
    dff, _ = signal_of(
        traces, rois, TraceSettings(neuropil_coefficient=0.5, baseline_method="percentile")
    )
    assert np.allclose(dff, expected / np.percentile(expected, 10, axis=1)[:, None] - 1, atol=1e-6)
