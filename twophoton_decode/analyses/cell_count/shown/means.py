"""Curves and conditions of the cell count as means over images with standard errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.cell_count.order import order_in_words
from twophoton_decode.records import CellCountCurves
from twophoton_decode.statistics.defined import (
    column_errors,
    column_means,
    defined,
    mean,
    median,
    standard_error,
)

RANDOM_RANGE: Final = (0.025, 0.975)
CONDITIONS: Final = ("All", "Resp.", "Max.")


def with_means(curves: CellCountCurves) -> CellCountCurves:
    """The record with the means over images that figures and captions show."""
    used = curves.used
    low, high = np.quantile(curves.r_random_draw, RANDOM_RANGE, axis=0)
    heldout = defined(curves.cells_heldout)
    fixed = _at_refitted_counts(curves)
    return replace(
        curves,
        **_curves(curves),
        **_conditions(curves),
        random_low=low,
        random_high=high,
        refitted_mean=column_means(curves.r_refitted),
        refitted_error=column_errors(curves.r_refitted),
        refitted_cd_mean=column_means(curves.cd_refitted),
        fixed_mean=column_means(fixed),
        fixed_error=column_errors(fixed),
        learning_mean=column_means(curves.r_learning),
        learning_error=column_errors(curves.r_learning),
        cells_heldout_range=(float(heldout.min()), float(heldout.max()))
        if heldout.size
        else (np.nan, np.nan),
        order=order_in_words(bool(curves.responsive_cells.any())),
        means={
            "r_all": mean(curves.r_all),
            "r_all_used": mean(curves.r_all[used]),
            "responsive_less_all": mean((curves.r_responsive - curves.r_all)[used]),
            "cells_max_used": mean(curves.cells_max[used]),
            "max_gain_wrong": mean(curves.max_gain_wrong),
            "r_heldout": mean(curves.r_heldout),
        },
        medians={"cells_heldout": median(curves.cells_heldout)},
        counts={
            "used": int(used.sum()),
            "learning": int(np.isfinite(curves.r_learning[:, 0]).sum())
            if curves.r_learning.shape[1]
            else 0,
        },
    )


def _at_refitted_counts(curves: CellCountCurves) -> np.ndarray:
    """R from as many cells as refits were made to, (image, refit); NaN beyond the curve."""
    place = np.searchsorted(curves.cells, curves.refitted_cells)
    on_curve = curves.cells[place.clip(max=len(curves.cells) - 1)] == curves.refitted_cells
    fixed = np.full((len(curves.r), len(place)), np.nan)
    fixed[:, on_curve] = curves.r[:, place[on_curve]]
    return fixed


def _curves(curves: CellCountCurves) -> dict[str, Any]:
    values = {
        "strongest": curves.r,
        "selected": curves.r[curves.used],
        "wrong": curves.r_wrong,
        "other": curves.r_other_order,
        "contribution": curves.r_contribution,
        "random": curves.r_random,
        "weakest": curves.r_weakest,
    }
    strong = np.empty((1, 0)) if curves.r_strong is None else curves.r_strong
    widening = _widening(curves)
    return {
        "curve_name": np.array(list(values)),
        "curve_mean": np.array([column_means(each) for each in values.values()]),
        "curve_error": widening * np.array([column_errors(each) for each in values.values()]),
        "strong_mean": column_means(strong),
        "strong_error": widening * column_errors(strong),
    }


def _conditions(curves: CellCountCurves) -> dict[str, Any]:
    """All, Resp. and Max., their wrong images and their cells, over the selected images."""
    used = curves.used
    own = (curves.r_all, curves.r_responsive, curves.r_max)
    wrong = (curves.r_all_wrong, curves.r_responsive_wrong, curves.r_max_wrong)
    cells = (np.full(len(used), curves.cells[-1]), curves.responsive_cells, curves.cells_max)
    widening = _widening(curves)
    return {
        "condition_name": np.array(CONDITIONS),
        "condition_mean": np.array([mean(each[used]) for each in own]),
        "condition_error": widening * np.array([standard_error(each[used]) for each in own]),
        "condition_wrong_mean": np.array([mean(each[used]) for each in wrong]),
        "condition_wrong_error": widening
        * np.array([standard_error(each[used]) for each in wrong]),
        "condition_cells": np.array([mean(each[used]) for each in cells]),
        "condition_cells_error": np.array([standard_error(each[used]) for each in cells]),
    }


def _widening(curves: CellCountCurves) -> float:
    """Standard error over that of independent images; 1 where it is unknown."""
    return float(np.nan_to_num(curves.widening, nan=1.0))
