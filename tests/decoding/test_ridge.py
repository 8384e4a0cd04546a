import numpy as np
import pytest
from simulated_trials import trials
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut

from twophoton_decode.decoding.decoders.ridge import Decoder
from twophoton_decode.decoding.ridge import hat
from twophoton_decode.decoding.ridge.strength import STRENGTHS
from twophoton_decode.features import pixels, prior_components


@pytest.mark.parametrize("cells", [7, 70])
@pytest.mark.parametrize("relative", [1e-3, 1.0, 30.0])
def test_weights_match_scikit_learn(cells, relative):
    response, image, pictures = trials(cells=cells)
    decoder = Decoder(strengths=[relative]).fit(response, pictures[image])
    centred = response - response.mean(axis=0)
    assert decoder.strength_ == pytest.approx(relative * (centred**2).sum() / cells)
    expected = Ridge(alpha=decoder.strength_).fit(response, pictures[image])
    np.testing.assert_allclose(decoder.coef_.T, expected.coef_, atol=1e-8)
    np.testing.assert_allclose(decoder.predict(response), expected.predict(response), atol=1e-8)


@pytest.mark.parametrize("noise", [0.2, 2.0, 8.0])
@pytest.mark.parametrize("repeats", [4, np.arange(1, 13)])
def test_strength_is_the_one_of_brute_force_over_images(noise, repeats):
    response, image, pictures = trials(noise=noise, repeats=repeats, seed=3)
    decoder = Decoder(strengths=10.0 ** np.arange(-2, 3)).fit(response, pictures[image])
    unit = ((response - response.mean(axis=0)) ** 2).sum() / response.shape[1]
    # scikit-learn averages over folds, so the sum over presentations is what it must score.
    search = GridSearchCV(
        Ridge(),
        {"alpha": np.array(decoder.strengths) * unit},
        cv=LeaveOneGroupOut(),
        scoring=lambda model, R, Y: -((Y - model.predict(R)) ** 2).sum(),
    ).fit(response, pictures[image], groups=image)
    assert decoder.strength_ == pytest.approx(search.best_params_["alpha"])


def test_given_groups_stay_together():
    """Pairs of near-identical images in one group: leaving out single images would leak."""
    response, image, pictures = trials(noise=3.0, seed=5)
    pictures[1::2] = pictures[::2] + 1e-6
    alone = Decoder().fit(response, pictures[image]).strength_
    paired = Decoder().fit(response, pictures[image], groups=image // 2).strength_
    assert paired != alone


def test_unpredictable_images_are_reported():
    generator = np.random.default_rng(0)
    response, targets = generator.standard_normal((40, 30)), generator.standard_normal((40, 3))
    decoder = Decoder().fit(response, targets)
    assert decoder.strengths[-1] * 40 * 0.5 < decoder.strength_
    assert "hardly better" in decoder.warnings_[0]


def test_features_may_each_have_a_strength_of_their_own():
    """The same weights as fitting every feature alone; one is noise and is penalised most."""
    response, image, pictures = trials(images=30, noise=1.0, seed=2)
    pictures[:, 0] = np.random.default_rng(5).standard_normal(30)
    Y = pictures[image]
    together = Decoder(per_feature=True).fit(response, Y)
    groups = image
    alone = [Decoder().fit(response, Y[:, [k]], groups) for k in range(Y.shape[1])]
    expected = np.concatenate([fit.coef_ for fit in alone], axis=1)
    np.testing.assert_allclose(together.coef_, expected, atol=1e-10)
    strengths = [fit.strength_ for fit in alone]
    assert together.strength_ == pytest.approx(np.median(strengths))
    assert strengths[0] == max(strengths) > 10 * min(strengths)


def test_only_features_declared_uncorrelated_get_a_strength_each():
    assert Decoder.for_features(prior_components.FeatureSpace((12, 12))).per_feature
    assert not Decoder.for_features(pixels.FeatureSpace((12, 12))).per_feature


@pytest.mark.parametrize("per_feature", [False, True])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_large_problem_is_solved_by_its_kernel_to_the_same_weights(
    per_feature, precision, monkeypatch
):
    """One factorisation for each strength against the eigenvectors that serve them all."""
    response, image, pictures = trials(images=40, cells=250, noise=2.0, seed=8)
    expected = Decoder(per_feature=per_feature).fit(response, pictures[image])
    monkeypatch.setattr(hat, "MANY_PRESENTATIONS", 100)
    monkeypatch.setattr(hat, "SINGLE_PRECISION", {"float64": 0.0, "float32": 1e4}[precision])
    found = Decoder(per_feature=per_feature).fit(response, pictures[image])
    assert found.strength_ == pytest.approx(expected.strength_, rel=1e-12)
    np.testing.assert_allclose(found.coef_, expected.coef_, atol=1e-12)
    error = {"float64": 1e-9, "float32": 1e-4}[precision]
    assert found.inner_error() == pytest.approx(expected.inner_error(), rel=error)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.1, 3.0, 30.0])
def test_the_search_among_strengths_finds_the_best_of_all(seed, noise, monkeypatch):
    response, image, pictures = trials(images=20, cells=100, noise=noise, seed=seed)
    expected = Decoder().fit(response, pictures[image]).strength_
    monkeypatch.setattr(hat, "MANY_PRESENTATIONS", 10)
    assert Decoder().fit(response, pictures[image]).strength_ == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("cells", [7, 70])
def test_a_cell_given_twice_is_penalised_half(cells):
    """Rank deficient on either side: weights w/2 twice have half the penalty of w."""
    response, image, pictures = trials(cells=cells)
    once = Decoder().fit(response, pictures[image])
    twice = Decoder(strengths=[2 * each for each in STRENGTHS]).fit(
        np.repeat(response, 2, axis=1), pictures[image]
    )
    assert twice.strength_ == pytest.approx(2 * once.strength_)
    np.testing.assert_allclose(twice.coef_, np.repeat(once.coef_, 2, axis=0) / 2, atol=1e-10)
