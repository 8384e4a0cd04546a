"""How the cells that respond to an image share the work of showing it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Complementarity(Summaries):
    """Feature overlap, overlapping receptive fields, coverage, fitting error, one decoder.

    A part that the data do not allow is missing, and `unavailable` says why
    (docs/methods/complementarity.md). Pairs are of cells with a receptive field that
    respond to some image.
    """

    overlap: np.ndarray | None = array(
        "image",
        doc="mean Jaccard index of the features of pairs of cells that respond to the image",
        optional=True,
    )
    overlap_share: np.ndarray | None = array(
        "image", doc="the same for the share of one cell's features", optional=True
    )
    overlap_random_sets: np.ndarray | None = array(
        "image", doc="overlap of random sets of features of the same sizes", optional=True
    )
    overlap_cells: np.ndarray | None = array(
        "image", "cells", dtype=np.int64, doc="cells compared", optional=True
    )
    overlap_edge: np.ndarray | None = array(
        "bin+1", doc="edges of the bins of the Jaccard index", optional=True
    )
    overlap_together: np.ndarray | None = array(
        "bin",
        "pairs",
        dtype=np.int64,
        doc="pairs that respond to a common image, by Jaccard index",
        optional=True,
    )
    overlap_apart: np.ndarray | None = array(
        "bin",
        "pairs",
        dtype=np.int64,
        doc="pairs that never respond to the same image",
        optional=True,
    )
    overlap_mean_together: float = scalar(
        doc="mean Jaccard index of pairs that respond to a common image, each once", default=NAN
    )
    overlap_mean_apart: float = scalar(
        doc="mean Jaccard index of pairs that never respond to the same image", default=NAN
    )
    overlap_by_chance: float = scalar(
        doc="mean overlap that the cells' numbers of features, and how much each overlaps all "
        "others, bring",
        default=NAN,
    )
    overlap_p: float = scalar(
        doc="two-sided p of mean overlap beyond that, exchanged among cells", default=NAN
    )
    overlap_superiority: float = scalar(
        doc="probability that a pair with a common image overlaps more than one without",
        default=NAN,
    )

    reference: np.ndarray | None = array(
        "reference", dtype=np.int64, doc="the reference cells", optional=True
    )
    overlapping_cells: np.ndarray | None = array(
        "reference",
        "cells",
        dtype=np.int64,
        doc="cells whose receptive field overlaps the reference's",
        optional=True,
    )
    added: np.ndarray | None = array(
        "added", "cells", dtype=np.int64, doc="cells used beside the reference", optional=True
    )
    local_variability: np.ndarray | None = array(
        "reference added",
        doc="variability over trials in the reference's field, overlapping cells added",
        optional=True,
    )
    local_variability_distant: np.ndarray | None = array(
        "reference added", doc="the same with cells whose fields do not overlap", optional=True
    )
    local_variability_all: np.ndarray | None = array(
        "reference", doc="the same with all overlapping cells", optional=True
    )
    local_ci95: np.ndarray | None = array(
        "added end",
        doc="95 % interval of median local_variability, over cells and images",
        optional=True,
    )
    local_distant_ci95: np.ndarray | None = array(
        "added end", doc="the same of local_variability_distant", optional=True
    )
    local_median: np.ndarray | None = array(
        "added", doc="median of local_variability over reference cells", optional=True
    )
    local_distant_median: np.ndarray | None = array(
        "added", doc="the same of local_variability_distant", optional=True
    )
    local_ratio_of_curves: float = scalar(
        doc="last point of the one curve of medians over that of the other", default=NAN
    )
    local_ratio_alone: float = scalar(
        doc="median over cells of local variability with the most cells added over none",
        default=NAN,
    )
    local_ratio_alone_ci95: tuple[float, float] = scalar(
        doc="95 % interval, over cells and images", default=(NAN, NAN)
    )
    local_ratio_alone_p: float = scalar(doc="two-sided p of its being 1, Holm of two", default=NAN)
    local_ratio_distant: float = scalar(
        doc="median over cells of local variability with overlapping over distant cells",
        default=NAN,
    )
    local_ratio_distant_ci95: tuple[float, float] = scalar(
        doc="95 % interval, from receptive fields exchanged among cells", default=(NAN, NAN)
    )
    local_ratio_distant_p: float = scalar(
        doc="two-sided p against fields exchanged among cells, Holm of two", default=NAN
    )

    coverage_order: np.ndarray | None = array(
        "rank", dtype=np.int64, doc="images by falling score", optional=True
    )
    new_cells: np.ndarray | None = array(
        "rank",
        "cells",
        dtype=np.int64,
        doc="responsive cells that no image before responded with",
        optional=True,
    )
    covered: np.ndarray | None = array(
        "rank",
        "cells",
        dtype=np.int64,
        doc="distinct responsive cells of the images so far",
        optional=True,
    )
    covered_random: np.ndarray | None = array(
        "rank", "cells", doc="expected with images in random order", optional=True
    )
    covered_random_band: np.ndarray | None = array(
        "rank end", "cells", doc="95 % of random orders: low, high", optional=True
    )
    coverage_p: float = scalar(
        doc="two-sided p of mean covered, images in random order", default=NAN
    )

    fitting_error: np.ndarray | None = array(
        "image",
        "per cent",
        doc="features not fitted by the weights of the responsive cells",
        optional=True,
    )
    fitting_error_random: np.ndarray | None = array(
        "image",
        "per cent",
        doc="the same by as many other cells, mean over draws",
        optional=True,
    )
    fitting_error_all: np.ndarray | None = array(
        "image", "per cent", doc="the same by all cells", optional=True
    )
    fitting_cells: np.ndarray | None = array(
        "image", "cells", dtype=np.int64, doc="responsive cells with weights", optional=True
    )
    fitting_complete: np.ndarray | None = array(
        "cells_fitted fitted",
        "per cent",
        doc="fitting_error, _random and _all of the images that have all three",
        optional=True,
    )
    fitting_means: np.ndarray | None = array(
        "cells_fitted", "per cent", doc="mean of them over these images", optional=True
    )
    fitting_quartiles: np.ndarray | None = array(
        "cells_fitted end", "per cent", doc="quartiles: low, high", optional=True
    )
    fitting_gain: float = scalar(
        "per cent", doc="mean over images of fitting_error_random - fitting_error", default=NAN
    )
    fitting_gain_ci95: tuple[float, float] = scalar(
        "per cent", doc="95 % interval of fitting_gain over images", default=(NAN, NAN)
    )
    fitting_p: float = scalar(doc="two-sided p of fitting_gain over images", default=NAN)

    decoder: str = scalar(doc="name of the decoder")
    features: str = scalar(doc="name of the feature space")
    unavailable: dict[str, str] = scalar(
        doc="overlap, local, coverage or fitting: why the part is missing"
    )
    notes: list[str] = scalar(doc="what was left out or drawn at random")
