"""A mouse that answers to nothing but the picture shown, made of encoding models.

Biased as a null: what the models do not predict of the responses to degraded pictures looks like
more than the picture shown (docs/methods/completion.md). It is told, never as a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.attention.shared_ridge import SharedRidge, chosen_strength
from twophoton_decode.deep.comparison.decoding.feature_decoding import Standard
from twophoton_decode.deep.comparison.decoding.spaces import GABOR, PIXELS, Space
from twophoton_decode.deep.comparison.degraded.roles import Roles
from twophoton_decode.encoding.prediction import prediction_r
from twophoton_decode.statistics.defined import mean

DRAWS = 10
"""Residuals of other pictures that are added to a prediction, one after the other."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """Responses that encoding models predict, each by a fit to originals without its own.

    Attributes
    ----------
    shown, original : ndarray, shape (degraded, cells)
        To the degraded picture, and to its original.
    intact : ndarray, shape (intact, cells)
        To the originals that were shown.
    r : float
        Mean over cells of the correlation of `intact` with what was measured.
    """

    shown: np.ndarray
    original: np.ndarray
    intact: np.ndarray
    r: float


def predicted_responses(intact: np.ndarray, spaces: Sequence[Space], roles: Roles) -> Predicted:
    """Ridge from pixels and Gabor energies, either set with equal weight.

    Not from the network: what its late layers make of a degraded picture is far from all
    originals, so that such a model would be asked about what it never met.

    Parameters
    ----------
    intact : ndarray, shape (intact, cells)
        Mean responses to the originals that were shown.
    spaces : sequence of Space
        From `usable_spaces`.
    """
    used = [space for space in spaces if space.kind in (PIXELS, GABOR)]
    made = [np.full((len(rows), intact.shape[1]), np.nan)
            for rows in (roles.shown, roles.original, roles.intact)]  # fmt: skip
    for number in range(roles.folds):
        known, tested = roles.training(number), roles.tested(number)
        own = np.flatnonzero(roles.fold[roles.intact] == number)
        features = _standardised(used, roles.intact[known])
        ridge = SharedRidge.of(features[roles.intact[known]])
        response = intact[known]
        content = roles.content[roles.intact[known]]
        strength = chosen_strength(ridge, response, content)[0]
        for into, rows, pictures in (
            (made[0], tested, roles.shown), (made[1], tested, roles.original),
            (made[2], own, roles.intact),
        ):  # fmt: skip
            readout = ridge.readout(features[pictures[rows]], strength)
            into[rows] = readout.predict(response) + response.mean(axis=0)
    r = prediction_r(made[2], intact)
    to_shown, to_original, to_intact = made
    return Predicted(to_shown, to_original, to_intact, mean(r))


def _standardised(spaces: Sequence[Space], known: np.ndarray) -> np.ndarray:
    """Features of all pictures in SD of the known ones, sets of them with equal weight."""
    return np.concatenate(
        [
            Standard.of(space.features[known])(space.features) / space.features.shape[1] ** 0.5
            for space in spaces
        ],
        axis=1,
    )


def driven_responses(
    predicted: Predicted, intact: np.ndarray, roles: Roles, rng: np.random.Generator
) -> np.ndarray:
    """Responses of a stimulus-driven mouse to the degraded pictures, (draws, degraded, cells).

    The prediction for the picture shown, plus `left_over`.
    """
    return predicted.shown + left_over(predicted, intact, roles, DRAWS, rng)


def left_over(
    predicted: Predicted,
    intact: np.ndarray,
    roles: Roles,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Noise for each degraded picture: what is left over of others, (draws, degraded, cells).

    Response minus prediction for an intact picture of the same fold, but not of the same
    content, which trained no decoder of the fold. NaN where a fold has no such picture.
    """
    residual = intact - predicted.intact
    made = np.full((draws, *predicted.shown.shape), np.nan)
    fold, content = roles.fold[roles.intact], roles.content[roles.intact]
    for row, picture in enumerate(roles.shown.tolist()):
        others = np.flatnonzero((fold == roles.fold[picture]) & (content != roles.content[picture]))
        if others.size:
            made[:, row] = residual[rng.choice(others, draws)]
    return made
