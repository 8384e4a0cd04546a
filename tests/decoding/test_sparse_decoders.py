import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_trials import trials
from sklearn.linear_model import ElasticNet, Lasso

from twophoton_decode.decoding.decoders import elastic_net, lasso
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.sparse import path as sparse_path
from twophoton_decode.decoding.sparse import strength as sparse_choice
from twophoton_decode.decoding.sparse.strength import TrainingPart, inner_folds


def data(**options):
    options = {"images": 30, "cells": 20, "noise": 1.0, **options}
    response, image, pictures = trials(**options)
    return response, image, pictures


def training(response, image):
    return TrainingResponses(response, image, image)


def objective(response, y, b, l1, l2=0.0):
    centred, y = response - response.mean(axis=0), y - y.mean()
    missed = y - centred @ b
    return missed @ missed / (2 * len(y)) + l1 * np.abs(b).sum() + l2 / 2 * (b @ b)


@pytest.mark.parametrize("cells", [20, 200])
@pytest.mark.parametrize("strength", [0.5, 0.05])
def test_lasso_reaches_scikit_learns_objective(cells, strength):
    response, image, pictures = data(cells=cells)
    Y = pictures[image]
    coef = lasso.Decoder([strength]).fit(response, Y).coef_
    centred = response - response.mean(axis=0)
    for feature in range(0, 9, 4):
        y = Y[:, feature]
        alpha = strength * np.abs(centred.T @ (y - y.mean())).max() / len(y)
        best = Lasso(alpha=alpha, tol=1e-10, max_iter=10**6).fit(response, y).coef_
        lowest, found = (objective(response, y, b, alpha) for b in (best, coef[:, feature]))
        assert lowest - 1e-10 <= found <= lowest + 1e-4 * y.var()


def test_elastic_net_reaches_scikit_learns_objective():
    """In the units of the docstring: each feature and, on average, the responses of variance 1."""
    response, image, pictures = data()
    response = response * 7.0
    Y = pictures[image]
    coef = elastic_net.Decoder([0.1], l1_share=0.3).fit(response, Y).coef_
    unit = np.sqrt(response.var(axis=0).mean())
    R = response / unit
    for feature in range(3):
        y = Y[:, feature] / Y[:, feature].std()
        alpha = 0.1 * np.abs((R - R.mean(axis=0)).T @ (y - y.mean())).max() / len(y) / 0.3
        best = ElasticNet(alpha=alpha, l1_ratio=0.3, tol=1e-10, max_iter=10**6).fit(R, y).coef_
        ours = coef[:, feature] * unit / Y[:, feature].std()
        l1, l2 = 0.3 * alpha, 0.7 * alpha
        lowest, found = (objective(R, y, b, l1, l2) for b in (best, ours))
        assert lowest - 1e-10 <= found <= lowest + 1e-4


def test_inner_gram_matrices_equal_those_built_anew():
    response, image, pictures = data(repeats=np.arange(30) % 4 + 1)
    whole = training(response, image)
    for fold in inner_folds(whole):
        out = np.isin(image, np.unique(fold.target))
        kept = response[~out]
        centred = kept - kept.mean(axis=0)
        covariance = centred.T @ centred / len(kept)
        unit = np.sqrt(np.trace(covariance) / 20)
        assert fold.part.unit == pytest.approx(unit)
        np.testing.assert_allclose(fold.part.gram.full, covariance / unit**2, atol=1e-12)
        y = pictures[image[~out]]
        moments = (y - y.mean(axis=0)).T @ centred / len(kept) / unit
        problem = fold.part.problem(pictures)
        np.testing.assert_allclose(problem.moments, moments, atol=1e-12)
        np.testing.assert_allclose(problem.energy, y.var(axis=0), atol=1e-12)
        np.testing.assert_allclose(fold.responses, response[out] - kept.mean(axis=0), atol=1e-12)


def test_strength_is_the_one_of_refits_to_inner_folds():
    response, image, pictures = data(noise=2.0)
    Y, strengths = pictures[image], sparse_path.STRENGTHS
    folds = inner_folds(training(response, image))
    errors = np.zeros(len(strengths))
    for fold in folds:
        out = np.isin(image, np.unique(fold.target))
        for number, strength in enumerate(strengths[1:], start=1):
            fit = lasso.Decoder([strength]).fit(response[~out], Y[~out])
            errors[number] += np.sum((Y[out] - fit.predict(response[out])) ** 2)
    errors[0] = np.inf
    chosen = lasso.Decoder().fit(response, Y)
    best = errors.min()
    number = list(strengths).index(chosen.strength_)
    assert errors[number] <= 1.002 * best
    assert chosen.inner_error() == pytest.approx(errors[number], rel=5e-3)


