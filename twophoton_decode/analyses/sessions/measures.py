"""What is measured in each session, as values over images or single ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.sessions.ranges import possible_range, within
from twophoton_decode.analyses.stability.similarity import SIMILARITY_WIDENING
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses, Stability
from twophoton_decode.records.sessions import Measurement
from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_mean
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


Measured = dict[tuple[str, str], OverImages | Single]
"""Values over images, or a single one, by measure and condition (empty where there is none)."""


def of_responses(found: Responses, content: np.ndarray | None) -> Measured:
    """Per cent of cells that respond to each image, and sparseness, also by repeats averaged.

    Here and below, images with equal numbers in `content` (images,) show the same and count as
    one in every interval; all differ where it is None.
    """
    # What responses alone say of each image: there is no training that images share.
    sparseness = _over_images(found.population_sparseness, content, 1.0)
    measured: Measured = {("population_sparseness", ""): sparseness}
    if found.repeats_per_image.max() > 1:
        responding = 100 * found.responsive.mean(axis=0)
        measured["percent_responsive", ""] = _over_images(responding, content, 1.0)
    for repeats, value in zip(found.repeats_averaged, found.sparseness_of_averages, strict=True):
        measured["population_sparseness", f"{repeats} averaged"] = Single(float(value))
    return measured


def of_reconstruction(found: Reconstruction, content: np.ndarray | None) -> Measured:
    """Scores per image, chance, and R with infinitely many trials."""
    told = {"r_average": found.r_average_ci95, "r_single": found.r_single_ci95}
    scores: Measured = {}
    for name in SCORES:
        values = getattr(found, name)
        interval = (
            told.get(name) or mean_score(values, None, content, apart=found.tested_apart).interval
        )
        scores[name, ""] = OverImages(values, interval)
    return scores | {
        ("chance_r", ""): Single(_mean(found.chance_r)),
        ("r_infinite_trials", ""): Single(found.r_infinite_trials),
        ("p_value", ""): Single(found.p_value),
    }


def of_cell_counts(found: CellCountCurves, content: np.ndarray | None) -> Measured:
    """R and number of cells by condition; All, Resp. and Max. over the same images."""
    both = np.isfinite(found.r_max)
    widening = found.widening if np.isfinite(found.widening) else SHARED_TRAINING
    of_used = {
        ("r", "All"): found.r_all,
        ("r", "Resp."): found.r_responsive,
        ("r", "Max."): found.r_max,
        ("cells", "Resp."): found.responsive_cells,
        ("cells", "Max."): found.cells_max,
    }
    of_all = {
        ("r", "held-out count"): found.r_heldout,
        ("cells", "held-out count"): found.cells_heldout,
    }
    used = None if content is None else content[both]
    measured: Measured = {
        key: _over_images(each[both], used, widening) for key, each in of_used.items()
    }
    measured |= {key: _over_images(each, content, widening) for key, each in of_all.items()}
    return measured | {
        ("cells", "informative"): Single(_told(found), found.informative_cells_ci95),
        ("cells", "strong that suffice"): Single(found.strong_cells, found.strong_cells_ci95),
        ("cells", "95 % count"): Single(found.cells_95, found.cells_95_ci95),
        ("cells", "every cell"): Single(float(found.cells[-1])),
        ("max_gain", "true image"): Single(found.max_gain),
        ("max_gain", "wrong images"): Single(_mean(found.max_gain_wrong)),
    }


def of_stability(found: Stability, content: np.ndarray | None) -> Measured:
    """Similarity and variability per image, with the intervals that the record has."""
    measured: Measured = {}
    for name in STABILITIES:
        widening = SIMILARITY_WIDENING if name.startswith("reconstruction") else 1.0
        measured[name, ""] = _over_images(getattr(found, name), content, widening)
    for name in ("reconstruction_similarity", "response_similarity"):
        measured[name, ""] = OverImages(getattr(found, name), getattr(found, f"{name}_ci95"))
    return measured


def _over_images(values: np.ndarray, content: np.ndarray | None, widening: float) -> OverImages:
    """Values with the interval that the session's own results have, by its `widening`."""
    return OverImages(values, image_mean(values, content, widening=widening).interval)


def _told(found: CellCountCurves) -> float:
    """Informative cells, where the recording can tell their number."""
    return found.informative_cells if found.informative_cells_told else float("nan")


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def measurements(session: str, mouse: str, decoder: str, found: Measured) -> list[Measurement]:
    """What is defined of `found`, with whose it is; intervals are cut at the possible range."""
    made = []
    for (measure, condition), each in found.items():
        given = each.value if isinstance(each, Single) else each.values
        values = np.atleast_1d(np.asarray(given, float))
        if np.isfinite(values).any():
            name = (session, mouse, decoder, measure, condition)
            inside = within(each.interval, possible_range(measure, condition))
            made.append(Measurement(*name, values, inside))
    return made
