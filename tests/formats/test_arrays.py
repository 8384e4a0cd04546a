import os
from itertools import permutations
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from conftest import linear_population

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import ResponseError, StimulusImageError, UsageError
from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.settings import DecodingSettings, ResponseSettings

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
    assert "does not respond to" in responses.responsiveness_test
    assert any("imported_baseline under [responses]" in note for note in responses.notes)
    assert responses.image_name.tolist() == [str(i) for i in range(IMAGES)]


def test_imported_responses_can_have_a_baseline(folder, cube):
    settings = ResponseSettings(imported_baseline=True, responsive_test="t-test")
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
    scipy.io.savemat(folder / "R.mat", {"R": cube, "S": np.eye(IMAGES, 64)})
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
    message = rf"1 value is infinite, the first being {bad} at image 3, repeat 2, cell 5"
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


def test_responses_to_a_single_image_are_an_error_that_names_the_file(folder, cube):
    cube[:, 1:] = np.nan
    with pytest.raises(ResponseError, match=r"R\.npy: 1 of 6 images has responses that can be"):
        load(folder, cube, "repeat image cell")


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
        ResponseError, match=r"row 5 .*: the image index is 6, but the 6 pictures .* 0 to 5\. If"
    ):
        load_labels(labels + 1)
    with pytest.raises(
        ResponseError, match=r"row 0 .*: the image index is 0, .* indices 1 to 6\.$"
    ):
        load_labels(labels, first_index=1)


def test_labels_beside_named_images_are_refused(folder, cube):
    np.save(folder / "L.npy", np.arange(IMAGES))
    with pytest.raises(
        UsageError, match=r"--labels .*L\.npy would be ignored: with --axes \"repeat"
    ):
        load(folder, cube, "repeat image cell", labels=folder / "L.npy")


def test_labels_along_two_axes_are_refused(folder, cube):
    np.save(folder / "L.npy", np.tile(np.arange(IMAGES), REPEATS).reshape(REPEATS, IMAGES))
    with pytest.raises(ResponseError, match="expected labels along one axis"):
        load(folder, cube.reshape(-1, CELLS), "presentation cell", labels=folder / "L.npy")


def test_a_transposed_matrix_with_labels_is_recognised(folder, cube):
    np.save(folder / "L.npy", np.tile(np.arange(IMAGES), REPEATS))
    with pytest.raises(ResponseError, match="are the two exchanged in --axes"):
        load(folder, cube.reshape(-1, CELLS).T, "presentation cell", labels=folder / "L.npy")


def test_blank_labels_leave_presentations_out(folder, cube):
    labels = np.tile(np.arange(IMAGES), REPEATS)
    labels[[4, 9]] = -1
    np.save(folder / "L.npy", labels)
    rows = cube.reshape(-1, CELLS)
    responses = load(folder, rows, "presentation cell", labels=folder / "L.npy")
    np.testing.assert_array_equal(responses.response, rows[labels >= 0])
    assert responses.excluded_line.tolist() == [4, 9]
    assert responses.excluded_reason.tolist() == ["no image was shown"] * 2


def test_pictures_that_no_label_names_are_told(folder, cube):
    np.save(folder / "L.npy", np.tile([0, 1, 2, 3, 5, 5], REPEATS))
    rows = cube.reshape(-1, CELLS)
    responses = load(folder, rows, "presentation cell", labels=folder / "L.npy")
    assert responses.images == IMAGES - 1
    assert "1 of 6 images have no usable presentation and are left out: 4." in responses.notes


def test_further_axes_are_averaged_and_joined(folder, cube):
    plain = load(folder, cube, "repeat image cell")
    bins = np.stack([cube - 1, cube + 1], axis=3)
    averaged = load(folder, bins, "repeat image cell time", average=["time"])
    np.testing.assert_allclose(averaged.response, plain.response)
    planes = cube.reshape(REPEATS, IMAGES, 3, 3)
    joined = load(folder, planes, "repeat image plane cell", join=["plane cell"])
    np.testing.assert_array_equal(joined.response, plain.response)


def with_gaps(cube, share=0.1):
    gaps = np.random.default_rng(3).random(cube.shape) < share
    return np.where(gaps, np.nan, cube)


def test_responses_missing_in_some_cells_are_usable(folder, cube):
    responses = load(folder, with_gaps(cube), "repeat image cell")
    given = with_gaps(cube).reshape(-1, CELLS)
    np.testing.assert_array_equal(responses.filled, np.isnan(given))
    expected = np.where(np.isnan(given), np.nanmean(given, axis=0), given)
    np.testing.assert_allclose(responses.response, expected)
    assert any("are missing, in 9 of 9 cells" in note for note in responses.notes)


@pytest.mark.parametrize(
    ("policy", "shape"), [("drop-cells", (24, 8)), ("drop-presentations", (22, 9))]
)
def test_what_is_missing_in_some_cells_can_be_left_out(folder, cube, policy, shape):
    cube[[0, 2], [1, 3], 4] = np.nan
    settings = ResponseSettings(partial_missing=policy)
    responses = load(folder, cube, "repeat image cell", settings=settings)
    assert responses.response.shape == shape
    assert responses.filled is None
    if policy == "drop-presentations":
        assert responses.excluded_line.tolist() == [1, 15]
        assert responses.excluded_reason[0] == "missing in some cells (image 1, repeat 0)"


