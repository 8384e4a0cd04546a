"""Features decoded from degraded pictures: by design, beside what decides and what misleads."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.degraded.sentences import (
    biased_sentence,
    degraded_sentence,
    planning_sentence,
)
from twophoton_decode.figures.deep.degraded.tables import (
    picture_table,
    planning_table,
    space_table,
)
from twophoton_decode.figures.deep.layers import COLOUR
from twophoton_decode.records.deep.degraded_decoding import DegradedDecoding

_ROOM: Final = 0.18
"""Of the height of a panel, for a legend above bars."""
_ORIGINAL, _SHOWN, _INTACT = "#0072B2", "#D55E00", "#009E73"
_GROUPS: Final = {
    "after minus before": (("before", style.RANDOM_COLOUR), ("after", "#882255")),
}
_CHANGES: Final = "familiar minus unfamiliar, after minus before"
"""The design whose groups have changes of Δ."""
_FAMILIAR: Final = (("familiar", "#882255"), ("unfamiliar", style.RANDOM_COLOUR))


def degraded_figure(found: DegradedDecoding) -> Drawing:
    """What is decoded by layer, Δ of both groups, their difference, and biased measures."""
    numbers = found.headline
    with style.applied():
        figure = style.figure(5.0)
        panels = figure.subplots(2, 2).ravel()
        style.letter_panels(*panels)
        _draw_fits(panels[0], found)
        _draw_groups(panels[1], found)
        _draw_design(panels[2], found, tested=numbers["tested"])
        _draw_biased(panels[3], found)
        for panel in panels:
            if panel.axison:
                panel.set_xticks(
                    range(len(found.layer)), found.layer.tolist(), rotation=45, ha="right"
                )
                in_row = panel is panels[2]
                panel.legend(loc="upper left" if in_row else "best", ncols=3 if in_row else 1)
    caption = (
        f"{degraded_sentence(numbers)} {biased_sentence(numbers)} {planning_sentence(numbers)}"
    )
    name = f"deep_degraded_{found.network.replace('@random:', '-random-')}"
    return Drawing(
        name, figure, caption, space_table(found),
        {"pictures": picture_table(found), "planning": planning_table(found)},
    )  # fmt: skip


def _of(found: DegradedDecoding, kind: str) -> np.ndarray:
    return np.flatnonzero(found.kind == kind)


def _draw_fits(axes: Axes, found: DegradedDecoding) -> None:
    """Decoded features against those of original and picture shown, of all degraded pictures."""
    own = _of(found, "network")
    for values, colour, mark, label in (
        (found.r_intact, _INTACT, "o--", "originals when shown (reference)"),
        (found.r_original_mean[0], _ORIGINAL, "o-", "with the original"),
        (found.r_shown_mean[0], _SHOWN, "o-", "with the picture shown"),
        (found.r_wrong_mean[0], style.FAINT, "o--", "with other originals (chance)"),
    ):
        axes.plot(values[own], mark, ms=3.5, lw=1, color=colour, label=label)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_ylabel("r over units")
    axes.set_title("Features decoded from degraded pictures")


def _draw_groups(axes: Axes, found: DegradedDecoding) -> None:
    """Δ of the groups that the design compares; of all pictures where there are none."""
    own = _of(found, "network")
    changes = found.design == _CHANGES
    if not changes:
        axes.plot(found.delta_mean[0, own], ".:", ms=4, lw=1, color=style.INK, label="all pictures")
    groups = _GROUPS.get(found.design, _FAMILIAR) if found.design else ()
    for (label, colour), values in zip(groups, found.group_delta[0], strict=False):
        axes.plot(values[own], "o-", ms=3.5, lw=1, color=colour, label=label)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_ylabel("Δ after − Δ before" if changes else "Δ = r with original − with picture shown")
    axes.set_title(f"{'Change of ' * changes}Δ, which says nothing by itself")


def _draw_design(axes: Axes, found: DegradedDecoding, *, tested: bool) -> None:
    """The difference that the design is about, with random weights and of pixels."""
    axes.set_title("By design")
    if not tested:
        why = "too few pictures in a group" if found.design else "no column says what was familiar"
        style.say(axes, f"no test: {why}")
        return
    names = found.layer.tolist()
    for kind, shift, label in (("random", 0.12, "random weights"), ("network", 0, "network")):
        own = [row for row in _of(found, kind) if found.space[row] in names]
        if not own:
            continue
        x = np.array([names.index(found.space[row]) for row in own], dtype=float) + shift
        axes.plot(x, found.design_difference[0, own], "o", ms=3.5, color=COLOUR[kind], label=label)
        axes.vlines(x, *found.design_difference_ci95[0, own].T, color=COLOUR[kind], lw=1)
    for row in _of(found, "pixels"):
        axes.axhline(
            found.design_difference[0, row], color=COLOUR["pixels"], lw=1, ls="--", label="pixels"
        )
    axes.axhline(0, color=style.INK, lw=0.6)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + _ROOM * (high - low))
    axes.set_ylabel("Δ, difference (bars: 95 % interval)")
    axes.set_title(f"By design: {found.design}".replace("unfamiliar, ", "unfamiliar,\n"))


def _draw_biased(axes: Axes, found: DegradedDecoding) -> None:
    """Published measures, which are above zero without anything beyond the picture shown."""
    own = _of(found, "network")
    for values, mark, label in (
        (found.noise_matched_mean, "s-", "over noise-matched features"),
        (found.stimulus_driven_mean, "^-", "over encoding models"),
    ):
        axes.plot(
            values[0, own], mark, ms=3.5, lw=1, mfc="none", color=style.RANDOM_COLOUR, label=label
        )
    axes.axhline(0, color=style.INK, lw=0.6)
    axes.set_ylabel("Gain in Δ")
    axes.set_title("Biased: not zero without any effect")
