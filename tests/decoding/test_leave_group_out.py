"""The held-out error without refits against refits, one group left out at a time."""

import numpy as np
import pytest
from simulated_trials import trials
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut

from twophoton_decode.decoding.leave_group_out import error_forms
from twophoton_decode.decoding.training import TrainingResponses


def refitted_error(response, Y, group, alpha):
    error = 0.0
    for train, test in LeaveOneGroupOut().split(response, Y, group):
        model = Ridge(alpha=alpha).fit(response[train], Y[train])
        error += ((Y[test] - model.predict(response[test])) ** 2).sum()
    return error


@pytest.mark.parametrize(("repeats", "cells"), [(4, 7), (np.arange(1, 13), 7), (2, 40), (1, 5)])
@pytest.mark.parametrize("grouped_in", ["images", "pairs of images"])
def test_error_equals_that_of_refits(repeats, cells, grouped_in):
    response, image, pictures = trials(repeats=repeats, cells=cells)
    group = image if grouped_in == "images" else image // 2
    training = TrainingResponses(response, image, group)
    alphas = np.array([0.1, 3.0, 200.0])
    centred = pictures - training.mean_target(pictures)
    found = np.einsum("aij,ij->a", error_forms(training, alphas), centred @ centred.T)
    expected = [refitted_error(response, pictures[image], group, alpha) for alpha in alphas]
    np.testing.assert_allclose(found, expected, rtol=1e-8)
