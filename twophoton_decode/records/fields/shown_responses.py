"""What figures and captions show of responses beyond the responses themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class ShownResponses(Summaries):
    """Quartiles, courses and examples that are drawn (docs/methods/responses.md)."""

    responding_share: np.ndarray = array(
        "image", later=True, doc="share of the cells that respond to the image; NaN if undefined"
    )
    share_of_images: np.ndarray = array(
        "cell", later=True, doc="share of the images that the cell responds to; NaN if undefined"
    )
    sorted_response: np.ndarray = array(
        "quartile rank",
        later=True,
        doc="mean responses to an image, largest first: quartiles over images at each rank",
    )
    overlap_edge: np.ndarray = array(
        "overlap_bin+1", later=True, doc="edges of bins of the Jaccard index of two images"
    )
    overlap_pairs: np.ndarray = array(
        "overlap_bin", "pairs", dtype=np.int64, later=True, doc="pairs of images in each bin"
    )
    overlap_of_pairs: float = scalar(doc="mean Jaccard index over pairs of images", default=NAN)
    overlap_of_pairs_expected: float = scalar(
        doc="the same for sets of the same sizes drawn independently", default=NAN
    )
    relation_signal: np.ndarray = array(
        "relation", later=True, doc="middle of wide bins of signal correlation with enough pairs"
    )
    relation_noise: np.ndarray = array(
        "relation", later=True, doc="mean noise correlation of the pairs in them"
    )
    residual: np.ndarray = array(
        "presentation",
        later=True,
        doc="response less the cell's mean response to the image, mean over cells",
    )
    residual_part_s: np.ndarray = array(
        "part", "s", later=True, doc="mean onset of successive parts of the session"
    )
    residual_part: np.ndarray = array("part", later=True, doc="mean residual of each part")
    map_image: np.ndarray = array(
        "map",
        dtype=np.int64,
        later=True,
        doc="images with many, a middling number and few responsive cells, as examples",
    )
    map_response: np.ndarray = array("map cell", later=True, doc="mean responses to them")
    clock_part_low_s: np.ndarray | None = array(
        "clock_part", "s", optional=True, doc="95 % interval of clock_part_shift_s"
    )
    clock_part_high_s: np.ndarray | None = array(
        "clock_part", "s", optional=True, doc="the interval's upper end"
    )
    clock_line_time_s: np.ndarray | None = array(
        "clock_end", "s", optional=True, doc="first and last onset"
    )
    clock_line_s: np.ndarray | None = array(
        "clock_end", "s", optional=True, doc="how much later responses come there by the even drift"
    )
    clock_line_low_s: np.ndarray | None = array(
        "clock_end", "s", optional=True, doc="95 % interval of it"
    )
    clock_line_high_s: np.ndarray | None = array(
        "clock_end", "s", optional=True, doc="the upper end"
    )
    detectable: str = scalar(
        doc="how large a response the test of pairs could find, in words", default=""
    )
    reliability_undefined: str = scalar(doc="why measures of reliability are NaN", default="")
