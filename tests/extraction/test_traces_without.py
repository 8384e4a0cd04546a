"""Traces that lack neuropil or deconvolved signals, or are ΔF/F already."""

from dataclasses import replace

import numpy as np
import pytest
from planted_traces import traces_of_signal

from twophoton_decode.errors import SettingsError
from twophoton_decode.extraction.quality.measure import quality
from twophoton_decode.extraction.signals.delta_f import neuropil_coefficients, signal_of
from twophoton_decode.records import Traces
from twophoton_decode.session.netcdf import read_record, write_record
from twophoton_decode.settings import TraceSettings

ROIS = np.arange(3)


@pytest.fixture
def traces():
    signal = np.random.default_rng(0).normal(100, 2, (3, 600)).astype(np.float32)
    return replace(traces_of_signal(signal, 10.0), neuropil=None, deconvolved=None)


def test_without_neuropil_nothing_is_subtracted(traces):
    assert neuropil_coefficients(traces, ROIS, TraceSettings()).value.tolist() == [0, 0, 0]
    corrected, _ = signal_of(traces, ROIS, TraceSettings(signal="corrected"))
    np.testing.assert_array_equal(corrected, traces.fluorescence)
    found = quality(traces, TraceSettings())
    assert np.isnan(found.neuropil_ratio).all()
    assert np.isfinite(found.noise_level).all()


def test_a_signal_that_is_not_there_is_refused(traces):
    with pytest.raises(SettingsError, match="no deconvolved signal"):
        signal_of(traces, ROIS, TraceSettings(signal="deconvolved"))
    with pytest.raises(SettingsError, match=r'only ΔF/F. Choose "dff"'):
        signal_of(replace(traces, is_dff=True), ROIS, TraceSettings(signal="corrected"))


def test_delta_f_is_taken_as_it_is_but_for_rois_with_gaps(traces):
    values = (traces.fluorescence / 100 - 1).astype(np.float32)
    values[1, 7] = np.nan
    given = replace(traces, fluorescence=values, is_dff=True)
    dff, usable = signal_of(given, ROIS, TraceSettings())
    assert usable.tolist() == [True, False, True]
    np.testing.assert_array_equal(dff[0], values[0])
    assert np.isnan(dff[1]).all()
    found = quality(given, TraceSettings())
    assert np.isnan(found.bleaching).all()
    assert np.isfinite(found.noise_level[[0, 2]]).all()


def test_they_are_stored_and_read_again(traces, tmp_path):
    write_record(tmp_path / "traces.nc", replace(traces, is_dff=True, imported_from="NWB"))
    again = read_record(tmp_path / "traces.nc", Traces)
    assert again.neuropil is None
    assert again.deconvolved is None
    assert again.is_dff
    assert again.imported_from == "NWB"
