"""What reconstructions lose with the most active cells of a trial, and with random ones."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, number, p_value
from twophoton_decode.figures.stability.similarity import unavailable, without_repeats
from twophoton_decode.records import Stability

MEASURES = {
    "r": "R of reconstructions",
    "similarity": "Similarity to the other trials (r)",
}
SIGNIFICANT = 0.05


def drop_out(stability: Stability) -> Drawing:
    """R and similarity of single trials against the number of cells removed."""
    name = f"drop_out_{stability.decoder}"
    if stability.removed.size < 2:
        return unavailable(name, "Drop-out", "there are too few cells to remove some of them")
    if not np.isfinite(stability.dropout_r).any():
        return unavailable(name, "Drop-out", without_repeats(stability))
    with style.applied():
        figure = style.figure(3.0)
        panels = figure.subplots(1, 2)
        style.letter_panels(*panels)
        for axes, (measure, label) in zip(panels, MEASURES.items(), strict=True):
            draw_drop_out(axes, stability, measure)
            axes.set_ylabel(label)
    return Drawing(name, figure, drop_out_in_words(stability), drop_out_table(stability))


def draw_drop_out(axes: Axes, stability: Stability, measure: str) -> None:
    """One of `MEASURES` against the number of cells removed, from none on, logarithmically."""
    place = stability.removed
    kinds = (
        ("", style.CONDITION_COLOUR["Max."], "most active"),
        ("_random", style.CONDITION_COLOUR["wrong image"], "random"),
    )
    for suffix, colour, label in kinds:
        centre, error = _curve(stability, f"{measure}{suffix}")
        axes.fill_between(place, centre - error, centre + error, color=colour, alpha=0.2, lw=0)
        axes.plot(place, centre, "o-", ms=3, color=colour, label=f"{label} cells removed")
    p = getattr(stability, f"dropout_{measure}_p")
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.12 * axes.get_ylim()[1])
    for x in place[p < SIGNIFICANT]:
        axes.text(x, 0.97 * axes.get_ylim()[1], "*", ha="center", va="top")
    # Zero has a place on this axis; from one on, it is logarithmic.
    axes.set_xscale("symlog", linthresh=1, linscale=0.4)
    axes.set_xticks(place, [str(n) for n in place])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.15, 1.15 * place[-1])
    axes.set_xlabel("Cells removed from each trial")
    style.legend_below(axes)


def _curve(stability: Stability, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean over images and its standard error, at each number of cells removed."""
    place = stability.dropout_name.tolist().index(name)
    return stability.dropout_mean[place], stability.dropout_error[place]


def drop_out_table(stability: Stability) -> dict[str, np.ndarray]:
    """A row a number of cells removed."""
    table: dict[str, np.ndarray] = {"cells_removed": stability.removed}
    for measure in MEASURES:
        for suffix, label in (("", "most_active"), ("_random", "random")):
            centre, error = _curve(stability, f"{measure}{suffix}")
            table[f"{measure}_{label}"] = centre
            table[f"{measure}_{label}_error"] = error
        for what in ("low", "high", "p", "effect"):
            name = f"{measure}_difference_{what}"
            table[name] = getattr(stability, f"dropout_{measure}_{what}")
    return table


def drop_out_in_words(stability: Stability) -> str:
    """What R and similarity lose with the most active cells."""
    shown = min(int(np.searchsorted(stability.removed, 10)), stability.removed.size - 1)
    images = int(np.isfinite(stability.dropout_r[:, 0]).sum())
    parts = [_sentence(stability, measure, shown) for measure in MEASURES]
    return (
        f"{counted(images, 'image')}; a removed cell stands at its training mean. Without the "
        f"{counted(stability.removed[shown], 'cell')} most active in each trial, "
        f"{' and '.join(parts)}. Bands: standard error over images, not "
        "widened for decoders that images share, since that cancels in the difference; "
        f"stars: p < {SIGNIFICANT} of the mean difference, most active less random, Holm over "
        "all counts and both measures. "
        "Similarity can fall where R is at chance: it follows the responses, not the picture."
    )


def _sentence(stability: Stability, measure: str, shown: int) -> str:
    top, _ = _curve(stability, measure)
    random, _ = _curve(stability, f"{measure}_random")
    p = getattr(stability, f"dropout_{measure}_p")[shown]
    what = "R" if measure == "r" else "similarity"
    return (
        f"{what} goes from {number(top[0])} to {number(top[shown])} "
        f"({number(random[shown])} without as many random cells, {p_value(p)})"
    )
