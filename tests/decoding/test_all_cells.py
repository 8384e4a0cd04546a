import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_trials import trials

from twophoton_decode.decoding.decoders.all_cells import Decoder


@pytest.mark.parametrize("cells", [7, 90])
def test_weights_are_the_minimum_norm_least_squares_solution(cells):
    response, image, pictures = trials(cells=cells)
    Y = pictures[image]
    decoder = Decoder().fit(response, Y)
    centred = response - response.mean(axis=0)
    expected = np.linalg.lstsq(centred, Y - Y.mean(axis=0), rcond=1e-10)[0]
    np.testing.assert_allclose(decoder.coef_, expected, atol=1e-9)
    np.testing.assert_allclose(
        decoder.coef_, np.linalg.pinv(centred, rcond=1e-10) @ (Y - Y.mean(axis=0)), atol=1e-9
    )


def test_dependent_cells_share_their_weight():
    response, image, pictures = trials(cells=3)
    once = Decoder().fit(response, pictures[image])
    twice = Decoder().fit(np.repeat(response, 2, axis=1), pictures[image])
    np.testing.assert_allclose(twice.coef_, np.repeat(once.coef_, 2, axis=0) / 2, atol=1e-10)


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), data=st.data())
def test_scaling_and_shifting_cells_changes_nothing(seed, data):
    response, image, pictures = trials(seed=seed)
    scale = np.array(data.draw(st.lists(st.floats(0.1, 10.0), min_size=7, max_size=7)))
    moved = response * scale - 3.0
    plain = Decoder().fit(response, pictures[image]).predict(response)
    scaled = Decoder().fit(moved, pictures[image]).predict(moved)
    np.testing.assert_allclose(scaled, plain, atol=1e-7)


@pytest.mark.parametrize(
    ("images", "repeats", "cells", "expected"),
    [
        (10, 4, 2, []),
        (10, 4, 10, ["10 training images"]),
        (10, 4, 40, ["40 training presentations"]),
        (10, 1, 8, ["10 training presentations", "10 training images"]),
    ],
)
def test_the_peak_of_least_squares_is_warned_of(images, repeats, cells, expected):
    response, image, pictures = trials(images=images, repeats=repeats, cells=cells)
    warnings = Decoder().fit(response, pictures[image]).warnings_
    peaks = [text.partition(":")[0] for text in warnings if "peaks near" in text]
    assert peaks == [f"{cells} cells for {count}" for count in expected]
    assert np.isnan(Decoder().fit(response, pictures[image]).strength_)
