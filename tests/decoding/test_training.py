import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_trials import trials

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.errors import ResponseError
from twophoton_decode.statistics.by_image import identical_rows


@pytest.fixture
def training():
    response, image, _ = trials(repeats=np.array([1, 2, 3, 4, 5, 6] * 2))
    return TrainingResponses(response, image, image)


def test_sums_by_target_match_a_loop(training):
    for target in range(12):
        expected = training.centred[training.target == target].sum(axis=0)
        np.testing.assert_allclose(training.target_sums[target], expected)


def test_mean_target_weighs_images_by_their_presentations(training):
    targets = np.random.default_rng(1).standard_normal((12, 5))
    expected = targets[training.target].mean(axis=0)
    np.testing.assert_allclose(training.mean_target(targets), expected)


def test_decomposition_gives_the_centred_responses_back(training):
    U, s, Vt = training.svd
    np.testing.assert_allclose((U * s) @ Vt, training.centred, atol=1e-12)
    np.testing.assert_allclose(training.gram, training.centred.T @ training.centred)


def test_directions_below_the_cutoff_are_dropped():
    response, image, _ = trials(cells=4)
    twice = np.concatenate([response, response @ np.ones((4, 2))], axis=1)
    assert len(TrainingResponses(twice, image, image).svd[1]) == 4


def test_constant_cells_are_exactly_zero_and_counted():
    response, image, _ = trials()
    response[:, 2] = 0.1
    training = TrainingResponses(response, image, image)
    assert training.constant_cells == 1
    assert not training.centred[:, 2].any()


def test_responses_that_never_change_are_refused():
    training = TrainingResponses(np.full((6, 3), 0.1), np.arange(6) // 2, np.arange(6) // 2)
    with pytest.raises(ResponseError, match="3 cells responded alike to all 6"):
        _ = training.svd


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=30), seed=st.integers(0, 9))
def test_identical_rows_are_found(labels, seed):
    values = np.random.default_rng(seed).standard_normal((5, 3))
    label, first = identical_rows(values[labels])
    same = np.equal.outer(labels, labels)
    np.testing.assert_array_equal(label[:, None] == label, same)
    np.testing.assert_array_equal(label[first], np.arange(len(first)))


def test_zero_and_minus_zero_are_identical():
    label, first = identical_rows(np.array([[0.0, 1.0], [-0.0, 1.0]]))
    assert label.tolist() == [0, 0]
    assert first.tolist() == [0]
