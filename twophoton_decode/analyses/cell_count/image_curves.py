"""Cell-count curves of every image, against itself and against every other image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.cell_count.enough import mean_over_wrong
from twophoton_decode.analyses.cell_count.order import (
    largest_contribution_first,
    mean_of_other_trials,
    strongest_first,
)
from twophoton_decode.analyses.cumulative_reconstruction import (
    scores,
    scores_in_one_order,
    summed_over_images,
    whole,
)
from twophoton_decode.analyses.fold import FoldDecoder, FoldTrials
from twophoton_decode.kernels.held_curves import held_curves
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses

CURVES = ("r", "cd", "r_other_order", "r_wrong", "r_weakest", "r_contribution", "r_random")
TABLES = ("every_cell", "responsive", "best")


@dataclass(frozen=True)
class ImageCurves:
    """Curves averaged over the trials of each image.

    Tables have one row for the image whose responses were decoded and one column for the
    image they are scored against, so the diagonal holds the true pairs.

    Attributes
    ----------
    cells : ndarray of int, shape (counts,)
        Numbers of cells from 0 on; the last one is that of all cells.
    r, cd, r_other_order, r_wrong, r_weakest, r_contribution, r_random : (images, counts)
        R and CD in the order of the scored trial, R in other orders, R against other images.
    r_random_draw : ndarray, shape (draws, counts)
        R of each draw of random cells, averaged over images.
    every_cell, responsive, best : ndarray, shape (images, images)
        All, Resp. and Max.; the last NaN for images without responsive cells.
    best_count : ndarray, shape (images,)
        Number of cells of Max. for the true image, 0 without responsive cells.
    """

    cells: np.ndarray
    r: np.ndarray
    cd: np.ndarray
    r_other_order: np.ndarray
    r_wrong: np.ndarray
    r_weakest: np.ndarray
    r_contribution: np.ndarray
    r_random: np.ndarray
    r_random_draw: np.ndarray
    every_cell: np.ndarray
    responsive: np.ndarray
    best: np.ndarray
    best_count: np.ndarray


def image_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    omitted: str,
    *,
    largest: int,
    random_orders: np.ndarray,
    same: np.ndarray,
    progress: Progress,
) -> ImageCurves:
    """Score the growing reconstructions of every fold, one fold in memory at a time.

    Parameters
    ----------
    largest : int
        The largest number of cells to which curves go; all cells follow as the last point.
    random_orders : ndarray of int, shape (draws, largest)
        Cells drawn at random, for the control.
    same : ndarray of bool, shape (images, images)
        Pairs of images that are one picture, and so never wrong for each other.
    """
    images, draws = responses.images, len(random_orders)
    cells = counts_up_to(largest, responses.cells)
    made: dict[str, np.ndarray] = {name: np.full((images, len(cells)), np.nan) for name in CURVES}
    made |= {name: np.empty((images, images)) for name in TABLES}
    made |= {"best_count": np.empty(images), "r_random_draw": np.zeros((draws, len(cells)))}
    folds = np.unique(reconstruction.fold)
    for done, fold in enumerate(folds):
        progress(done, len(folds), "folds scored at every number of cells")
        trials = FoldTrials.of(reconstruction, responses, int(fold))
        part = _Fold(trials, FoldDecoder.of(reconstruction, trials, omitted), largest)
        made["r_random_draw"] += _score_fold(part, made, random_orders, same) / images
    progress(len(folds), len(folds), "folds scored at every number of cells")
    return ImageCurves(cells=cells, **made)


def counts_up_to(largest: int, cells: int) -> np.ndarray:
    """0, 1 … `largest`, and then the number of all cells."""
    counts = np.arange(largest + 1)
    return counts if largest == cells else np.append(counts, cells)


def _score_fold(
    part: _Fold, made: dict[str, np.ndarray], random_orders: np.ndarray, same: np.ndarray
) -> np.ndarray:
    """Write the rows of a fold's images; returns R of each draw, summed over them."""
    rows = part.trials.shown
    for name in TABLES:
        made[name][rows] = part.tables[name]
    made["best_count"][rows] = part.best_count
    with_all, all_wrong = part.with_all, mean_over_wrong(part.tables["every_cell"], same[rows])
    made["r"][rows], made["cd"][rows] = with_all(part.r), with_all(part.cd, part.all_cd)
    made["r_wrong"][rows] = with_all(part.r_wrong(same), all_wrong)
    made["r_other_order"][rows] = part.other_order()
    made["r_weakest"][rows] = part.in_order(part.own_order[:, ::-1])
    made["r_contribution"][rows] = part.in_order(part.contribution_order())
    draws = [with_all(curves) for curves in part.in_one_order(random_orders)]
    made["r_random"][rows] = np.mean(draws, axis=0)
    return np.sum(draws, axis=1)


