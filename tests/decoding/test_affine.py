import numpy as np
import pytest
from simulated_trials import trials
from sklearn.linear_model import LinearRegression

from twophoton_decode.decoding.decoders.ridge import Decoder
from twophoton_decode.decoding.fitting.refitting import refitting
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.errors import ResponseError


class FromElsewhere:
    """A decoder of another package: `fit` and `predict`, nothing more."""

    def fit(self, R, Y, groups=None):
        self.model = LinearRegression().fit(R, Y)
        self.groups = groups

    def predict(self, R):
        return self.model.predict(R)


def test_prediction_at_the_mean_response_is_the_mean_target():
    response, image, pictures = trials(repeats=np.arange(1, 13))
    decoder = Decoder().fit(response, pictures[image])
    predicted = decoder.predict(response.mean(axis=0)[None])
    np.testing.assert_allclose(predicted[0], pictures[image].mean(axis=0), atol=1e-12)


@pytest.mark.parametrize("make", [Decoder, FromElsewhere])
def test_refitting_equals_fitting(make):
    response, image, pictures = trials()
    training = TrainingResponses(response, image, image)
    refit = refitting(make, training)
    for targets in (pictures, pictures[::-1]):
        expected = make()
        expected.fit(response, targets[image])
        found = refit(targets).apply(response) + targets[image].mean(axis=0)
        np.testing.assert_allclose(found, expected.predict(response), atol=1e-10)


def test_a_plain_decoder_is_told_the_groups():
    response, image, pictures = trials()
    fitted = refitting(FromElsewhere, TrainingResponses(response, image, image))(pictures)
    np.testing.assert_array_equal(fitted.decoder.groups, image)


def test_different_numbers_of_presentations_are_refused():
    with pytest.raises(ResponseError, match=r"shapes \(5, 3\) and \(4, 2\)"):
        Decoder().fit(np.ones((5, 3)), np.ones((4, 2)))


@pytest.mark.parametrize(("which", "bad"), [("responses", np.nan), ("features", np.inf)])
def test_values_that_are_not_finite_are_refused(which, bad):
    values = {"responses": np.ones((6, 3)), "features": np.ones((6, 2))}
    values[which][2, 1] = bad
    with pytest.raises(ResponseError, match=f"1 of the .* {which} are NaN or infinite"):
        Decoder().fit(values["responses"], values["features"])
