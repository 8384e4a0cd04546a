import numpy as np
import pytest
from affine_decoders import AFFINE
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr
from simulated_trials import responses, trials
from sklearn.linear_model import LinearRegression

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import ResponseError, StimulusImageError, UnknownNameError
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.mean_score import mean_score

PIXELS = DecodingSettings(features="pixels", folds=6, permutations=5, bootstraps=200)


def recorded(images=18, repeats=4, cells=12, side=8, noise=0.5, seed=0):
    response, image, pictures = trials(images, repeats, cells, side * side, noise, seed, 6)
    return responses(response, image, pictures.reshape(images, side, side))


@pytest.fixture(scope="module")
def result():
    return reconstruct(recorded(), "all-cells", PIXELS)


def test_each_fold_is_least_squares_on_the_other_images(result):
    given = recorded()
    flat = given.picture.reshape(18, -1)
    for fold in range(6):
        test = result.fold[given.image] == fold
        model = LinearRegression().fit(given.response[~test], flat[given.image[~test]])
        expected = model.predict(given.response[test]).reshape(-1, 8, 8)
        np.testing.assert_allclose(result.single[test], expected, atol=1e-5)


def test_the_record_reconstructs_itself(result):
    given = recorded()
    fold = result.fold[result.image]
    change = given.response - result.mean_response[fold]
    pixels = np.einsum("tc,tcp->tp", change, result.reverse_filter[fold])
    again = result.mean_picture[fold] + pixels.reshape(-1, 8, 8)
    np.testing.assert_allclose(again, result.single, atol=1e-5)


def test_the_average_is_the_mean_of_the_trials(result):
    for image in range(18):
        expected = result.single[result.image == image].mean(axis=0)
        np.testing.assert_allclose(result.average[image], expected, atol=1e-6)


def test_scores_follow_their_definitions(result):
    for image in (0, 7):
        shown = result.picture[image].ravel()
        mean = result.mean_picture[result.fold[image]].ravel()
        made = result.single[result.image == image].reshape(4, -1)
        average = result.average[image].ravel()

        def r(a, b):
            return pearsonr(a, b).statistic

        expected = {
            "r_single": np.mean([r(shown - mean, row - mean) for row in made]),
            "r_average": r(shown - mean, average - mean),
            "r_raw": np.mean([r(shown, row) for row in made]),
            "cd_average": 1 - ((shown - average) ** 2).sum() / ((shown - mean) ** 2).sum(),
            "cd_paper": np.mean([1 - ((shown - row) ** 2).mean() / shown.var() for row in made]),
        }
        for name, value in expected.items():
            assert getattr(result, name)[image] == pytest.approx(value, abs=1e-4), name


def test_good_responses_beat_chance(result):
    assert result.r_average.mean() > 0.8
    assert result.p_value == pytest.approx(1 / 6)
    assert result.r_average_ci95[0] < result.r_average.mean() < result.r_average_ci95[1]
    assert result.noise_ceiling_r > result.r_average.mean()
    assert result.two_way_average.mean() > 0.7
    assert abs(result.chance_r.mean()) < 0.15
    np.testing.assert_allclose(result.feature_ceiling_r, 1.0)


def test_the_same_seed_gives_the_same_record_and_another_one_other_folds():
    again = reconstruct(recorded(), "ridge", PIXELS)
    once = reconstruct(recorded(), "ridge", PIXELS)
    other = reconstruct(recorded(), "ridge", PIXELS.model_copy(update={"seed": 1}))
    np.testing.assert_array_equal(once.single, again.single)
    np.testing.assert_array_equal(once.chance_r, again.chance_r)
    assert once.r_average_ci95 == again.r_average_ci95
    assert not np.array_equal(once.fold, other.fold)


@pytest.mark.parametrize("decoder", ["ridge", "all-cells"])
def test_intervals_follow_from_the_deletion_effects_in_the_record(decoder):
    given = recorded()
    given = responses(given.response, given.image, given.picture[[*range(17), 0]])
    made = reconstruct(given, decoder, PIXELS)
    content = np.array([*range(17), 0])
    trained = made.fold[:, None] != made.fold
    for name in ("average", "single"):
        effect = getattr(made, f"deletion_{name}")
        np.testing.assert_array_equal(np.isfinite(effect), trained)
        np.testing.assert_allclose(effect[:, 0], effect[:, 17])  # left out together
        expected = mean_score(getattr(made, f"r_{name}"), effect, content)
        assert expected.units == 17
        assert getattr(made, f"r_{name}_ci95") == pytest.approx(expected.interval, abs=1e-6)
        assert getattr(made, f"r_{name}_widening") == pytest.approx(expected.widening, abs=1e-5)
        assert 1.25**0.5 <= expected.widening <= 2.45**0.5


@pytest.mark.parametrize(
    ("decoder", "features"), [("cell-selection", "pixels"), ("ridge", "prior-components")]
)
def test_without_a_closed_form_the_variance_is_taken_as_doubled(decoder, features):
    made = reconstruct(recorded(), decoder, PIXELS.model_copy(update={"features": features}))
    assert made.deletion_average is None
    assert made.deletion_single is None
    assert made.r_average_widening == pytest.approx(2**0.5)
    assert made.r_single_ci95 == mean_score(made.r_single).interval


def test_p_value_is_that_of_the_primary_score():
    """Pure noise: the two scores rank differently among the permutations of some seed."""
    given = recorded(noise=30.0, seed=4)
    by = {}
    for name in ("r_average", "r_single"):
        options = PIXELS.model_copy(update={"primary_score": name, "permutations": 30})
        record = reconstruct(given, "all-cells", options)
        chance = {"r_average": record.chance_r, "r_single": record.chance_r_single}[name]
        better = np.count_nonzero(chance >= getattr(record, name).mean())
        by[name] = record.p_value
        assert record.p_value == pytest.approx((1 + better) / 31)
    assert by["r_average"] != by["r_single"]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 100))
