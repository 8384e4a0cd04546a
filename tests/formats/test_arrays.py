import os
from itertools import permutations
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from twophoton_decode.errors import ResponseError, StimulusImageError, UsageError
from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.settings import ResponseSettings

DEFAULT = ResponseSettings()
REPEATS, IMAGES, CELLS = 4, 6, 9
REAL = Path(__file__).parents[2] / os.environ.get("TPDECODE_REAL_DATA", "../shared/data")


@pytest.fixture
def cube():
    """Responses (repeat, image, cell), all different."""
    return np.random.default_rng(0).exponential(size=(REPEATS, IMAGES, CELLS))


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "S.npy", np.random.default_rng(1).random((IMAGES, 8, 8)))
    return tmp_path


def load(folder, values, axes, **options):
    np.save(folder / "R.npy", values)
    paths = (folder / "R.npy", axes, folder / "S.npy")
    return import_arrays(*paths, **{"settings": DEFAULT, "size_px": 32} | options)


def test_a_matrix_becomes_long_form(folder, cube):
    responses = load(folder, cube, "repeat image cell")
    assert responses.response.shape == (REPEATS * IMAGES, CELLS)
    np.testing.assert_array_equal(responses.response, cube[responses.repeat, responses.image])
    assert responses.image.tolist() == list(range(IMAGES)) * REPEATS
    assert responses.roi.tolist() == [-1] * CELLS
    assert np.isnan(responses.onset_s).all()
    assert responses.response_unit == "a.u."
    assert not responses.has_baseline
    assert "Mann-Whitney" in responses.responsiveness_test
    assert any("imported_baseline under [responses]" in note for note in responses.notes)
    assert responses.image_name.tolist() == [str(i) for i in range(IMAGES)]


def test_imported_responses_can_have_a_baseline(folder, cube):
    settings = ResponseSettings(imported_baseline=True)
    responses = load(folder, cube, "repeat image cell", settings=settings)
    assert responses.has_baseline
    assert "t-test" in responses.responsiveness_test
    assert not any("imported_baseline" in note for note in responses.notes)


@pytest.mark.parametrize("axes", list(permutations(("repeat", "image", "cell"))), ids=" ".join)
def test_axes_in_any_order_give_the_same_responses(folder, cube, axes):
    plain = load(folder, cube, "repeat image cell")
    turned = cube.transpose([("repeat", "image", "cell").index(word) for word in axes])
    responses = load(folder, turned, " ".join(axes))
    np.testing.assert_array_equal(responses.response, plain.response)
    np.testing.assert_array_equal(responses.responsive, plain.responsive)
    np.testing.assert_array_equal(responses.reliability, plain.reliability)


def test_one_repeat(folder, cube):
    responses = load(folder, cube[0].T, "cell image")
    np.testing.assert_array_equal(responses.response, cube[0])
    assert responses.responsiveness_test.startswith("undefined")
    assert not responses.responsive.any()


def test_presentations_with_labels(folder, cube):
    order = np.random.default_rng(2).permutation(REPEATS * IMAGES)
    rows = cube.reshape(-1, CELLS)[order]
    labels = np.tile(np.arange(IMAGES), REPEATS)[order]
    np.save(folder / "L.npy", labels.astype(float)[:, None] + 1)
    options = {"labels": folder / "L.npy", "first_index": 1}
    responses = load(folder, rows, "presentation cell", **options)
    np.testing.assert_array_equal(responses.image, labels)
    np.testing.assert_array_equal(responses.response, rows)
    assert responses.repeat[labels == 3].tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(
        load(folder, rows.T, "cell presentation", **options).response, rows
    )


def test_files_with_keys(folder, cube):
    np.savez(folder / "R.npz", R=cube, other=0)
    scipy.io.savemat(folder / "R.mat", {"R": cube, "S": np.zeros((IMAGES, 64))})
    with h5py.File(folder / "R.h5", "w") as file:
        file["R"] = cube
    plain = load(folder, cube, "repeat image cell")
    for name in ("R.npz", "R.mat", "R.h5"):
        responses = import_arrays(
            folder / name,
            "repeat image cell",
            folder / "R.mat",
            settings=DEFAULT,
            size_px=32,
            responses_key="R",
            images_key="S",
            image_shape=(8, 8),
        )
        np.testing.assert_array_equal(responses.response, plain.response)
        assert responses.picture.shape == (IMAGES, 8, 8)


def test_missing_presentations_are_counted(folder, cube):
    cube[2, 3] = np.nan
    cube[3, 5] = np.nan
    responses = load(folder, cube, "repeat image cell")
    assert responses.presentations == REPEATS * IMAGES - 2
    assert responses.repeats_per_image.tolist() == [4, 4, 4, 3, 4, 3]
    assert responses.excluded_line.tolist() == [2 * IMAGES + 3, 3 * IMAGES + 5]
    assert responses.excluded_reason.tolist() == [
        "missing: NaN in every cell (image 3, repeat 2)",
        "missing: NaN in every cell (image 5, repeat 3)",
    ]
    assert "2 of 24 presentations are missing (NaN in every cell)." in responses.notes


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_response_is_an_error(folder, cube, bad):
    cube[2, 3, 5] = bad
    message = rf"1 values are infinite, the first being {bad} at image 3, repeat 2, cell 5"
    with pytest.raises(ResponseError, match=message) as caught:
        load(folder, cube, "repeat image cell")
    assert caught.value.exit_code == 1


