"""How few strong cells suffice, decoder by decoder, in one figure."""

from dataclasses import replace

import invented_recording as invented
import numpy as np

from twophoton_decode.figures.canvas.rendering import render
from twophoton_decode.figures.cell_count.decoders import few_cells_by_decoder


def two_decoders():
    curves = invented.curves()
    ridge = replace(curves, decoder="ridge", strong_cells=7.0, strong_cells_ci95=(4.0, 12.0))
    ridge = replace(ridge, r_all_ci95=(0.2, 0.5))
    return {"ridge": ridge, "deep": replace(ridge, decoder="deep", strong_cells=15.0)}


def test_every_decoder_has_a_curve_and_a_count():
    drawing = few_cells_by_decoder(two_decoders())
    growth, counts = drawing.figure.axes
    assert growth.get_legend_handles_labels()[1] == ["ridge", "deep"]
    assert [label.get_text() for label in counts.get_yticklabels()] == ["ridge", "deep"]
    assert [text.get_text() for text in counts.texts] == ["7", "15"]
    assert "ridge, 7 of" in drawing.caption
    assert "deep, 15 of" in drawing.caption
    assert "predicted again" not in drawing.caption


def test_the_table_holds_the_curves():
    given = two_decoders()
    table = few_cells_by_decoder(given).table
    own = table["decoder"] == "deep"
    curves = given["deep"]
    some = curves.strong_count > 0
    np.testing.assert_array_equal(table["strongest_cells"][own], curves.strong_count[some])
    np.testing.assert_array_equal(table["r_mean"][own], curves.strong_mean[some])


def test_counts_without_a_score_above_zero_are_not_told():
    given = two_decoders()
    given["deep"] = replace(given["deep"], r_all_ci95=(-0.1, 0.2), predicted=True)
    drawing = few_cells_by_decoder(given)
    assert "deep, cannot be told" in drawing.caption
    assert "deep predicted again at the counts marked by points" in drawing.caption
    assert [text.get_text() for text in drawing.figure.axes[1].texts] == ["7", "cannot be told"]
    assert render(drawing)["png"]
