"""Folds that a column gives: tiers, or names of folds."""

from dataclasses import replace

import numpy as np
import pytest
from simulated_trials import responses, trials
from sklearn.linear_model import LinearRegression

from twophoton_decode.analyses.cell_count.curves import TRAINED_APART, cell_count_curves
from twophoton_decode.analyses.pairing import of_images, paired_responses
from twophoton_decode.analyses.stability.stability import stability
from twophoton_decode.decoding.folds.crossvalidation import image_folds
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import RecordError, ResponseError
from twophoton_decode.settings import CellCountSettings, DecodingSettings
from twophoton_decode.statistics.image_mean import image_mean

SETTINGS = DecodingSettings(
    features="pixels", permutations=9, bootstraps=200, near_duplicate_correlation=1.0,
    folds_from="tier",
)  # fmt: skip
TIERS = np.array(["train"] * 12 + ["validation"] * 3 + ["test"] * 6)


def recorded(tier=TIERS, repeats=3, seed=0):
    response, image, pictures = trials(len(tier), repeats, 10, 64, 0.4, seed, 5)
    found = responses(response, image, pictures.reshape(-1, 8, 8))
    return replace(found, image_fold=tier)


@pytest.fixture(scope="module")
def made():
    return reconstruct(recorded(), "all-cells", SETTINGS)


def test_tested_images_are_reconstructed_by_one_fit_to_the_others(made):
    given = recorded()
    test = TIERS[given.image] == "test"
    flat = given.picture.reshape(len(TIERS), -1)
    model = LinearRegression().fit(given.response[~test], flat[given.image[~test]])
    expected = model.predict(given.response[test])
    np.testing.assert_allclose(made.single.reshape(len(expected), -1), expected, atol=1e-5)
    assert made.image_name.tolist() == np.flatnonzero(TIERS == "test").astype(str).tolist()
    assert made.session_fold.tolist() == [-1] * 15 + [0] * 6
    assert made.fold.tolist() == [0] * 6
    assert "12 of train" in made.warnings[0]
    assert "3 of validation only train, 6 of test are tested once" in made.warnings[0]


def test_only_tested_images_are_scored_and_they_are_independent(made):
    assert made.r_average.shape == (6,)
    assert made.r_average_widening == 1.0
    np.testing.assert_allclose(made.r_average_ci95, image_mean(made.r_average).interval)
    assert made.pool_size.tolist() == [6]
    assert made.deletion_average is None
    assert made.r_average.mean() > 0.5
    assert made.chance_r.shape == (9,)
    assert abs(made.chance_r.mean()) < 0.3


def test_responses_to_tested_images_never_reach_the_fit(made):
    given = recorded()
    test = TIERS[given.image] == "test"
    changed = np.where(test[:, None], 2 * given.response + 1, given.response)
    other = reconstruct(replace(given, response=changed), "all-cells", SETTINGS)
    np.testing.assert_array_equal(other.reverse_filter, made.reverse_filter)
    np.testing.assert_array_equal(other.mean_picture, made.mean_picture)


def test_a_near_duplicate_of_a_tested_image_does_not_train():
    rng = np.random.default_rng(1)
    pictures = rng.standard_normal((10, 16, 16)).cumsum(axis=1).cumsum(axis=2)
    pictures[2] = 3 * pictures[9] + 0.01 * rng.standard_normal((16, 16))
    tier = np.array(["train"] * 7 + ["test"] * 3)
    found = image_folds(pictures, 10, 0, given=tier)
    assert found.fold.tolist() == [-1, -1, -2, -1, -1, -1, -1, 0, 0, 0]
    assert "1 training image shows the same as a tested one" in found.warnings[-1]
    assert "image 2" in found.warnings[-1]
    group = np.array([0, -1, -1, -1, -1, -1, -1, -1, 0, -1])
    grouped = image_folds(pictures, 10, 0, 1.0, group, given=tier)
    assert np.flatnonzero(grouped.fold == -2).tolist() == [0]


def test_what_is_left_out_trains_nothing():
    given = recorded()
    picture = given.picture.copy()
    picture[0] = picture[20]
    both = reconstruct(replace(given, picture=picture), "all-cells", SETTINGS)
    without = of_images(given, np.arange(1, len(TIERS)), given.image)
    alone = reconstruct(without, "all-cells", SETTINGS)
    assert both.session_fold[0] == -2
    np.testing.assert_allclose(both.single, alone.single, atol=1e-6)


def test_other_values_are_folds_and_what_is_alike_shares_one():
    rng = np.random.default_rng(2)
    pictures = rng.standard_normal((9, 16, 16)).cumsum(axis=1).cumsum(axis=2)
    value = np.array(["b", "a", "a", "b", "c", "c", "a", "b", "c"])
    found = image_folds(pictures, 10, 0, given=value)
    assert found.fold.tolist() == [1, 0, 0, 1, 2, 2, 0, 1, 2]
    pictures[1] = pictures[2]
    pictures[3] = pictures[2]
    moved = image_folds(pictures, 10, 0, given=value)
    assert moved.fold[[1, 2, 3]].tolist() == [0, 0, 0]
    assert "1 image went to the fold of images that show the same" in moved.warnings[-1]


def test_folds_by_name_reconstruct_every_image():
    value = np.array(list("abc") * 7)
    found = reconstruct(recorded(value), "all-cells", SETTINGS)
    assert found.session_fold is None
    assert found.fold.tolist() == [0, 1, 2] * 7
    assert found.r_average_widening > 1


@pytest.mark.parametrize(
    ("tier", "said"),
    [
        (["train"] * 5 + ["test"] * 2 + ["tset"], "a tier that is not known: 'tset' of image 7"),
        (["train"] * 5 + ["test"] * 2 + [""], "1 of 8 images have no fold"),
        (["train"] * 8, "by their tiers 0 different images are tested"),
        (["train"] * 2 + ["test"] * 6, "by their tiers 2 different images train"),
        (["part 1"] * 8, "makes 1 fold"),
    ],
)
def test_columns_that_give_no_folds_are_refused(tier, said):
    pictures = np.random.default_rng(3).standard_normal((8, 8, 8))
    with pytest.raises(ResponseError, match=said):
        image_folds(pictures, 4, 0, given=np.array(tier))


def test_stability_and_cell_counts_are_of_the_tested_images(made):
    given = recorded()
    tested = paired_responses(made, given)
    assert tested.images == 6
    np.testing.assert_array_equal(tested.image, made.image)
    found = stability(made, given, seed=0)
    assert found.reconstruction_similarity.shape == (6,)
    curves = cell_count_curves(
        made, given, CellCountSettings(derangements=200, random_draws=2), bootstraps=100, seed=0
    )
    np.testing.assert_allclose(curves.r_all, made.r_single, atol=1e-4)
    assert curves.not_refitted == TRAINED_APART
    assert curves.widening == 1.0


def test_a_column_counts_only_where_it_is_named():
    given = recorded()
    drawn = reconstruct(given, "all-cells", SETTINGS.model_copy(update={"folds_from": ""}))
    assert len(drawn.fold) == len(TIERS)
    with pytest.raises(ResponseError, match="were made without that column"):
        reconstruct(replace(given, image_fold=None), "all-cells", SETTINGS)


def test_a_reconstruction_of_other_images_is_refused(made):
    other = recorded(np.append(TIERS, ["test"]))
    with pytest.raises(RecordError, match="images of the session"):
        paired_responses(made, other)
