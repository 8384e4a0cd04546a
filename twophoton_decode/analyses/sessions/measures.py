"""What is measured in each session, as values over images or single ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records import CellCountCurves, Reconstruction, Responses, Stability
from twophoton_decode.records.sessions import Measurement
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.image_mean import image_mean
from twophoton_decode.statistics.mean_score import mean_score

_UNKNOWN = (float("nan"), float("nan"))

SCORES = (
    "r_average", "r_single", "cd_average", "cd_single", "two_way_average", "two_way_single",
    "ssim", "r_low", "r_raw", "cd_paper", "feature_ceiling_r",
)  # fmt: skip
STABILITIES = (
    "reconstruction_similarity", "response_similarity", "reconstruction_similarity_other",
    "response_similarity_other", "reconstruction_variability", "response_variability",
)  # fmt: skip


@dataclass(frozen=True)
class Single:
    """A measure of which a session has one value, with its interval where there is one."""

    value: float
    interval: tuple[float, float] = _UNKNOWN


@dataclass(frozen=True, eq=False)
class OverImages:
    """A measure of every image, (images,), with the interval of its mean."""

    values: np.ndarray
    interval: tuple[float, float]


Measured = dict[tuple[str, str], np.ndarray | OverImages | Single]
"""Values over images, or a single one, by measure and condition (empty where there is none).

A plain array is of scores of decoders that images trained together.
"""


def of_responses(found: Responses) -> Measured:
    """Per cent of cells that respond to each image, and sparseness, also by repeats averaged."""
    measured: Measured = {("population_sparseness", ""): _undecoded(found.population_sparseness)}
    if found.repeats_per_image.max() > 1:
        measured["percent_responsive", ""] = _undecoded(100 * found.responsive.mean(axis=0))
    for repeats, value in zip(found.repeats_averaged, found.sparseness_of_averages, strict=True):
        measured["population_sparseness", f"{repeats} averaged"] = Single(float(value))
    return measured


def of_reconstruction(found: Reconstruction) -> Measured:
    """Scores per image, chance, and R with infinitely many trials."""
    content = content_groups(found)
    told = {"r_average": found.r_average_ci95, "r_single": found.r_single_ci95}
    scores: Measured = {}
    for name in SCORES:
        values = getattr(found, name)
        interval = told.get(name) or mean_score(values, None, content).interval
        scores[name, ""] = OverImages(values, interval)
    return scores | {
        ("chance_r", ""): Single(_mean(found.chance_r)),
        ("r_infinite_trials", ""): Single(found.r_infinite_trials),
        ("p_value", ""): Single(found.p_value),
    }


def of_cell_counts(found: CellCountCurves) -> Measured:
    """R and number of cells by condition; All, Resp. and Max. over the same images."""
    both = np.isfinite(found.r_max)
    return {
        ("r", "All"): found.r_all[both],
        ("r", "Resp."): found.r_responsive[both],
        ("r", "Max."): found.r_max[both],
        ("r", "held-out count"): found.r_heldout,
        ("cells", "Resp."): found.responsive_cells[both],
        ("cells", "Max."): found.cells_max[both],
        ("cells", "held-out count"): found.cells_heldout,
        ("cells", "informative"): Single(_told(found), found.informative_cells_ci95),
        ("cells", "strong that suffice"): Single(found.strong_cells, found.strong_cells_ci95),
        ("cells", "95 % count"): Single(found.cells_95, found.cells_95_ci95),
        ("cells", "every cell"): Single(float(found.cells[-1])),
        ("max_gain", "true image"): Single(found.max_gain),
        ("max_gain", "wrong images"): Single(_mean(found.max_gain_wrong)),
    }


def of_stability(found: Stability) -> Measured:
    """Similarity and variability per image, with the intervals that the record has."""
    measured: Measured = {(name, ""): getattr(found, name) for name in STABILITIES}
    for name in ("reconstruction_similarity", "response_similarity"):
        measured[name, ""] = OverImages(getattr(found, name), getattr(found, f"{name}_ci95"))
    return measured


def _undecoded(values: np.ndarray) -> OverImages:
    """What responses alone say of each image: there is no training that images share."""
    return OverImages(values, image_mean(values).interval)


def _told(found: CellCountCurves) -> float:
    """Informative cells, where the recording can tell their number."""
    return found.informative_cells if found.informative_cells_told else float("nan")


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def measurements(session: str, mouse: str, decoder: str, found: Measured) -> list[Measurement]:
    """What is defined of `found`, with whose it is."""
    made = []
    for (measure, condition), each in found.items():
        if isinstance(each, np.ndarray):
            each = OverImages(each, mean_score(each).interval)
        given = each.value if isinstance(each, Single) else each.values
        values = np.atleast_1d(np.asarray(given, float))
        if np.isfinite(values).any():
            name = (session, mouse, decoder, measure, condition)
            made.append(Measurement(*name, values, each.interval))
    return made