def test_the_order_of_cells_and_presentations_changes_no_score(seed):
    generator = np.random.default_rng(seed)
    given = recorded()
    rows, cells = generator.permutation(72), generator.permutation(12)
    moved = responses(given.response[rows][:, cells], given.image[rows], given.picture)
    quick = PIXELS.model_copy(update={"permutations": 0})
    once, again = reconstruct(given, "ridge", quick), reconstruct(moved, "ridge", quick)
    np.testing.assert_allclose(again.r_single, once.r_single, atol=1e-5)
    np.testing.assert_allclose(again.reverse_filter, once.reverse_filter[:, cells], atol=1e-5)


@pytest.mark.parametrize("decoder", AFFINE)
@pytest.mark.parametrize("features", FEATURE_SPACES.names())
def test_one_repeat_is_enough(decoder, features):
    quick = PIXELS.model_copy(update={"permutations": 2, "features": features})
    record = reconstruct(recorded(repeats=1, cells=5), decoder, quick)
    np.testing.assert_allclose(record.r_average, record.r_single, atol=1e-9)
    assert np.isnan(record.noise_ceiling_r)
    assert record.decoder == decoder
    assert record.features == features
    assert len(record.chance_r) == 2


def test_more_cells_than_presentations_are_decoded():
    record = reconstruct(recorded(cells=120), "ridge", PIXELS)
    assert record.r_average.mean() > 0.5


def test_images_that_were_never_shown_are_left_out_and_told():
    given = recorded(repeats=np.array([3] * 9 + [0] + [2] * 8))
    record = reconstruct(given, "ridge", PIXELS)
    assert record.image_name.tolist() == [str(i) for i in range(18) if i != 9]
    np.testing.assert_array_equal(record.picture, np.delete(given.picture, 9, axis=0))
    np.testing.assert_array_equal(record.image, given.image - (given.image > 9))
    assert "1 of 18 images were never shown" in record.warnings[0]


def test_identical_pictures_count_as_one_image():
    given = recorded()
    pictures = given.picture.copy()
    pictures[5] = pictures[4]
    copied = responses(given.response, given.image, pictures)
    merged = responses(given.response, np.where(given.image == 5, 4, given.image), pictures)
    two = reconstruct(copied, "ridge", PIXELS)
    one = reconstruct(merged, "ridge", PIXELS)
    assert two.fold[4] == two.fold[5]
    np.testing.assert_allclose(two.single, one.single, atol=1e-6)


def test_constant_cells_are_told_and_weigh_nothing():
    given = recorded()
    response = given.response.copy()
    response[:, 3] = 0.2
    record = reconstruct(responses(response, given.image, given.picture), "ridge", PIXELS)
    np.testing.assert_allclose(record.reverse_filter[:, 3], 0.0, atol=1e-12)
    assert "1 of 12 cells gave the same response" in record.warnings[0]


def test_constant_reconstructions_count_as_zero():
    """Responses to image 2 stand exactly at the mean of the others, so ŝ is m."""
    given = recorded()
    response = given.response.copy()
    response[given.image == 2] = response[given.image != 2].mean(axis=0)
    options = PIXELS.model_copy(update={"folds": 18, "permutations": 0})
    record = reconstruct(responses(response, given.image, given.picture), "all-cells", options)
    assert record.constant_reconstructions == 4
    assert record.r_average[2] == record.r_single[2] == record.cd_single[2] == 0.0
    assert record.two_way_average[2] == 0.5
    assert np.isfinite(record.r_average).all()
    assert np.isnan(record.p_value)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_responses_that_are_not_finite_are_refused(bad):
    given = recorded()
    response = given.response.copy()
    response[5, 3] = bad
    with pytest.raises(ResponseError, match="first at presentation 5, cell 3"):
        reconstruct(responses(response, given.image, given.picture), "ridge", PIXELS)


def test_images_that_are_not_finite_are_refused():
    given = recorded()
    pictures = given.picture.copy()
    pictures[[4, 7], 0, 0] = np.nan
    with pytest.raises(StimulusImageError, match=r"2 of 18 images.*first is image 4"):
        reconstruct(responses(given.response, given.image, pictures), "ridge", PIXELS)


def test_no_cells_are_refused():
    given = recorded()
    with pytest.raises(ResponseError, match="72 presentations of 0 cells"):
        reconstruct(responses(given.response[:, :0], given.image, given.picture), "ridge", PIXELS)


def test_too_few_images_are_refused():
    with pytest.raises(ResponseError, match="at least 3 different images"):
        reconstruct(recorded(images=2), "ridge", PIXELS)


def test_an_unknown_decoder_is_refused_by_name():
    with pytest.raises(UnknownNameError, match=r"crystal-ball.*all-cells"):
        reconstruct(recorded(), "crystal-ball", PIXELS)


def test_warnings_of_folds_are_told_once():
    record = reconstruct(recorded(cells=14), "all-cells", PIXELS)
    assert len(record.warnings) == 1
    assert "14 cells for 15 training images" in record.warnings[0]
    assert record.warnings[0].endswith("compare with ridge. (In all 6 folds.)")


def test_progress_is_told_after_each_fold():
    told = []
    reconstruct(recorded(), "ridge", PIXELS, lambda *call: told.append(call))
    assert [call[:2] for call in told] == [(n, 6) for n in range(1, 7)]
