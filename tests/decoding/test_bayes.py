import numpy as np
import pytest

from twophoton_decode.decoding import linear_gaussian
from twophoton_decode.decoding.decoders import bayes
from twophoton_decode.decoding.fold import Fold, Trials
from twophoton_decode.decoding.linear_gaussian import (
    EncodingFit,
    ImageData,
    Population,
    fit_encoding,
)
from twophoton_decode.errors import ResponseError
from twophoton_decode.features import gabor, pixels, prior_components
from twophoton_decode.features._natural_prior import natural_components


def population(cells=6, directions=4, seed=0):
    """An encoding model with every part of the noise present."""
    generator = np.random.default_rng(seed)
    mixing = generator.standard_normal((cells, cells))
    encoding = EncodingFit(
        weights=generator.standard_normal((cells, directions)),
        misfit=generator.uniform(0.1, 1.0, cells),
        uncertainty=generator.uniform(0.1, 1.0, cells),
    )
    return Population(
        encoding,
        variance=generator.uniform(0.5, 3.0, directions),
        trial_covariance=mixing @ mixing.T,
        mean_response=np.zeros(cells),
        mean_image=np.zeros(directions),
    )


def simulated(images=120, repeats=4, cells=25, directions=10, noise=1.0, shared=0.0, seed=0):
    """Gaussian images seen by linear cells; the weights are unit normal.

    Returns response (presentations, cells), image index, images, variance, weights.
    """
    generator = np.random.default_rng(seed)
    variance = 1.0 / np.arange(1, directions + 1)
    shown = generator.standard_normal((images, directions)) * np.sqrt(variance)
    weights = generator.standard_normal((cells, directions))
    image = np.repeat(np.arange(images), repeats)
    private = noise * generator.standard_normal((len(image), cells))
    common = shared * generator.standard_normal((len(image), 1)) * generator.uniform(1, 2, cells)
    return shown[image] @ weights.T + private + common, image, shown, variance, weights


@pytest.mark.parametrize("trials", [1, 4])
@pytest.mark.parametrize("shrinkage", [0.0, 0.3, 1.0])
def test_the_readout_is_the_formula_of_the_posterior_mean(trials, shrinkage):
    """C Wᵀ (W C Wᵀ + η (Ψ + U + Φ/n))⁻¹, written out with an inverse."""
    model = population()
    W, C = model.encoding.weights, np.diag(model.variance)
    own = np.diag(np.diag(model.trial_covariance))
    shrunk = (1 - shrinkage) * model.trial_covariance + shrinkage * own
    noise = np.diag(model.encoding.misfit + model.encoding.uncertainty) + shrunk / trials
    for factor, readout in zip(
        (0.5, 2.0), model.readouts(trials, (0.5, 2.0), shrinkage), strict=True
    ):
        expected = C @ W.T @ np.linalg.inv(W @ C @ W.T + factor * noise)
        np.testing.assert_allclose(readout.T, expected, rtol=1e-6, atol=1e-9)


def test_with_equal_independent_noise_it_is_ridge_in_the_encoding_direction():
    """(WᵀW + σ²C⁻¹)⁻¹ Wᵀ: regression of the response on the weights, penalised by the prior."""
    model = population()
    cells = len(model.mean_response)
    encoding = EncodingFit(
        weights=model.encoding.weights, misfit=np.zeros(cells), uncertainty=np.zeros(cells)
    )
    model = Population(encoding, model.variance, 0.7 * np.eye(cells), np.zeros(cells), np.zeros(4))
    W = encoding.weights
    expected = np.linalg.solve(W.T @ W + 0.7 / 3 * np.diag(1 / model.variance), W.T)
    np.testing.assert_allclose(model.readouts(3, (1.0,), 0.0)[0].T, expected, rtol=1e-6)


def test_weights_are_prior_weighted_ridge_when_the_noise_ratio_is_known(monkeypatch):
    """argmin ‖r − S w‖² + ρ wᵀ Λ⁻¹ w / scale, solved in the primal."""
    generator = np.random.default_rng(0)
    image, response = generator.standard_normal((20, 5)), generator.standard_normal((20, 3))
    prior = generator.uniform(0.5, 2.0, 5)
    monkeypatch.setattr(linear_gaussian, "RATIOS", np.array([0.3]))
    found = fit_encoding(response, image, np.ones(5), prior, np.zeros(3))
    S = image - image.mean(axis=0)
    scale = (S**2 * prior).sum() / 19
    expected = np.linalg.solve(S.T @ S + 0.3 * scale * np.diag(1 / prior), S.T @ response).T
    np.testing.assert_allclose(found.weights, expected, rtol=1e-8, atol=1e-12)


