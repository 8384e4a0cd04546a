"""What each cell responds to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries


@dataclass(frozen=True, eq=False)
class Encoding(Summaries):
    """Encoding model of every cell: its features, weights and receptive field.

    Everything but the predictions is fitted to all images and only describes: no decoder
    reads it. Predictions are of images left out of the fit (docs/methods/encoding.md).
    """

    selected: np.ndarray = array(
        "cell feature", dtype=bool, doc="features that the cell's model uses"
    )
    weight: np.ndarray = array(
        "cell feature",
        dtype=np.float32,
        doc="what one unit of a feature adds to the response; zero where not selected",
    )
    receptive_field: np.ndarray = array(
        "cell y x", dtype=np.float32, doc="the same per unit of luminance of each pixel"
    )
    centre_x: np.ndarray = array(
        "cell", "px", doc="receptive-field centre, columns from the left; NaN without a field"
    )
    centre_y: np.ndarray = array("cell", "px", doc="the same, rows from the top")
    centre_sd: np.ndarray = array(
        "cell", "px", doc="posterior standard deviation of the centre, along either axis"
    )
    area: np.ndarray = array(
        "cell", "px^2", doc="area within 2 SD of the field's envelope; NaN without a field"
    )
    has_field: np.ndarray = array(
        "cell", dtype=bool, doc="images left out of the fit are predicted above chance (FDR)"
    )
    prediction_r: np.ndarray = array(
        "cell", doc="correlation of predicted and measured trial means, images left out of the fit"
    )
    prediction_p: np.ndarray = array(
        "cell", doc="one-sided p of prediction_r, images permuted over responses"
    )
    noise_ceiling_r: np.ndarray = array(
        "cell", doc="correlation a perfect model would reach with these trial means; NaN if none"
    )
    prediction_normalised: np.ndarray = array(
        "cell", doc="prediction_r over noise_ceiling_r; NaN where that is below 0.3"
    )
    chance_r: np.ndarray = array(
        "refit", doc="prediction_r of random cells with images permuted, everything refitted"
    )
    strength: np.ndarray = array(
        "cell", doc="ridge strength of the cell's model; NaN if no feature was selected"
    )
    fold_strength: np.ndarray = array(
        "fold", doc="ridge strength chosen inside training, over the mean eigenvalue"
    )
    position_x: np.ndarray = array(
        "cell", "px", doc="the cell's place in the movie, columns; NaN for imported responses"
    )
    position_y: np.ndarray = array("cell", "px", doc="the same, rows")
    plane: np.ndarray = array("cell", dtype=np.int64, doc="its imaging plane; 0 if imported")
    best_cell: np.ndarray = array(
        "best",
        dtype=np.int64,
        later=True,
        doc="the best-predicted cells, best first: those with a field, if any",
    )
    prediction_r_ci95: tuple[float, float] = scalar(
        doc="95 % interval of the median prediction_r over cells"
    )
    features: str = scalar(doc="name of the feature space")
    notes: list[str] = scalar(doc="whatever was left out or could not be fitted")
