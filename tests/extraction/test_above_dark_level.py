"""Traces counted from the grey level without light."""

from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.extraction.signals.delta_f import signal_of
from twophoton_decode.extraction.signals.rows import LoweredRows, above_dark_level
from twophoton_decode.records import Traces
from twophoton_decode.settings import TraceSettings

RATE, FRAMES, DARK = 10.0, 1200, -150.0


def traces(dark):
    """Two cells and an ROI without pixels of its own, over a level without light."""
    rng = np.random.default_rng(5)
    light = np.stack([100 + 2 * rng.standard_normal(FRAMES), 60 + rng.standard_normal(FRAMES)])
    light[:, 300:320] += 50
    around = 20 + 0.5 * rng.standard_normal((3, FRAMES))
    return Traces(
        fluorescence=np.vstack([light + dark, np.zeros(FRAMES)]).astype(np.float32),
        neuropil=(around + dark).astype(np.float32),
        deconvolved=np.zeros((3, FRAMES), np.float32),
        is_cell=np.ones(3, bool),
        cell_probability=np.ones(3),
        plane=np.zeros(3),
        center_y=np.zeros(3),
        center_x=np.zeros(3),
        pixel_offset=np.arange(4),
        pixel_y=np.zeros(3),
        pixel_x=np.zeros(3),
        pixel_weight=np.ones(3),
        mean_image=np.full((1, 4, 4), dark + 30),
        frame_mean=np.full((1, FRAMES), dark + 30),
        motion_y=np.zeros((1, FRAMES)),
        motion_x=np.zeros((1, FRAMES)),
        bad_frame=np.zeros(FRAMES, bool),
        plane_delay_s=[0.0],
        frame_rate_hz=RATE,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def test_dff_is_that_of_a_detector_whose_zero_is_right():
    rois = np.arange(3)
    expected, usable = signal_of(traces(0.0), rois, TraceSettings())
    lost, none = signal_of(traces(DARK), rois, TraceSettings())
    found, kept = signal_of(above_dark_level(traces(DARK), DARK), rois, TraceSettings())
    assert none.tolist() == [False, False, False]
    assert kept.tolist() == usable.tolist() == [True, True, False]
    assert np.isnan(lost).all()
    np.testing.assert_allclose(found[:2], expected[:2], atol=1e-5)


def test_brightness_is_counted_from_it_as_well():
    found = above_dark_level(traces(DARK), DARK)
    assert found.mean_image == pytest.approx(30)
    assert found.frame_mean == pytest.approx(30)
    assert above_dark_level(replace(traces(DARK), frame_mean=None), DARK).frame_mean is None


def test_a_level_of_zero_changes_nothing():
    recorded = traces(0.0)
    assert above_dark_level(recorded, 0.0) is recorded


def test_rows_are_read_where_they_are_indexed():
    signal = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
    rows = LoweredRows(signal, 10.0)
    assert (rows.shape, len(rows)) == ((3, 4), 3)
    np.testing.assert_array_equal(rows[np.array([0, 2])], signal[[0, 2]] - 10)
    np.testing.assert_array_equal(rows[1:, 1:3], signal[1:, 1:3] - 10)
    np.testing.assert_array_equal(np.asarray(rows), signal - 10)
