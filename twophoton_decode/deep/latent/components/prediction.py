"""Cells predicted from components, populations each at their own strength, images held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.deep.attention.held_out import scaled
from twophoton_decode.deep.attention.images import ImageResponses
from twophoton_decode.deep.attention.shared_ridge import SharedRidge, chosen_strength
from twophoton_decode.kernels.threads import results_in_turn


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predicted minus mean training response, by the fit without the image's fold.

    Attributes
    ----------
    response : ndarray, shape (image, cell)
        Cells of no population stay at 0.
    chance : ndarray, shape (population, image, refit)
        Of responses whose images were exchanged, at the strength of each population.
    error : ndarray, shape (fold, population)
        On training images that were left out, relative to their variance.
    """

    response: np.ndarray
    chance: np.ndarray
    error: np.ndarray


def predicted_from(
    shown: ImageResponses, cells: Sequence[np.ndarray], features: np.ndarray
) -> Predicted:
    """Predict every population from features (image, unit).

    Parameters
    ----------
    shown : ImageResponses
    cells : sequence of ndarray of int
        The cells of each population, which together choose one strength in the training images.
    """
    images, folds = len(shown.response), int(shown.fold.max()) + 1
    response = np.zeros(shown.response.shape)
    chance = np.zeros((len(cells), *shown.exchanged.shape))
    error = np.ones((folds, len(cells)))
    features = features.astype(np.float64)

    def of_fold(number: int) -> list[tuple[np.ndarray, np.ndarray, float]]:
        known = shown.fold != number
        ready = scaled(features, known)
        ridge, measured = SharedRidge.of(ready[known]), shown.response[known]
        found = []
        for own in cells:
            strength, left = chosen_strength(ridge, measured[:, own], shown.content[known])
            readout = ridge.readout(ready[~known], strength)
            found.append((readout.predict(measured[:, own]),
                          readout.predict(shown.exchanged[known]), left))  # fmt: skip
        return found

    for number, found in enumerate(results_in_turn(of_fold, range(folds))):
        rows = np.arange(images)[shown.fold == number]
        for place, (own, (made, by_chance, left)) in enumerate(zip(cells, found, strict=True)):
            response[np.ix_(rows, own)] = made
            chance[place, rows] = by_chance
            error[number, place] = left
    return Predicted(response, chance, error)


@dataclass(eq=False)
class Best:
    """The component that the training images of each fold choose, for each population.

    So that the best of many components can be told without looking at tested images.
    """

    fold: np.ndarray
    cells: Sequence[np.ndarray]
    predicted: Predicted | None = None
    name: np.ndarray = field(default_factory=lambda: np.empty((0, 0), str))

    def offer(self, name: str, found: Predicted) -> None:
        """Take it where its error on left-out training images is the smallest so far."""
        if self.predicted is None:
            self.predicted = Predicted(
                found.response.copy(), found.chance.copy(), found.error.copy()
            )
            self.name = np.full(found.error.shape, name, dtype=object)
            return
        mine = self.predicted
        for number, place in np.argwhere(found.error < mine.error):
            rows = np.flatnonzero(self.fold == number)
            block = np.ix_(rows, self.cells[place])
            mine.response[block] = found.response[block]
            mine.chance[place, rows] = found.chance[place, rows]
            mine.error[number, place] = found.error[number, place]
            self.name[number, place] = name
