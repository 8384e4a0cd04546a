"""Several sessions in one figure: their decoders and their responses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, interval, number
from twophoton_decode.records.sessions import HierarchicalMean, Key, Measurement, PopulationView
from twophoton_decode.records.table import Column

_MARKERS = "os^Dv<>Pp*hX"
_LONGEST_NAME = 20


def marker_of(view: PopulationView) -> dict[str, str]:
    """A marker for each mouse; with more mice than markers they come round again."""
    return {mouse: _MARKERS[place % len(_MARKERS)] for place, mouse in enumerate(view.mice)}


def decoders_over_sessions(view: PopulationView, decoders: Sequence[str]) -> Drawing:
    """R and identification of every decoder: a marker a session, bar: mean and interval.

    Session values are means over images, as in the sessions' own reports.
    """
    with style.applied():
        figure = style.figure(1.5 + 0.42 * len(decoders))
        panels = figure.subplots(1, 3, sharey=True)
        style.letter_panels(*panels)
        for axes, (measure, label) in zip(panels, DECODER_PANELS.items(), strict=True):
            draw_decoders(axes, view, decoders, measure)
            axes.set_xlabel(label)
        panels[0].set_title("Trial-averaged responses")
        panels[1].set_title("Single trials")
        panels[2].set_title("Identification, trial averages")
    table = decoders_table(view, decoders, list(DECODER_PANELS))
    return Drawing("decoders", figure, decoders_in_words(view, decoders), table)


def draw_decoders(axes: Axes, view: PopulationView, decoders: Sequence[str], measure: str) -> None:
    """One of `DECODER_PANELS`: a row a decoder, its sessions, and their mean with its interval."""
    for row, decoder in enumerate(decoders):
        _session_marks(axes, view, row, decoder, measure)
        _reference_marks(axes, view, decoder, measure, row)
    axes.set_yticks(range(len(decoders)), list(decoders))
    axes.set_ylim(len(decoders) - 0.4, -0.6)
    if measure == "two_way_average":
        axes.axvline(0.5, color=style.FAINT, lw=0.8, ls="--", zorder=0)
    else:
        axes.axvline(0, color=style.FAINT, lw=0.6, zorder=0)


def decoders_table(
    view: PopulationView, decoders: Sequence[str], measures: Sequence[str]
) -> dict[str, Column]:
    """A row a measure, decoder and session: its mean over images."""
    found = [
        (decoder, measure, each.session, each.mouse, each.mean)
        for measure in measures
        for decoder in decoders
        for each in view.of(decoder, measure)
    ]
    names = ("decoder", "measure", "session", "mouse", "value")
    return {name: [row[place] for row in found] for place, name in enumerate(names)}


DECODER_PANELS = {
    "r_average": "R (mean training image subtracted)",
    "r_single": "R (mean training image subtracted)",
    "two_way_average": "two-way identification (chance 0.5)",
}


def _session_marks(axes: Axes, view: PopulationView, row: int, decoder: str, measure: str) -> None:
    colour, markers = style.decoder_colour(decoder), marker_of(view)
    for place, each in enumerate(view.of(decoder, measure)):
        y = row + 0.18 * np.sin(place * 2.4)
        axes.plot(
            each.mean, y, markers[each.mouse], ms=4, mec="none", color=colour,
            alpha=0.7,
        )  # fmt: skip
    mean = view.means.get((decoder, measure, ""))
    if mean is None:
        return
    axes.plot((mean.low, mean.high), (row, row), color=style.INK, lw=1.6, solid_capstyle="butt")
    axes.plot(mean.mean, row, "|", ms=12, mew=2, color=style.INK)


def _reference_marks(
    axes: Axes, view: PopulationView, decoder: str, measure: str, row: int
) -> None:
    """Chance and three lowest components, beside R of trial averages."""
    if measure != "r_average":
        return
    chance = [each.median for each in view.of(decoder, "chance_r")]
    if chance:
        span = max(chance) - min(chance)
        # The outline shows where the span is narrower than a line.
        axes.barh(row, span, 0.7, left=min(chance), fc=style.FAINT, ec=style.FAINT, lw=2, zorder=0)
    low = view.means.get((decoder, "r_low", ""))
    if low is not None:
        axes.plot(low.mean, row, "D", ms=4, mfc="white", mec=style.INK)


def decoders_in_words(view: PopulationView, decoders: Sequence[str]) -> str:
    """R of each decoder over sessions, and what its interval rests on."""
    told = []
    for decoder in decoders:
        mean = view.means[decoder, "r_average", ""]
        told.append(f"{decoder} {number(mean.mean)} ({_ends(mean)})")
    level = view.means[decoders[0], "r_average", ""]
    return (
        f"R from trial-averaged responses in {counted(len(view.sessions), 'session')} (marker: "
        f"session, mean over its images; one shape a mouse): {', '.join(told)}. Bars: mean and "
        f"95 % interval, {_how_sure(level)}. Grey: chance, images permuted and all refitted "
        "(mean over permutations; from the lowest to the highest session). Diamond: three lowest "
        "components alone."
    )


def _how_sure(mean: HierarchicalMean) -> str:
    """What the interval of a mean rests on."""
    if mean.level == "images":
        return f"from the spread over {mean.units} images"
    return (
        f"bootstrap over {mean.units} {mean.level}, widened since they are few, so that it can "
        "reach beyond all of them"
    )


def _ends(mean: HierarchicalMean) -> str:
    return interval((mean.low, mean.high))


def responses_over_sessions(view: PopulationView) -> Drawing:
    """Responsive cells per image, and sparseness at the most repeats that all sessions have."""
    matched = view.matched_repeats
    keys: dict[str, Key] = {
        "% of the cells that respond to an image": ("", "percent_responsive", ""),
        "population sparseness, all repeats": ("", "population_sparseness", ""),
    }
    if matched:
        keys[f"population sparseness, {matched}"] = ("", "population_sparseness", matched)
    shown = {label: view.of(*key) for label, key in keys.items() if key in view.means}
    table: dict[str, Column] = {"session": view.sessions}
    with style.applied():
        figure = style.figure(2.4)
        for axes, (label, group) in zip(
            np.ravel(figure.subplots(1, len(shown))), shown.items(), strict=True
        ):
            _values_by_session(axes, view, group)
            axes.set_ylabel(label)
            medians = {each.session: each.median for each in group}
            table[label] = [medians.get(session, np.nan) for session in view.sessions]
    told = "; ".join(f"{label}: {number(view.medians[keys[label]])}" for label in shown)
    caption = (
        f"Medians over {counted(len(view.sessions), 'session')}: {told}. Dot: median over images, "
        "bar: quartiles. Sparseness falls with the number of repeats averaged, so sessions are "
        "compared at the same number."
    )
    return Drawing("responses", figure, caption, table)


def _values_by_session(axes: Axes, view: PopulationView, group: Sequence[Measurement]) -> None:
    for each in group:
        x = view.sessions.index(each.session)
        low, _, high = each.quartiles
        axes.plot((x, x), (low, high), color=style.FAINT, lw=2)
        axes.plot(x, each.median, marker_of(view)[each.mouse], ms=4.5, color=style.CELL_COLOUR)
    # Whole names could leave no room for the values; the CSV has them.
    names = [
        name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME // 2]}…{name[-8:]}"
        for name in view.sessions
    ]
    axes.set_xticks(range(len(names)), names, rotation=90)
    # Where no cell responded in any session, all values are 0 and span no axis.
    axes.set_ylim(0, 1.05 * axes.dataLim.y1 or 1.0)
