import numpy as np
import pytest
from scipy import linalg, stats
from simulated_trials import responses

from twophoton_decode.decoding.bayes import encoding_model as linear_gaussian
from twophoton_decode.decoding.bayes import noise as response_noise
from twophoton_decode.decoding.bayes.encoding_model import fit_encoding
from twophoton_decode.decoding.bayes.noise import ResponseNoise, TrialNoise
from twophoton_decode.decoding.decoders import bayes, ridge
from twophoton_decode.decoding.decoders.bayes import Posterior
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import ResponseError
from twophoton_decode.features import gabor, pixels, prior_components
from twophoton_decode.features._natural_prior import natural_components
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.pictures import natural_pictures
from twophoton_decode.simulation.population import Tuning, population, trial_responses


def posterior(cells=6, directions=4, presentations=40, seed=0):
    """A model with every part of the noise present; its trials come in fours."""
    generator = np.random.default_rng(seed)
    rows = generator.standard_normal((presentations, cells)) @ generator.standard_normal(
        (cells, cells)
    )
    trial = TrialNoise(rows, (rows**2).sum(axis=0), 4.0)
    noise = ResponseNoise(
        trial,
        private=generator.uniform(10.0, 30.0, cells),
        misfit_rows=0.3 * generator.standard_normal((2, cells)),
    )
    weights = generator.standard_normal((cells, directions))
    return Posterior(weights, generator.uniform(0.5, 3.0, directions), noise)


