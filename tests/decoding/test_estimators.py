"""Every decoder in the registry is an estimator as scikit-learn has them."""

import pickle
import warnings

import numpy as np
import pytest
from affine_decoders import AFFINE
from simulated_trials import trials
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from twophoton_decode.errors import ResponseError
from twophoton_decode.registry import DECODERS

NAMES = AFFINE
EXPECTED_FAILURES = {}
"""scikit-learn's checks that do not apply, with the reason: none so far."""


# The checks fit random numbers, some of them fit for nothing: solvers may say so.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [DECODERS.load(name)() for name in NAMES],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_scikit_learns_own_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_survive_cloning(name):
    decoder = DECODERS.load(name)()
    for key, value in decoder.get_params().items():
        assert (
            clone(decoder).get_params()[key] is value or clone(decoder).get_params()[key] == value
        )


@pytest.mark.parametrize("name", NAMES)
def test_one_feature_may_be_a_vector(name):
    response, image, pictures = trials(images=20, seed=4)
    Y = pictures[image]
    one = DECODERS.load(name)().fit(response, Y[:, 0], groups=image)
    column = DECODERS.load(name)().fit(response, Y[:, :1], groups=image)
    assert one.predict(response).shape == (len(response),)
    np.testing.assert_array_equal(one.predict(response), column.predict(response)[:, 0])


@pytest.mark.parametrize("name", NAMES)
def test_cross_validation_of_a_pipeline_by_image(name):
    """Better than the mean on images left out, and equal to doing it by hand."""
    response, image, pictures = trials(images=24, dimensions=3, noise=0.3)
    Y = pictures[image]
    model = make_pipeline(StandardScaler(), DECODERS.load(name)())
    folds = GroupKFold(4)
    scores = cross_val_score(model, response, Y, groups=image, cv=folds, error_score="raise")
    assert scores.mean() > 0.15
    predicted = cross_val_predict(model, response, Y, groups=image, cv=folds)
    train, test = next(folds.split(response, Y, image))
    by_hand = clone(model).fit(response[train], Y[train]).predict(response[test])
    np.testing.assert_allclose(predicted[test], by_hand, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_repeats_of_an_image_are_one_group_unless_told_otherwise(name):
    response, image, pictures = trials(noise=2.0, seed=3)
    Y = pictures[image]
    given = DECODERS.load(name)().fit(response, Y, groups=[f"image {i}" for i in image])
    np.testing.assert_array_equal(DECODERS.load(name)().fit(response, Y).coef_, given.coef_)


def test_groups_of_another_length_are_refused():
    response, image, pictures = trials()
    with pytest.raises(ResponseError, match="each of 48 presentations, found the shape \\(5,\\)"):
        DECODERS.load("ridge")().fit(response, pictures[image], groups=image[:5])


@pytest.mark.parametrize("name", NAMES)
def test_predicting_needs_a_fit_and_finite_responses(name):
    response, image, pictures = trials()
    with pytest.raises(NotFittedError):
        DECODERS.load(name)().predict(response)
    decoder = DECODERS.load(name)().fit(response, pictures[image])
    response[3, 1] = np.nan
    for kind in (ResponseError, ValueError):
        with pytest.raises(kind, match="1 of the 336 responses are NaN or infinite"):
            decoder.predict(response)


def test_weights_for_averages_stay_where_they_were_made():
    response, image, pictures = trials()
    decoder = DECODERS.load("bayes")().fit(response, pictures[image])
    assert decoder.affine_weights(4).shape == decoder.coef_.shape
    copied = pickle.loads(pickle.dumps(decoder))
    np.testing.assert_array_equal(copied.predict(response), decoder.predict(response))
    with pytest.raises(ResponseError, match="mean over 4 trials was left"):
        copied.affine_weights(4)