def test_left_out_residuals_make_the_misfit(monkeypatch):
    """Ψ against refits without each image; without trial noise and with the images' C zero."""
    generator = np.random.default_rng(1)
    image, response = generator.standard_normal((15, 4)), generator.standard_normal((15, 2))
    monkeypatch.setattr(linear_gaussian, "RATIOS", np.array([0.5]))
    found = fit_encoding(response, image, np.zeros(4), np.ones(4), np.zeros(2))
    penalty = 0.5 * ((image - image.mean(axis=0)) ** 2).sum() / 14
    residual = np.empty((15, 2))
    for left in range(15):
        rest = np.arange(15) != left
        S, mean = image[rest] - image[rest].mean(axis=0), response[rest].mean(axis=0)
        weights = np.linalg.solve(S.T @ S + penalty * np.eye(4), S.T @ (response[rest] - mean))
        residual[left] = response[left] - mean - (image[left] - image[rest].mean(axis=0)) @ weights
    np.testing.assert_allclose(found.misfit, (residual**2).mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(found.uncertainty, 0.0, atol=1e-12)


def test_trial_covariance_and_weights_are_recovered():
    response, image, shown, variance, weights = simulated(images=400, repeats=5, shared=0.5)
    data = ImageData(response, image, shown, variance)
    model = data.population(0.0)
    np.testing.assert_allclose(model.encoding.weights, weights, atol=0.35)
    np.testing.assert_allclose(model.variance, variance, rtol=0.1)
    assert np.diag(model.trial_covariance).min() > 1.0
    assert model.encoding.misfit.mean() < 0.05


def test_averages_of_more_trials_are_trusted_more():
    response, image, shown, variance, _ = simulated(noise=4.0)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    np.testing.assert_array_equal(decoder.coef_for(1), decoder.coef_)
    size = [np.linalg.norm(decoder.coef_for(n)) for n in (1, 2, 4, 8)]
    assert np.all(np.diff(size) > 0)


def test_new_images_are_decoded_nearly_as_by_the_true_posterior():
    response, image, shown, variance, W = simulated(images=240, noise=2.0)
    C, known = np.diag(variance), image < 200
    decoder = bayes.Decoder(variance=variance).fit(response[known], shown[image[known]])
    ideal = C @ W.T @ np.linalg.inv(W @ C @ W.T + 4.0 * np.eye(25))
    found = decoder.predict(response[~known]) - shown[image[~known]]
    best = response[~known] @ ideal.T - shown[image[~known]]
    assert (found**2).sum() < 1.15 * (best**2).sum()


def test_the_decoder_of_a_fold_reads_averages_by_their_own_weights():
    response, image, shown, variance, _ = simulated(images=30, noise=3.0)
    trials = Trials(response, image, shown, shown, pixels.FeatureSpace((2, 5)))
    fold = Fold.split(trials, np.arange(30) < 4, lambda: bayes.Decoder(variance=variance))
    fit = fold.fit()
    decoder = fold.refit(shown[4:])
    tested = image < 4
    deviation = response[tested] - decoder.response_mean_
    np.testing.assert_allclose(fit.deviation, deviation @ decoder.coef_for(1))
    np.testing.assert_allclose(fit.share, deviation @ decoder.coef_for(4))
    assert np.abs(fit.share - fit.deviation).max() > 0.01


def test_in_prior_components_the_prior_is_the_spaces_own():
    space = prior_components.FeatureSpace((12, 12))
    decoder = bayes.Decoder.for_features(space)
    assert decoder.axes is None
    np.testing.assert_array_equal(decoder.variance, space.variance)


@pytest.mark.parametrize("kind", [pixels, gabor])
def test_in_other_spaces_the_prior_is_natural_images_encoded(kind):
    space = kind.FeatureSpace((16, 16))
    decoder = bayes.Decoder.for_features(space)
    components, variance = natural_components(space.shape, 100)
    encoded = space.encode(components.reshape(-1, *space.shape))
    expected = encoded.T @ (variance[:, None] * encoded)
    found = decoder.axes.T @ (decoder.variance[:, None] * decoder.axes)
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())
    np.testing.assert_allclose(
        decoder.axes @ decoder.axes.T, np.eye(len(decoder.variance)), atol=1e-9
    )


def test_pixels_and_prior_components_decode_alike():
    """The same prior and the same fits, whether the projection comes first or last."""
    generator = np.random.default_rng(0)
    shape, image = (12, 12), np.repeat(np.arange(25), 3)
    components, variance = natural_components(shape, 100)
    features = generator.standard_normal((25, 100)) * np.sqrt(variance)
    pictures = features @ components
    response = features[image, :8] + generator.standard_normal((75, 8))
    by_pixel = bayes.Decoder.for_features(pixels.FeatureSpace(shape))
    by_component = bayes.Decoder(variance=variance)
    found = by_pixel.fit(response, pictures[image]).coef_
    expected = by_component.fit(response, features[image]).coef_ @ components
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


def test_one_repeat_has_no_trial_covariance_and_still_decodes():
    response, image, shown, variance, _ = simulated(repeats=1)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    np.testing.assert_array_equal(decoder.coef_for(5), decoder.coef_)
    error = ((decoder.predict(response) - shown) ** 2).sum()
    assert error < 0.5 * (shown**2).sum()


def test_two_images_are_fitted_with_a_warning():
    response, image, shown, variance, _ = simulated(images=2)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    assert any("fewer than three" in warning for warning in decoder.warnings_)
    assert np.isfinite(decoder.coef_).all()


def test_responses_that_never_change_are_refused():
    with pytest.raises(ResponseError, match="nothing to decode"):
        bayes.Decoder().fit(np.ones((6, 3)), np.repeat(np.eye(3), 2, axis=0))


def test_scaling_all_responses_scales_the_weights_inversely():
    response, image, shown, variance, _ = simulated(images=20)
    plain = bayes.Decoder(variance=variance).fit(response, shown[image])
    scaled = bayes.Decoder(variance=variance).fit(1000.0 * response, shown[image])
    np.testing.assert_allclose(1000.0 * scaled.coef_, plain.coef_, rtol=1e-6, atol=1e-9)
