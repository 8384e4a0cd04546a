"""What the figures of decoded layers draw and say."""

from dataclasses import replace

import numpy as np
import pytest
from planted_layers import IMAGES, planted_layers

from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.deep.layer_times import layer_times
from twophoton_decode.figures.deep.layers import decoded_layers
from twophoton_decode.pipeline.results import decoding_summary
from twophoton_decode.records import FeatureDecoding
from twophoton_decode.report.words.decoded_layers import deep_decode


@pytest.fixture(scope="module")
def found():
    planted = planted_layers()
    return FeatureDecoding(
        **planted.fields,
        cells=np.array([60, 30, 30]),
        image_name=np.arange(IMAGES).astype(str),
        fold=planted.folds.fold,
        content=planted.folds.content,
        network="lite",
        sha256="0",
        twins=["lite@random:0"],
        input_px=64,
        source_px=64,
        grey=True,
        notes=[],
    )


def of_population(found, row):
    """The record as if only this population had been decoded."""
    per = {
        name: getattr(found, name)[[row]]
        for name, spec in FeatureDecoding.arrays()
        if spec.axes[0] == "population"
    }
    none = {
        name: getattr(found, name)[:0]
        for name, spec in FeatureDecoding.arrays()
        if spec.axes[0] == "pair"
    }
    return replace(found, **per, **none)


def test_the_sentence_says_which_controls_a_layer_beats(found):
    carried = decoded_layers(of_population(found, 2)).caption
    assert "better for early (+" in carried
    assert "So what the network learned counts in early, as far as one draw of" in carried
    other = decoded_layers(of_population(found, 1)).caption
    assert "worse for early (−" in other
    assert "does not show that the cells are like the network" in other
    assert "learned counts" not in other


def test_a_random_network_is_said_to_have_learned_nothing(found):
    one = of_population(found, 2)
    alone = replace(
        one,
        control=one.control[1:],
        difference=one.difference[:, :, 1:],
        difference_ci95=one.difference_ci95[:, :, 1:],
        difference_p=one.difference_p[:, :, 1:],
    )
    caption = decoded_layers(alone).caption
    assert "Better than all of these: early. Nothing was learned by this network." in caption
    assert "learned counts" not in caption


def test_numbers_of_the_sentence_are_those_of_the_record(found):
    one = of_population(found, 2)
    low, high = one.two_way_ci95[0, 0]
    caption = decoded_layers(one).caption
    assert (
        f"two-way {one.two_way_mean[0, 0]:.2f} (95 % interval {low:.2f} to {high:.2f};" in caption
    )
    assert f"{one.two_way_wrong[0, 0, 0]:.2f} with wrong pictures" in caption
    assert f"{one.two_way_mean[0, 1]:.2f} with random weights" in caption
    assert f"{one.two_way_mean[0, 2]:.2f} by pixels" in caption


def test_populations_are_told_by_the_difference_of_differences(found):
    drawing = decoded_layers(found)
    gain = found.gain_difference[0, 0]
    assert f"B minus A: early +{gain:.2f}" in drawing.caption
    rows = drawing.more["differences"]
    last = [column[-1] for column in rows.values()]
    assert last[:3] == ["B minus A", "early", "trained minus random"]
    assert last[3] == pytest.approx(gain)
    assert len(rows["low"]) == 3 * 2 + 1
    assert drawing.table["two_way"].tolist() == found.two_way_mean.ravel().tolist()
    assert len(drawing.table["population"]) == 9
    assert render(drawing)["png"].startswith(b"\x89PNG")


def test_without_repeats_and_populations_the_figure_says_so(found):
    one = of_population(found, 2)
    bare = replace(one, two_way_repeat=np.full((1, 3), np.nan))
    assert "Without repeats there is no ceiling." in decoded_layers(bare).caption
    assert render(decoded_layers(bare))["svg"]


