"""What figures and captions show of the cell count beyond the values of images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class MeanCurves(Summaries):
    """Curves and conditions, mean over images and its standard error.

    Errors are widened, since images train each other's decoders, but for refits, where the
    same images are compared.
    """

    curve_name: np.ndarray = array(
        "curve",
        dtype=str,
        later=True,
        doc="strongest (r), selected (r of the images in `used`), wrong, other, contribution, "
        "random or weakest",
    )
    curve_mean: np.ndarray = array("curve count", later=True, doc="mean over images")
    curve_error: np.ndarray = array("curve count", later=True, doc="its standard error")
    random_low: np.ndarray = array(
        "count", later=True, doc="of r_random_draw, 95 % of the draws: low"
    )
    random_high: np.ndarray = array("count", later=True, doc="the upper end")
    strong_mean: np.ndarray = array("strong", later=True, doc="mean of r_strong")
    strong_error: np.ndarray = array("strong", later=True, doc="its standard error")
    refitted_mean: np.ndarray = array("refit", later=True, doc="mean of r_refitted")
    refitted_error: np.ndarray = array("refit", later=True, doc="its standard error")
    refitted_cd_mean: np.ndarray = array("refit", later=True, doc="mean of cd_refitted")
    fixed_mean: np.ndarray = array(
        "refit", later=True, doc="mean of r from as many cells, weights of all cells"
    )
    fixed_error: np.ndarray = array("refit", later=True, doc="its standard error")
    learning_mean: np.ndarray = array("training_size", later=True, doc="mean of r_learning")
    learning_error: np.ndarray = array("training_size", later=True, doc="its standard error")
    condition_name: np.ndarray = array(
        "condition", dtype=str, later=True, doc="All, Resp. and Max., over the images in `used`"
    )
    condition_mean: np.ndarray = array("condition", later=True, doc="mean R")
    condition_error: np.ndarray = array("condition", later=True, doc="its standard error")
    condition_wrong_mean: np.ndarray = array("condition", later=True, doc="of wrong images")
    condition_wrong_error: np.ndarray = array("condition", later=True, doc="its standard error")
    condition_cells: np.ndarray = array(
        "condition", "cells", later=True, doc="mean number of cells"
    )
    condition_cells_error: np.ndarray = array(
        "condition", "cells", later=True, doc="its standard error over images"
    )
    cells_heldout_range: tuple[float, float] = scalar(
        "cells", doc="smallest and largest of cells_heldout", default=(NAN, NAN)
    )
    order: str = scalar(doc="in which order cells enter, in words", default="")


@dataclass(frozen=True, eq=False)
class FewCellPictures(MeanCurves):
    """Example images reconstructed from few, from responsive and from all cells."""

    example_image: np.ndarray = array(
        "example", dtype=np.int64, later=True, doc="images shown as examples"
    )
    example_rank: np.ndarray = array(
        "example",
        dtype=np.int64,
        later=True,
        doc="their rank by responsive cells, from 0",
    )
    choice_name: np.ndarray = array(
        "choice", dtype=str, later=True, doc="few cells, responsive, or all cells"
    )
    choice_cells: np.ndarray = array(
        "choice example", "cells", later=True, doc="how many, mean over trials"
    )
    choice_r: np.ndarray = array("choice example", later=True, doc="R of the mean over trials")
    choice_picture: np.ndarray = array(
        "choice example y x",
        dtype=np.float32,
        later=True,
        doc="mean over trials of the reconstructions from these cells",
    )
    choice_mean_cells: np.ndarray = array(
        "choice", "cells", later=True, doc="mean of choice_cells over the examples"
    )
    choice_mean_r: np.ndarray = array("choice", later=True, doc="mean of choice_r over them")
    choice_apart: float = scalar(
        doc="largest difference of R from all cells to R of the trial average", default=NAN
    )


@dataclass(frozen=True, eq=False)
class CellContributions(FewCellPictures):
    """What single cells add to the reconstruction of one presentation."""

    part_image: int = scalar(doc="image with the most responsive cells; -1 if unknown", default=-1)
    part_presentation: int = scalar(doc="a typical presentation of it", default=-1)
    part_repeats: int = scalar(doc="presentations of that image", default=0)
    part_cell: np.ndarray = array(
        "part", dtype=np.int64, later=True, doc="cells with the largest response in it"
    )
    part_response: np.ndarray = array("part", later=True, doc="their responses, unit in order_unit")
    part_responsive: np.ndarray = array(
        "part", dtype=bool, later=True, doc="the cell responds to the image by the other trials"
    )
    part_picture: np.ndarray = array(
        "part y x",
        dtype=np.float32,
        later=True,
        doc="response less its training mean, times the cell's reverse filter",
    )
    part_norm: np.ndarray = array("part", later=True, doc="norm of that picture")
    part_share: np.ndarray = array(
        "part", later=True, doc="its projection on the reconstruction, as a share of that"
    )
    part_share_of_all: float = scalar(doc="sum of part_share", default=NAN)
    part_sum: np.ndarray | None = array(
        "y x", dtype=np.float32, optional=True, doc="mean image plus the sum of part_picture"
    )
    part_sum_r: float = scalar(doc="its R", default=NAN)
    part_every_r: float = scalar(doc="R of the presentation's reconstruction", default=NAN)
