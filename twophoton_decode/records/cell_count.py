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
    of an image (docs/methods/cell_count.md).
    """

    cells: np.ndarray = array("count", "cells", dtype=np.int64, doc="number of cells used, 0…N")
    r: np.ndarray = array("image count", dtype=np.float32, doc="R, order of the scored trial")
    cd: np.ndarray = array("image count", dtype=np.float32, doc="CD, order of the scored trial")
    r_other_order: np.ndarray = array(
        "image count", dtype=np.float32, doc="R, order of the mean over the other trials"
    )
    r_wrong: np.ndarray = array(
        "image count", dtype=np.float32, doc="R against the other images, averaged over them"
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
    decoder: str = scalar(doc="name of the decoder")
    order_unit: str = scalar(doc="unit of the responses that order the cells")
    omitted: str = scalar(doc="omitted cells stand at their training mean, or at zero")
    minimum_responsive: int = scalar("cells", doc="responsive cells an image needs to be used")
    unavailable: str = scalar(doc="why selected results are missing; empty if they are not")
