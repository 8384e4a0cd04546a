"""``tpdecode encode`` on imported responses: record, figures, summary, and what it refuses."""

import json

import numpy as np
import pytest

from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.chain import ENCODE, stages_of
from twophoton_decode.pipeline.stages import encode as step
from twophoton_decode.records import Encoding
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import Settings, Source


@pytest.fixture(autouse=True)
def quick_figures(monkeypatch):
    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)


@pytest.fixture
def session(tmp_path, tpdecode, small_arrays):
    folder = tmp_path / "S"
    assert tpdecode("import", "arrays", *small_arrays, "-o", folder)[0] == 0
    change_setting(folder / "session.toml", "decoding", "features", "pixels")
    change_setting(folder / "session.toml", "encoding", "refits", 200)
    return folder


def test_encode_writes_record_figures_and_summary(session, tpdecode):
    assert tpdecode("respond", session)[0] == 0
    code, out, err = tpdecode("encode", session)
    assert (code, err) == (0, "")
    assert "encode: done" in out
    found = read_record(session / "encoding.nc", Encoding)
    assert found.receptive_field.shape == (30, 12, 12)
    assert np.median(found.prediction_r) > 0.5
    summary = json.loads((session / "summary.json").read_text())["encode"]
    assert summary["cells_with_field"] == int(found.has_field.sum()) > 10
    assert summary["prediction_r"] == pytest.approx(np.median(found.prediction_r))
    assert summary["prediction_r_ci95"][0] < summary["prediction_r"]
    names = {path.stem for path in (session / "figures").glob("*.csv")}
    assert {"receptive_fields", "receptive_field_map", "encoding_prediction"} <= names
    assert tpdecode("encode", session)[1] == "encode: unchanged, nothing to do\n"


def test_too_few_images_are_said_to_be_too_few(tmp_path, tpdecode):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "R.npy", rng.random((3, 5, 6)))
    np.save(tmp_path / "I.npy", rng.random((5, 9, 9)))
    arrays = ("--responses", tmp_path / "R.npy", "--images", tmp_path / "I.npy")
    folder = tmp_path / "S"
    tpdecode("import", "arrays", *arrays, "--axes", "repeat image cell", "-o", folder)
    assert tpdecode("respond", folder)[0] == 0
    code, _, err = tpdecode("encode", folder)
    assert code == 1
    assert "at least 8 different images; 5 were shown" in err


def test_a_session_has_the_stage_wherever_it_has_responses():
    assert ENCODE in stages_of(Settings(source=Source(kind="arrays")))
    assert ENCODE in stages_of(Settings(source=Source(log="shown.csv")))
    assert ENCODE not in stages_of(Settings(source=Source()))


def test_cells_of_a_movie_get_the_places_of_their_rois():
    class Work:
        def read(self, kind, file):
            assert file == "traces.nc"
            return Traces

    class Traces:
        center_x, center_y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
        plane = np.array([0, 1, 0])

    class Responses:
        roi, position = np.array([2, 1]), None

    places = step._places(Work(), Responses())
    assert (places.x.tolist(), places.y.tolist(), places.plane.tolist()) == ([3, 2], [6, 5], [0, 1])
    Responses.roi = np.array([-1, -1])
    assert step._places(Work(), Responses()) is None
