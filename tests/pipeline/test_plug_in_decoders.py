"""Sessions decoded by other packages' decoders: one that only predicts, and one that fails."""

import json
from importlib.metadata import EntryPoint

import numpy as np
import pytest

from twophoton_decode.errors import PlugInError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import CellCountCurves, Complementarity, Reconstruction
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import Settings, Source

THEIRS = """
from sklearn.neighbors import KNeighborsRegressor

class Nearest:
    def fit(self, R, Y, groups=None):
        self.model = KNeighborsRegressor(5).fit(R, Y)
    def predict(self, R):
        return self.model.predict(R)

class Broken(Nearest):
    def predict(self, R):
        raise RuntimeError("out of neighbours")
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory, small_arrays):
    """Run with a broken decoder before a sound one: the folder, what was said, the error."""
    root = tmp_path_factory.mktemp("plugged")
    (root / "lab_decoders.py").write_text(THEIRS)
    options = dict(zip(small_arrays[::2], small_arrays[1::2], strict=True))
    source = Source(
        kind="arrays",
        responses=options["--responses"],
        axes=options["--axes"],
        images=options["--images"],
    )
    settings = {
        "decoding": {"permutations": 2, "bootstraps": 100, "features": "pixels", "folds": 4},
        "cell_count": {"minimum_responsive": 1, "derangements": 200, "random_draws": 3},
        "run": {"decoders": ["broken", "nearest"]},
        "source": source,
    }
    names = {"broken": "Broken", "nearest": "Nearest"}
    points = [
        EntryPoint(name, f"lab_decoders:{kind}", "tpdecode.decoders")
        for name, kind in names.items()
    ]

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        patch.setattr("twophoton_decode.registry.entry_points", lambda group: points)
        patch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
        said = []
        folder = SessionFolder.create(root / "S", Settings.model_validate(settings))
        with pytest.raises(PlugInError) as caught:
            Session(folder, say=said.append).run()
        yield folder, said, str(caught.value)


def test_the_fault_is_told_and_the_other_decoder_is_run(session):
    folder, said, error = session
    assert error.startswith("the decoder 'broken' failed in Broken.predict (lab_decoders.py, ")
    assert "RuntimeError: out of neighbours" in error
    assert "reconstruct:broken: failed, and is left out" in said
    assert not (folder.path / "reconstruction/broken.nc").exists()
    assert (folder.path / "stability/nearest.nc").exists()
    assert not any("report:broken" in line for line in said)
    assert folder.report.exists()


def test_what_is_unknown_is_said_to_be(session):
    folder, said, _ = session
    numbers = json.loads(folder.summary.read_text())["reconstruct"]["nearest"]
    assert numbers["p_value"] is None
    assert numbers["chance_r"] is None
    assert numbers["permutations"] == 0
    assert numbers["r_infinite_trials"] is None
    assert abs(numbers["wrong_image_r"]) < 0.1 < numbers["r_average"]
    [told] = [line for line in said if "no permutations were run" in line]
    assert "nearest is not affine" in told
    assert "`tpdecode reconstruct --permutations 20` runs them" in told
    scored = [line for line in said if line.startswith("reconstruct:nearest: R ")]
    assert scored[0].endswith("with other images, no test against chance")
    page = folder.report.read_text()
    assert "which is no test (nearest is not affine" in page


def test_records_without_filters_are_read_and_complete(session):
    folder, said, _ = session
    made = read_record(folder.path / "reconstruction/nearest.nc", Reconstruction)
    assert made.reverse_filter is None
    assert np.isfinite(made.average_of_singles).all()
    curves = read_record(folder.path / "cell_count/nearest.nc", CellCountCurves)
    np.testing.assert_array_equal(curves.cells, [0, 1, 2, 3, 5, 7, 10, 15, 20, 30])
    assert curves.predicted
    assert np.isfinite(curves.informative_cells)
    assert any("it predicted again from 0, 1, 2, 3, 5" in line for line in said)


def test_what_needs_filters_is_unavailable_and_nothing_else(session):
    folder, _, _ = session
    found = read_record(folder.path / "complementarity/nearest.nc", Complementarity)
    why = "This needs one picture per cell; nearest has none: it is not affine."
    assert found.unavailable["fitting"] == why
    figures = {path.stem for path in folder.figures.glob("*.csv")}
    assert "cell_count_nearest" in figures
    assert "cell_contributions_nearest" not in figures


def test_permutations_that_are_asked_for_are_saved_and_run(session, tpdecode):
    folder, _, _ = session
    code, said, _ = tpdecode(
        "reconstruct", folder.path, "--decoder", "nearest", "--permutations", 3
    )
    assert code == 0
    assert "[decoding] non_affine_permutations = 3" in said
    assert folder.settings().decoding.non_affine_permutations == 3
    made = read_record(folder.path / "reconstruction/nearest.nc", Reconstruction)
    assert made.chance_r.shape == (3,)
    assert made.p_value == pytest.approx(1 / 4)