def test_categories_are_told_where_there_are_any(found):
    one = replace(
        of_population(found, 2),
        category=np.repeat("bird", IMAGES),
        category_two_way=np.array([0.71, 0.6, 0.5]),
        category_two_way_ci95=np.array([[0.6, 0.8]] * 3),
        category_top1=np.array([0.5, 0.4, 0.3]),
        category_candidates=3.0,
    )
    assert "two-way 0.71 (95 % interval 0.60 to 0.80)" in decoded_layers(one).caption


def test_summary_and_page_tell_the_same(found):
    numbers = decoding_summary.summary_of(found)
    early = numbers["early"]
    assert early["two_way"] == pytest.approx(found.two_way_mean[0, 0])
    assert early["random"]["unit_r"] == pytest.approx(found.unit_r_mean[0, 1])
    assert numbers["pixels"]["top1"] == pytest.approx(found.top1[0, 2, -1])
    assert early["beyond_random"] == pytest.approx(found.difference[0, 0, 0])
    assert numbers["populations"]["B"]["early"] == pytest.approx(found.two_way_mean[2, 0])
    assert numbers["gain_differences"]["B minus A"]["early"] == pytest.approx(
        found.gain_difference[0, 0]
    )
    assert f"two-way {early['two_way']:.2f} by early" in decoding_summary.told(numbers)
    page = deep_decode({"deep": {"decode": {"lite": numbers}}}, "")
    assert f"in {early['two_way']:.2f} of pairs" in page
    assert deep_decode({"deep": {"decode": {"lite": {"unavailable": "few cells"}}}}, "") == ""


def test_times_name_layers_without_any_and_those_that_differ(found):
    one = replace(
        of_population(found, 2),
        bin_s=np.array([0.0, 0.25, 0.5]),
        course=np.array([[0.0, 0.4, 0.2]]),
        course_ci95=np.array([[[-0.1, 0.1], [0.3, 0.5], [0.1, 0.3]]]),
        course_p=np.array([0.001]),
        onset_s=np.array([0.12]),
        onset_ci95=np.array([[0.1, 0.14]]),
        peak_s=np.array([0.25]),
        peak_ci95=np.array([[0.25, 0.5]]),
        onset_after_first_s=np.array([0.0]),
        onset_after_first_ci95=np.array([[0.0, 0.0]]),
        indicator_decay_s=1.2,
    )
    drawing = layer_times(one)
    assert "Half of the peak is passed at early 0.12 s (0.10 to 0.14)." in drawing.caption
    assert "No layer's onset can be told from that of early." in drawing.caption
    assert "decays over 1.20 s" in drawing.caption
    assert drawing.table["r_at_0.25_s"].tolist() == [0.4]
    assert render(drawing)["pdf"]
    none = replace(one, onset_s=np.array([np.nan]), onset_ci95=np.full((1, 2), np.nan))
    assert "Not above zero in any bin, corrected over bins: early." in layer_times(none).caption


def test_several_twins_are_told_with_their_spread():
    planted = planted_layers(twins=3)
    found = FeatureDecoding(
        **planted.fields, cells=np.array([60, 30, 30]), image_name=np.arange(IMAGES).astype(str),
        fold=planted.folds.fold, content=planted.folds.content, network="lite", sha256="0",
        twins=[f"lite@random:{seed}" for seed in range(3)], input_px=64, source_px=64, grey=True,
        notes=[],
    )  # fmt: skip
    twins = found.two_way_mean[0, found.twins_of("early")]
    drawing = decoded_layers(found)
    said = f"{twins.mean():.2f} with random weights, {twins.min():.2f} to {twins.max():.2f} over 3"
    assert said in drawing.caption
    table = drawing.table
    assert table["random_two_way_lowest"][0] == pytest.approx(twins.min())
    assert table["random_two_way_highest"][0] == pytest.approx(twins.max())
    assert table["seed_of_random_weights"][:5] == ["", "0", "", "1", "2"]
    legend = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert "random weights (mean, range of 3 draws)" in legend
    assert (
        "tested for new pictures and for new draws"
        in decoded_layers(of_population(found, 2)).caption
    )