def test_what_is_filled_in_knows_nothing_about_the_images(folder, cube):
    """Whichever images the presentations are said to have shown, decoders get the same."""
    rows = with_gaps(cube).reshape(-1, CELLS)
    labels = np.tile(np.arange(IMAGES), REPEATS)
    given = []
    for order in (np.arange(labels.size), np.random.default_rng(4).permutation(labels.size)):
        np.save(folder / "L.npy", labels[order])
        given.append(load(folder, rows, "presentation cell", labels=folder / "L.npy").response)
    assert np.isnan(rows).sum() > 10
    np.testing.assert_array_equal(*given)


def test_gaps_that_depend_on_the_image_do_not_make_noise_decodable(tmp_path):
    rng = np.random.default_rng(5)
    pictures = rng.normal(size=(40, 8, 8))
    noise = rng.normal(size=(4, 40, 20))
    # Each cell misses all presentations of the images that are bright in one of its pixels.
    bright = pictures.reshape(40, -1)[:, :20] > 1
    np.save(tmp_path / "S.npy", rng.permuted(pictures, axis=0))
    np.save(tmp_path / "R.npy", np.where(bright & (rng.random(noise.shape) < 0.5), np.nan, noise))
    responses = import_arrays(
        tmp_path / "R.npy", "repeat image cell", tmp_path / "S.npy", settings=DEFAULT, size_px=32
    )
    assert responses.filled.mean() > 0.05
    settings = DecodingSettings(features="pixels", permutations=39)
    found = reconstruct(responses, "ridge", settings)
    assert abs(found.r_average.mean()) < 3 * found.r_average.std() / np.sqrt(40)
    assert found.p_value > 0.05


def test_missing_values_of_the_users_own(folder, cube):
    cube[1, 2] = -1
    settings = ResponseSettings(missing_values=[-1.0])
    responses = load(folder, cube, "repeat image cell", settings=settings)
    assert responses.presentations == 23
    assert responses.excluded_reason.tolist() == [
        "missing: NaN or -1 in every cell (image 2, repeat 1)"
    ]


@pytest.mark.parametrize("factor", [1e160, 1e-200])
def test_the_unit_of_the_responses_changes_nothing_relative(folder, cube, factor):
    def loaded(values, floor):
        settings = ResponseSettings(
            imported_baseline=True, amplitude_floor=floor, responsive_test="t-test"
        )
        return load(folder, values, "repeat image cell", settings=settings)

    cube[:, :, 2] = np.arange(IMAGES) + 0.1 * cube[:, :, 2]
    plain, scaled = loaded(cube, 3.5), loaded(cube * factor, 3.5 * factor)
    assert scaled.response_unit == ("1e160 a.u." if factor > 1 else "1e-200 a.u.")
    assert 0 < plain.responsive.sum() < loaded(cube, 0.0).responsive.sum()
    for name in ("responsive", "responsive_others", "visually_responsive"):
        np.testing.assert_array_equal(getattr(scaled, name), getattr(plain, name))
    for name in (
        "reliability", "explainable_variance", "oracle", "population_sparseness",
        "lifetime_sparseness", "noise_correlation", "signal_correlation", "visually_responsive_p",
    ):  # fmt: skip
        np.testing.assert_allclose(getattr(scaled, name), getattr(plain, name), rtol=1e-9)


@pytest.mark.parametrize("name", ["ridge", "cell-selection", "all-cells"])
def test_the_units_of_responses_and_pictures_change_no_reconstruction(tmp_path, name):
    values, pictures = linear_population(images=16)
    found = []
    for response_unit, picture_unit in ((1.0, 1.0), (1e160, 1e-200)):
        np.save(tmp_path / "R.npy", values.astype(float) * response_unit)
        np.save(tmp_path / "S.npy", pictures.astype(float) * picture_unit)
        responses = import_arrays(
            tmp_path / "R.npy", "repeat image cell", tmp_path / "S.npy",
            settings=DEFAULT, size_px=32,
        )  # fmt: skip
        found.append(reconstruct(responses, name, DecodingSettings(folds=4, permutations=5)))
    plain, scaled = found
    for score in ("r_average", "r_single", "cd_single", "two_way_average", "chance_r"):
        np.testing.assert_allclose(getattr(scaled, score), getattr(plain, score), atol=1e-5)
    assert scaled.p_value == plain.p_value
    assert plain.r_average.mean() > 0.2


def test_none_of_the_cells_responding_is_told(folder, cube):
    responses = load(folder, cube, "repeat image cell")
    assert not responses.visually_responsive.any()
    assert any("none of the 9 cells responds differently" in note for note in responses.notes)
    tuned = load(folder, cube + 9 * np.arange(IMAGES)[:, None], "repeat image cell")
    assert not any("none of the 9 cells" in note for note in tuned.notes)


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
