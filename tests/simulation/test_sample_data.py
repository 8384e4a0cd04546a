import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import tifffile
from skimage.io import imread

SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    spec = importlib.util.spec_from_file_location(
        "make_sample_data", SAMPLE / "make_sample_data.py"
    )
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    folder = tmp_path_factory.mktemp("sample")
    script.make(folder)
    return folder


def relative(folder, pattern):
    return sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))


def test_the_script_makes_every_shipped_file(made):
    described = {"README.md", "make_sample_data.py"}
    shipped = {name for name in relative(SAMPLE, "**/*.*") if "__pycache__" not in name}
    assert set(relative(made, "**/*.*")) == shipped - described
    for name in described:
        assert (SAMPLE / name).is_file()


@pytest.mark.parametrize("name", ["responses.npy", "images.npy"])
def test_arrays_are_the_same_bit_for_bit(made, name):
    assert (made / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_movie_pictures_and_log_are_the_same(made):
    for name in relative(SAMPLE, "raw/*.tif"):
        np.testing.assert_array_equal(tifffile.imread(made / name), tifffile.imread(SAMPLE / name))
    for name in relative(SAMPLE, "pictures/*.png"):
        np.testing.assert_array_equal(imread(made / name), imread(SAMPLE / name))
    assert (made / "shown.csv").read_text() == (SAMPLE / "shown.csv").read_text()


def test_truth_is_the_same(made):
    one, two = (np.load(folder / "truth.npz", allow_pickle=False) for folder in (made, SAMPLE))
    assert one.files == two.files
    for name in one.files:
        assert one[name].dtype == two[name].dtype
        if one[name].dtype.kind == "f":
            # Processors round sums in other orders; the movie made of them is the same.
            np.testing.assert_allclose(one[name], two[name], rtol=1e-9, atol=1e-9)
        else:
            np.testing.assert_array_equal(one[name], two[name])


def test_the_sample_fits_into_three_megabytes():
    files = [path for path in SAMPLE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_shapes_are_those_the_readme_names():
    assert np.load(SAMPLE / "responses.npy").shape == (6, 40, 60)
    assert np.load(SAMPLE / "images.npy").shape == (40, 32, 32)
    with (SAMPLE / "shown.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) == 72
