"""Which images a gallery shows, and how."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.gallery import (
    Row,
    gallery,
    rank_titles,
    short,
    show_picture,
    wrapped_label,
)
from twophoton_decode.statistics.ranks import spread_over_scores


def test_images_are_spread_from_best_to_worst_with_the_median_in_the_middle():
    scores = np.array([0.1, 0.9, 0.5, 0.3, 0.7])
    chosen, ranks = spread_over_scores(scores, columns=3)
    assert chosen.tolist() == [1, 2, 0]
    assert ranks.tolist() == [0, 2, 4]


def test_images_without_a_score_are_not_shown():
    chosen, _ = spread_over_scores(np.array([np.nan, 0.2, 0.4]))
    assert chosen.tolist() == [2, 1]


def test_without_any_score_images_keep_their_order():
    chosen, _ = spread_over_scores(np.full(3, np.nan))
    assert chosen.tolist() == [0, 1, 2]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60))
def test_shown_scores_never_rise_and_no_image_is_shown_twice(scores):
    chosen, ranks = spread_over_scores(np.array(scores))
    assert len(set(chosen.tolist())) == len(chosen) == min(9, len(scores))
    assert (np.diff(np.array(scores)[chosen]) <= 0).all()
    assert (np.diff(ranks) > 0).all()


def test_titles_name_the_place_and_the_image():
    assert rank_titles(["a", "b", "c"], np.array([0, 5, 10])) == [
        "best\na",
        "median\nb",
        "worst\nc",
    ]
    assert rank_titles(["a"], np.array([0])) == ["#1\na"]
    assert rank_titles(["a", "b"], np.array([0, 1])) == ["best\na", "worst\nb"]


def test_long_names_keep_both_ends():
    assert short("a_very_long_name_0031.png") == "a_ver…_0031"
    assert short("picture_031.png") == "picture_031"


def test_a_picture_is_shown_in_its_own_grey_range():
    picture = np.linspace(2, 4, 101).reshape(1, 101)
    axes = Figure().subplots()
    show_picture(axes, picture)
    np.testing.assert_allclose(axes.images[0].get_clim(), (2.02, 3.98))


def test_a_constant_picture_is_mid_grey_and_an_undefined_one_is_blank():
    for picture, limits in ((np.full((2, 2), 5.0), (4, 6)), (np.full((2, 2), np.nan), (0, 1))):
        axes = Figure().subplots()
        show_picture(axes, picture)
        assert axes.images[0].get_clim() == limits


@pytest.mark.parametrize(
    "name", ["ridge", "cell-selection", "convolutional-network-of-mine", "m" * 30, "net_$a$_of_me"]
)
def test_a_long_label_ends_before_the_first_picture(name):
    pictures = np.random.default_rng(0).random((1, 8, 8))
    with style.applied():
        figure = gallery([Row(name, pictures)], ["best"])
        figure.canvas.draw()
        [label] = [text for text in figure.texts if text.get_text().replace("\n", "") == name]
        end = label.get_window_extent().x1
    first = min(axes.get_window_extent().x0 for axes in figure.axes if axes.images)
    assert end < first


def test_short_labels_stay_on_one_line():
    with style.applied():
        assert wrapped_label("cell-selection") == "cell-selection"
        assert wrapped_label("few cells") == "few cells"
