"""What does each cell respond to? Encoding models, and how well they predict new images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.crossvalidation import image_folds
from twophoton_decode.decoding.receptive_field import extents, pixel_weights
from twophoton_decode.decoding.reconstruction import _shown
from twophoton_decode.decoding.selected_ridge import SelectedRidge, fit_selected_ridge
from twophoton_decode.decoding.training import TrainingResponses
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Encoding, Responses
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings, EncodingSettings


@dataclass(frozen=True, eq=False)
class Places:
    """Where each cell lies in the movie, px, and its imaging plane."""

    x: np.ndarray
    y: np.ndarray
    plane: np.ndarray

    @classmethod
    def unknown(cls, cells: int) -> Places:
        """For imported responses."""
        nowhere = np.full(cells, np.nan)
        return cls(nowhere, nowhere, np.zeros(cells, dtype=np.int64))


def encoding_models(
    responses: Responses,
    decoding: DecodingSettings,
    settings: EncodingSettings,
    places: Places | None = None,
    progress: Progress = silent,
) -> Encoding:
    """Fit an encoding model to every cell and predict images left out of the fit."""
    shown = _shown(responses)
    space = FEATURE_SPACES.load(decoding.features)(shown.picture.shape[1:])
    pictures = space.prepare(shown.picture)
    identity, fold, warnings = image_folds(pictures, decoding.folds, decoding.seed)
    first = np.unique(identity, return_index=True)[1]
    image, fold, features = identity[shown.image], fold[first], space.encode(pictures[first])
    everything = TrainingResponses(shown.response, image, image)
    measured = everything.target_sums / everything.repeats[:, None]
    predicted = np.zeros_like(measured)
    for number in range(fold.max() + 1):
        test = fold == number
        fit = _fit(shown.response, image, ~test, features, settings)
        predicted[test] = fit.deviation(features[test])
        progress(number + 1, int(fold.max()) + 1, "folds of encoding models")
    model = _fit(shown.response, image, np.ones(len(fold), bool), features, settings)
    r, p = _prediction(predicted, measured, decoding.seed)
    has_field = _below_fdr(p, settings.false_discovery_rate) & model.selected.any(axis=1)
    fields = pixel_weights(model.weight, space)
    extent = extents(np.where(has_field[:, None, None], fields, 0))
    ceiling = np.sqrt(np.where(responses.reliability > 0, responses.reliability, np.nan))
    places = places or Places.unknown(responses.cells)
    return Encoding(
        selected=model.selected,
        weight=model.weight,
        receptive_field=fields,
        centre_x=extent.x,
        centre_y=extent.y,
        area=extent.area,
        has_field=has_field,
        prediction_r=r,
        prediction_p=p,
        noise_ceiling_r=ceiling,
        prediction_normalised=r / ceiling,
        strength=model.strength,
        position_x=places.x,
        position_y=places.y,
        plane=places.plane,
        features=decoding.features,
        notes=[*shown.warnings, *warnings],
    )


def _fit(
    response: np.ndarray,
    image: np.ndarray,
    known: np.ndarray,
    features: np.ndarray,
    settings: EncodingSettings,
) -> SelectedRidge:
    train = known[image]
    target = np.unique(image[train], return_inverse=True)[1]
    training = TrainingResponses(response[train], target, target)
    return fit_selected_ridge(training, features[known], settings.selection_threshold)


def _prediction(
    predicted: np.ndarray, measured: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, 3])
    a, b = _unit_columns(predicted), _unit_columns(measured)
    r = (a * b).sum(axis=0)
    beaten = np.zeros(len(r))
    for _ in range(1000):
        beaten += (a * b[rng.permutation(len(b))]).sum(axis=0) >= r
    return r, (1 + beaten) / 1001


def _unit_columns(columns: np.ndarray) -> np.ndarray:
    columns = columns - columns.mean(axis=0)
    norm = np.linalg.norm(columns, axis=0)
    return np.divide(columns, norm, out=np.zeros_like(columns), where=norm > 0)


def _below_fdr(p: np.ndarray, rate: float) -> np.ndarray:
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    found = np.zeros(len(p), dtype=bool)
    found[order[: passed[-1] + 1 if passed.size else 0]] = True
    return found
