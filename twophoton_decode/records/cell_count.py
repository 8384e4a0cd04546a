"""How reconstruction grows with the number of cells used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.shown_cell_count import CellContributions


@dataclass(frozen=True, eq=False)
class CellCountCurves(CellContributions):
    """Scores of reconstructions from the n strongest cells, for every n.

    Cells enter one at a time: responsive first, strongest first, then the others. Zero
    cells give the mean training image; of a decoder that is not affine, what it predicts where
    all are omitted. Curves are per trial, then averaged over the trials of an image
    (docs/methods/cell_count.md). Images of equal content never count as wrong for each other.
    """

    cells: np.ndarray = array(
        "count",
        "cells",
        dtype=np.int64,
        doc="number of cells used: 0, 1 … the largest count, and last every cell; a grid of "
        "counts where `predicted`",
    )
    r: np.ndarray = array("image count", dtype=np.float32, doc="R, order of the scored trial")
    cd: np.ndarray = array("image count", dtype=np.float32, doc="CD, order of the scored trial")
    r_other_order: np.ndarray = array(
        "image count", dtype=np.float32, doc="R, order of the mean over the other trials"
    )
    r_wrong: np.ndarray = array(
        "image count", dtype=np.float32, doc="R against the other images, averaged over them"
    )
    r_weakest: np.ndarray = array(
        "image count", dtype=np.float32, doc="R of as many cells, the strongest removed first"
    )
    r_contribution: np.ndarray = array(
        "image count", dtype=np.float32, doc="R, cells that add most to the picture first"
    )
    r_random: np.ndarray = array(
        "image count", dtype=np.float32, doc="R of random cells, mean over draws"
    )
    r_random_draw: np.ndarray = array(
        "draw count", dtype=np.float32, doc="R of each draw of random cells, mean over images"
    )
    compared_with: np.ndarray = array(
        "comparison",
        dtype=str,
        doc="what the strongest cells are compared with: random, weakest or contribution, as "
        "many cells; all: every cell",
    )
    compared_cells: np.ndarray = array(
        "comparison", "cells", dtype=np.int64, doc="number of strongest cells compared"
    )
    compared_gain: np.ndarray = array(
        "comparison", doc="R from the strongest cells less R of the control, mean over images"
    )
    compared_gain_low: np.ndarray = array("comparison", doc="95 % interval, widened")
    compared_gain_high: np.ndarray = array("comparison", doc="the interval's upper end")
    compared_effect: np.ndarray = array(
        "comparison", doc="matched-pairs rank-biserial correlation over images"
    )
    compared_p: np.ndarray = array("comparison", doc="two-sided, by the widened interval")
    compared_p_holm: np.ndarray = array("comparison", doc="corrected over all comparisons, Holm")
    suffice_cells: np.ndarray | None = array(
        "sufficiency",
        "cells",
        dtype=np.int64,
        optional=True,
        doc="number of strongest cells tested for whether they suffice",
    )
    suffice_margin: np.ndarray | None = array(
        "sufficiency", optional=True, doc="R of this many minus 95 % of R of all, mean over images"
    )
    suffice_margin_low: np.ndarray | None = array(
        "sufficiency", optional=True, doc="95 % interval, widened"
    )
    suffice_margin_high: np.ndarray | None = array(
        "sufficiency", optional=True, doc="the interval's upper end"
    )
    suffice_p: np.ndarray | None = array(
        "sufficiency", optional=True, doc="one-sided: the margin is above 0, non-inferiority"
    )
    encoding_r: np.ndarray | None = array(
        "cell",
        optional=True,
        doc="the cell's mean responses against their prediction from other pictures, the best of "
        "nine encoders",
    )
    informative_p: np.ndarray | None = array(
        "cell", optional=True, doc="p of that, images permuted, pooled over cells"
    )
    reliable: np.ndarray | None = array(
        "cell", dtype=bool, optional=True, doc="responses differ between images (ANOVA, FDR 5 %)"
    )
    informative: np.ndarray | None = array(
        "cell",
        dtype=bool,
        optional=True,
        doc="can be shown to carry the picture: reliable, and predicted from pictures (FDR 5 %)",
    )
    strong_count: np.ndarray | None = array(
        "strong", "cells", dtype=np.int64, optional=True, doc="number of strongest cells"
    )
    r_strong: np.ndarray | None = array(
        "image strong",
        dtype=np.float32,
        optional=True,
        doc="R from the strongest responses; other cells are known only to have responded less",
    )
    refitted_cells: np.ndarray = array(
        "refit", "cells", dtype=np.int64, doc="number of cells to which the decoder was refitted"
    )
    r_refitted: np.ndarray = array(
        "image refit", dtype=np.float32, doc="R, weights refitted to the strongest cells"
    )
    cd_refitted: np.ndarray = array("image refit", dtype=np.float32, doc="CD, likewise")
    learning_images: np.ndarray = array(
        "training_size", "images", doc="training images, mean over folds"
    )
    learning_repeats: np.ndarray = array(
        "training_size", "presentations", doc="presentations of each training image, mean"
    )
    r_learning: np.ndarray = array(
        "image training_size",
        dtype=np.float32,
        doc="R from all cells with this much training; NaN if the image's fold was left out",
    )
    responsive_cells: np.ndarray = array(
        "image", "cells", doc="responsive cells, mean over trials, the scored trial left out"
    )
    used: np.ndarray = array("image", dtype=bool, doc="images with enough responsive cells")
    r_all: np.ndarray = array("image", doc="All: R from every cell")
    r_responsive: np.ndarray = array("image", doc="Resp.: R from all responsive cells")
    r_max: np.ndarray = array("image", doc="Max.: R at the best count among the responsive cells")
    cells_max: np.ndarray = array("image", "cells", doc="Max.: that count")
    r_all_wrong: np.ndarray = array("image", doc="All, against other images, averaged")
    r_responsive_wrong: np.ndarray = array("image", doc="Resp., against other images, averaged")
    r_max_wrong: np.ndarray = array("image", doc="Max., against other images, averaged")
    r_heldout: np.ndarray = array("image", doc="R at the held-out count")
    cells_heldout: np.ndarray = array(
        "image", "cells", doc="held-out count: maximises the mean curve over the other images"
    )
    max_gain: float = scalar(doc="mean over images of (Max - All)")
    max_gain_wrong: np.ndarray = array(
        "derangement", doc="the same with every image exchanged for a wrong one"
    )
    max_gain_p: float = scalar(
        doc="one-sided p of max_gain against max_gain_wrong: are fewer cells better?"
    )
    cells_95: float = scalar(
        "cells", doc="fewest cells with 95 % of R_all, the first crossing; NaN if undefined"
    )
    cells_95_ci95: tuple[float, float] = scalar(
        "cells", doc="bootstrap over images of cells_95, widened"
    )
    cells_95_stays: float = scalar(
        "cells", doc="fewest cells from which the same curve stays there", default=float("nan")
    )
    r_all_ci95: tuple[float, float] = scalar(doc="95 % interval of mean r_all, widened")
    widening: float = scalar(
        doc="standard error of mean r_all over that of independent images", default=float("nan")
    )
    informative_cells: float = scalar(
        "cells", doc="how many can be shown to carry the picture", default=float("nan")
    )
    informative_cells_ci95: tuple[float, float] = scalar(
        "cells",
        doc="95 % interval of the number of cells that carry it",
        default=(float("nan"), float("nan")),
    )
    informative_cells_told: bool = scalar(
        doc="false: this recording cannot tell their number", default=False
    )
    beyond_chance: bool = scalar(
        doc="whether R from all cells is known to be above chance: by its interval, and for a "
        "decoder that is not affine by permutations too",
        default=True,
    )
    informative_doubles: float = scalar(
        "cells",
        doc="informative ROIs that may show the soma of another one; NaN where places are unknown",
        default=float("nan"),
    )
    strong_cells: float = scalar(
        "cells",
        doc="strongest cells of a presentation from which r_strong stays at 95 % of R_all; NaN if "
        "undefined",
        default=float("nan"),
    )
    strong_cells_ci95: tuple[float, float] = scalar(
        "cells",
        doc="fewer than the first are shown not to suffice; the second is shown to suffice",
        default=(float("nan"), float("nan")),
    )
    p_max_all: float = scalar(doc="widened test of r_max against r_all over images, two-sided")
    p_responsive_all: float = scalar(doc="the same of r_responsive against r_all")
    p_heldout_all: float = scalar(
        doc="r_heldout against r_all, with signs of curves flipped and counts chosen again"
    )
    not_refitted: str = scalar(doc="why there are no refitted and learning curves; or empty")
    decoder: str = scalar(doc="name of the decoder")
    order_unit: str = scalar(doc="unit of the responses that order the cells")
    predicted: bool | None = scalar(
        doc="true: the decoder is not affine and predicted again, at the counts of `cells`; Max. "
        "is the best of these, and there is no r_contribution. Absent for affine decoders",
        optional=True,
    )
    omitted: str = scalar(doc="omitted cells stand at their training mean, or at zero")
    minimum_responsive: int = scalar("cells", doc="responsive cells an image needs to be used")
    unavailable: str = scalar(doc="why selected results are missing; empty if they are not")
