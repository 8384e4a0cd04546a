"""Axes in micrometres and degrees where the size of a pixel is known."""

from __future__ import annotations

import invented_recording as invented
import pytest
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas.lengths import MICROMETRES, label_lengths
from twophoton_decode.figures.quality.field_of_view import field_of_view


@pytest.mark.parametrize(
    ("pixels", "um", "ticks"),
    [
        (500, 1.2, ["0", "100", "200", "300", "400", "500", "600"]),
        (140, 0.5, ["0", "10", "20", "30", "40", "50", "60", "70"]),
        (64, 0.03125, ["0", "0.5", "1", "1.5", "2"]),
    ],
)
def test_ticks_stand_at_round_lengths(pixels, um, ticks):
    figure = Figure()
    axes = figure.subplots()
    axes.set_xlim(0, pixels)
    label_lengths(axes.xaxis, "x", MICROMETRES, um)
    figure.draw_without_rendering()
    assert axes.get_xlabel() == "x (µm)"
    low, high = axes.get_xlim()
    shown = [(place, label.get_text()) for place, label in
             zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
             if low <= place <= high]  # fmt: skip
    assert [label for _, label in shown] == ticks
    for place, label in shown:
        assert place * um == pytest.approx(float(label))


def test_the_field_of_view_is_in_micrometres_only_where_they_are_known():
    known = field_of_view(invented.traces(), None, 0.8).figure.axes[0]
    assert (known.get_xlabel(), known.get_ylabel()) == ("x (µm)", "y (µm)")
    unknown = field_of_view(invented.traces()).figure.axes[0]
    assert (unknown.get_xlabel(), unknown.get_ylabel()) == ("x (px)", "y (px)")
