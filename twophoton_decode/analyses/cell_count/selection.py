"""All, Resp. and Max.: what only images with enough responsive cells have."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.cell_count.enough import mean_over_wrong
from twophoton_decode.analyses.cell_count.image_curves import ImageCurves
from twophoton_decode.records import Responses
from twophoton_decode.settings import CellCountSettings
from twophoton_decode.statistics.image_mean import image_means
from twophoton_decode.statistics.paired import difference
from twophoton_decode.statistics.permutation import deranged_means, p_above
from twophoton_decode.words import counted

FEWEST_IMAGES = 5


def selected_images(
    curves: ImageCurves,
    content: np.ndarray,
    responses: Responses,
    settings: CellCountSettings,
    widening: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Resp., Max. and their tests, as fields of `CellCountCurves`."""
    responsive_cells = _responsive_cells(responses)
    used = responsive_cells >= settings.minimum_responsive
    unavailable = _why_unavailable(used, responses, settings.minimum_responsive)
    chosen = used & (not unavailable)
    same = content[:, None] == content
    return {
        "responsive_cells": responsive_cells,
        "used": used,
        "unavailable": unavailable,
        "r_responsive": np.where(chosen, curves.responsive.diagonal(), np.nan),
        "r_max": np.where(chosen, curves.best.diagonal(), np.nan),
        "cells_max": np.where(chosen, curves.best_count, np.nan),
        "r_responsive_wrong": np.where(chosen, mean_over_wrong(curves.responsive, same), np.nan),
        "r_max_wrong": np.where(chosen, mean_over_wrong(curves.best, same), np.nan),
        **_tests(curves, content, chosen, settings.derangements, widening, rng),
    }


def _tests(
    curves: ImageCurves,
    content: np.ndarray,
    chosen: np.ndarray,
    derangements: int,
    widening: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Max. against All for true and wrong images, and Max. and Resp. against All over images."""
    if not chosen.any():
        names = ("max_gain", "max_gain_p", "p_max_all", "p_responsive_all")
        return dict.fromkeys(names, np.nan) | {"max_gain_wrong": np.full(derangements, np.nan)}
    pairs = np.ix_(chosen, chosen)
    gain = curves.best[pairs] - curves.every_cell[pairs]
    every_cell = curves.every_cell.diagonal()[chosen]
    wrong = deranged_means(gain, content[chosen], derangements, rng)
    max_gain = float(gain.diagonal().mean())

    def against_all(table: np.ndarray) -> float:
        gained = difference(table.diagonal()[chosen], every_cell)
        return float(image_means(gained, content[chosen], widening=widening).p_differs())

    return {
        "max_gain": max_gain,
        "max_gain_wrong": wrong,
        "max_gain_p": p_above(max_gain, wrong),
        "p_max_all": against_all(curves.best),
        "p_responsive_all": against_all(curves.responsive),
    }


def _responsive_cells(responses: Responses) -> np.ndarray:
    """Responsive cells of each image, judged without the scored trial, mean over trials."""
    count = responses.responsive_others.sum(axis=1)
    return np.bincount(responses.image, weights=count) / responses.repeats_per_image


def _why_unavailable(used: np.ndarray, responses: Responses, minimum: int) -> str:
    """Why there is no Resp. and Max., in words; empty if there is."""
    if responses.repeats_per_image.max() < 2:
        return (
            "Responsive cells cannot be determined from one presentation of each image, so Resp. "
            "and Max. are missing; the curves follow the amplitude alone."
        )
    if used.sum() < FEWEST_IMAGES:
        return (
            f"{used.sum()} of {counted(len(used), 'image')} {'has' if used.sum() == 1 else 'have'} "
            f"at least {minimum} responsive cells, judged without the scored trial "
            f"({responses.responsiveness_test}); Resp. and Max. need {FEWEST_IMAGES} such images. "
            "The curves need none; minimum_responsive under "
            "[cell_count] in session.toml sets the limit."
        )
    return ""
