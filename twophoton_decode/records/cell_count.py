"""How reconstruction grows with the number of cells used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class CellCountCurves(Record):
    """Scores of reconstructions from the n strongest cells, for every n.

    Cells enter one at a time: responsive first, strongest first, then the others. Zero
    cells give the mean training image. Curves are per trial, then averaged over the trials
    of an image (docs/methods/cell_count.md). Images of equal content never count as wrong
    for each other.
    """

    cells: np.ndarray = array(
        "count",
        "cells",
        dtype=np.int64,
        doc="number of cells used: 0, 1 … the largest count, and last every cell",
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
    compared_gain_low: np.ndarray = array("comparison", doc="95 % interval, bootstrap over images")
    compared_gain_high: np.ndarray = array("comparison", doc="the interval's upper end")
    compared_effect: np.ndarray = array(
        "comparison", doc="matched-pairs rank-biserial correlation over images"
    )
    compared_p: np.ndarray = array(
        "comparison", doc="two-sided signed-rank test over images; NaN below six pairs"
    )
    compared_p_holm: np.ndarray = array("comparison", doc="corrected over all comparisons, Holm")
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
        doc="R from all cells, trained on so much; NaN where the image's fold was left out",
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
    max_gain_p: float = scalar(doc="one-sided p of max_gain against max_gain_wrong")
    cells_95: float = scalar("cells", doc="fewest cells with 95 % of R_all; NaN if undefined")
    cells_95_ci95: tuple[float, float] = scalar("cells", doc="bootstrap over images of cells_95")
    r_all_ci95: tuple[float, float] = scalar(doc="bootstrap over images of mean r_all")
    p_max_all: float = scalar(doc="signed-rank test of r_max against r_all over images")
    p_responsive_all: float = scalar(doc="signed-rank test of r_responsive against r_all")
    p_heldout_all: float = scalar(doc="signed-rank test of r_heldout against r_all")
    not_refitted: str = scalar(doc="why there are no refitted and learning curves; or empty")
    decoder: str = scalar(doc="name of the decoder")
    order_unit: str = scalar(doc="unit of the responses that order the cells")
    omitted: str = scalar(doc="omitted cells stand at their training mean, or at zero")
    minimum_responsive: int = scalar("cells", doc="responsive cells an image needs to be used")
    unavailable: str = scalar(doc="why selected results are missing; empty if they are not")
