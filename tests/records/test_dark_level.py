"""The grey level without light, estimated from a mean image and subtracted from traces."""

import numpy as np
import pytest

from twophoton_decode.records.movie.dark_level import dark_level_advice, estimated_dark_level


def image(dark, bright=300.0):
    """A tenth of the pixels see no light."""
    rng = np.random.default_rng(0)
    levels = dark + rng.uniform(0.2, 1.0, (2, 60, 50)) * bright
    levels[:, :6] = dark + rng.normal(0, 0.5, (2, 6, 50))
    return levels


@pytest.mark.parametrize("dark", [-130.0, 0.0, 412.0])
def test_the_level_of_pixels_without_light_is_found(dark):
    assert estimated_dark_level(image(dark)) == pytest.approx(dark, abs=2)


def test_pixels_that_are_no_numbers_are_left_aside():
    levels = image(-130.0)
    levels[0, :30] = np.nan
    assert estimated_dark_level(levels) == pytest.approx(-130, abs=2)
    assert np.isnan(estimated_dark_level(np.full((1, 4, 4), np.nan)))
    assert dark_level_advice(np.full((1, 4, 4), np.nan)) == ""


def test_a_negative_level_is_offered_by_name_and_value():
    advice = dark_level_advice(np.full((1, 20, 20), -130.0) + np.arange(20) * 10)
    assert "set dark_level = -130 in [recording] (an estimate" in advice


def test_what_was_subtracted_already_is_added_to_the_offer():
    left = np.full((1, 20, 20), -30.0) + np.arange(20) * 10
    assert "lower than the -100 that F0 is counted from" in dark_level_advice(left, -100.0)
    assert "set dark_level = -130 in" in dark_level_advice(left, -100.0)


@pytest.mark.parametrize("dark", [0.0, 25.0, -5.0])
def test_nothing_is_offered_where_zero_is_about_right(dark):
    assert dark_level_advice(image(dark)) == ""
