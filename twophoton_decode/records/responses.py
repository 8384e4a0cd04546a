"""One response per cell and presentation, and how responsive, sparse and reliable they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.records.fields.shown_responses import ShownResponses


@dataclass(frozen=True, eq=False)
class Responses(ShownResponses, PopulationStatistics):
    """Evoked responses in long form, so that unequal numbers of repeats are natural.

    Statistics (responsive pairs, sparseness, reliability) use every image and only
    describe: no decoder reads them.
    """

    response: np.ndarray = array(
        "presentation cell", "{response_unit}", dtype=np.float64, doc="evoked response"
    )
    filled: np.ndarray | None = array(
        "presentation cell",
        dtype=bool,
        optional=True,
        doc="the response was missing, and `response` is the cell's mean over presentations",
    )
    image: np.ndarray = array("presentation", dtype=np.int64, doc="index of the image shown")
    repeat: np.ndarray = array("presentation", dtype=np.int64, doc="which repeat of the image")
    onset_s: np.ndarray = array("presentation", "s", doc="onset; NaN for imported responses")
    picture: np.ndarray = array(
        "image y x",
        dtype=np.float32,
        doc="luminance of each image at working size; 0 × 0 px where conditions have no pictures",
    )
    image_name: np.ndarray = array("image", dtype=str, doc="file name or index of each image")
    image_group: np.ndarray | None = array(
        "image",
        dtype=np.int64,
        optional=True,
        doc="images with equal numbers belong together, as the log or a file says; -1 for none",
    )
    image_fold: np.ndarray | None = array(
        "image",
        dtype=str,
        optional=True,
        doc="tier or fold of each image, by the column that folds_from under [decoding] names",
    )
    roi: np.ndarray = array(
        "cell", dtype=np.int64, doc="the cell's ROI in traces.nc; -1 for imported responses"
    )
    position: np.ndarray | None = array(
        "cell direction",
        "um",
        optional=True,
        doc="x, y and depth of each cell of imported responses, as a file says",
    )
    population: np.ndarray | None = array(
        "cell",
        dtype=str,
        optional=True,
        doc="the population that the cell belongs to, as a file says; empty: none",
    )
    responsive: np.ndarray = array(
        "cell image", dtype=bool, doc="the cell responds to the image (all repeats, FDR)"
    )
    responsive_others: np.ndarray = array(
        "presentation cell",
        dtype=bool,
        doc="the cell responds to the image of this presentation, judged without it",
    )
    excluded_line: np.ndarray = array(
        "exclusion", dtype=np.int64, doc="line of the log, or row of the array, left out"
    )
    excluded_reason: np.ndarray = array("exclusion", dtype=str, doc="why it was left out")
    neuropil_coefficient: np.ndarray | None = array(
        "cell", optional=True, doc="c in F - c Fneu; NaN where it is not used"
    )
    neuropil_error: np.ndarray | None = array(
        "cell", optional=True, doc="standard error of c; NaN where it was not estimated"
    )
    neuropil_origin: np.ndarray | None = array(
        "cell",
        dtype=str,
        optional=True,
        doc="fixed, estimated, at a bound, not estimable (then 0.7), or not used",
    )
    blank_onset_s: np.ndarray | None = array(
        "blank", "s", optional=True, doc="onset of each blank of the log that can be used"
    )
    blank_response: np.ndarray | None = array(
        "blank cell",
        "{response_unit}",
        optional=True,
        doc="evoked response in blanks; no decoder reads it",
    )
    detectable_response: np.ndarray | None = array(
        "cell",
        "{response_unit}",
        optional=True,
        doc="smallest mean response that the test of pairs could find; infinite "
        "where none, NaN where a cell's repeats never differ; of the default test only",
    )
    detectable_response_sd: float = scalar(
        doc="median over cells of the same above the cell's median response, in SD of its trial "
        "noise",
        default=float("nan"),
    )
    clock_part_s: np.ndarray | None = array(
        "clock_part", "s", optional=True, doc="middle of successive parts of the session"
    )
    clock_part_shift_s: np.ndarray | None = array(
        "clock_part",
        "s",
        optional=True,
        doc="how much later after the onsets responses come in that part than on average",
    )
    clock_part_error_s: np.ndarray | None = array(
        "clock_part", "s", optional=True, doc="its standard error"
    )
    clock_shift_s_per_min: float = scalar(
        "s/min",
        doc="delay that responses gain against the onsets per minute; NaN if it cannot be "
        "estimated, and for imported responses",
        default=float("nan"),
    )
    clock_shift_ci95: tuple[float, float] = scalar(
        doc="its 95 % interval", default=(float("nan"), float("nan"))
    )
    response_unit: str = scalar(doc="unit of the responses: ΔF/F, grey level or a.u.")
    has_baseline: bool = scalar(doc="responses are differences to a baseline before onset")
    responsiveness_test: str = scalar(doc="the test behind `responsive`, or why there is none")
    dropped_cells: int = scalar("cells", doc="left out for a baseline not safely above zero")
    dropped_rois: list[int] = scalar(doc="the ROIs of the dropped cells")
    notes: list[str] = scalar(doc="whatever else was clipped, sorted, cropped or counted")

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.response.shape[1])

    @property
    def images(self) -> int:
        """Number of images."""
        return int(self.picture.shape[0])

    @property
    def has_pictures(self) -> bool:
        """Whether there are pictures of what was shown."""
        return self.picture.size > 0

    @property
    def presentations(self) -> int:
        """Number of presentations."""
        return int(self.response.shape[0])

    @property
    def repeats_per_image(self) -> np.ndarray:
        """Number of presentations of each image, shape (images,)."""
        return np.bincount(self.image, minlength=self.images)

    @property
    def known(self) -> np.ndarray:
        """Which responses were measured, not filled in: bool, shape (presentations, cells)."""
        return np.ones(self.response.shape, bool) if self.filled is None else ~self.filled

    def averages(self, among: np.ndarray | None = None) -> np.ndarray:
        """Mean response to each image, shape (images, cells); NaN where never shown.

        Filled-in responses count only where a cell has no other to the image. `among`
        (presentations,), bool, says which presentations count; by default all.
        """
        counted = np.ones_like(self.response)
        if among is not None:
            counted *= among[:, None]
        every = self._means(counted)
        if self.filled is None:
            return every
        known = self._means(np.where(self.filled, 0.0, counted))
        return np.where(np.isnan(known), every, known)

    def _means(self, weight: np.ndarray) -> np.ndarray:
        """Mean response to each image by weights 0 or 1, (images, cells); NaN where all are 0."""
        total, count = np.zeros((2, self.images, self.cells))
        np.add.at(total, self.image, self.response * weight)
        np.add.at(count, self.image, weight)
        with np.errstate(invalid="ignore"):
            return np.asarray(total / count)