def covariance(noise, trials):
    """N written out, for a model in which no floor is reached."""
    phi = noise.trial.rows.T @ noise.trial.rows
    share = 0.5 / trials - 0.1 / noise.trial.trials
    between = share * phi + noise.misfit_rows.T @ noise.misfit_rows
    np.fill_diagonal(between, noise.private + np.diag(phi) / trials)
    return between


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
def test_the_readout_is_the_formula_of_the_posterior_mean(trials):
    """C Wᵀ (W C Wᵀ + N)⁻¹, written out with an inverse."""
    model = posterior()
    W, C = model.weights, np.diag(model.variance)
    expected = C @ W.T @ np.linalg.inv(W @ C @ W.T + covariance(model.noise, trials))
    np.testing.assert_allclose(model.readout(trials).T, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("trials", [1, 4])
def test_the_spread_is_the_posterior_covariance(trials):
    """C − C Wᵀ (W C Wᵀ + N)⁻¹ W C."""
    model = posterior()
    W, C = model.weights, np.diag(model.variance)
    gain = C @ W.T @ np.linalg.inv(W @ C @ W.T + covariance(model.noise, trials))
    spread = model.spread(trials)
    np.testing.assert_allclose(spread.T @ spread, C - gain @ W @ C, rtol=1e-6, atol=1e-9)


def test_many_cells_solve_by_factors_as_few_do_by_their_matrix():
    """Woodbury against the dense covariance, with more cells than rows."""
    generator = np.random.default_rng(0)
    rows = 0.3 * generator.standard_normal((10, 40))
    noise = ResponseNoise(
        TrialNoise(rows, (rows**2).sum(axis=0) + 0.5, 3.0),
        private=generator.uniform(1.0, 2.0, 40),
        misfit_rows=0.2 * generator.standard_normal((5, 40)),
    )
    columns = generator.standard_normal((40, 3))
    variance = noise.private + noise.trial.own / 2
    dense = noise._solve_dense(0.5 / 2 - 0.1 / 3, variance, columns)
    np.testing.assert_allclose(noise.solve(2, columns), dense, rtol=1e-6)


def test_leading_factors_stand_for_the_covariance_of_many_cells(monkeypatch):
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((60, 4)) @ generator.standard_normal((4, 80))
    monkeypatch.setattr(response_noise, "MANY_CELLS", 50)
    kept = response_noise._leading(rows, 6)
    assert kept.shape == (6, 80)
    np.testing.assert_allclose(kept.T @ kept, rows.T @ rows, atol=1e-8 * (rows**2).sum())


def test_trial_noise_is_the_pooled_covariance_over_repeats():
    response, image, *_ = simulated(images=30, repeats=5, shared=0.5)
    noise = TrialNoise.of(response, image)
    within = np.mean([np.cov(response[image == i].T) for i in range(30)], axis=0)
    np.testing.assert_allclose(noise.covariance, within, atol=1e-10)
    np.testing.assert_allclose(noise.own, np.diag(within))
    assert noise.trials == pytest.approx(5)


def test_a_misfit_that_cells_share_is_kept_and_chance_is_not():
    generator = np.random.default_rng(0)
    loading = generator.uniform(1.0, 2.0, 30)
    common = generator.standard_normal((200, 1)) * loading
    private = generator.standard_normal((200, 30))
    between = ~np.eye(30, dtype=bool)
    for residual, low, high in ((2 * common + private, 0.8, 1.05), (private, 0.0, 0.35)):
        rows = response_noise._shrunk_misfit(residual)
        kept, given = rows.T @ rows, residual.T @ residual / 200
        share = np.linalg.norm(kept[between]) / np.linalg.norm(given[between])
        assert low <= share <= high


def test_weights_are_prior_weighted_ridge_when_the_noise_ratio_is_known(monkeypatch):
    """argmin ‖r − S w‖² + ρ wᵀ Λ⁻¹ w / scale, solved in the primal."""
    generator = np.random.default_rng(0)
    image, response = generator.standard_normal((20, 5)), generator.standard_normal((20, 3))
    prior = generator.uniform(0.5, 2.0, 5)
    monkeypatch.setattr(linear_gaussian, "RATIOS", np.array([0.3]))
    found = fit_encoding(response, image, np.ones(5), prior, np.zeros(3), np.arange(len(image)))
    S = image - image.mean(axis=0)
    scale = (S**2 * prior).sum() / 19
    expected = np.linalg.solve(S.T @ S + 0.3 * scale * np.diag(1 / prior), S.T @ response).T
    np.testing.assert_allclose(found.weights, expected, rtol=1e-8, atol=1e-12)


def test_left_out_residuals_make_the_misfit(monkeypatch):
    """Ψ against refits without each group; without trial noise and with the images' C zero."""
    generator = np.random.default_rng(1)
    image, response = generator.standard_normal((15, 4)), generator.standard_normal((15, 2))
    monkeypatch.setattr(linear_gaussian, "RATIOS", np.array([0.5]))
    group = np.array([0, 1, 2, 0, 3, 4, 4, 4, *range(5, 12)])
    found = fit_encoding(response, image, np.zeros(4), np.ones(4), np.zeros(2), group)
    penalty = 0.5 * ((image - image.mean(axis=0)) ** 2).sum() / 14
    residual = np.empty((15, 2))
    for left in range(15):
        rest = group != group[left]
        S, mean = image[rest] - image[rest].mean(axis=0), response[rest].mean(axis=0)
        weights = np.linalg.solve(S.T @ S + penalty * np.eye(4), S.T @ (response[rest] - mean))
        residual[left] = response[left] - mean - (image[left] - image[rest].mean(axis=0)) @ weights
    np.testing.assert_allclose(found.residual, residual, rtol=1e-8)
    np.testing.assert_allclose(found.misfit, (residual**2).mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(found.uncertainty, 0.0, atol=1e-12)


def test_the_noise_ratio_has_the_evidence_of_a_gaussian(monkeypatch):
    """log N(r; 0, s (K + ρ I)) at its best s, in the space orthogonal to the constant."""
    generator = np.random.default_rng(2)
    image, response = generator.standard_normal((9, 3)), generator.standard_normal((9, 1))
    ratios = np.array([0.1, 1.0, 10.0])
    monkeypatch.setattr(linear_gaussian, "RATIOS", ratios)
    monkeypatch.setattr(linear_gaussian, "PRIOR_STEPS", 1)
    S, r = image - image.mean(axis=0), response - response.mean(axis=0)
    contrasts = linalg.null_space(np.ones((1, 9))).T
    scale, log_evidence = (S**2).sum() / 8, []
    for ratio in ratios:
        kernel = contrasts @ (S @ S.T / scale + ratio * np.eye(9)) @ contrasts.T
        along = (contrasts @ r)[:, 0]
        best = along @ np.linalg.solve(kernel, along) / 8
        log_evidence.append(stats.multivariate_normal.logpdf(along, cov=best * kernel))
    expected = np.exp(log_evidence - np.max(log_evidence))
    basis, singular, _ = np.linalg.svd(S, full_matrices=False)
    belief, _ = linear_gaussian._noise_ratios(singular**2 / scale, basis.T @ r, r)
    np.testing.assert_allclose(belief[:, 0], expected / expected.sum(), rtol=1e-8)


def test_weights_are_recovered():
    response, image, shown, variance, weights = simulated(images=400, repeats=5, shared=0.5)
    trial = TrialNoise.of(response, image)
    means = np.array([response[image == i].mean(axis=0) for i in range(400)])
    found = fit_encoding(means, shown, variance, np.ones(10), trial.own / 5, np.arange(400))
    np.testing.assert_allclose(found.weights, weights, atol=0.35)
    assert found.misfit.mean() < 0.05


def test_averages_of_more_trials_are_trusted_more():
    response, image, shown, variance, _ = simulated(noise=4.0)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    np.testing.assert_array_equal(decoder.affine_weights(1), decoder.coef_)
    size = [np.linalg.norm(decoder.affine_weights(n)) for n in (1, 2, 4, 8)]
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
    readout, transform = fold.choose(shown[4:])
    assert transform == "none"
    tested = image < 4
    deviation = response[tested] - response[~tested].mean(axis=0)
    np.testing.assert_allclose(fit.deviation, deviation @ readout.weights(1))
    np.testing.assert_allclose(fit.average_contribution, deviation @ readout.weights(4))
    assert np.abs(fit.average_contribution - fit.deviation).max() > 0.01
    by_image = fit.average_contribution.reshape(4, 4, -1).mean(axis=1)
    np.testing.assert_allclose(fit.average, by_image)
    covariance = readout.covariance(4).T @ readout.covariance(4)
    np.testing.assert_allclose(fit.posterior_sd[4], np.sqrt(np.diag(covariance)))


def test_an_image_under_two_names_is_read_by_the_trials_of_each_name():
    """Image 0 is shown three times as the first name and once as the last."""
    response, image, shown, variance, _ = simulated(images=30, noise=3.0)
    named = image.copy()
    named[np.flatnonzero(image == 0)[-1]] = 30
    given = Trials(response, image, shown, shown, pixels.FeatureSpace((2, 5)), named=named)
    fold = Fold.split(given, np.arange(30) < 4, lambda: bayes.Decoder(variance=variance))
    fit = fold.fit()
    readout, _ = fold.choose(shown[4:])
    deviation = response - response[image >= 4].mean(axis=0)
    for place, (name, count) in enumerate(((0, 3), (1, 4), (2, 4), (3, 4), (30, 1))):
        own = deviation[named == name]
        assert len(own) == count
        expected = own.mean(axis=0) @ readout.weights(count)
        np.testing.assert_allclose(fit.average[place], expected)
        covariance = readout.covariance(count).T @ readout.covariance(count)
        np.testing.assert_allclose(fit.posterior_sd[count], np.sqrt(np.diag(covariance)))
    assert set(fit.posterior_sd) == {1, 3, 4}


def test_the_record_has_the_posterior_of_each_names_trials():
    response, image, shown, *_ = simulated(images=20, directions=9)
    named = image.copy()
    named[np.flatnonzero(image == 0)[-1]] = 20
    twice = np.concatenate([shown, shown[:1]]).reshape(-1, 3, 3)
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    made = reconstruct(responses(response, named, twice), "bayes", settings)
    assert (made.posterior_sd[20] > made.posterior_sd[0]).all()


def test_in_prior_components_the_prior_is_the_spaces_own():
    space = prior_components.FeatureSpace((12, 12))
    decoder = bayes.Decoder.for_features(space)
    assert decoder.axes is None
    np.testing.assert_array_equal(decoder.variance, space.variance)


@pytest.mark.parametrize("kind", [pixels, gabor])
def test_in_other_spaces_the_prior_is_natural_images_encoded(kind):
    space = kind.FeatureSpace((12, 12))
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
    """The same prior and the same fits, whether the projection comes first or last.

    But for directions of equal variance, which are turned against each other.
    """
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
    assert np.linalg.norm(found - expected) < 0.01 * np.linalg.norm(expected)


def test_one_repeat_has_no_trial_covariance_and_still_decodes():
    response, image, shown, variance, _ = simulated(repeats=1)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    np.testing.assert_array_equal(decoder.affine_weights(5), decoder.coef_)
    error = ((decoder.predict(response) - shown) ** 2).sum()
    assert error < 0.5 * (shown**2).sum()


def test_two_images_are_fitted():
    response, image, shown, variance, _ = simulated(images=2)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    assert np.isfinite(decoder.coef_).all()
    assert np.isfinite(decoder.posterior_factor(3)).all()


def test_responses_that_never_change_are_refused():
    with pytest.raises(ResponseError, match="nothing to decode"):
        bayes.Decoder().fit(np.ones((6, 3)), np.repeat(np.eye(3), 2, axis=0))


def test_scaling_all_responses_scales_the_weights_inversely():
    response, image, shown, variance, _ = simulated(images=20)
    plain = bayes.Decoder(variance=variance).fit(response, shown[image])
    scaled = bayes.Decoder(variance=variance).fit(1000.0 * response, shown[image])
    np.testing.assert_allclose(1000.0 * scaled.coef_, plain.coef_, rtol=1e-6, atol=1e-9)


def test_duplicate_cells_share_their_weight():
    response, image, shown, variance, _ = simulated(images=40, shared=0.5)
    doubled = np.concatenate([response, response[:, :1]], axis=1)
    coef = bayes.Decoder(variance=variance).fit(doubled, shown[image]).coef_
    np.testing.assert_allclose(coef[0], coef[-1], atol=1e-8)
    assert np.isfinite(coef).all()


def test_images_without_variance_decode_to_their_mean():
    response, image, shown, variance, _ = simulated(images=10)
    same = np.broadcast_to(shown[0], shown.shape)
    decoder = bayes.Decoder(variance=variance).fit(response, same[image], groups=image)
    np.testing.assert_allclose(decoder.predict(response), same[image], atol=1e-6)


def test_the_posterior_narrows_with_trials_and_is_within_the_prior():
    response, image, shown, variance, _ = simulated(noise=4.0)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    size = [(decoder.posterior_factor(n) ** 2).sum() for n in (1, 2, 4, 8)]
    assert np.all(np.diff(size) < 0)
    assert size[0] < ((shown - shown.mean(axis=0)) ** 2).sum() / len(shown)


def test_the_posterior_in_other_spaces_has_what_the_prior_cannot_express():
    generator = np.random.default_rng(0)
    image, space = np.repeat(np.arange(20), 3), pixels.FeatureSpace((12, 12))
    pictures = generator.standard_normal((20, 144))
    response = pictures[image, :8] + generator.standard_normal((60, 8))
    decoder = bayes.Decoder.for_features(space).fit(response, pictures[image])
    covariance = decoder.posterior_factor(3).T @ decoder.posterior_factor(3)
    centred = pictures - pictures.mean(axis=0)
    outside = centred - centred @ decoder.axes.T @ decoder.axes
    found = np.eye(144) - decoder.axes.T @ decoder.axes
    np.testing.assert_allclose(found @ covariance @ found, outside.T @ outside / 20, atol=1e-10)


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_ninety_per_cent_intervals_hold_ninety_per_cent(shared):
    """Of projections on the prior's directions, over unseen images of several recordings."""
    inside = []
    for seed in range(6):
        response, image, shown, variance, _ = simulated(
            images=300, repeats=3, noise=3.0, shared=shared, seed=seed
        )
        known = image < 60
        decoder = bayes.Decoder(variance=variance).fit(response[known], shown[image[known]])
        means = np.array([response[image == i].mean(axis=0) for i in range(60, 300)])
        found = decoder.target_mean_ + (means - decoder.response_mean_) @ decoder.affine_weights(3)
        sd = np.sqrt((decoder.posterior_factor(3) ** 2).sum(axis=0))
        inside.append((np.abs(shown[60:] - found) <= 1.645 * sd).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(("seed", "transform"), [(0, "none"), (1, "square-root")])
def test_pixels_of_simulated_recordings_are_covered(seed, transform):
    """Sparse, rectified, variable cells that no Gaussian describes; ten folds over pictures."""
    generator = np.random.default_rng(seed)
    pictures = natural_pictures(50, 16, generator, largest_correlation=0.95, largest_overlap=0.5)
    drawn = population(pictures, 40, Tuning(), generator)
    image = np.tile(np.arange(50), 5)
    response = trial_responses(drawn, image, image < 0, Tuning(), generator)
    settings = DecodingSettings(
        features="prior-components", permutations=0, bootstraps=100, transform=transform
    )
    made = reconstruct(responses(response, image, pictures), "bayes", settings)
    assert made.coverage_90 == pytest.approx(0.9, abs=0.03)
    assert made.posterior_sd.shape == (50, 16, 16)
    deviation = np.abs(made.picture - made.average) / made.posterior_sd
    assert made.coverage_90 == pytest.approx((deviation < 1.6448536).mean(), abs=1e-3)


def test_a_decoder_without_posterior_has_no_coverage():
    response, image, shown, *_ = simulated(images=20, directions=9)
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    made = reconstruct(responses(response, image, shown.reshape(-1, 3, 3)), "ridge", settings)
    assert made.posterior_sd is None
    assert np.isnan(made.coverage_90)


def test_the_inner_error_is_ridges_and_computed_when_asked_for():
    response, image, shown, variance, _ = simulated(images=20)
    decoder = bayes.Decoder(variance=variance).fit(response, shown[image])
    expected = ridge.Decoder(strengths=bayes.COARSE, per_feature=True).fit(response, shown[image])
    assert decoder.inner_error() == pytest.approx(expected.inner_error())
