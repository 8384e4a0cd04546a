"""R by octave and the variants of the scores say what the records say."""

import dataclasses

import invented_recording as invented
import numpy as np
import pytest
from scipy import stats

from twophoton_decode.figures.canvas.drawing import render, table_csv
from twophoton_decode.figures.reconstruction.score_variants import VARIANTS, score_variants


def with_octaves():
    made = invented.reconstruction()
    images = len(made.r_average)
    wave = np.where(np.arange(images) % 2, 0.1, -0.1)
    r_octave = np.stack([0.5 + wave, 0.2 + wave, 0.001 + wave, -0.3 + wave], axis=1)
    return invented.changed_scores(
        made,
        r_octave=r_octave,
        r_octave_ci95=r_octave.mean(axis=0)[:, None] + np.array([-0.05, 0.04]),
        r_octave_p=np.array([0.001, 0.01, 0.9, 1e-4]),
    )


def test_the_table_holds_means_and_standard_errors_of_every_variant():
    made = with_octaves()
    table = score_variants({"ridge": made}).table
    for name in VARIANTS:
        values = getattr(made, name)
        assert table[name] == [pytest.approx(values.mean())]
        assert table[f"{name}_se"] == [pytest.approx(np.sqrt(2 / values.size) * values.std(ddof=1))]
    assert table["r_octave_from_2"] == [pytest.approx(0.2)]
    assert table["r_octave_from_2_p"] == [0.01]
    assert table["r_low"] == [pytest.approx(made.r_low.mean())]


def test_octaves_and_baseline_are_drawn_where_the_record_has_them():
    made = with_octaves()
    octaves = score_variants({"ridge": made}).figure.axes[0]
    drawn = [line.get_ydata() for line in octaves.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(np.asarray(drawn[0], float), made.r_octave.mean(axis=0))
    bars, own = octaves.collections
    (ends,) = own.get_segments()
    values, widened = made.r_low, np.sqrt(2 / len(made.r_low))
    reach = stats.t.ppf(0.975, values.size - 1) * widened * values.std(ddof=1)
    np.testing.assert_allclose(ends[:, 1], values.mean() + np.array([-reach, reach]))
    ends = [segment[:, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, made.r_octave_ci95)
    (low,) = [line.get_ydata() for line in octaves.lines if line.get_marker() == "D"]
    np.testing.assert_allclose(np.asarray(low, float), made.r_low.mean())
    ticks = [text.get_text() for text in octaves.get_xticklabels()]
    assert ticks == ["three\nlowest", "1–2", "2–4", "4–8", "≥ 8"]


def test_intervals_of_few_images_end_where_r_does_and_say_so():
    made = with_octaves()
    far = dataclasses.replace(made, r_octave_ci95=np.array([[0.1, 1.7]] * 3 + [[-1.2, 0.2]]))
    drawing = score_variants({"ridge": far})
    ends = [
        segment[:, 1].tolist() for segment in drawing.figure.axes[0].collections[0].get_segments()
    ]
    assert ends == [[0.1, 1.0]] * 3 + [[-1.0, 0.2]]
    assert "cut at ±1" in drawing.caption
    assert "cut at" not in score_variants({"ridge": made}).caption


def test_the_figure_says_which_variants_leave_the_mean_in():
    drawing = score_variants({"ridge": with_octaves()})
    octaves, variants = drawing.figure.axes
    assert "m subtracted" in octaves.get_ylabel()
    ticks = [text.get_text() for text in variants.get_xticklabels()]
    shaded = [text for text in ticks if "m left in" in text]
    assert len(shaded) == 2
    assert "m left in" in variants.get_title(loc="left")
    assert "flatter" in drawing.caption


def test_the_caption_names_the_octaves_that_are_above_zero():
    """Octave 8 is below zero however small its p, octave 4 may be chance."""
    caption = score_variants({"a": with_octaves()}).caption
    assert "above zero in the octaves from 1, 2 cycles/image" in caption
    none = dataclasses.replace(with_octaves(), r_octave_p=np.full(4, 0.2))
    assert "can be told from zero in no octave" in score_variants({"a": none}).caption


def test_records_without_tests_of_octaves_claim_nothing():
    old = dataclasses.replace(with_octaves(), r_octave_ci95=None, r_octave_p=None)
    drawing = score_variants({"a": old})
    assert "zero in" not in drawing.caption
    assert np.isnan(drawing.table["r_octave_from_1_p"]).all()


def test_every_decoder_is_drawn_and_undefined_scores_are_empty():
    made = invented.by_decoder()
    nothing = np.full(invented.IMAGES, np.nan)
    made["ridge"] = invented.changed_scores(made["ridge"], ssim=nothing, cd_paper=nothing)
    drawing = score_variants(made)
    labels = drawing.figure.legends[0].get_texts()
    assert [text.get_text() for text in labels] == list(made)
    header, *rows = table_csv(drawing.table).decode().splitlines()
    column = header.split(",").index("ssim")
    assert [row.split(",")[column] == "" for row in rows] == [False, False, True]
    assert render(drawing)["png"].startswith(b"\x89PNG")


def test_one_far_score_does_not_flatten_the_others():
    made = invented.by_decoder()
    before = score_variants(made)
    assert before.figure.axes[1].get_ylim()[0] > -1
    assert "right axis ends" not in before.caption
    ridge = made["ridge"]
    far = invented.changed_scores(ridge, cd_average=np.full(invented.IMAGES, -25.0))
    drawing = score_variants(made | {"ridge": far})
    variants = drawing.figure.axes[1]
    assert variants.get_ylim()[0] == pytest.approx(-1.1)
    [mark] = [line for line in variants.lines if line.get_marker() == "v"]
    assert np.asarray(mark.get_ydata(), float) == -1.0
    assert mark.get_xdata()[0] == pytest.approx(3 + 1.8 * 0.06)
    assert drawing.figure.legends[0].get_texts()[-1].get_text() == "below −1"
    assert drawing.caption.endswith(
        "The right axis ends at −1; below it (triangles): CD average −25.00 of ridge."
    )
    assert drawing.table["cd_average"][list(made).index("ridge")] == -25.0


def test_error_bars_that_pass_the_axis_are_said_to_be_cut():
    made = with_octaves()
    wide = np.where(np.arange(invented.IMAGES) % 2, 12.0, -12.0)
    drawing = score_variants({"ridge": invented.changed_scores(made, cd_single=wide)})
    assert drawing.caption.endswith("The right axis ends at −1 and cuts standard errors there.")
