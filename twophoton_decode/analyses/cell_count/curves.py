"""How many strongly responding cells are enough for a reconstruction?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.cell_count.controls import compared
from twophoton_decode.analyses.cell_count.enough import (
    bootstrap_count,
    count_staying,
    enough_cells,
    margin_left,
)
from twophoton_decode.analyses.cell_count.image_curves import CURVES, ImageCurves, image_curves
from twophoton_decode.analyses.cell_count.informative import informative_cells
from twophoton_decode.analyses.cell_count.learning import LearningCurves, learning_curves
from twophoton_decode.analyses.cell_count.predicted_curves import count_grid, predicted_curves
from twophoton_decode.analyses.cell_count.refits import decoded_pictures, why_not_refitted
from twophoton_decode.analyses.cell_count.refitted import refitted_curves
from twophoton_decode.analyses.cell_count.selection import selected_images
from twophoton_decode.analyses.cell_count.shown.everything import with_shown
from twophoton_decode.analyses.cell_count.strong import strong_counts, strong_curves
from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.decoding.folds.again import Models, models_of
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.decoding.plug_in_errors import running
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses
from twophoton_decode.settings import CellCountSettings
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.heldout_choice import chosen_by_others, heldout_choice_p

SIGNIFICANT = 0.05
"""p of the reconstructions below which a decoder that is not affine is above chance."""
STORED = ("cells", *CURVES, "r_random_draw")


def cell_count_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    settings: CellCountSettings,
    *,
    bootstraps: int,
    seed: int,
    progress: Progress = silent,
    session: SessionContext = NO_SESSION,
) -> CellCountCurves:
    """Scores of reconstructions from the n strongest cells, for every n.

    Two numbers answer: the informative cells, and how many of the strongest responses of a
    presentation suffice; other cells are known only to have responded less [ours]. Beside them
    stands the curve of the paper, ŝ_n = m + Σ_{k≤n} w_k (R_k − R̄_k): responsive cells enter
    first [paper], the strongest first [ours]; R and CD per trial, then averaged over an
    image's trials. *Resp.* uses all responsive cells, *Max.* the best count among them
    [paper]; the same for wrong images, the held-out count and the 95 % count are [ours].
    A decoder that is not affine predicts again, at a grid of counts. Formulas, and the rules
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
    session : SessionContext, optional
        As for `reconstruct`.

    Raises
    ------
    RecordError
        The two records do not hold the same presentations, cells and images.
    """
    responses = paired_responses(reconstruction, responses)
    rng = np.random.default_rng(seed)
    content = content_groups(reconstruction)
    with running(reconstruction.decoder, reconstruction.features):
        models = models_of(reconstruction, responses, seed, session, progress)
        curves = _image_curves(reconstruction, responses, models, content, settings, seed, progress)
        strong = _strong(reconstruction, responses, models, curves.cells, progress)
        refits = _refits(reconstruction, responses, settings, seed, progress)
    widening = reconstruction.r_single_widening
    found = _without_selection(curves, content, settings, bootstraps, widening, rng)
    made = CellCountCurves(
        **{name: getattr(curves, name) for name in STORED},
        **found,
        **selected_images(curves, content, responses, settings, widening, rng),
        **_controls(curves, content, found["cells_95"], settings, widening),
        **_sufficient(curves, content, settings, widening),
        **_informative(responses, content, seed, _beyond_chance(reconstruction, found)),
        **strong,
        **_enough_strong(strong["r_strong"], strong["strong_count"], content, widening),
        **refits,
        widening=widening,
        decoder=reconstruction.decoder,
        order_unit=responses.response_unit,
        omitted=settings.omitted,
        minimum_responsive=settings.minimum_responsive,
        predicted=None if models is None else True,
    )
    return with_shown(made, reconstruction, responses)


def _image_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    models: Models | None,
    content: np.ndarray,
    settings: CellCountSettings,
    seed: int,
    progress: Progress,
) -> ImageCurves:
    """By inner products of reverse filters, or by predicting again where there are none."""
    cells = responses.cells
    largest = min(settings.largest_count or cells, cells)
    same = content[:, None] == content
    if models is None:
        orders = _random_orders(cells, largest, settings.random_draws, seed)
        return image_curves(
            reconstruction, responses, settings.omitted,
            largest=largest, random_orders=orders, same=same, progress=progress,
        )  # fmt: skip
    orders = _random_orders(cells, cells, settings.random_draws, seed)
    return predicted_curves(
        reconstruction, responses, models, settings.omitted,
        counts=count_grid(largest, cells), random_orders=orders, same=same, progress=progress,
    )  # fmt: skip


def _random_orders(cells: int, largest: int, draws: int, seed: int) -> np.ndarray:
    """Random cells in random order, the same for every image and trial of a draw."""
    rng = np.random.default_rng([seed, 3])
    return np.array([rng.permutation(cells)[:largest] for _ in range(draws)])


def _without_selection(
    curves: ImageCurves,
    content: np.ndarray,
    settings: CellCountSettings,
    bootstraps: int,
    widening: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """What needs no responsive cells: All, the held-out count, the 95 % count."""
    heldout = 1 + chosen_by_others(curves.r[:, 1:], content)
    enough, r_all_ci95 = bootstrap_count(curves.r, curves.cells, content, bootstraps, rng, widening)
    stays = float(curves.cells[count_staying(curves.r.mean(axis=0))])
    gain = curves.r[:, 1:] - curves.r[:, -1:]
    return {
        "r_all": curves.r[:, -1],
        "r_all_wrong": curves.r_wrong[:, -1],
        "r_heldout": curves.r[np.arange(len(curves.r)), heldout],
        "cells_heldout": curves.cells[heldout],
        "p_heldout_all": heldout_choice_p(gain, content, settings.derangements, rng),
        "cells_95": enough.count,
        "cells_95_ci95": enough.interval,
        "cells_95_stays": stays if np.isfinite(enough.count) else np.nan,
        "r_all_ci95": r_all_ci95,
    }


def _beyond_chance(reconstruction: Reconstruction, found: dict[str, Any]) -> bool:
    """Whether R from all cells is above chance; without permutations, only affine ones tell."""
    above = bool(found["r_all_ci95"][0] > 0)
    if reconstruction.reverse_filter is not None:
        return above
    return above and bool(reconstruction.p_value < SIGNIFICANT)


def _informative(
    responses: Responses, content: np.ndarray, seed: int, beyond_chance: bool
) -> dict[str, Any]:
    """The cells that carry the picture; their number is told where there is a reconstruction."""
    found = informative_cells(responses, content, seed)
    return {
        "encoding_r": found.r,
        "informative_p": found.p,
        "reliable": found.reliable,
        "informative": found.informative,
        "informative_cells": found.count,
        "informative_cells_ci95": (found.low, found.high),
        "informative_cells_told": found.told and beyond_chance,
        "beyond_chance": beyond_chance,
    }


def _strong(
    reconstruction: Reconstruction,
    responses: Responses,
    models: Models | None,
    grid: np.ndarray,
    progress: Progress,
) -> dict[str, Any]:
    """R from the most strongly responding cells; at the counts of `grid` where predicted."""
    counts = strong_counts(responses.cells) if models is None else grid
    r = strong_curves(reconstruction, responses, models, counts, progress)
    return {"strong_count": counts, "r_strong": r}


def _enough_strong(
    r: np.ndarray, counts: np.ndarray, content: np.ndarray, widening: float
) -> dict[str, Any]:
    """How many of the most strongly responding cells of a presentation suffice."""
    enough = enough_cells(r, counts, content, widening)
    return {"strong_cells": enough.count, "strong_cells_ci95": enough.interval}


def _controls(
    curves: ImageCurves,
    content: np.ndarray,
    cells_95: float,
    settings: CellCountSettings,
    widening: float,
) -> dict[str, Any]:
    """The strongest cells against as many others, at stated counts and at the 95 % count."""
    at = [*settings.compared_counts, *([int(cells_95)] if np.isfinite(cells_95) else [])]
    controls = {
        "random": curves.r_random,
        "weakest": curves.r_weakest,
        **(
            {} if np.isnan(curves.r_contribution).all() else {"contribution": curves.r_contribution}
        ),
        "all": curves.r[:, -1:],
    }
    return compared(curves.r, controls, curves.cells, at, content, widening)


def _sufficient(
    curves: ImageCurves, content: np.ndarray, settings: CellCountSettings, widening: float
) -> dict[str, Any]:
    """Whether so many strongest cells, in the paper's order, give 95 % of R from all."""
    places = np.flatnonzero(np.isin(curves.cells[1:-1], settings.compared_counts)) + 1
    margin = margin_left(curves.r, content, widening)
    low, high = margin.interval()
    return {
        "suffice_cells": curves.cells[places],
        "suffice_margin": margin.mean[places],
        "suffice_margin_low": low[places],
        "suffice_margin_high": high[places],
        "suffice_p": margin.p_above()[places],
    }


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
