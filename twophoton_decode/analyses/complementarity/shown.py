"""What figures show of complementarity: means over images, medians over reference cells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from twophoton_decode.records import Complementarity
from twophoton_decode.statistics.defined import mean, median

_MEANS = ("overlap", "overlap_random_sets")
_MEDIANS = ("local_variability_all", "overlapping_cells", "fitting_cells")


def with_shown(found: Complementarity) -> Complementarity:
    """The record with everything that its figure shows, of the parts that there are."""
    return replace(
        found,
        means=_of(found, _MEANS, mean),
        medians=_of(found, _MEDIANS, median),
        counts=_half_covered(found),
        **_local(found),
        **_fitting(found),
    )


def _of(found: Complementarity, names: tuple[str, ...], summary: Any) -> dict[str, float]:
    values = {name: getattr(found, name) for name in names}
    return {name: summary(each) for name, each in values.items() if each is not None}


def _local(found: Complementarity) -> dict[str, Any]:
    """Medians over reference cells of the curves, and the ratio of their ends."""
    if found.local_variability is None or found.local_variability_distant is None:
        return {}
    near = np.median(found.local_variability, axis=0)
    far = np.median(found.local_variability_distant, axis=0)
    return {
        "local_median": near,
        "local_distant_median": far,
        "local_ratio_of_curves": float(near[-1] / far[-1]),
    }


def _half_covered(found: Complementarity) -> dict[str, int]:
    """How many images reach half of the responsive cells, best first and in random order."""
    if found.covered is None or found.covered_random is None:
        return {}
    half = found.covered[-1] / 2
    return {
        "images_to_half": int(np.searchsorted(found.covered, half)) + 1,
        "images_to_half_random": int(np.searchsorted(found.covered_random, half)) + 1,
    }


def _fitting(found: Complementarity) -> dict[str, Any]:
    """Errors of responsive cells, as many others and all, of images that have all three."""
    errors = (found.fitting_error, found.fitting_error_random, found.fitting_error_all)
    given = [each for each in errors if each is not None]
    if len(given) < len(errors):
        return {}
    every = np.array(given)
    complete = every[:, np.isfinite(every).all(axis=0)]
    if not complete.size:
        return {"fitting_complete": complete}
    return {
        "fitting_complete": complete,
        "fitting_means": complete.mean(axis=1),
        "fitting_quartiles": np.percentile(complete, [25, 75], axis=1).T,
    }
