"""How many strongly responding cells are enough for a reconstruction?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.cell_count_statistics import (
    bootstrap_count,
    deranged_means,
    heldout_count,
    p_above,
    signed_rank_p,
)
from twophoton_decode.analyses.image_curves import ImageCurves, image_curves
from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses
from twophoton_decode.settings import CellCountSettings

FEWEST_IMAGES = 5


def cell_count_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    settings: CellCountSettings,
    *,
    bootstraps: int,
    seed: int,
    progress: Progress = silent,
) -> CellCountCurves:
    """Scores of reconstructions from the n strongest cells, for every n.

    ŝ_n = m + Σ_{k≤n} w_k (R_k − R̄_k): responsive cells enter first [paper], the strongest
    first [ours]; R and CD per trial, then averaged over an image's trials. *Resp.* uses all
    responsive cells, *Max.* the best count among them [paper]; beside them stands the same
    for wrong images, the held-out count and the 95 % count [ours]. Formulas, and the rules
    where trials differ, are in docs/methods/cell_count.md.

    Parameters
    ----------
    reconstruction : Reconstruction
        Its reverse filters are read one fold at a time.
    responses : Responses
        The responses it was made from. Images never shown are left out, as they were there.
    bootstraps : int
        Resamplings of images, for intervals.
    seed : int
        Seed of bootstraps and derangements.

    Raises
    ------
    RecordError
        The two records do not hold the same presentations, cells and images.
    """
    responses = paired_responses(reconstruction, responses)
    rng = np.random.default_rng(seed)
    curves = image_curves(reconstruction, responses, settings.omitted, progress)
    return CellCountCurves(
        cells=np.arange(responses.cells + 1),
        r=curves.r,
        cd=curves.cd,
        r_other_order=curves.r_other_order,
        r_wrong=curves.r_wrong,
        **_without_selection(curves, bootstraps, rng),
        **_with_selection(curves, responses, settings, rng),
        decoder=reconstruction.decoder,
        order_unit=responses.response_unit,
        omitted=settings.omitted,
        minimum_responsive=settings.minimum_responsive,
    )


def _without_selection(
    curves: ImageCurves, bootstraps: int, rng: np.random.Generator
) -> dict[str, Any]:
    """What needs no responsive cells: All, the held-out count, the 95 % count."""
    cells_heldout = heldout_count(curves.r)
    cells_95, cells_95_ci95, r_all_ci95 = bootstrap_count(curves.r, bootstraps, rng)
    return {
        "r_all": curves.r[:, -1],
        "r_all_wrong": curves.r_wrong[:, -1],
        "r_heldout": curves.r[np.arange(len(curves.r)), cells_heldout],
        "cells_heldout": cells_heldout,
        "cells_95": cells_95,
        "cells_95_ci95": cells_95_ci95,
        "r_all_ci95": r_all_ci95,
    }


def _with_selection(
    curves: ImageCurves,
    responses: Responses,
    settings: CellCountSettings,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """What only images with enough responsive cells have: Resp., Max. and their tests."""
    responsive_cells = _responsive_cells(responses)
    used = responsive_cells >= settings.minimum_responsive
    unavailable = _why_unavailable(used, responses, settings.minimum_responsive)
    chosen = used & (not unavailable)
    return {
        "responsive_cells": responsive_cells,
        "used": used,
        "unavailable": unavailable,
        "r_responsive": np.where(chosen, curves.responsive.diagonal(), np.nan),
        "r_max": np.where(chosen, curves.best.diagonal(), np.nan),
        "cells_max": np.where(chosen, curves.best_count, np.nan),
        "r_responsive_wrong": np.where(chosen, _off_diagonal_mean(curves.responsive), np.nan),
        "r_max_wrong": np.where(chosen, _off_diagonal_mean(curves.best), np.nan),
        **_tests(curves, chosen, settings.derangements, rng),
    }


def _tests(
    curves: ImageCurves, chosen: np.ndarray, derangements: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Max. against All for true and wrong images, and paired tests over images."""
    if not chosen.any():
        names = ("max_gain", "max_gain_p", "p_max_all", "p_responsive_all")
        return dict.fromkeys(names, np.nan) | {"max_gain_wrong": np.full(derangements, np.nan)}
    pairs = np.ix_(chosen, chosen)
    gain = curves.best[pairs] - curves.every_cell[pairs]
    every_cell = curves.every_cell.diagonal()[chosen]
    wrong = deranged_means(gain, derangements, rng)
    max_gain = float(gain.diagonal().mean())
    return {
        "max_gain": max_gain,
        "max_gain_wrong": wrong,
        "max_gain_p": p_above(max_gain, wrong),
        "p_max_all": signed_rank_p(curves.best.diagonal()[chosen], every_cell),
        "p_responsive_all": signed_rank_p(curves.responsive.diagonal()[chosen], every_cell),
    }


def _responsive_cells(responses: Responses) -> np.ndarray:
    """Responsive cells of each image, judged without the scored trial, mean over trials."""
    count = responses.responsive_others.sum(axis=1)
    return np.bincount(responses.image, weights=count) / responses.repeats_per_image


def _why_unavailable(used: np.ndarray, responses: Responses, minimum: int) -> str:
    """Why there is no Resp. and Max., in words; empty if there is."""
    if responses.repeats_per_image.max() < 2:
        return (
            "Responsive cells cannot be told from one presentation of each image, so Resp. and "
            "Max. are missing; the curves follow the amplitude alone."
        )
    if used.sum() < FEWEST_IMAGES:
        return (
            f"{used.sum()} of {len(used)} images have at least {minimum} responsive cells, judged "
            f"without the scored trial ({responses.responsiveness_test}); Resp. and Max. need "
            f"{FEWEST_IMAGES} such images. The curves need none; minimum_responsive under "
            "[cell_count] in session.toml sets the limit."
        )
    return ""


def _off_diagonal_mean(table: np.ndarray) -> np.ndarray:
    """Mean over the wrong images of each row; NaN if there are none."""
    if len(table) < 2:
        return np.full(len(table), np.nan)
    return (table.sum(axis=1) - table.diagonal()) / (len(table) - 1)
