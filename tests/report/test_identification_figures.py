"""Identification curves: every decoder beside chance, and what the caption says of the best."""

from __future__ import annotations

import invented_recording as invented
import numpy as np

from twophoton_decode.figures.reconstruction.identification import identification_curves


def with_external(made, size=500):
    """The same reconstruction with a second, larger pool."""
    counts = np.array([2, 5, 10, 20, invented.IMAGES, 100, 200, size])
    held = made.candidates.size
    fields = {}
    for kind in ("single", "average"):
        top1 = getattr(made, f"top1_{kind}")[0]
        wider = np.full((2, invented.IMAGES, counts.size), np.nan)
        wider[0, :, :held] = top1
        wider[1] = np.linspace(0.9, 0.2, counts.size)
        ends = np.full((2, counts.size, 2), np.nan)
        ends[0, :held] = getattr(made, f"top1_{kind}_ci95")[0]
        ends[1] = wider[1].mean(axis=0)[:, None] + np.array([-0.05, 0.05])
        rank = getattr(made, f"rank_{kind}")[0]
        fields |= {f"top1_{kind}": wider, f"top1_{kind}_ci95": ends}
        fields[f"rank_{kind}"] = np.stack([rank, 7 * rank])
    return invented.changed_scores(
        made, pool_name=["session", "external"], pool_size=[invented.IMAGES, size],
        candidates=counts, **fields,
    )  # fmt: skip


def test_every_decoder_is_drawn_beside_chance():
    by_decoder = invented.by_decoder()
    drawing = identification_curves(by_decoder, "ridge")
    average, single = drawing.figure.axes
    lines = {line.get_label(): line for line in average.lines}
    assert set(lines) == {*by_decoder, "chance"}
    made = by_decoder["ridge"]
    np.testing.assert_array_equal(lines["ridge"].get_xdata(), made.candidates)
    np.testing.assert_allclose(lines["ridge"].get_ydata(), 100 * made.top1_average[0].mean(axis=0))
    assert average.get_xticks().tolist() == [2, 5, 10, 20, invented.IMAGES]
    x, y = lines["chance"].get_data()
    np.testing.assert_allclose(x * y, 100)
    drawn = {line.get_label(): line for line in single.lines}["ridge"].get_ydata()
    np.testing.assert_allclose(drawn, 100 * made.top1_single[0].mean(axis=0))


def test_pictures_never_shown_get_panels_of_their_own():
    both = {"ridge": with_external(invented.reconstruction())}
    drawing = identification_curves(
        both | {"all-cells": invented.reconstruction("all-cells")}, "ridge"
    )
    axes = drawing.figure.axes
    assert [each.get_xlabel() for each in axes] == [
        *["Candidates: images of the session"] * 2,
        *["Candidates: pictures never shown"] * 2,
    ]
    assert {line.get_label() for line in axes[2].lines} == {"ridge", "chance"}
    assert list(np.unique(drawing.table["pool"])) == ["external", "session"]
    rows = [place for place, pool in enumerate(drawing.table["pool"]) if pool == "external"]
    assert [drawing.table["candidates"][row] for row in rows][:8] == [
        2,
        5,
        10,
        20,
        40,
        100,
        200,
        500,
    ]
    np.testing.assert_allclose(np.multiply(drawing.table["candidates"], drawing.table["chance"]), 1)


def test_the_caption_has_the_whole_pools_beside_chance():
    made = with_external(invented.reconstruction())
    caption = identification_curves({"ridge": made}, "ridge").caption
    share = made.top1_average[0, :, 4].mean()
    rank = made.rank_average[0].mean()
    assert caption.startswith("ridge: among 40 images of the session (the true one included) it")
    assert f"right one in {100 * share:.0f} % (95 % interval" in caption
    assert "where chance is 2.5 %" in caption
    assert f"its mean rank from averages is {rank:.1f}, by chance 20.5" in caption
    assert "among 500 pictures never shown (the true one included)" in caption
    assert "20 % (95 % interval 15 to 25 %) of images from trial averages" in caption
    assert "where chance is 0.2 %" in caption
