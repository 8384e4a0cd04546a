"""What was left out of responses, counted as zero or drawn at random, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twophoton_decode.responses.incomplete import mean_of_known
from twophoton_decode.responses.responsive.responsiveness import VisualResponsiveness
from twophoton_decode.responses.statistics.correlations import CELLS_PAIRED
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.words import counted, counted_are, in_percent

FEWEST_CELLS = 5
"""Of fewer cells, all may well ignore the images [ours]."""


def left_out_and_counted(
    image: np.ndarray,
    image_name: np.ndarray,
    known: np.ndarray,
    visual: VisualResponsiveness,
) -> Iterator[str]:
    """What was left out, counted as zero or drawn at random, in words.

    Parameters
    ----------
    image : ndarray of int, shape (presentation,)
    image_name : ndarray of str, shape (image,)
    known : ndarray, shape (presentation, cell)
        Responses of the cells that were kept; NaN where missing.
    visual : VisualResponsiveness
        Of all cells.
    """
    groups = ImageGroups.of(image)
    cells = known.shape[1]
    yield from _single_shots(groups, image_name)
    yield from _left_out(visual, cells)
    yield from _counted_as_zero(mean_of_known(known[groups.order], groups.start))
    yield from _nothing_responds(visual)
    yield from _paired_some(cells)


def _single_shots(groups: ImageGroups, image_name: np.ndarray) -> list[str]:
    once = groups.count == 1
    if not once.any() or once.all():
        return []
    return [
        f"{counted(int(once.sum()), 'image')} shown once, so no cell counts as responsive to "
        f"{'it' if once.sum() == 1 else 'them'}: {listed(image_name[once])}."
    ]


def _left_out(visual: VisualResponsiveness, cells: int) -> list[str]:
    gone = visual.cells.size - cells
    if not gone:
        return []
    return [f"{counted_are(gone, 'cell')} left out: not visually responsive ({visual.test})."]


def _paired_some(cells: int) -> list[str]:
    if cells <= CELLS_PAIRED:
        return []
    return [
        f"Distributions over pairs of cells are from {CELLS_PAIRED} of the {cells} cells, drawn "
        "at random."
    ]


def _counted_as_zero(rates: np.ndarray) -> list[str]:
    negative = (rates < 0).sum() / np.isfinite(rates).sum()
    if not negative:
        return []
    return [
        f"{in_percent(negative, 1)} of the mean responses are negative; sparseness counts them as "
        "zero."
    ]


def _nothing_responds(visual: VisualResponsiveness) -> list[str]:
    """Repeats that agree on nothing may have been given the wrong images."""
    cells = visual.cells.size
    if cells < FEWEST_CELLS or visual.cells.any() or not np.isfinite(visual.p).any():
        return []
    return [
        f"none of the {cells} cells responds differently to different images ({visual.test}). If "
        "they should, presentations and images were probably mismatched: look for labels or a "
        "log of another recording, picture numbers counted from 1 instead of 0, or exchanged axes."
    ]


def listed(names: np.ndarray) -> str:
    """The first few names."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(str(name) for name in names[:5]) + more
