"""No decoder in the registry learns anything from the images it is scored on."""

import numpy as np
import pytest
from affine_decoders import AFFINE
from simulated_trials import trials

from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.permuted_images import permuted_images
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.registry import DECODERS

NAMES = AFFINE


def made(images=20, **options):
    response, image, pictures = trials(images=images, cells=10, pixels=16, **options)
    return Trials(response, image, pictures, pictures, FeatureSpace((4, 4)))


def split(trials, name, tested=(2, 3, 11)):
    return Fold.split(trials, np.isin(np.arange(len(trials.pixels)), tested), DECODERS.load(name))


def test_the_three_decoders_are_registered():
    assert set(NAMES) >= {"all-cells", "cell-selection", "ridge"}


@pytest.mark.parametrize("name", NAMES)
def test_changing_the_test_part_changes_no_fit(name):
    trials = made()
    changed = Trials(
        response=np.where(np.isin(trials.image, (2, 3, 11))[:, None], 99.0, trials.response),
        image=trials.image,
        pixels=np.where(np.isin(np.arange(20), (2, 3, 11))[:, None], -7.0, trials.pixels),
        features=np.where(np.isin(np.arange(20), (2, 3, 11))[:, None], 7.0, trials.features),
        space=trials.space,
    )
    before, after = split(trials, name).fit(), split(changed, name).fit()
    assert np.abs(before.reverse_filter).max() > 0
    np.testing.assert_array_equal(after.reverse_filter, before.reverse_filter)
    np.testing.assert_array_equal(after.mean_picture, before.mean_picture)
    np.testing.assert_array_equal(after.mean_response, before.mean_response)
    np.testing.assert_array_equal(after.strength, before.strength)


@pytest.mark.parametrize("name", NAMES)
def test_reconstructions_follow_the_records_formula(name):
    trials = made()
    fit = split(trials, name).fit()
    tested = np.isin(trials.image, (2, 3, 11))
    expected = (
        trials.response[tested] - trials.response[~tested].mean(axis=0)
    ) @ fit.reverse_filter
    np.testing.assert_allclose(fit.deviation, expected)
    np.testing.assert_allclose(fit.mean_picture, trials.pixels[trials.image[~tested]].mean(axis=0))


@pytest.mark.parametrize("name", NAMES)
def test_permuted_refits_equal_fits_to_permuted_images(name):
    """The shortcut for chance against exchanging the images and starting over."""
    trials = made(repeats=np.arange(20) % 3 + 1)
    order = np.random.default_rng(0).permutation(20)
    exchanged = Trials(
        trials.response, trials.image, trials.pixels[order], trials.features[order], trials.space
    )
    single, average = split(trials, name).permuted_r(order)
    expected = split(exchanged, name).permuted_r(np.arange(20))
    np.testing.assert_allclose(single, expected[0])
    np.testing.assert_allclose(average, expected[1])


@pytest.mark.parametrize("name", NAMES)
def test_permuted_images_decode_at_chance_and_true_ones_do_not(name):
    trials = made(images=40)
    fold = np.arange(40) % 5
    parts = [Fold.split(trials, fold == number, DECODERS.load(name)) for number in range(5)]

    def score(order):
        return np.concatenate([part.permuted_r(order)[1] for part in parts]).mean()

    chance = np.array(
        [score(order) for order in permuted_images(np.arange(40), np.zeros(40, int), 30, seed=0)]
    )
    assert abs(chance.mean()) < 0.05
    assert score(np.arange(40)) > chance.max() + 0.2


@pytest.mark.parametrize("name", NAMES)
def test_responses_without_images_in_them_decode_at_chance(name):
    scores = []
    for seed in range(6):
        trials = made(images=40, seed=seed)
        noise = np.random.default_rng(100 + seed).standard_normal(trials.response.shape)
        unrelated = Trials(
            noise, trials.image, trials.pixels, trials.features, FeatureSpace((4, 4))
        )
        fold = np.arange(40) % 5
        for number in range(5):
            part = Fold.split(unrelated, fold == number, DECODERS.load(name))
            scores.append(part.permuted_r(np.arange(40))[1])
    scores = np.concatenate(scores)
    assert abs(scores.mean()) < 4 * scores.std() / np.sqrt(len(scores))


@pytest.mark.parametrize("name", NAMES)
def test_order_of_cells_and_presentations_does_not_matter(name):
    trials = made()
    generator = np.random.default_rng(0)
    cells, rows = generator.permutation(10), generator.permutation(len(trials.image))
    Y = trials.pixels[trials.image]
    plain = DECODERS.load(name)().fit(trials.response, Y)
    moved = DECODERS.load(name)().fit(trials.response[rows][:, cells], Y[rows])
    # A duality gap of 1e-4 leaves the third digit of sparse weights open.
    exact = 5e-3 if name in ("lasso", "elastic-net") else 1e-9
    np.testing.assert_allclose(moved.coef_, plain.coef_[cells], rtol=1e-7, atol=exact)
    np.testing.assert_allclose(
        moved.predict(trials.response[:, cells]), plain.predict(trials.response), atol=4 * exact
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_cell_has_no_weight(name):
    trials = made()
    response = np.concatenate([trials.response, np.full((len(trials.response), 1), 0.1)], axis=1)
    Y = trials.pixels[trials.image]
    coef = DECODERS.load(name)().fit(response, Y).coef_
    np.testing.assert_allclose(coef[-1], 0.0, atol=1e-12)
    assert np.abs(coef[:-1]).max() > 0.01
