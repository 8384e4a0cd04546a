"""All, Resp. and Max., cell counts and stability over several sessions, a line a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import count, number, p_value, signed
from twophoton_decode.figures.sessions.decoders import marker_of
from twophoton_decode.records.sessions import Key, PairedComparison, PopulationView
from twophoton_decode.records.table import Column, Table
from twophoton_decode.words import counted_units


def conditions_over_sessions(view: PopulationView, decoder: str) -> Drawing:
    """Session medians of All, Resp. and Max., their cell counts, and stability [paper].

    A line is a session, the bar the median over sessions, the diamond the mean over mice with
    its 95 % interval.
    """
    with style.applied():
        figure = style.figure(2.9)
        panels = figure.subplots(1, 4, width_ratios=(1.15, 1.35, 1, 1))
        style.letter_panels(*panels)
        draw_conditions(panels[0], view, decoder)
        draw_cells(panels[1], view, decoder)
        draw_stability(panels[2], view, decoder, "similarity")
        draw_stability(panels[3], view, decoder, "variability")
        figure.suptitle(
            f"{decoder}: a line is a session (median over images), a marker shape a mouse",
            x=0.01,
            ha="left",
            fontsize=style.TEXT_PT + 0.5,
            fontweight="bold",
        )
    return Drawing(
        f"conditions_{decoder}",
        figure,
        conditions_in_words(view, decoder),
        _conditions_table(view, decoder),
    )


CONDITIONS = ("All", "Resp.", "Max.")
COUNTS = (
    "informative", "strong that suffice", "Resp.", "Max.", "held-out count", "95 % count",
)  # fmt: skip


def draw_conditions(axes: Axes, view: PopulationView, decoder: str) -> None:
    """R of All, Resp. and Max., with the p of each pair above."""
    groups: list[Key] = [(decoder, "r", condition) for condition in CONDITIONS]
    if not all(key in view.medians for key in groups):
        style.say_unavailable(
            axes, "no session has images with enough responsive cells up to date", 18
        )
        return
    colours = [style.CONDITION_COLOUR[condition] for condition in CONDITIONS]
    _paired_lines(axes, view, groups, colours)
    axes.set_xticks(range(3), CONDITIONS)
    axes.set_ylabel("R per trial (m subtracted)")
    tests = {
        (0, 1): view.test(decoder, "Resp. − All"),
        (1, 2): view.test(decoder, "Max. − Resp."),
        (0, 2): view.test(decoder, "Max. − All"),
    }
    _brackets(axes, tests)


def draw_cells(axes: Axes, view: PopulationView, decoder: str) -> None:
    """Every count of cells, on a logarithmic axis."""
    shown = [name for name in COUNTS if (decoder, "cells", name) in view.medians]
    if not shown:
        style.say_unavailable(axes, "no session has cell counts up to date", 18)
        return
    colours = [style.CONDITION_COLOUR.get(name, style.INK) for name in shown]
    _paired_lines(axes, view, [(decoder, "cells", name) for name in shown], colours)
    _logarithmic(axes)
    names = [name.removesuffix(" count").removesuffix(" that suffice") for name in shown]
    axes.set_xticks(range(len(shown)), names, rotation=30 if len(names) > 4 else 0)
    axes.set_ylabel("Number of cells")
    every = [each.median for each in view.of(decoder, "cells", "every cell")]
    axes.set_title(f"of {_span(every)} cells", fontweight="normal")


def _logarithmic(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _span(values: Sequence[float]) -> str:
    low, high = count(min(values)), count(max(values))
    return low if low == high else f"{low}–{high}"


STABILITIES = {
    "similarity": "Similarity over repeats (r)",
    "variability": "Variability over repeats",
}


def draw_stability(axes: Axes, view: PopulationView, decoder: str, what: str) -> None:
    """One of `STABILITIES`, of responses and of reconstructions."""
    groups: list[Key] = [(decoder, f"{kind}_{what}", "") for kind in ("response", "reconstruction")]
    if not all(key in view.medians for key in groups):
        style.say_unavailable(axes, "no session has stability up to date", 16)
        return
    colours = [style.RESPONSE_COLOUR, style.RECONSTRUCTION_COLOUR]
    _paired_lines(axes, view, groups, colours)
    axes.set_xticks(range(2), ["response", "recon-\nstruction"])
    axes.set_ylabel(STABILITIES[what])
    if what == "variability":
        _logarithmic(axes)
    _brackets(axes, {(0, 1): view.test(decoder, f"{what}, reconstruction − response")})


def _paired_lines(
    axes: Axes,
    view: PopulationView,
    groups: Sequence[Key],
    colours: Sequence[str],
) -> None:
    """A line for each session through its medians, and the median over sessions as a bar.

    Beside them: the mean over mice and its 95 % interval. A single session has neither.
    """
    found = [view.of(*key) for key in groups]
    by_session = [{each.session: each.median for each in group} for group in found]
    mouse = {each.session: each.mouse for group in found for each in group}
    markers = marker_of(view)
    for session in mouse:
        y = [group.get(session, np.nan) for group in by_session]
        axes.plot(range(len(y)), y, lw=0.6, color=style.FAINT, zorder=1)
        for x, (value, colour) in enumerate(zip(y, colours, strict=True)):
            axes.plot(x, value, markers[mouse[session]], ms=4, color=colour, mec="none")
    for x, (key, group) in enumerate(zip(groups, by_session, strict=True)):
        if len(group) < 2:
            continue
        middle = view.medians[key]
        axes.plot((x - 0.24, x + 0.24), (middle, middle), color=style.INK, lw=1.8, zorder=4)
        mean = view.means[key]
        axes.plot((x + 0.34, x + 0.34), (mean.low, mean.high), color=style.INK, lw=0.8)
        axes.plot(x + 0.34, mean.mean, "D", ms=2.5, mfc="white", mec=style.INK, mew=0.8)
    axes.set_xlim(-0.5, len(groups) - 0.5)


def _brackets(axes: Axes, tests: Mapping[tuple[int, int], PairedComparison | None]) -> None:
    """The p of each test above the two conditions it compares; words where none could be done."""
    compared = [test for test in tests.values() if test is not None]
    done = {pair: test for pair, test in tests.items() if test is not None and np.isfinite(test.p)}
    for level, ((left, right), test) in enumerate(done.items()):
        _bracket(axes, left, right, test, level)
    if compared and not done:
        fewest = min(compared, key=lambda test: test.units)
        text = f"{counted_units(fewest.units, fewest.level)}, no test"
        _above(axes, sum(axes.get_xlim()) / 2, 1.03, text)


def _bracket(axes: Axes, left: int, right: int, test: PairedComparison, level: int) -> None:
    height = 1.03 + 0.085 * level
    ends = [height - 0.015, height, height, height - 0.015]
    axes.plot(
        [left, left, right, right], ends, lw=0.6, color=style.INK,
        transform=axes.get_xaxis_transform(), clip_on=False,
    )  # fmt: skip
    _above(axes, (left + right) / 2, height + 0.005, p_value(test.p_holm))


def _above(axes: Axes, x: float, height: float, text: str) -> None:
    """Small words above the axes."""
    axes.text(
        x, height, text, transform=axes.get_xaxis_transform(), ha="center", va="bottom",
        fontsize=style.SMALL_PT,
    )  # fmt: skip


def _conditions_table(view: PopulationView, decoder: str) -> Table:
    shown = [("r", name) for name in CONDITIONS] + [("cells", name) for name in COUNTS]
    shown += [
        (f"{kind}_{what}", "")
        for what in ("similarity", "variability")
        for kind in ("response", "reconstruction")
    ]
    mouse = {each.session: each.mouse for each in view.found}
    table: dict[str, Column] = {"session": list(mouse), "mouse": list(mouse.values())}
    for measure, condition in shown:
        medians = {each.session: each.median for each in view.of(decoder, measure, condition)}
        name = f"{measure} {condition}".strip()
        table[name] = [medians.get(session, np.nan) for session in mouse]
    return table


def conditions_in_words(view: PopulationView, decoder: str) -> str:
    """The paired tests in words, and what they do not say."""
    told, untested = [], []
    for comparison in (
        "Resp. − All",
        "Max. − All",
        "Max. − All, true − wrong images",
        "similarity, reconstruction − response",
        "variability, reconstruction − response",
    ):
        test = view.test(decoder, comparison)
        if test is not None:
            told.append(f"{comparison} {_told(test)}")
            untested += [] if np.isfinite(test.p) else [test.note]
    rule = (
        "R with the mean training image m subtracted. Lines: medians over images, one a session; "
        "bars: their medians; diamonds: means, with 95 % intervals over mice or, where all are of "
        "one mouse, sessions; both from two sessions on. Signed-rank tests likewise, p corrected "
        "after Holm, r: matched-pairs rank-biserial correlation. Max. is chosen on the scored "
        "images and flatters: compare it with wrong images, or use the held-out count. Any smooth "
        "read-out makes reconstructions more alike than responses: their difference alone is no "
        "sign of a stable code. Informative: cells that can be shown to carry the picture, where "
        "the recording can tell; strong: the most strongly responding ones of a presentation that "
        "give 95 % of R."
    )
    # Each reason once, however many comparisons it holds for.
    reasons = dict.fromkeys(note.removeprefix("not tested: ") for note in untested)
    why = f"Not tested where no p stands: {'; '.join(reasons)}. " if reasons else ""
    return f"{decoder}: {'; '.join(told)}. {why}{rule}" if told else f"{decoder}. {rule}"


def _told(test: PairedComparison) -> str:
    p = f", {p_value(test.p_holm)}" if np.isfinite(test.p) else ""
    return (
        f"{signed(test.difference, 3)} (higher in {test.higher} of {test.sessions}, "
        f"r = {number(test.rank_biserial)}{p})"
    )
