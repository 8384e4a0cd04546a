"""What responses say about the population: reliability, sparseness, overlap, correlations."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class PopulationStatistics(Record):
    """Statistics of single-trial responses that only describe (docs/methods/responses.md).

    NaN stands where a statistic is undefined: with one repeat only, or for constant cells.
    """

    visually_responsive: np.ndarray = array(
        "cell", dtype=bool, doc="the cell's responses differ between images"
    )
    visually_responsive_p: np.ndarray = array("cell", doc="p of that test, before correction")
    lifetime_sparseness: np.ndarray = array("cell", doc="Vinje & Gallant, of trial averages")
    population_sparseness: np.ndarray = array("image", doc="Vinje & Gallant, of trial averages")
    repeats_averaged: np.ndarray = array(
        "averaged", dtype=np.int64, doc="presentations averaged: 1, 2, 4 … T"
    )
    sparseness_of_averages: np.ndarray = array(
        "averaged", doc="mean population sparseness of averages over this many presentations"
    )
    sparseness_of_averages_error: np.ndarray = array(
        "averaged", doc="its standard error over images"
    )
    sparseness_of_shuffled: np.ndarray = array(
        "averaged", doc="the same after presentations were dealt to images at random"
    )
    reliability: np.ndarray = array(
        "cell", doc="split-half correlation of tuning, Spearman-Brown corrected; NaN if one repeat"
    )
    explainable_variance: np.ndarray = array(
        "cell", doc="share of single-trial variance explained by the image; NaN if one repeat"
    )
    oracle: np.ndarray = array(
        "cell", doc="correlation of single trials with the mean of the image's other trials"
    )
    overlap: np.ndarray = array(
        "image", doc="Jaccard index of responsive sets, mean over the other images"
    )
    overlap_expected: np.ndarray = array(
        "image", doc="the same for sets of the same sizes drawn independently"
    )
    noise_correlation: np.ndarray = array(
        "cell", doc="of residuals around the image mean, mean over the other cells"
    )
    signal_correlation: np.ndarray = array(
        "cell", doc="of tuning between disjoint halves of trials, mean over the other cells"
    )
    correlation_edge: np.ndarray = array("correlation+1", doc="edges of bins of correlation")
    noise_pairs: np.ndarray = array(
        "correlation", "pairs", dtype=np.int64, doc="pairs of cells by noise correlation"
    )
    shuffled_pairs: np.ndarray = array(
        "correlation",
        "pairs",
        dtype=np.int64,
        doc="the same after each cell's trials were shuffled within images",
    )
    signal_pairs: np.ndarray = array(
        "correlation", "pairs", dtype=np.int64, doc="pairs of cells by signal correlation"
    )
    noise_by_signal: np.ndarray = array(
        "correlation", doc="mean noise correlation of the pairs counted in signal_pairs"
    )
    distance_edge: np.ndarray = array(
        "distance+1", "px", doc="edges of bins of distance between cells of one plane"
    )
    noise_by_distance: np.ndarray = array("distance", doc="mean noise correlation by distance")
    signal_by_distance: np.ndarray = array("distance", doc="mean signal correlation by distance")
    carry_over: np.ndarray = array(
        "cell", doc="correlation of residuals with the response to the image before"
    )
    drift: np.ndarray = array("cell", doc="correlation of residuals with time in the session")

    visual_test: str = scalar(doc="the test behind visually_responsive, or why there is none")
    oracle_p: float = scalar(
        doc="one-sided: mean oracle score over cells, images permuted over presentations"
    )
    overlap_ci95: tuple[float, float] = scalar(
        doc="of the mean overlap over pairs of images, jackknife"
    )
    overlap_ratio: float = scalar(
        doc="common cells over those of independent sets, all pairs of images together"
    )
    overlap_ratio_ci95: tuple[float, float] = scalar(doc="its interval, jackknife over images")
    noise_correlation_ci95: tuple[float, float] = scalar(
        doc="of the mean over pairs, jackknife over cells and over images"
    )
    shuffled_noise_correlation: float = scalar(doc="mean over pairs after shuffling")
    signal_correlation_ci95: tuple[float, float] = scalar(
        doc="of the mean over pairs, jackknife over cells and over images"
    )
    signal_noise_correlation: float = scalar(
        doc="correlation over pairs of signal and noise correlation"
    )
    signal_noise_correlation_ci95: tuple[float, float] = scalar(
        doc="its interval, jackknife over cells"
    )
    noise_distance_correlation: float = scalar(
        doc="correlation over pairs of noise correlation and distance"
    )
    noise_distance_correlation_ci95: tuple[float, float] = scalar(
        doc="its interval, jackknife over cells"
    )
    carry_over_all: float = scalar(doc="as carry_over, over all cells together")
    carry_over_p: float = scalar(
        doc="two-sided, against the image after; what cells respond to exchanged among images"
    )
    drift_all: float = scalar(doc="correlation of the cells' mean residual with time")
    drift_p: float = scalar(doc="two-sided, of a trend beyond slow noise")

    @classmethod
    def undefined(cls, cells: int, images: int) -> dict[str, Any]:
        """Every field as it is where nothing is known, for records made from parts."""
        lengths = {"cell": cells, "image": images, "averaged": 0, "correlation": 0, "distance": 0}
        fields: dict[str, Any] = {}
        for name, spec in PopulationStatistics.arrays():
            axis = spec.axes[0]
            size = lengths[axis.removesuffix("+1")] + axis.endswith("+1")
            empty = np.nan if spec.dtype is float else 0
            fields[name] = np.full(size, empty, dtype=spec.dtype)
        unknown = {"str": "", "float": np.nan, "tuple[float, float]": (np.nan, np.nan)}
        kinds = {field.name: str(field.type) for field in dataclasses.fields(PopulationStatistics)}
        return fields | {name: unknown[kinds[name]] for name, _ in PopulationStatistics.scalars()}
