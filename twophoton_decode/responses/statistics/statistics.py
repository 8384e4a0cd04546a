"""All statistics of a population's responses, brought together."""

from __future__ import annotations

import numpy as np

from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.responses.incomplete import (
    CellStatistic,
    as_expected,
    mean_of_known,
    per_cell,
)
from twophoton_decode.responses.responsive.responsiveness import VisualResponsiveness
from twophoton_decode.responses.statistics.correlations import pair_correlations
from twophoton_decode.responses.statistics.overlap import overlap_between_images
from twophoton_decode.responses.statistics.reliability import (
    explainable_variance,
    oracle_p,
    oracle_score,
    split_half_reliability,
)
from twophoton_decode.responses.statistics.session_effects import carry_over, drift
from twophoton_decode.responses.statistics.sparseness import (
    lifetime_sparseness,
    population_sparseness,
    sparseness_by_repeats,
)
from twophoton_decode.statistics.image_groups import ImageGroups

_CELLS_AT_ONCE = 512
# One stream for each use of chance, so that one more changes no other.
_SPARSENESS, _CORRELATIONS, _CARRY_OVER, _ORACLE = range(1, 5)


def population_statistics(
    response: np.ndarray,
    image: np.ndarray,
    *,
    onset_s: np.ndarray,
    previous: np.ndarray,
    place: np.ndarray | None,
    responsive: np.ndarray,
    visual: VisualResponsiveness,
    seed: int,
) -> PopulationStatistics:
    """What the responses say about the population; each statistic says how in its module.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        NaN where a cell misses a presentation: what is said about single cells and averages
        leaves it out, and in correlations and session effects it deviates by nothing from
        the cell's mean response to the image.
    image : ndarray of int, shape (presentation,)
        Index of the image shown; every image from 0 to the highest is shown.
    onset_s : ndarray, shape (presentation,), s
        NaN where there is none.
    previous : ndarray of int, shape (presentation,)
        Index of the image shown before, -1 where it is not known.
    place : ndarray, shape (cell, 3), or None
        Plane, and centre y and x in px.
    responsive : ndarray of bool, shape (cell, image)
    visual : VisualResponsiveness
        Of the same cells.
    seed : int
        Of halves, shuffles and permutations.
    """
    groups = ImageGroups.of(image)
    rates = mean_of_known(response[groups.order], groups.start).T
    expected = as_expected(response, image)
    carried = carry_over(expected, image, previous, _generator(seed, _CARRY_OVER))
    drifting = drift(expected, image, onset_s)
    return PopulationStatistics(
        visually_responsive=visual.cells,
        visually_responsive_p=visual.p,
        visual_test=visual.test,
        lifetime_sparseness=lifetime_sparseness(rates),
        population_sparseness=population_sparseness(rates),
        **sparseness_by_repeats(response, image, _generator(seed, _SPARSENESS)),
        reliability=_in_blocks(
            lambda block, shown: split_half_reliability(block, shown, np.random.default_rng(seed)),
            response,
            image,
        ),
        explainable_variance=_in_blocks(explainable_variance, response, image),
        oracle=_in_blocks(oracle_score, response, image),
        oracle_p=oracle_p(
            response[:, np.isfinite(response).all(axis=0)], image, _generator(seed, _ORACLE)
        ),
        **overlap_between_images(responsive),
        **pair_correlations(response, image, _generator(seed, _CORRELATIONS), place),
        carry_over=carried.by_cell,
        carry_over_all=carried.over_all,
        carry_over_p=carried.p,
        drift=drifting.by_cell,
        drift_all=drifting.over_all,
        drift_p=drifting.p,
    )


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, stream])


def _in_blocks(statistic: CellStatistic, response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """A statistic of each cell, from blocks of cells, so that nothing large is made."""
    starts = range(0, response.shape[1], _CELLS_AT_ONCE)
    blocks = (response[:, start : start + _CELLS_AT_ONCE] for start in starts)
    return np.concatenate([per_cell(statistic, block, image) for block in blocks])
