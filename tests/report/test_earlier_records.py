"""Records of earlier versions lack what figures show now, and open all the same."""

from __future__ import annotations

import h5netcdf
import numpy as np
import pytest
from quality_recordings import measured, traces

from twophoton_decode.errors import RecordError
from twophoton_decode.records import Quality
from twophoton_decode.records.declaration import given
from twophoton_decode.records.fields.shown_quality import ShownQuality
from twophoton_decode.session.netcdf import read_record, write_record


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A file as it was before figures took all their numbers from it."""
    path = tmp_path_factory.mktemp("earlier") / "quality.nc"
    write_record(path, measured(traces()))
    with h5netcdf.File(path, "a") as file:
        for name, _ in ShownQuality.arrays():
            if name in file.variables:
                del file._h5file[name]
        for name, _ in ShownQuality.scalars():
            del file.attrs[name]
    return path


def test_what_an_earlier_version_did_not_write_is_unknown(earlier):
    found, now = read_record(earlier, Quality), measured(traces())
    np.testing.assert_array_equal(found.snr, now.snr)
    assert found.example_roi.shape == (0,)
    assert found.example_dff.shape == (0, now.brightness_jump.shape[1])
    assert np.isnan(found.median_of("bleaching"))
    assert now.median_of("bleaching") == pytest.approx(np.median(now.bleaching[:8]))
    assert np.isnan(found.motion_step)
    assert found.cell_percent is None
    with pytest.raises(RecordError, match="brings them up to date"):
        given(found.cell_percent)


def test_what_was_written_comes_back(tmp_path):
    now = measured(traces())
    write_record(tmp_path / "quality.nc", now)
    found = read_record(tmp_path / "quality.nc", Quality)
    np.testing.assert_array_equal(found.example_roi, now.example_roi)
    np.testing.assert_array_equal(found.excerpt_f, now.excerpt_f)
    assert found.quartiles == now.quartiles
    assert found.coefficient_range == now.coefficient_range
