"""Cell-count curves of decoders that are not affine: predicted again at a grid of counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twophoton_decode.analyses.cell_count.enough import mean_over_wrong
from twophoton_decode.analyses.cell_count.image_curves import CURVES, TABLES, ImageCurves
from twophoton_decode.analyses.cell_count.order import mean_of_other_trials, strongest_first
from twophoton_decode.analyses.fold import FoldTrials, pictures_less_mean
from twophoton_decode.decoding.fitting.model import AT_ONCE
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.decoding.folds.again import FittedModel, Models
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses

FIRST = (0, 1, 2, 3, 5, 7)
DECADE = (10, 15, 20, 30, 50, 70)
CONSTANT = 1e-12
"""Share of the squared norm from all cells below which a reconstruction is only rounding."""


def count_grid(largest: int, cells: int) -> np.ndarray:
    """0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150 … up to `largest`, then all cells."""
    powers = 10 ** np.arange(max(len(str(cells)) - 1, 0))
    counts = np.unique([*FIRST, *(step * power for power in powers for step in DECADE)])
    return np.unique([*counts[counts <= min(largest, cells)], cells]).astype(np.int64)


def predicted_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    models: Models,
    omitted: str,
    *,
    counts: np.ndarray,
    random_orders: np.ndarray,
    same: np.ndarray,
    progress: Progress,
) -> ImageCurves:
    """As `image_curves`, for any decoder: cells left out stand at their training mean [ours].

    Every curve has the points `counts`, and Max. is the best of these. There is no curve in the
    order of contributions, which needs a picture for each cell: it is NaN.

    Parameters
    ----------
    counts : ndarray of int, shape (counts,)
        Numbers of cells from 0 on, rising; the last one is that of all cells.
    """
    images, draws = responses.images, len(random_orders)
    made: dict[str, np.ndarray] = {name: np.full((images, len(counts)), np.nan) for name in CURVES}
    made |= {name: np.empty((images, images)) for name in TABLES}
    made |= {"best_count": np.zeros(images), "r_random_draw": np.zeros((draws, len(counts)))}
    folds = np.unique(reconstruction.fold)
    what = f"folds predicted from {len(counts)} numbers of cells"
    for done, fold in enumerate(folds):
        progress(done, len(folds), what)
        trials = FoldTrials.of(reconstruction, responses, int(fold))
        part = _Fold(reconstruction, trials, models(int(fold)), omitted, counts)
        rows = trials.shown
        for name, values in part.main_order(same).items():
            made[name][rows] = values
        made["r_other_order"][rows] = part.other_order()
        made["r_weakest"][rows] = part.r_in(part.own_order[:, ::-1])
        by_draw = [part.r_in(np.broadcast_to(o, part.own_order.shape)) for o in random_orders]
        made["r_random"][rows] = np.mean(by_draw, axis=0)
        made["r_random_draw"] += np.sum(by_draw, axis=1) / images
    progress(len(folds), len(folds), what)
    return ImageCurves(cells=counts, **made)


class _Fold:
    """One fold's presentations, predicted from some of their cells."""

    def __init__(
        self,
        reconstruction: Reconstruction,
        trials: FoldTrials,
        model: FittedModel,
        omitted: str,
        counts: np.ndarray,
    ) -> None:
        self.trials, self.model, self.counts = trials, model, counts
        self.R = as_decoded(reconstruction, trials.response, trials.fold)
        self.omitted = 0.0 if omitted == "zero" else model.mean_response
        pictures = pictures_less_mean(reconstruction, trials.fold)
        self.power = (pictures**2).sum(axis=1)
        self.pictures, self.unit = pictures, _centred_units(pictures, 0.0)
        self.own_order = strongest_first(trials.response, trials.responsive)
        whole = model.pictures_of(self.R)
        self.floor = CONSTANT * (_centred(whole) ** 2).sum(axis=1)

    def main_order(self, same: np.ndarray) -> dict[str, np.ndarray]:
        """Curves and tables of the scored trial's own order, one row per image."""
        trials, responsive = self.trials, self.trials.responsive.sum(axis=1)
        held_at_end = self._from_first(self.own_order, responsive) @ self.unit.T
        ends = trials.average(held_at_end)
        shape = len(trials.shown), len(self.counts)
        found: dict[str, np.ndarray] = {name: np.empty(shape) for name in ("r", "cd", "r_wrong")}
        best, best_count = np.full(ends.shape, -np.inf), np.zeros(len(ends))
        most = np.maximum.reduceat(responsive, trials.edges[:-1])
        own = np.arange(len(ends)), trials.shown
        for column, (count, made) in enumerate(self._grown(self.own_order)):
            table = _centred_units(made, self.floor) @ self.unit.T
            every = trials.average(table)
            found["r"][:, column] = every[own]
            found["r_wrong"][:, column] = mean_over_wrong(every, same[trials.shown])
            found["cd"][:, column] = trials.average(self._cd(made)[:, None])[:, 0]
            # Trials without so many responsive cells stay at their last one.
            held = trials.average(np.where((count <= responsive)[:, None], table, held_at_end))
            enters = (count > 0) & (count <= most)
            _keep_best(best, best_count, held, enters, np.full(len(ends), count), own)
        _keep_best(best, best_count, ends, most > 0, most, own)
        found |= {"every_cell": every, "responsive": ends, "best_count": best_count}
        return found | {"best": np.where(np.isfinite(best), best, np.nan)}

    def r_in(self, order: np.ndarray) -> np.ndarray:
        """R of the images shown, at every count of an order (presentations, cells)."""
        shown = self.unit[self.trials.image]
        r = [
            (_centred_units(made, self.floor) * shown).sum(axis=1)
            for _, made in self._grown(order)
        ]  # fmt: skip
        return self.trials.average(np.stack(r, axis=1))

    def other_order(self) -> np.ndarray:
        """R in the order of the mean over the other trials, NaN for images shown once."""
        trials = self.trials
        image = np.searchsorted(trials.shown, trials.image)
        strength = mean_of_other_trials(trials.response, image)
        r = self.r_in(strongest_first(strength, trials.responsive))
        return np.where((trials.repeats > 1)[:, None], r, np.nan)

    def _grown(self, order: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Each count, with the reconstructions less m from so many first cells of an order."""
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(order.shape[1])[None], axis=1)
        together = max(1, AT_ONCE // len(order))
        for start in range(0, len(self.counts), together):
            counts = self.counts[start : start + together]
            kept = rank < counts[:, None, None]
            R = np.where(kept, self.R, self.omitted).reshape(-1, order.shape[1])
            made = self.model.pictures_of(R).reshape(len(counts), len(order), -1)
            yield from zip(counts.tolist(), made, strict=True)

    def _from_first(self, order: np.ndarray, count: np.ndarray) -> np.ndarray:
        """Units of the reconstructions from so many first cells of each presentation."""
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(order.shape[1])[None], axis=1)
        R = np.where(rank < count[:, None], self.R, self.omitted)
        return _centred_units(self.model.pictures_of(R), self.floor)

    def _cd(self, made: np.ndarray) -> np.ndarray:
        """1 − Σ(s − ŝ)² / Σ(s − m)² of every presentation."""
        image = self.trials.image
        along = 2 * (made * self.pictures[image]).sum(axis=1) - (made**2).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(along / self.power[image])


def _keep_best(
    best: np.ndarray,
    best_count: np.ndarray,
    held: np.ndarray,
    enters: np.ndarray,
    count: np.ndarray,
    own: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write into `best` (images, candidates) where `held` is higher, and the count that it has."""
    higher = enters & (held[own] > best[own])
    best_count[higher] = count[higher]
    best[enters] = np.maximum(best, held)[enters]


def _centred(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=1, keepdims=True)


def _centred_units(rows: np.ndarray, floor: np.ndarray | float) -> np.ndarray:
    """Rows with pixels centred, at norm 1; zero where the squared norm is not above `floor`."""
    centred = _centred(rows)
    power = np.einsum("tp,tp->t", centred, centred)
    varies = power > np.maximum(floor, CONSTANT * np.einsum("tp,tp->t", rows, rows))
    norm = np.sqrt(np.where(varies, power, 1.0))
    return np.where(varies[:, None], centred / norm[:, None], 0.0)
