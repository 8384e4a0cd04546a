"""What does each cell respond to? Encoding models with their receptive fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.folds.crossvalidation import image_folds
from twophoton_decode.decoding.folds.finite import FiniteTrials, finite_trials
from twophoton_decode.decoding.permuted_images import shown_in_blocks
from twophoton_decode.encoding.prediction import (
    FoldedTrials,
    chance_r,
    median_interval,
    noise_ceiling_r,
    normalised,
    pooled_p,
    prediction_r,
    predictions,
    strengths_of_folds,
)
from twophoton_decode.encoding.receptive_field import envelopes, pixel_weights
from twophoton_decode.encoding.selected_ridge import Regression, SelectedRidge
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Encoding, Responses
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings, EncodingSettings
from twophoton_decode.statistics.defined import median, medians_of
from twophoton_decode.statistics.permutation import discovery_cut

BEST_CELLS = 24
FEWEST_IMAGES = 8
"""A correlation over fewer images left out says nothing."""


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
    """Fit an encoding model to every cell, and predict images left out of the fit.

    Features are selected by their correlation with single-trial responses [paper; the
    threshold is ours], weights come from ridge with a strength chosen inside training.
    Folds are over images; those of the reconstruction. What describes the cells is fitted
    to all images.

    Parameters
    ----------
    responses : Responses
    decoding : DecodingSettings
        Feature space, folds, bootstraps and seed.
    settings : EncodingSettings
    places : Places, optional
        Without them the cells' places are NaN.
    progress : callable

    Raises
    ------
    AnalysisError
        Fewer than eight different images, or no cell that responds differently to them.
    ResponseError, StimulusImageError
        As `finite_trials`.
    """
    places = places or Places.unknown(responses.cells)
    shown = finite_trials(responses)
    space = FEATURE_SPACES.load(decoding.features)(shown.picture.shape[1:])
    trials, pictures, warnings = _folded(shown, space, decoding)
    measured = _differing_means(trials)
    threshold = settings.selection_threshold
    strengths = strengths_of_folds(trials, threshold, decoding.seed, progress)
    predicted = predictions(trials, threshold, strengths)
    chance = chance_r(trials, threshold, strengths, settings.refits, decoding.seed, progress)
    r = prediction_r(predicted, measured)
    p, ceiling = pooled_p(r, chance), noise_ceiling_r(responses.reliability)
    model = _descriptive(trials, threshold, float(np.median(strengths)))
    has_field = (p <= discovery_cut(p, settings.false_discovery_rate)) & model.weight.any(axis=1)
    found = Encoding(
        selected=model.selected,
        weight=model.weight,
        strength=model.strength,
        receptive_field=pixel_weights(model.weight, space),
        **_envelopes(trials, pictures, has_field, progress),
        has_field=has_field,
        position_x=places.x,
        position_y=places.y,
        plane=places.plane,
        prediction_r=r,
        prediction_p=p,
        noise_ceiling_r=ceiling,
        prediction_normalised=normalised(r, ceiling),
        prediction_r_ci95=median_interval(
            predicted, measured, trials.content, decoding.bootstraps, decoding.seed
        ),
        chance_r=chance,
        fold_strength=strengths,
        features=decoding.features,
        notes=[*shown.warnings, *warnings, *_notes(r, ceiling, model)],
    )
    return with_shown(found)


def with_shown(found: Encoding) -> Encoding:
    """The record with the cells and the medians that figures show."""
    fields = np.flatnonzero(found.has_field)
    candidates = fields if fields.size else np.flatnonzero(found.selected.any(axis=1))
    order = np.argsort(-found.prediction_r[candidates], kind="stable")
    return replace(
        found,
        best_cell=candidates[order[:BEST_CELLS]],
        medians=medians_of(found, ("prediction_r", "chance_r", "prediction_normalised"))
        | {name: median(getattr(found, name)[fields]) for name in ("area", "centre_sd")},
    )


def _folded(
    shown: FiniteTrials, space: LinearFeatures, decoding: DecodingSettings
) -> tuple[FoldedTrials, np.ndarray, list[str]]:
    """Trials with identical images merged, in the reconstruction's folds, and the pictures."""
    pictures = space.prepare(shown.picture)
    _require_enough(len(np.unique(pictures.reshape(len(pictures), -1), axis=0)), "images")
    folds = image_folds(
        pictures,
        decoding.folds,
        decoding.seed,
        decoding.near_duplicate_correlation,
        shown.image_group,
    )
    content = folds.content
    _require_enough(int(content.max()) + 1, "groups of images that show nearly the same")
    first = folds.first
    features = space.encode(pictures[first])
    image = folds.identity[shown.image]
    block, _ = shown_in_blocks(image, content[first])
    trials = FoldedTrials(shown.response, image, features, folds.fold[first], content[first], block)
    return trials, pictures[first], folds.warnings


def _differing_means(trials: FoldedTrials) -> np.ndarray:
    """Mean responses (images, cells), which have to differ between images in some cell."""
    measured = trials.trial_means()
    if not np.ptp(measured, axis=0).any():
        raise AnalysisError(
            "encoding models predict how responses differ between images; all "
            f"{measured.shape[1]} cells respond alike to every image."
        )
    return measured


def _require_enough(different: int, what: str) -> None:
    if different < FEWEST_IMAGES:
        raise AnalysisError(
            f"encoding models are judged by the responses to images left out, which needs at "
            f"least {FEWEST_IMAGES} different {what}; {different} were shown."
        )


def _descriptive(trials: FoldedTrials, threshold: float, strength: float) -> SelectedRidge:
    """The models of all images, at the median of the strengths chosen in the folds."""
    training = TrainingResponses(trials.response, trials.image, trials.image)
    return Regression.of(training, trials.features).fit(threshold, strength)


def _envelopes(
    trials: FoldedTrials, pictures: np.ndarray, has_field: np.ndarray, progress: Progress
) -> dict[str, Any]:
    """Centre and area of the cells with a field, NaN for all others."""
    names = ("centre_x", "centre_y", "centre_sd", "area")
    found = {name: np.full(len(has_field), np.nan) for name in names}
    if has_field.any():
        means, repeats = trials.trial_means()[:, has_field], np.bincount(trials.image)
        for name, values in envelopes(pictures, means, repeats, progress).items():
            found[name][has_field] = values
    return found


def _notes(r: np.ndarray, ceiling: np.ndarray, model: SelectedRidge) -> list[str]:
    constant, unknown = int(np.isnan(r).sum()), int(np.isnan(ceiling[~np.isnan(r)]).sum())
    without = int(np.count_nonzero(~model.selected.any(axis=1) & ~np.isnan(r)))
    kinds = {
        "respond alike to every image and have no prediction": constant,
        "have no noise ceiling, as their responses do not repeat or were not repeated": unknown,
        "have no feature that passes the threshold and therefore no model": without,
    }
    return [f"{count} of {len(r)} cells {what}." for what, count in kinds.items() if count]
