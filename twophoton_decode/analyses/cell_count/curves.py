"""How many strongly responding cells are enough for a reconstruction?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.cell_count.controls import compared
from twophoton_decode.analyses.cell_count.enough import (
    bootstrap_count,
    heldout_count,
    mean_over_wrong,
)
from twophoton_decode.analyses.cell_count.image_curves import CURVES, ImageCurves, image_curves
from twophoton_decode.analyses.cell_count.learning import LearningCurves, learning_curves
from twophoton_decode.analyses.cell_count.refits import decoded_pictures, why_not_refitted
from twophoton_decode.analyses.cell_count.refitted import refitted_curves
from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses
from twophoton_decode.settings import CellCountSettings
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.paired import paired_p, signed_rank_p
from twophoton_decode.statistics.permutation import deranged_means, p_above

FEWEST_IMAGES = 5
STORED = ("cells", *CURVES, "r_random_draw")


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
    content = content_groups(reconstruction)
    largest = settings.largest_count or responses.cells
    curves = image_curves(
        reconstruction,
        responses,
        settings.omitted,
        largest=min(largest, responses.cells),
        random_orders=_random_orders(responses.cells, largest, settings.random_draws, seed),
        same=content[:, None] == content,
        progress=progress,
    )
    found = _without_selection(curves, content, bootstraps, rng)
    return CellCountCurves(
        **{name: getattr(curves, name) for name in STORED},
        **found,
        **_with_selection(curves, content, responses, settings, rng),
        **_controls(curves, content, found["cells_95"], settings, bootstraps, seed),
        **_refits(reconstruction, responses, settings, seed, progress),
        decoder=reconstruction.decoder,
        order_unit=responses.response_unit,
        omitted=settings.omitted,
        minimum_responsive=settings.minimum_responsive,
    )


def _random_orders(cells: int, largest: int, draws: int, seed: int) -> np.ndarray:
    """Random cells in random order, the same for every image and trial of a draw."""
    rng = np.random.default_rng([seed, 3])
    return np.array([rng.permutation(cells)[:largest] for _ in range(draws)])


def _without_selection(
    curves: ImageCurves, content: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> dict[str, Any]:
    """What needs no responsive cells: All, the held-out count, the 95 % count."""
    same = content[:, None] == content
    heldout = heldout_count(curves.r, same)
    r_heldout = curves.r[np.arange(len(curves.r)), heldout]
    cells_95, cells_95_ci95, r_all_ci95 = bootstrap_count(
        curves.r, curves.cells, content, bootstraps, rng
    )
    return {
        "r_all": curves.r[:, -1],
        "r_all_wrong": curves.r_wrong[:, -1],
        "r_heldout": r_heldout,
        "cells_heldout": curves.cells[heldout],
        "p_heldout_all": paired_p(r_heldout - curves.r[:, -1]),
        "cells_95": cells_95,
        "cells_95_ci95": cells_95_ci95,
        "r_all_ci95": r_all_ci95,
    }


def _controls(
    curves: ImageCurves,
    content: np.ndarray,
    cells_95: float,
    settings: CellCountSettings,
    bootstraps: int,
    seed: int,
) -> dict[str, Any]:
    """The strongest cells against as many others, at stated counts and at the 95 % count."""
    at = [*settings.compared_counts, *([int(cells_95)] if np.isfinite(cells_95) else [])]
    controls = {
        "random": curves.r_random,
        "weakest": curves.r_weakest,
        "contribution": curves.r_contribution,
        "all": curves.r[:, -1:],
    }
    rng = np.random.default_rng([seed, 4])
    return compared(curves.r, controls, curves.cells, at, content, bootstraps=bootstraps, rng=rng)


def _refits(
    reconstruction: Reconstruction,
    responses: Responses,
    settings: CellCountSettings,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """Curves of decoders refitted to few cells, few images, few repeats."""
    refused = why_not_refitted(reconstruction.decoder)
    r = cd = np.empty((responses.images, 0))
    learned = LearningCurves(np.empty(0), np.empty(0), np.empty((responses.images, 0)))
    largest = min(settings.refitted_count, responses.cells)
    if not refused and (largest or settings.learning_curves):
        decoded = decoded_pictures(reconstruction)
        if largest:
            r, cd = refitted_curves(reconstruction, responses, decoded, largest, progress)
        if settings.learning_curves:
            learned = learning_curves(reconstruction, responses, decoded, seed, progress)
    return {
        "refitted_cells": np.arange(r.shape[1]),
        "r_refitted": r,
        "cd_refitted": cd,
        "learning_images": learned.images,
        "learning_repeats": learned.repeats,
        "r_learning": learned.r,
        "not_refitted": refused,
    }


def _with_selection(
    curves: ImageCurves,
    content: np.ndarray,
    responses: Responses,
    settings: CellCountSettings,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """What only images with enough responsive cells have: Resp., Max. and their tests."""
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
        **_tests(curves, content, chosen, settings.derangements, rng),
    }


def _tests(
    curves: ImageCurves,
    content: np.ndarray,
    chosen: np.ndarray,
    derangements: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Max. against All for true and wrong images, and paired tests over images."""
    if not chosen.any():
        names = ("max_gain", "max_gain_p", "p_max_all", "p_responsive_all")
        return dict.fromkeys(names, np.nan) | {"max_gain_wrong": np.full(derangements, np.nan)}
    pairs = np.ix_(chosen, chosen)
    gain = curves.best[pairs] - curves.every_cell[pairs]
    every_cell = curves.every_cell.diagonal()[chosen]
    wrong = deranged_means(gain, content[chosen], derangements, rng)
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
