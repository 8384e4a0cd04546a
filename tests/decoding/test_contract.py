"""What decoders declare is what the program asks them for, and nothing else."""

import numpy as np
import pytest
from affine_decoders import AFFINE
from simulated_trials import trials
from sklearn.linear_model import LinearRegression

from twophoton_decode.decoding import contract
from twophoton_decode.decoding.decoders import all_cells, bayes, ridge
from twophoton_decode.decoding.fitting.model import AT_ONCE, ModelReadout
from twophoton_decode.decoding.fitting.scrambled import scrambled
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.errors import ContractError
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.registry import DECODERS


class Plain:
    """Least squares that says nothing of itself."""

    def fit(self, R, Y, groups=None):
        self.model = LinearRegression().fit(R, Y)

    def predict(self, R):
        return self.model.predict(R)


class Shrinks(Plain):
    """Believes the mean over n trials n-fold, and is as unsure as 1/n."""

    def predict_mean(self, R, trials):
        assert trials > 1
        return trials * self.predict(R)

    def posterior_factor(self, trials):
        return np.full((2, 9), 1.0 / trials)


class Declares(Plain):
    strength_ = 3.5
    warnings_ = ("take care",)

    def affine_weights(self, trials):
        return self.model.coef_.T


class Rooted(Plain):
    """Pretends that the squared error is small where responses have a small range."""

    def fit(self, R, Y, groups=None):
        super().fit(R, Y)
        self.range = float(np.ptp(R))

    def inner_error(self):
        return self.range


def fold_of(make, transforms=("none",), scale=1.0):
    response, image, pictures = trials(images=12, repeats=[1, 2, 3, 4] * 3, cells=7)
    given = Trials(scale * response, image, pictures, pictures, FeatureSpace((3, 3)))
    return Fold.split(given, np.arange(12) < 4, make, transforms)


def test_what_the_programs_own_decoders_declare():
    for name in AFFINE:
        decoder = DECODERS.load(name)()
        assert isinstance(decoder, contract.Decoder)
        assert isinstance(decoder, contract.Affine)
        assert isinstance(decoder, contract.ChoosesTransform)
        assert isinstance(decoder, contract.Averages) == (name == "bayes")
        assert isinstance(decoder, contract.Uncertain) == (name == "bayes")
        assert isinstance(decoder, contract.RidgePenalty) == (name in ("ridge", "all-cells"))
        assert not isinstance(decoder, contract.Trains)
        assert contract.problems(DECODERS.load(name)) == []
    assert isinstance(ridge.Decoder, contract.MadeForFeatures)
    assert isinstance(bayes.Decoder, contract.ExtendsFeatures)
    assert not isinstance(all_cells.Decoder, contract.MadeForFeatures)


def test_weights_of_another_library_are_no_declaration():
    fitted = LinearRegression().fit(np.eye(3), np.eye(3))
    assert fitted.coef_ is not None
    assert not isinstance(fitted, contract.Affine)


def test_single_trials_and_averages_are_predicted():
    fold = fold_of(Plain)
    fit = fold.fit()
    shown, R = fold.trials.image[fold.test], fold.trials.response[fold.test]
    mean = fold.training.mean_target(fold.trials.pixels[fold.known])
    np.testing.assert_allclose(fit.deviation, fold.readout.decoder.predict(R) - mean)
    means = np.stack([R[shown == image].mean(axis=0) for image in range(4)])
    np.testing.assert_allclose(fit.average, fold.readout.decoder.predict(means) - mean)
    assert fit.reverse_filter is fit.average_contribution is fit.deletion is None
    assert np.isnan(fit.strength)
    assert fit.posterior_sd == {}


def test_averages_are_read_by_their_own_way_and_the_posterior_is_asked_for():
    fold = fold_of(Shrinks)
    fit = fold.fit()
    plain = fold_of(Plain).fit()
    np.testing.assert_allclose(fit.deviation, plain.deviation)
    for image, repeats in enumerate((1, 2, 3, 4)):
        # Counted from n m, which means over n trials give on average.
        np.testing.assert_allclose(fit.average[image], repeats * plain.average[image])
        np.testing.assert_allclose(fit.posterior_sd[repeats], np.sqrt(2) / repeats)


def test_declared_weights_are_the_filters():
    fit, plain = fold_of(Declares).fit(), fold_of(Plain).fit()
    assert fit.strength == 3.5
    assert fit.warnings == ["take care"]
    np.testing.assert_allclose(fit.deviation, plain.deviation)
    np.testing.assert_allclose(fit.average, plain.average)
    fold = fold_of(Declares)
    np.testing.assert_allclose(fit.reverse_filter, fold.readout.decoder.model.coef_.T)


@pytest.mark.parametrize(("scale", "expected"), [(100.0, "square-root"), (0.01, "none")])
def test_the_transform_of_the_smallest_inner_error_is_chosen(scale, expected):
    transforms = ("none", "square-root")
    assert fold_of(Rooted, transforms, scale).fit().transform == expected
    assert fold_of(Plain, transforms, scale).fit().transform == "none"


