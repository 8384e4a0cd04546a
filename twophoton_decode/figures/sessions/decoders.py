"""Several sessions in one figure: their decoders and their responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.analyses.sessions.comparisons import PairedComparison
from twophoton_decode.analyses.sessions.measures import Measurement
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Column, Drawing
from twophoton_decode.figures.canvas.numbers import counted, interval, number
from twophoton_decode.statistics.hierarchical import (
    HierarchicalMean,
    hierarchical_bootstrap,
)

_MARKERS = "os^Dv<>Pp*hX"


@dataclass(frozen=True, eq=False)
class PopulationView:
    """What is drawn: every measurement, and the comparisons made of them.

    `resamplings` and `seed` are those of the intervals.
    """

    found: Sequence[Measurement]
    compared: Sequence[PairedComparison]
    resamplings: int
    seed: int

    @property
    def sessions(self) -> list[str]:
        """Every session, in the order given."""
        return list(dict.fromkeys(each.session for each in self.found))

    @property
    def markers(self) -> Mapping[str, str]:
        """A marker for each mouse; with more mice than markers they come round again."""
        mice = dict.fromkeys(each.mouse for each in self.found)
        return {mouse: _MARKERS[place % len(_MARKERS)] for place, mouse in enumerate(mice)}

    def of(self, decoder: str, measure: str, condition: str = "") -> list[Measurement]:
        """One measure of all sessions that have it."""
        key = (decoder, measure, condition)
        return [e for e in self.found if (e.decoder, e.measure, e.condition) == key]

    def test(self, decoder: str, comparison: str) -> PairedComparison | None:
        """The test of a comparison; None if no session has both."""
        return next(
            (e for e in self.compared if (e.decoder, e.comparison) == (decoder, comparison)), None
        )

    def mean(self, found: Sequence[Measurement]) -> HierarchicalMean:
        """Mean over mice, sessions and images; of a single session, its own."""
        if len(found) == 1 and found[0].values.size > 1:
            (own,) = found
            low, high = own.interval
            return HierarchicalMean(own.defined.mean(), low, high, "images", own.defined.size)
        return hierarchical_bootstrap(
            [each.values for each in found],
            [each.mouse for each in found],
            resamplings=self.resamplings,
            rng=np.random.default_rng(self.seed),
        )


def decoders_over_sessions(view: PopulationView, decoders: Sequence[str]) -> Drawing:
    """R and identification of every decoder: a marker a session, bar: mean and interval.

    Session values are means over images, as in the sessions' own reports.
    """
    table: dict[str, Column] = {"decoder": [], "measure": [], "session": [], "value": []}
    with style.applied():
        figure = style.figure(1.5 + 0.42 * len(decoders))
        panels = figure.subplots(1, 3, sharey=True)
        for axes, (measure, label) in zip(panels, _DECODER_PANELS, strict=True):
            for row, decoder in enumerate(decoders):
                found = view.of(decoder, measure)
                _session_marks(axes, view, row, found, style.decoder_colour(decoder))
                _reference_marks(axes, view, decoder, measure, row)
                for each in found:
                    values = (decoder, measure, each.session, each.defined.mean())
                    for column, value in zip(table.values(), values, strict=True):
                        column.append(value)  # type: ignore[union-attr]
            axes.set_xlabel(label)
        panels[0].set_yticks(range(len(decoders)), list(decoders))
        panels[0].set_ylim(len(decoders) - 0.4, -0.6)
        panels[0].set_title("Trial-averaged responses")
        panels[1].set_title("Single trials")
        panels[2].set_title("Identification, trial averages")
        panels[2].axvline(0.5, color=style.FAINT, lw=0.8, ls="--", zorder=0)
        for axes in panels[:2]:
            axes.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
    return Drawing("decoders", figure, _decoder_caption(view, decoders), table)


_DECODER_PANELS = (
    ("r_average", "R (mean training image subtracted)"),
    ("r_single", "R (mean training image subtracted)"),
    ("two_way_average", "two-way identification (chance 0.5)"),
)


def _session_marks(
    axes: Axes, view: PopulationView, row: int, found: Sequence[Measurement], colour: str
) -> None:
    for place, each in enumerate(found):
        y = row + 0.18 * np.sin(place * 2.4)
        axes.plot(
            each.defined.mean(), y, view.markers[each.mouse], ms=4, mec="none", color=colour,
            alpha=0.7,
        )  # fmt: skip
    mean = view.mean(found)
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
        axes.barh(row, span, 0.7, left=min(chance), color=style.FAINT, alpha=0.6, zorder=0)
    low = view.of(decoder, "r_low")
    if low:
        axes.plot(view.mean(low).mean, row, "D", ms=4, mfc="white", mec=style.INK)


def _decoder_caption(view: PopulationView, decoders: Sequence[str]) -> str:
    told = []
    for decoder in decoders:
        mean = view.mean(view.of(decoder, "r_average"))
        told.append(f"{decoder} {number(mean.mean)} ({_ends(mean)})")
    level = view.mean(view.of(decoders[0], "r_average"))
    return (
        f"R from trial-averaged responses in {counted(len(view.sessions), 'session')} (marker: "
        f"session, mean over its images; one shape a mouse): {', '.join(told)}. Bars: mean and "
        f"95 % interval, bootstrap over {counted_units(level)}. Grey: range of chance, images "
        "permuted and all refitted. Diamond: three lowest components alone."
    )


def counted_units(mean: HierarchicalMean) -> str:
    """What was resampled: "6 mice"."""
    return f"{mean.units} {mean.level}"


def _ends(mean: HierarchicalMean) -> str:
    return interval((mean.low, mean.high))


def responses_over_sessions(view: PopulationView) -> Drawing:
    """Responsive cells per image, and sparseness at the most repeats that all sessions have."""
    matched = matched_repeats(view)
    shown = {
        "% of the cells that respond to an image": view.of("", "percent_responsive"),
        "population sparseness, all repeats": view.of("", "population_sparseness"),
    }
    if matched:
        shown[f"population sparseness, {matched}"] = view.of("", "population_sparseness", matched)
    shown = {label: group for label, group in shown.items() if group}
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
    told = "; ".join(
        f"{label}: {number(float(np.median([each.median for each in group])))}"
        for label, group in shown.items()
    )
    caption = (
        f"Medians over {counted(len(view.sessions), 'session')}: {told}. Dot: median over images, "
        "bar: quartiles. Sparseness falls with the number of repeats averaged, so sessions are "
        "compared at the same number."
    )
    return Drawing("responses", figure, caption, table)


def matched_repeats(view: PopulationView) -> str:
    """The condition of the sparseness at most repeats that every session has; or empty."""
    sessions, common = set(view.sessions), ""
    found = [each for each in view.found if each.measure == "population_sparseness"]
    for condition in dict.fromkeys(each.condition for each in found if each.condition):
        if {each.session for each in found if each.condition == condition} == sessions:
            common = condition
    return common


def _values_by_session(axes: Axes, view: PopulationView, group: Sequence[Measurement]) -> None:
    for each in group:
        x = view.sessions.index(each.session)
        low, high = np.percentile(each.defined, [25, 75])
        axes.plot((x, x), (low, high), color=style.FAINT, lw=2)
        axes.plot(x, each.median, view.markers[each.mouse], ms=4.5, color=style.CELL_COLOUR)
    axes.set_xticks(range(len(view.sessions)), view.sessions, rotation=90)
    # Where no cell responded in any session, all values are 0 and span no axis.
    axes.set_ylim(0, 1.05 * axes.dataLim.y1 or 1.0)