def test_infinite_in_every_cell_is_not_missing(folder, cube):
    cube[2, 3] = np.inf
    with pytest.raises(ResponseError, match="9 values are infinite"):
        load(folder, cube, "repeat image cell")


def test_nothing_but_nan_is_an_error(folder, cube):
    with pytest.raises(ResponseError, match="every presentation is NaN in every cell"):
        load(folder, cube * np.nan, "repeat image cell")


def test_an_image_axis_of_another_length_suggests_what_would_fit(folder, cube):
    with pytest.raises(ResponseError) as caught:
        load(folder, cube, "image repeat cell")
    message = str(caught.value)
    assert "the axes have the lengths image 4, repeat 6, cell 9, but" in message
    assert (
        'Axis 2 is 6 long. If it counts the images, these axes would fit: "repeat image cell".'
        in message
    )
    with pytest.raises(ResponseError, match="No axis is 6 long; are these the images"):
        load(folder, cube[:, :5], "repeat image cell")


@pytest.mark.parametrize(
    "axes", ["trial image cell", "repeat cell", "image image cell", "", "repeat image cell cell"]
)
def test_other_words_are_refused(folder, cube, axes):
    with pytest.raises(UsageError, match='expected one of "repeat image cell", "image cell"') as e:
        load(folder, cube, axes)
    assert e.value.exit_code == 2


def test_another_number_of_axes_is_refused(folder, cube):
    message = r'has 3 axes, of lengths 4 × 6 × 9, but --axes "image cell" names 2'
    with pytest.raises(UsageError, match=message):
        load(folder, cube, "image cell")


def test_an_empty_array_is_refused(folder, cube):
    with pytest.raises(ResponseError, match=r"is empty: .* 4 × 6 × 0"):
        load(folder, cube[:, :, :0], "repeat image cell")


def test_flattened_images_suggest_their_shape(folder, cube):
    np.save(folder / "S.npy", np.zeros((IMAGES, 961)))
    with pytest.raises(UsageError, match="--image-shape 31x31"):
        load(folder, cube, "repeat image cell")


def test_bad_labels(folder, cube):
    rows = cube.reshape(-1, CELLS)
    labels = np.tile(np.arange(IMAGES), REPEATS)

    def load_labels(values, **options):
        np.save(folder / "L.npy", values)
        return load(folder, rows, "presentation cell", labels=folder / "L.npy", **options)

    with pytest.raises(UsageError, match="needs --labels"):
        load(folder, rows, "presentation cell")
    with pytest.raises(ResponseError, match="each of the 24 presentations, found 23"):
        load_labels(labels[:-1])
    with pytest.raises(ResponseError, match="whole numbers"):
        load_labels(labels + 0.5)
    with pytest.raises(
        ResponseError, match=r"row 5: the label is 6, but the 6 images have the indices 0 to 5\. I"
    ):
        load_labels(labels + 1)
    with pytest.raises(ResponseError, match=r"row 0: the label is 0, .* indices 1 to 6\.$"):
        load_labels(labels, first_index=1)


def test_missing_and_damaged_files(folder, cube):
    with pytest.raises(UsageError, match="no such file"):
        import_arrays(
            folder / "none.npy", "image cell", folder / "S.npy", settings=DEFAULT, size_px=32
        )
    (folder / "S.npy").write_bytes(b"no numbers")
    with pytest.raises(StimulusImageError, match=r"S\.npy cannot be read"):
        load(folder, cube, "repeat image cell")


@pytest.mark.parametrize(("region", "cells"), [("region1", 103), ("region2", 55)])
def test_mouse_v1_responds_sparsely(region, cells):
    files = REAL / "antolik2016" / region
    if not files.is_dir():
        pytest.skip(f"no recordings in {files}: set TPDECODE_REAL_DATA")
    responses = import_arrays(
        files / "raw_validation_set.npy",
        "repeat image cell",
        files / "validation_inputs.npy",
        settings=DEFAULT,
        size_px=32,
        image_shape=(31, 31),
    )
    assert (responses.cells, responses.images) == (cells, 50)
    # A signed-rank test against zero calls 39 % of region 1's pairs responsive.
    assert 0.02 < responses.responsive.mean() < 0.10
    assert responses.visually_responsive.mean() > 0.6
    np.testing.assert_allclose(
        responses.averages(), np.load(files / "validation_set.npy"), rtol=1e-5, atol=1e-6
    )
    # Expected: 0.48 for ten repeats in region 1.
    assert np.mean(responses.population_sparseness) == pytest.approx(0.47, abs=0.03)
