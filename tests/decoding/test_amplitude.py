import numpy as np
import pytest

from twophoton_decode.decoding.bayes.noise import TrialNoise
from twophoton_decode.decoding.decoders import bayes
from twophoton_decode.decoding.fitting.amplitude import SMALLEST, InnerFold, amplitude, inner_folds
from twophoton_decode.decoding.fitting.training import TrainingResponses

ALL = np.ones(3, dtype=bool)


def inner_fold(left_means, trial_rows, repeats=2):
    """Images 0 and 1 known, 2 and 3 put aside; one cell."""
    rows = np.asarray(trial_rows, dtype=float)
    return InnerFold(
        known=np.array([0, 1]),
        weight=np.array([0.25, 0.75]),
        means=np.zeros((2, 1)),
        trial=TrialNoise(rows, (rows**2).sum(axis=0), 2.0),
        left=np.array([2, 3]),
        left_means=np.asarray(left_means, dtype=float),
        left_repeats=np.array([repeats, repeats]),
    )


def training(images=12, repeats=3, group=None, seed=0):
    generator = np.random.default_rng(seed)
    target = np.repeat(np.arange(images), repeats)
    group = np.arange(images) if group is None else np.asarray(group)
    return TrainingResponses(
        generator.standard_normal((len(target), 3))
        + generator.standard_normal((images, 3))[target],
        target,
        group[target],
    )


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        (2, 4 / 8),  # as often as they were shown: Σ x x̂ / Σ x̂² with x̂ = ±2
        (1, 4 / 9),  # one trial has 1 − 1/2 of the trial variance, 1, more at each of two images
        (4, 4 / 7.5),  # four have 1/2 − 1/4 less
    ],
)
def test_the_factor_has_the_smallest_error_at_so_many_trials(trials, expected):
    """The mean of the known images, 0.25 · 3 + 0.75 · (−1) = 0, is taken off what was shown."""
    shown = np.array([[3.0], [-1.0], [1.0], [-1.0]])
    fits = [(inner_fold([[2.0], [-2.0]], [[1.0]]), lambda n: np.array([[1.0]]))]
    assert amplitude(fits, shown, trials) == pytest.approx(expected)


def test_reconstructions_neither_grow_nor_vanish():
    shown = np.array([[3.0], [-1.0], [1.0], [-1.0]])

    def found(gain):
        fits = [(inner_fold([[2.0], [-2.0]], [[0.0]]), lambda n: np.array([[gain]]))]
        return amplitude(fits, shown, 2)

    assert found(0.1) == 1.0
    assert found(-1.0) == SMALLEST
    assert found(0.0) == 1.0
    assert amplitude([], shown, 2) == 1.0


def test_every_image_is_put_aside_once_and_the_others_are_known():
    data = training()
    folds = inner_folds(data, ALL)
    np.testing.assert_array_equal(np.sort(np.concatenate([f.left for f in folds])), np.arange(12))
    for fold in folds:
        assert not np.intersect1d(fold.left, fold.known).size
        aside = np.isin(data.target, fold.left)
        centre = data.responses[~aside].mean(axis=0)
        for images, means in ((fold.known, fold.means), (fold.left, fold.left_means)):
            expected = [data.responses[data.target == i].mean(axis=0) - centre for i in images]
            np.testing.assert_allclose(means, expected)
        assert fold.weight.sum() == pytest.approx(1.0)


def test_groups_stay_together():
    group = np.arange(20) // 2
    for fold in inner_folds(training(20, group=group), ALL):
        assert not np.intersect1d(group[fold.left], group[fold.known]).size


def test_few_images_are_not_split():
    assert inner_folds(training(7), ALL) == []
    assert len(inner_folds(training(8), ALL)) == 4


def recording(images=200, noise=3.0, seed=0):
    """Gaussian images seen by linear cells, four times each."""
    generator = np.random.default_rng(seed)
    shown = generator.standard_normal((images, 6))
    image = np.repeat(np.arange(images), 4)
    seen = shown @ generator.standard_normal((6, 20))
    return seen[image] + noise * generator.standard_normal((len(image), 20)), image, shown


def test_a_decoder_that_is_right_is_left_nearly_as_it_is():
    response, image, shown = recording()
    decoder = bayes.Decoder().fit(response, shown[image])
    assert np.all(decoder.readout_.amplitude(1) > 0.9)
    assert np.all(decoder.readout_.amplitude(4) > 0.95)


def test_what_cells_misread_in_common_makes_reconstructions_smaller(monkeypatch):
    """A decoder that takes its noise for a hundredth of what it is reconstructs too much."""
    response, image, shown = recording(images=40, noise=9.0)
    solve = bayes.ResponseNoise.solve
    monkeypatch.setattr(
        bayes.ResponseNoise, "solve", lambda noise, n, columns: 100.0 * solve(noise, n, columns)
    )
    known = image < 30
    decoder = bayes.Decoder().fit(response[known], shown[image[known]])
    tested = response[~known] - decoder.response_mean_
    target = shown[image[~known]] - decoder.target_mean_
    raw = tested @ decoder.readout_.first(1)
    best = (raw * target).sum() / (raw**2).sum()
    assert best < 0.7
    assert decoder.readout_.amplitude(1) == pytest.approx(np.full(6, best), abs=0.15)
    np.testing.assert_allclose(
        decoder.coef_, decoder.readout_.first(1) * decoder.readout_.amplitude(1)
    )
