"""Figures and sentences on attention say what the record holds, and no more."""

from dataclasses import replace

import numpy as np
import pytest
from invented_attention import CELLS, attention_encoding

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.deep.attention.cells import laid_out_cells
from twophoton_decode.figures.deep.attention.prediction import (
    BIN_COLOUR,
    attention_prediction,
    bin_colours,
)
from twophoton_decode.figures.deep.attention.sentences import (
    attention_sentence,
    prediction_sentence,
)


@pytest.fixture
def found():
    return attention_encoding()


def test_attention_counts_only_beyond_both_controls(found):
    told = attention_sentence(found.headline)
    assert told.startswith("Attention (maps.npy) is not shown to help to predict these cells: ")
    assert "+0.004 (95 % interval 0.001 to 0.007)" in told
    assert "+0.003 (95 % interval −0.002 to 0.008)" in told
    assert not found.attention_counts
    both = replace(found, beyond_mean_ci95=(0.0005, 0.008))
    assert both.attention_counts
    assert attention_sentence(both.headline).startswith("Attention (maps.npy) helps to predict")


def test_cells_that_are_not_predicted_judge_nothing(found):
    numbers = found.headline | {"predicted_cells": 0, "r_off": -0.08}
    told = attention_sentence(numbers)
    assert told.startswith("Attention (maps.npy) cannot be judged from these cells, of which none")
    assert told.endswith("Differences between such predictions say nothing.")
    assert "An r below 0 is no finding" in prediction_sentence(numbers)
    assert "below 0" not in prediction_sentence(found.headline)


def test_the_figure_of_prediction_tells_its_controls(found):
    drawing = attention_prediction(found)
    assert drawing.name == "attention_efficientnet-lite0-random-0"
    assert "9 cells of 14 are predicted above chance" in drawing.caption
    assert "layer b2 reaches 0.25, 0.15 with random weights" in drawing.caption
    assert drawing.more["layers"]["random"].tolist() == [0.1, 0.15]
    assert set(render(drawing)) >= {"pdf", "svg", "png", "csv", "layers.csv"}


@pytest.mark.usefixtures("whole_figures")
def test_what_the_layout_keeps_stands_on_the_figure(found):
    drawing = laid_out_cells(found)
    svg = render(drawing)["svg"].decode()
    assert "neighbours kept 40 % (chance 45 %)" in svg
    assert "seeds agree 65 %" in svg
    assert "a cluster says nothing by itself" in drawing.caption
    assert "3.1 px apart on the picture, 3.2 px by chance (p = 0.4)" in drawing.caption
    assert "Cells: no distances on the field of view." in drawing.caption


def test_cells_that_are_not_predicted_are_grey(found):
    assert bin_colours(np.array([-1, 0, 3])) == [style.FAINT, BIN_COLOUR[1], BIN_COLOUR[4]]
    view = laid_out_cells(found).more["view"]
    assert len(view["position_x"]) == CELLS


@pytest.mark.usefixtures("whole_figures")
def test_without_layout_or_field_of_view_the_figure_says_so(found):
    nowhere = np.full(CELLS, np.nan)
    empty = replace(
        found, embedded_cell=np.zeros(0), dissimilarity=np.zeros((0, 0)), colour=np.zeros((0, 3)),
        layout=np.zeros((0, 0, 3)), order=np.zeros(0), neighbours=0, position_x=nowhere,
        position_y=nowhere,
    )  # fmt: skip
    drawing = laid_out_cells(empty)
    assert "too few predicted cells for a layout" in drawing.caption
    assert "unavailable: no layout, and no field of view" in render(drawing)["svg"].decode()
