"""Planted cells against what was found of them, by hand-made recordings."""

from dataclasses import replace

import numpy as np
import pytest
from planted_traces import traces_of

from twophoton_decode.errors import AnalysisError
from twophoton_decode.records import Traces
from twophoton_decode.settings import TraceSettings
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.recovery import recovery
from twophoton_decode.simulation.truth import read_truth, truth_beside
from twophoton_decode.simulation.writing import truth, write

TINY = SimulationParameters(
    cells=4, images=3, repeats=2, picture_px=16, field_px=60, seed=7, files=1, spontaneous_hz=0.3
)
SHAPE = (60, 60)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "mouse"
    write(simulate(TINY), folder)
    return folder


@pytest.fixture(scope="module")
def planted(written):
    return read_truth(written / "truth.npz", SHAPE, TINY.frames)


def test_found_missed_and_rejected_cells(planted):
    traces = traces_of(planted, SHAPE, [2, 0, 3], [True, True, False])
    found = recovery(planted, traces, TraceSettings(signal="corrected"))
    assert found.roi.tolist() == [1, -1, 0, 2]
    assert found.found.tolist() == [True, False, True, False]
    assert (found.cells, found.true_cells) == (2, 2)
    np.testing.assert_allclose(found.trace_r[[0, 2]], 1, atol=1e-5)
    assert np.isnan(found.trace_r[[1, 3]]).all()
    assert np.isnan(found.response_r).all()


def test_an_roi_beside_every_cell_is_no_true_cell(planted):
    traces = traces_of(planted, SHAPE, [0, 1], [True, True])
    y = traces.pixel_y.copy()
    y[traces.pixel_offset[1] :] = (y[traces.pixel_offset[1] :] + 30) % 60
    found = recovery(planted, replace(traces, pixel_y=y), TraceSettings(signal="corrected"))
    assert found.found.tolist() == [True, False, False, False]
    assert (found.cells, found.true_cells) == (2, 1)


def test_a_recording_without_rois_has_found_nothing(planted):
    traces = traces_of(planted, SHAPE, [0], [True])
    none = {
        name: getattr(traces, name)[:0]
        for name, spec in Traces.arrays()
        if spec.axes[0] in ("roi", "roi_pixel") and getattr(traces, name) is not None
    }
    found = recovery(planted, replace(traces, **none, pixel_offset=np.zeros(1)), TraceSettings())
    assert not found.found.any()
    assert (found.cells, found.true_cells) == (0, 0)


def test_the_truth_of_a_movie_lies_beside_its_folder(written, tmp_path):
    assert truth_beside([written / "raw"]) == written / "truth.npz"
    assert truth_beside([written / "raw" / "movie_000.tif"]) == written / "truth.npz"
    assert truth_beside([tmp_path / "raw"]) is None
    (tmp_path / "raw").mkdir()
    np.savez(tmp_path / "truth.npz", something=np.zeros(3))
    assert truth_beside([tmp_path / "raw"]) is None
    (tmp_path / "truth.npz").write_bytes(b"no archive")
    assert truth_beside([tmp_path / "raw"]) is None


def test_the_truth_of_another_movie_is_refused(written):
    with pytest.raises(AnalysisError, match="not the truth of this movie of 9 frames: dff"):
        read_truth(written / "truth.npz", SHAPE, 9)
    with pytest.raises(AnalysisError, match="masks do not lie in a field of view of 20 x 60"):
        read_truth(written / "truth.npz", (20, 60), TINY.frames)


def test_python_objects_in_the_truth_are_not_unpickled(written, tmp_path):
    content = truth(simulate(TINY)) | {"dff": np.array([{}], dtype=object)}
    np.savez(tmp_path / "truth.npz", **content)
    with pytest.raises(AnalysisError, match="Python objects"):
        read_truth(tmp_path / "truth.npz", SHAPE, TINY.frames)
