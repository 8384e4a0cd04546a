"""Figures and sentences on attention say what the record holds, and no more."""

from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.deep.attention.cells import laid_out_cells
from twophoton_decode.figures.deep.attention.prediction import (
    BIN_COLOUR,
    attention_prediction,
    bin_colours,
)
from twophoton_decode.figures.deep.attention.sentences import attention_sentence
from twophoton_decode.records import AttentionEncoding

CELLS, LAYERS = 14, ("b1", "b2")
PER_CELL = (
    "r_off", "r_on", "r_other_map", "r_mean_map", "p_off", "p_on", "delta", "delta_counted",
    "r_pixels", "noise_ceiling_r", "position_x", "position_y",
)  # fmt: skip


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    laid_out = np.arange(2, CELLS)
    medians = {"r_off": 0.21, "r_pixels": 0.12, "noise_ceiling_r": 0.6}
    for kind, values in {"layer_r": (0.2, 0.25), "layer_r_random": (0.1, 0.15)}.items():
        medians |= {f"{kind}:{name}": r for name, r in zip(LAYERS, values, strict=True)}
    return AttentionEncoding(
        **{name: rng.random(CELLS) for name in PER_CELL},
        predicted=np.ones(CELLS, bool),
        r_bin=np.r_[-1, -1, rng.integers(4, size=CELLS - 2)],
        layer_r=rng.random((2, CELLS)),
        layer_r_random=rng.random((2, CELLS)),
        chance_r_off=rng.random(9),
        chance_r_on=rng.random(9),
        layer=np.array(LAYERS),
        fold_layer=np.array(["b1", "b2", "b2"]),
        fold_strength=np.ones(3),
        plane=np.zeros(CELLS),
        embedded_cell=laid_out,
        dissimilarity=rng.random((12, 12)),
        layout=rng.random((5, 12, 3)),
        colour=rng.random((12, 3)),
        order=np.arange(12),
        example_image=np.arange(3),
        example_picture=rng.random((3, 8, 8)),
        example_map=rng.random((3, 4, 4)),
        mean_map=rng.random((4, 4)),
        delta_ci95=(-0.01, 0.02),
        beyond_other=0.004,
        beyond_other_ci95=(0.001, 0.007),
        beyond_mean=0.003,
        beyond_mean_ci95=(-0.002, 0.008),
        neighbours=5,
        neighbours_kept=0.4,
        neighbours_by_chance=5 / 11,
        seeds_agree=0.65,
        dissimilarity_off_rho=0.9,
        field_distance=3.1,
        field_distance_by_chance=3.2,
        field_distance_p=0.4,
        view_distance=np.nan,
        view_distance_by_chance=np.nan,
        view_distance_p=np.nan,
        images=40,
        network="efficientnet-lite0@random:0",
        sha256="",
        twin="efficientnet-lite0@random:1",
        attention="maps.npy",
        attention_sha256="",
        notes=[],
        medians=medians,
        means={"delta": 0.005},
        counts={"predicted": 9} | {f"bin:{place}": 3 for place in range(-1, 4)},
    )


def test_attention_counts_only_beyond_both_controls(found):
    told = attention_sentence(found.headline)
    assert told.startswith("Attention (maps.npy) is not shown to help to predict these cells: ")
    assert "+0.004 (95 % interval 0.001 to 0.007)" in told
    assert "+0.003 (95 % interval −0.002 to 0.008)" in told
    assert not found.attention_counts
    both = replace(found, beyond_mean_ci95=(0.0005, 0.008))
    assert both.attention_counts
    assert attention_sentence(both.headline).startswith("Attention (maps.npy) helps to predict")


def test_the_figure_of_prediction_tells_its_controls(found):
    drawing = attention_prediction(found)
    assert drawing.name == "attention_efficientnet-lite0-random-0"
    assert "9 cells of 14 are predicted above chance" in drawing.caption
    assert "layer b2 reaches 0.25, 0.15 with random weights" in drawing.caption
    assert drawing.more["layers"]["random"].tolist() == [0.1, 0.15]
    assert set(render(drawing)) >= {"pdf", "svg", "png", "csv", "layers.csv"}


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
