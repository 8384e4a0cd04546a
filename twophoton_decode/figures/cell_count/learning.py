"""R against the number of training images and repeats, and where more training harms."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.numbers import count, counted, number
from twophoton_decode.records import CellCountCurves
from twophoton_decode.records.table import Table

_OTHER = {"images": "repeats", "repeats": "images"}
_AS_MANY = 2.0
"""As many presentations as cells, give or take this factor: fits peak in error there."""


def draw_learning(axes: Axes, curves: CellCountCurves, what: str) -> None:
    """R with fewer `what`, images or repeats, at the most of the other.

    Where R dips, a dotted line shows where there are as many presentations as cells.
    """
    rows = _rows(curves, what)
    if not rows.size:
        reason = "no refits" if curves.not_refitted else "learning_curves = false"
        style.say_unavailable(axes, reason, 20)
        return
    x = getattr(curves, f"learning_{what}")[rows]
    axes.errorbar(
        x, curves.learning_mean[rows], curves.learning_error[rows], fmt="o-", ms=3.5,
        color=style.decoder_colour(curves.decoder),
    )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlim(0, None)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), None)
    axes.set_xlabel(f"Training {what}" if what == "images" else "Repeats in training")
    axes.set_title(f"Fewer {what}")
    if _peaks(curves, rows):
        each = getattr(curves, f"learning_{_OTHER[what]}")[rows[-1]]
        axes.axvline(
            curves.cells[-1] / each, color=style.INK, ls=":", lw=1, label="presentations = cells"
        )
        style.legend_below(axes)


def learning_table(curves: CellCountCurves) -> Table:
    """A row an amount of training."""
    return {
        "training_images": curves.learning_images,
        "training_repeats": curves.learning_repeats,
        "r_learning_mean": curves.learning_mean,
        "r_learning_se": curves.learning_error,
    }


def learning_in_words(curves: CellCountCurves) -> list[str]:
    """R after little and after all training, and where it dips in between."""
    if not len(curves.learning_images):
        return []
    r = curves.learning_mean
    few = int(curves.learning_images.argmin())
    full = int((curves.learning_images * curves.learning_repeats).argmax())
    scored = curves.counts["learning"]
    fewest, most = (count(round(curves.learning_images[at])) for at in (few, full))
    then = f" and {number(r[full])} after {most}" if most != fewest else ""
    said = (
        f"R is {number(r[few])} after {fewest} training images{then} "
        f"({counted(scored, 'image')} scored; weights refitted by {curves.decoder} with the "
        "strength chosen for the whole training part)"
    )
    return [said, *(dip for what in _OTHER for dip in _dip_in_words(curves, what))]


def _rows(curves: CellCountCurves, what: str) -> np.ndarray:
    """The amounts of training that differ in `what` alone, the least first."""
    other = getattr(curves, f"learning_{_OTHER[what]}")
    rows = np.flatnonzero(other >= 0.99 * other.max(initial=0))
    return rows[np.argsort(getattr(curves, f"learning_{what}")[rows], kind="stable")]


def _dips(curves: CellCountCurves, rows: np.ndarray) -> np.ndarray:
    """The rows at which R is lower than with less training, by more than both errors."""
    r, error = curves.learning_mean[rows], curves.learning_error[rows]
    falls = r[1:] + error[1:] < r[:-1] - error[:-1]
    return rows[1:][falls]


def _peaks(curves: CellCountCurves, rows: np.ndarray) -> bool:
    """Whether R dips where there are about as many presentations as cells."""
    ratio = _presentations(curves, _dips(curves, rows)) / curves.cells[-1]
    return bool(((ratio > 1 / _AS_MANY) & (ratio < _AS_MANY)).any())


def _presentations(curves: CellCountCurves, rows: np.ndarray | np.intp) -> np.ndarray:
    return np.asarray(curves.learning_images[rows] * curves.learning_repeats[rows])


def _dip_in_words(curves: CellCountCurves, what: str) -> list[str]:
    rows = _rows(curves, what)
    dips = _dips(curves, rows)
    if not dips.size:
        return []
    lowest = dips[curves.learning_mean[dips].argmin()]
    least = float(getattr(curves, f"learning_{what}")[lowest])
    amount = counted(round(least, 1), what.removesuffix("s"))
    said = f"R dips to {number(curves.learning_mean[lowest])} after {amount} in training"
    if not _peaks(curves, rows):
        return [f"{said}, less than with fewer"]
    shown = counted(round(float(_presentations(curves, lowest))), "presentation")
    return [
        f"{said}: {shown} for {counted(int(curves.cells[-1]), 'cell')}, and the error of least "
        "squares with little or no regularisation peaks where there are as many of both"
    ]
