"""When layers of a picture are decoded that was expected, but not shown."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number, p_value, signed
from twophoton_decode.records.declaration import given
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding
from twophoton_decode.records.table import Table

SIGNIFICANT = 0.05


def expected_times(found: FeatureDecoding) -> Drawing:
    """Curves of every condition, and onsets of layers beside those of viewing."""
    conditions = given(found.condition).tolist()
    with style.applied():
        figure = style.figure(0.4 + 2.4 * len(conditions))
        panels = figure.subplots(len(conditions), 2, width_ratios=(1.5, 1), squeeze=False)
        style.letter_panels(*panels.ravel())
        for row, condition in enumerate(conditions):
            _draw_curves(panels[row, 0], found, row, condition)
            _draw_onsets(panels[row, 1], found, row)
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=7)
    caption = " ".join(_sentence(found, row) for row in range(len(conditions)))
    name = f"deep_expected_{found.network.replace('@random:', '-random-')}"
    return Drawing(name, figure, f"{caption} {_caveat(found)}", _table(found))


def _colours(found: FeatureDecoding) -> np.ndarray:
    return colormaps["viridis"](np.linspace(0, 0.9, len(found.layer)))


def _draw_curves(axes: Axes, found: FeatureDecoding, row: int, condition: str) -> None:
    bin_s, course = given(found.bin_s), given(found.expected_course)[row]
    ends, chance = given(found.expected_course_ci95)[row], given(found.expected_exchanged)[row]
    for line, (layer, colour) in enumerate(zip(found.layer.tolist(), _colours(found), strict=True)):
        axes.plot(bin_s, course[line], "o-", ms=2.5, color=colour, label=layer)
        axes.fill_between(bin_s, *ends[line].T, color=colour, alpha=0.12, lw=0)
    axes.fill_between(
        bin_s, chance[..., 0].min(axis=0), chance[..., 1].max(axis=0), color=style.FAINT,
        alpha=0.4, lw=0, zorder=0, label="expected pictures exchanged",
    )  # fmt: skip
    blank = given(found.blank_course)[row]
    if np.isfinite(blank).any():
        low, high = blank.min(axis=0), blank.max(axis=0)
        for edge, label in ((low, "blanks nearest in time"), (high, None)):
            axes.plot(bin_s, edge, ":", lw=0.8, color=style.RANDOM_COLOUR, label=label)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.axvline(0, color=style.FAINT, lw=0.8, zorder=0)
    axes.set_xlabel("Time from the expected onset (s)")
    axes.set_ylabel("Pattern r, beyond other pictures")
    axes.set_title(f"{condition}: no picture (shaded: 95 % interval)")


def _draw_onsets(axes: Axes, found: FeatureDecoding, row: int) -> None:
    seen, onset = given(found.onset_s), given(found.expected_onset_s)[row]
    ends = given(found.expected_onset_ci95)[row]
    for line, colour in enumerate(_colours(found)):
        axes.plot(seen[line], line, "o", ms=4, mfc="none", color=colour)
        axes.plot(onset[line], line, "o", ms=4, color=colour)
        axes.hlines(line, *ends[line], color=colour, lw=1)
    axes.axvline(0, color=style.FAINT, lw=0.8, zorder=0)
    axes.set_yticks(range(len(found.layer)), found.layer.tolist())
    axes.set_xlabel("Time from onset (s)")
    axes.set_ylim(-0.5, len(found.layer) - 0.5)
    axes.set_title("Onsets (circles: seen)")


def _sentence(found: FeatureDecoding, row: int) -> str:
    """What is decoded of the expected picture, against exchanges and blanks, and in which order."""
    condition, p = given(found.condition)[row], given(found.expected_p)[row]
    peak = given(found.expected_course)[row].max(axis=1)
    layers = found.layer.tolist()
    told = [
        f"{layers[line]} (r {number(peak[line])}, {p_value(p[line])})"
        for line in np.flatnonzero(p < SIGNIFICANT)
    ]
    start = (
        f"{condition}, {given(found.expected_presentations)[row]} presentations of "
        f"{given(found.expected_pictures)[row]} pictures that were expected, but not shown: "
    )
    if not told:
        return f"{start}no layer tells which one, beyond exchanged pictures.{_blanks(found, row)}"
    return (
        f"{start}which one is told by {', '.join(told)}.{_blanks(found, row)} {_order(found, row)}"
    )


def _blanks(found: FeatureDecoding, row: int) -> str:
    """Whether blanks at the same time tell the same."""
    p = given(found.blank_p)[row]
    if not np.isfinite(p).any():
        return " There are too few blanks for a control."
    shown = [name for name, each in zip(found.layer, p, strict=True) if each < SIGNIFICANT]
    if not shown:
        return " The blanks nearest in time do not."
    return (
        f" The blanks nearest in time do so too in {', '.join(shown)}: what tells it there is not "
        "that a picture was expected."
    )


def _order(found: FeatureDecoding, row: int) -> str:
    difference = given(found.slope_difference_s)[row]
    if not np.isfinite(difference):
        return "Fewer than two layers are decoded both so and from viewing: no order is compared."
    seen, slope = given(found.viewed_slope_s)[row], given(found.expected_slope_s)[row]
    p, ends = given(found.slope_difference_p)[row], given(found.slope_difference_ci95)[row]
    own, other = given(found.expected_slope_ci95)[row], given(found.viewed_slope_ci95)[row]
    verdict = (
        "the order of layers cannot be told from that of viewing"
        if not p < SIGNIFICANT
        else "late layers come earlier than in viewing"
        if difference < 0
        else "late layers come later than in viewing"
    )
    return (
        f"From layer to layer onsets move by {signed(slope)} s ({interval(own)}), in viewing by "
        f"{signed(seen)} s ({interval(other)}), difference {signed(difference)} s "
        f"({interval(ends)}, {p_value(p)}): {verdict}."
    )


def _caveat(found: FeatureDecoding) -> str:
    return (
        "Decoders were trained on viewing other pictures. What a cue or the picture before leaves "
        f"in the cells is decoded too, and the indicator decays over "
        f"{number(found.indicator_decay_s)} s: these are not times of spikes."
    )


def _table(found: FeatureDecoding) -> Table:
    """One row for each condition and layer."""
    conditions, layers = given(found.condition).tolist(), found.layer.tolist()
    each = [(row, line) for row in range(len(conditions)) for line in range(len(layers))]
    rows, lines = (np.array(part, dtype=np.int64) for part in zip(*each, strict=True))
    onset, after = given(found.expected_onset_ci95), given(found.expected_after_viewed_ci95)
    per_layer = {
        "expected_p": given(found.expected_p),
        "blank_p": given(found.blank_p),
        "expected_onset_s": given(found.expected_onset_s),
        "expected_onset_low_s": onset[..., 0],
        "expected_onset_high_s": onset[..., 1],
        "expected_after_viewed_s": given(found.expected_after_viewed_s),
        "expected_after_viewed_low_s": after[..., 0],
        "expected_after_viewed_high_s": after[..., 1],
    }
    per_condition = {
        "pictures": given(found.expected_pictures),
        "presentations": given(found.expected_presentations),
        "expected_slope_s": given(found.expected_slope_s),
        "viewed_slope_s": given(found.viewed_slope_s),
        "slope_difference_s": given(found.slope_difference_s),
        "slope_difference_low_s": given(found.slope_difference_ci95)[:, 0],
        "slope_difference_high_s": given(found.slope_difference_ci95)[:, 1],
        "slope_difference_p": given(found.slope_difference_p),
    }
    course, blank = given(found.expected_course), given(found.blank_course)
    return {
        "condition": [conditions[row] for row in rows],
        "layer": [layers[line] for line in lines],
        **{name: values[rows, lines] for name, values in per_layer.items()},
        **{name: values[rows] for name, values in per_condition.items()},
        **{
            f"{what}_at_{middle:g}_s": values[rows, lines, place]
            for what, values in (("r", course), ("blank_r", blank))
            for place, middle in enumerate(given(found.bin_s).tolist())
        },
    }