def test_strength_is_chosen_from_a_part_of_many_features(monkeypatch):
    response, image, pictures = data(pixels=40)
    whole = lasso.Decoder().fit(response, pictures[image])
    monkeypatch.setattr(sparse_choice, "INNER_FEATURES", 20)
    part = lasso.Decoder().fit(response, pictures[image])
    ratio = part.strength_ / whole.strength_
    assert 0.5 < ratio < 2.0
    assert part.inner_error() == pytest.approx(whole.inner_error(), rel=0.2)


def test_few_cells_are_used_where_few_carry_a_feature():
    generator = np.random.default_rng(0)
    images = generator.standard_normal((60, 3))
    image = np.repeat(np.arange(60), 5)
    response = generator.standard_normal((300, 50))
    response[:, [4, 17, 30]] += 2.0 * images[image]
    coef = lasso.Decoder().fit(response, images[image]).coef_
    assert (np.abs(coef).argmax(axis=0) == [4, 17, 30]).all()
    assert np.count_nonzero(coef, axis=0).max() < 25


def test_unpredictable_images_leave_the_mean_and_are_reported():
    generator = np.random.default_rng(2)
    response, targets = generator.standard_normal((80, 30)), generator.standard_normal((80, 12))
    decoder = lasso.Decoder().fit(response, targets)
    assert decoder.strength_ == 1.0
    assert not decoder.coef_.any()
    assert "hardly better" in decoder.warnings_[0]


def test_features_and_cells_without_variance_have_no_weight():
    response, image, pictures = data()
    pictures[:, 2], response[:, 5] = 4.0, 1.0
    for decoder in (lasso.Decoder([0.1]), elastic_net.Decoder([0.1])):
        fit = decoder.fit(response, pictures[image])
        assert not fit.coef_[:, 2].any()
        assert not fit.coef_[5].any()
        assert fit.coef_.any()
        np.testing.assert_allclose(fit.predict(response)[:, 2], 4.0)


def test_copies_of_a_cell_share_its_weight_in_the_elastic_net_and_change_no_prediction():
    response, image, pictures = data()
    doubled = np.concatenate([response, response[:, :1]], axis=1)
    for module, limit in ((lasso, 0.05), (elastic_net, 0.05)):
        fit = module.Decoder([0.1]).fit(doubled, pictures[image])
        plain = module.Decoder([0.1]).fit(response, pictures[image])
        difference = fit.predict(doubled) - plain.predict(response)
        assert np.abs(difference).mean() < limit * pictures.std()
    both = elastic_net.Decoder([0.1]).fit(doubled, pictures[image]).coef_[[0, -1]]
    np.testing.assert_allclose(both[0], both[1], atol=0.02 * np.abs(both).max())


def test_what_is_not_certified_is_told(monkeypatch):
    monkeypatch.setattr(sparse_path, "ROUNDS", 1)
    monkeypatch.setattr(sparse_choice, "ROUNDS", 1)
    response, image, pictures = data(cells=60)
    response += 5.0 * np.random.default_rng(3).standard_normal((len(response), 1))
    fit = lasso.Decoder([0.3, 0.02]).fit(response, pictures[image])
    text = fit.warnings_[-1]
    assert "did not reach the wanted duality gap in 1 rounds" in text
    assert int(text.split()[0]) > 0


@settings(max_examples=10, deadline=None)
@given(power=st.floats(-6, 6), seed=st.integers(0, 5), module=st.sampled_from([lasso, elastic_net]))
def test_scale_of_responses_and_images_does_not_matter(power, seed, module):
    response, image, pictures = data(seed=seed, images=12)
    Y, scale = pictures[image], 10.0**power
    plain = module.Decoder([0.2]).fit(response, Y).coef_
    scaled = module.Decoder([0.2]).fit(response * scale, Y).coef_
    np.testing.assert_allclose(scaled * scale, plain, atol=1e-3 * np.abs(plain).max())
    scaled = module.Decoder([0.2]).fit(response, Y * scale).coef_
    np.testing.assert_allclose(scaled / scale, plain, atol=1e-3 * np.abs(plain).max())


def test_a_part_without_change_has_no_moments():
    part = TrainingPart.of(np.zeros((3, 3)), np.zeros((4, 3)), np.full(4, 2))
    problem = part.problem(np.random.default_rng(0).standard_normal((4, 2)))
    assert part.unit == 1.0
    assert not problem.moments.any()