def test_refits_of_a_plain_decoder_are_fits_to_permuted_images():
    order = np.random.default_rng(0).permutation(12)
    fold, declared = fold_of(Plain), fold_of(Declares)
    for found, expected in zip(fold.permuted_r(order), declared.permuted_r(order), strict=True):
        np.testing.assert_allclose(found, expected)


def test_no_more_than_4096_responses_are_predicted_together():
    sizes = []

    class Counts:
        def fit(self, R, Y, groups=None): ...

        def predict(self, R):
            sizes.append(len(R))
            return R[:, :1]

    R = np.arange(10_000.0)[:, None]
    np.testing.assert_array_equal(ModelReadout(Counts(), np.ones(1)).apply(R), R - 1)
    assert sizes == [AT_ONCE, AT_ONCE, 10_000 - 2 * AT_ONCE]


class Always:
    """One picture of noise for every response."""

    def fit(self, R, Y, groups=None):
        self.picture = Y.mean(axis=0) + np.random.default_rng(3).normal(size=Y.shape[1])

    def predict(self, R):
        return np.tile(self.picture, (len(R), 1))


class MeanOnly(Always):
    def fit(self, R, Y, groups=None):
        self.picture = Y.mean(axis=0)


@pytest.mark.parametrize("decoder", [Always, MeanOnly])
def test_a_constant_prediction_is_no_reconstruction(decoder):
    """It knows nothing: without an anchor, the left-out image's absence from m would raise R."""
    fit = fold_of(decoder).fit()
    np.testing.assert_array_equal(fit.deviation, 0.0)
    np.testing.assert_array_equal(fit.average, 0.0)


class Remembers:
    """Predicts what it was trained on there, and elsewhere one picture of noise per `trials`."""

    def fit(self, R, Y, groups=None):
        self.known = {row.tobytes(): y for row, y in zip(R, Y, strict=True)}
        self.noise = np.random.default_rng(3).normal(size=(9, Y.shape[1])) + Y.mean(axis=0)

    def predict(self, R):
        return np.array([self.known.get(row.tobytes(), self.noise[1]) for row in R])

    def predict_mean(self, R, trials):
        return np.tile(self.noise[trials], (len(R), 1))


def test_what_is_remembered_of_training_does_not_hide_a_constant():
    """By its predictions of training responses, it would be the noise less the mean image."""
    fold = fold_of(Remembers)
    seen = fold.readout.decoder.predict(fold.training.responses)
    np.testing.assert_array_equal(seen, fold.trials.pixels[fold.known][fold.training.target])
    fit = fold.fit()
    np.testing.assert_array_equal(fit.deviation, 0.0)
    # Averages of one to four trials have four different constants.
    np.testing.assert_array_equal(fit.average, 0.0)


def test_scrambled_responses_are_each_cells_own_in_another_order():
    training = fold_of(Plain).training
    found = scrambled(training)
    np.testing.assert_array_equal(np.sort(found, axis=0), np.sort(training.responses, axis=0))
    known = {row.tobytes() for row in training.responses}
    assert not any(row.tobytes() in known for row in found)


def test_scrambled_means_are_means_over_trials_of_one_image():
    """Three trials of an image shown four times leave out each once, of one shown twice repeat."""
    training = fold_of(Plain).training
    found = scrambled(training, 3)
    expected = []
    for target, repeats in enumerate(training.repeats):
        rows = training.responses[training.target == target]
        starts = range(repeats)
        expected += [rows[[(s + k) % repeats for k in range(3)]].mean(axis=0) for s in starts]
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(expected, axis=0))
    np.testing.assert_allclose(found.mean(axis=0), training.responses.mean(axis=0))


class Coarse(Plain):
    """Predicts in float32, far from zero; what it says of its weights is off by a share."""

    wrong = 0.0

    def predict(self, R):
        return np.float32(self.model.predict(R))

    def affine_weights(self, trials):
        return self.model.coef_.T * (1 + self.wrong)


class Misled(Coarse):
    wrong = 0.5


def bright_fold(make):
    response, image, pictures = trials(images=12, repeats=3, cells=7)
    pictures = pictures + 1e5
    given = Trials(response, image, pictures, pictures, FeatureSpace((3, 3)))
    return Fold.split(given, np.arange(12) < 4, make)


def test_weights_agree_with_predictions_up_to_the_rounding_of_float32():
    """float32 has steps of 0.008 at 100 000: a thousandth of what is predicted of a picture."""
    fold = bright_fold(Coarse)
    predicted = fold.readout.decoder.predict(fold.training.responses)
    assert predicted.dtype == np.float32
    exact = fold.readout.decoder.model.predict(fold.training.responses)
    assert np.abs(predicted - exact).max() > 1e-3
    np.testing.assert_allclose(fold.fit().reverse_filter, fold.readout.decoder.model.coef_.T)
    with pytest.raises(ContractError, match="do not give its predictions"):
        _ = bright_fold(Misled).readout


def test_rounding_of_float32_is_no_reconstruction():
    class Noisy(Always):
        def predict(self, R):
            last_bit = np.float32(1e5) + np.float32(0.0078125) * (np.arange(len(R)) % 2)
            return np.tile(np.float32(last_bit)[:, None], (1, 9))

    np.testing.assert_array_equal(bright_fold(Noisy).fit().deviation, 0.0)
