"""The answer of the cell count in two sentences: how many cells know, how many must respond."""

from __future__ import annotations

from twophoton_decode.figures.canvas.numbers import count, interval, number
from twophoton_decode.records import CellCountCurves

SPREAD = 0.5
"""A picture is spread over the cells where the lower limit is above this share of them."""

OTHERS = "about the other cells, the decoder knows only that they responded less"
"""What the strongest responses of a presentation leave to know, said wherever they are counted."""


def how_many_cells(curves: CellCountCurves) -> str:
    """How many cells can be shown to carry the picture, and how many strong ones suffice."""
    total = int(curves.cells[-1])
    if not curves.r_all_ci95[0] > 0:
        return _untold(curves, total)
    return f"{_informative(curves, total)} {_strong(curves, total)}{_no_guide(curves)}"


def _untold(curves: CellCountCurves, total: int) -> str:
    """Without a score that is above zero for sure, no cells can be counted that give it."""
    who = "the only cell" if total == 1 else f"all {total} cells"
    zero = curves.r_all_ci95[1] <= 0
    above = "is not above zero" if zero else "cannot be distinguished from zero"
    return (
        f"This recording cannot tell how many cells carry the picture: R from {who}, "
        f"{number(curves.mean_of('r_all'))} (95 % interval {interval(curves.r_all_ci95)}), {above}."
    )


def _informative(curves: CellCountCurves, total: int) -> str:
    found, limits = count(curves.informative_cells), interval(curves.informative_cells_ci95, 0)
    if not curves.beyond_chance:
        return (
            f"How many cells carry the picture is left open: {curves.decoder} is not affine, and "
            "no permutations show that its R is above chance (reconstruct has --permutations)."
        )
    if not curves.informative_cells_told:
        return (
            "This recording cannot tell how many cells carry the picture (as far as it shows, "
            f"{limits} of {total}); more images or repeats would."
        )
    if curves.informative_cells_ci95[0] > SPREAD * total:
        told = f"The picture is spread over {found} of {total} cells"
    else:
        told = f"{found} of {total} cells can be shown to carry the picture"
    return f"{told} (95 % interval {limits}){_doubles(curves)}."


def _doubles(curves: CellCountCurves) -> str:
    if not curves.informative_doubles > 0:
        return ""
    return f"; {count(curves.informative_doubles)} of them may be second ROIs of one soma"


def _strong(curves: CellCountCurves, total: int) -> str:
    n, (low, high) = curves.strong_cells, curves.strong_cells_ci95
    if n >= total:
        return (
            "In a single presentation, 95 % of R takes the responses of all cells "
            f"({count(low)} to {count(high)})."
        )
    gives = "strongest response gives" if n == 1 else f"{count(n)} strongest responses give"
    return (
        f"In a single presentation, the {gives} at least 95 % of R from all cells "
        f"({count(low)} to {count(high)}); {OTHERS}."
    )


def _no_guide(curves: CellCountCurves) -> str:
    """Where more strong cells are needed than carry anything."""
    needed = curves.strong_cells_ci95[0] > curves.informative_cells_ci95[1]
    if not (curves.informative_cells_told and needed):
        return ""
    return (
        " Response strength is no guide here: more of the strongest responses are needed than the "
        f"{count(curves.informative_cells)} cells that can be shown to carry the picture."
    )
