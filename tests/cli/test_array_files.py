"""Response matrices in the files that people keep them in, through the command line."""

import re

import numpy as np
import pytest
import scipy.io
from conftest import linear_population

from twophoton_decode.records import Responses
from twophoton_decode.session.netcdf import read_record


@pytest.fixture(scope="module")
def population():
    return linear_population(images=20, cells=12)


def responses_in(session):
    return read_record(session / "responses.nc", Responses)


@pytest.mark.parametrize("separator", ["=", "::"])
def test_fields_of_a_structure_and_pictures_in_matlabs_order(
    tpdecode, tmp_path, population, separator
):
    responses, pictures = population
    data = {"R": responses, "pictures": pictures.transpose(1, 2, 0)}
    scipy.io.savemat(tmp_path / "day.mat", {"data": data})
    code, out, err = tpdecode(
        "import", "arrays", "-o", tmp_path / "S", "--axes", "repeat image cell",
        "--responses", f"{tmp_path / 'day.mat'}{separator}data.R",
        "--images", f"{tmp_path / 'day.mat'}{separator}data.pictures",
    )  # fmt: skip
    assert code == 0, err
    assert 'the axes of the pictures, 12 × 12 × 20, are taken as "y x image"' in out
    found = responses_in(tmp_path / "S")
    np.testing.assert_allclose(found.picture, pictures, rtol=1e-6)
    np.testing.assert_allclose(found.response, responses.reshape(60, 12), rtol=1e-6)


def test_the_axes_of_images_are_an_option_and_a_setting(tpdecode, tmp_path, population):
    responses, pictures = population
    np.save(tmp_path / "R.npy", responses)
    flat = pictures.transpose(0, 2, 1).reshape(20, -1)
    np.save(tmp_path / "I.npy", flat)
    code, _, err = tpdecode(
        "import", "arrays", "-o", tmp_path / "S", "--axes", "repeat image cell",
        "--responses", tmp_path / "R.npy", "--images", tmp_path / "I.npy",
        "--image-shape", "12x12", "--image-axes", "image x y",
    )  # fmt: skip
    assert code == 0, err
    assert 'image_axes = "image x y"' in (tmp_path / "S" / "session.toml").read_text()
    np.testing.assert_allclose(responses_in(tmp_path / "S").picture, pictures, rtol=1e-6)


def test_a_wrong_key_is_told_with_the_nearest(tpdecode, tmp_path, population):
    responses, pictures = population
    np.savez(tmp_path / "all.npz", responses=responses, pictures=pictures)
    code, _, err = tpdecode(
        "import", "arrays", "-o", tmp_path / "S", "--axes", "repeat image cell",
        "--responses", f"{tmp_path / 'all.npz'}=respones", "--images", tmp_path / "all.npz",
    )  # fmt: skip
    assert code == 2
    assert "holds no array called 'respones'; it holds pictures, responses." in err


def test_verifying_says_that_nothing_changed(tpdecode, tmp_path, population):
    responses, pictures = population
    np.save(tmp_path / "R.npy", responses)
    np.save(tmp_path / "I.npy", pictures)
    session = tmp_path / "S"
    code, _, err = tpdecode(
        "import", "arrays", "-o", session, "--axes", "repeat image cell",
        "--responses", tmp_path / "R.npy", "--images", tmp_path / "I.npy",
    )  # fmt: skip
    assert code == 0, err
    assert re.search("^respond +fresh ", tpdecode("status", session, "--verify")[1], re.M)
    np.save(tmp_path / "I.npy", pictures[::-1])
    assert "images changed" in tpdecode("status", session, "--verify")[1]
