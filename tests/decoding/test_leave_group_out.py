"""The held-out error without refits against refits, one group left out at a time."""

import numpy as np
import pytest
from simulated_trials import trials
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge import hat
from twophoton_decode.decoding.ridge.hat import KernelHat, SpectralHat
from twophoton_decode.decoding.ridge.strength import (
    choose_penalty,
    error_form,
    held_out_residual,
    members_by_size,
)


def refitted_error(response, Y, group, alpha):
    error = 0.0
    for train, test in LeaveOneGroupOut().split(response, Y, group):
        model = Ridge(alpha=alpha).fit(response[train], Y[train])
        error += ((Y[test] - model.predict(response[test])) ** 2).sum()
    return error


@pytest.mark.parametrize("kind", [SpectralHat, KernelHat])
@pytest.mark.parametrize(("repeats", "cells"), [(4, 7), (np.arange(1, 13), 7), (2, 40), (1, 5)])
@pytest.mark.parametrize("grouped_in", ["images", "pairs of images", "nothing"])
def test_error_equals_that_of_refits(repeats, cells, grouped_in, kind, monkeypatch):
    monkeypatch.setattr(hat, "SINGLE_PRECISION", 0.0)
    response, image, pictures = trials(repeats=repeats, cells=cells)
    group = {
        "images": image,
        "pairs of images": image // 2,
        "nothing": np.arange(len(image)),
    }[grouped_in]
    training = TrainingResponses(response, image, group)
    alphas = np.array([0.1, 3.0, 200.0])
    centred = pictures - training.mean_target(pictures)
    groups = members_by_size(group)
    for alpha in alphas:
        expected = refitted_error(response, pictures[image], group, alpha)
        form = error_form(kind(training, alpha), groups)
        assert np.vdot(form, centred @ centred.T) == pytest.approx(expected, rel=1e-8)
        residual = held_out_residual(kind(training, alpha), groups, centred)
        assert (residual**2).sum() == pytest.approx(expected, rel=1e-8)


def test_presentations_in_the_order_of_their_groups_have_the_same_error():
    """Rows are then read where they lie, not gathered."""
    generator = np.random.default_rng(4)
    target = np.repeat(np.arange(6), 3)
    response, Y = generator.standard_normal((18, 5)), generator.standard_normal((6, 9))
    choices = []
    for order in (np.arange(18), generator.permutation(18)):
        part = TrainingResponses(response[order], target[order], target[order])
        choices.append(choose_penalty(part, (0.1, 1.0, 10.0))(Y - Y.mean(axis=0)))
    assert choices[0].strength == pytest.approx(choices[1].strength)
    assert choices[0].error == pytest.approx(choices[1].error, rel=1e-12)