class _Fold:
    """The curves of one fold, each with one row per image."""

    def __init__(self, trials: FoldTrials, decoder: FoldDecoder, largest: int) -> None:
        self.trials, self.products, self.amplitude = trials, decoder.products, decoder.amplitude
        self.largest = largest
        self.own_order = strongest_first(trials.response, trials.responsive)
        responsive = trials.responsive.sum(axis=1)
        # Resp. and Max. need every responsive cell, beyond the largest count too.
        entering = self.own_order[:, : max(largest, int(responsive.max()))]
        r, cd, inverse = scores(self.products, self.amplitude, entering, trials.image)
        self.r, self.cd = (trials.average(values[:, : largest + 1]) for values in (r, cd))
        total = summed_over_images(self.products, self.amplitude, entering, inverse)
        self._total = trials.average(total[:, : largest + 1])
        every = whole(self.products, self.amplitude, trials.image)
        self.all_cd = trials.average(every.cd[:, None])[:, 0]
        product, start = self.products.unit_product
        held = held_curves(
            product,
            start,
            self.amplitude,
            entering,
            inverse,
            responsive,
            trials.edges,
            trials.shown,
        )
        self.tables = {
            "every_cell": trials.average(every.r),
            "responsive": held.responsive,
            "best": held.best,
        }
        self.best_count = held.best_count

    @property
    def all_r(self) -> np.ndarray:
        """All of the image shown, shape (images,)."""
        return self.tables["every_cell"][np.arange(len(self.trials.shown)), self.trials.shown]

    def with_all(self, curves: np.ndarray, last: np.ndarray | None = None) -> np.ndarray:
        """Curves up to the largest count, followed by the score from all cells."""
        if self.largest == self.amplitude.shape[1]:
            return curves
        return np.column_stack([curves, self.all_r if last is None else last])

    def r_wrong(self, same: np.ndarray) -> np.ndarray:
        """R averaged over images of other content; equal content has equal R."""
        alike = same[self.trials.shown].sum(axis=1)[:, None]
        others = np.where(alike < len(same), len(same) - alike, np.nan)
        return (self._total - alike * self.r) / others

    def in_order(self, order: np.ndarray) -> np.ndarray:
        """R in an order of its own for every presentation (presentations, cells)."""
        entering = order[:, : self.largest]
        r = scores(self.products, self.amplitude, entering, self.trials.image)[0]
        return self.with_all(self.trials.average(r))

    def in_one_order(self, orders: np.ndarray) -> Iterator[np.ndarray]:
        """R in each order, one for all presentations, without all cells."""
        image = self.trials.image
        return map(
            self.trials.average, scores_in_one_order(self.products, self.amplitude, orders, image)
        )

    def other_order(self) -> np.ndarray:
        """R in the order of the mean over the other trials, NaN for images shown once."""
        trials = self.trials
        image = np.searchsorted(trials.shown, trials.image)
        strength = mean_of_other_trials(trials.response, image)
        r = self.in_order(strongest_first(strength, trials.responsive))
        return np.where((trials.repeats > 1)[:, None], r, np.nan)

    def contribution_order(self) -> np.ndarray:
        """The cells that add most to the picture first."""
        return largest_contribution_first(self.amplitude, self.products.filter_size())
