"""Every section, default, unit and comment of ``session.toml``; no reading or writing.

The description of a field becomes its comment in the file that ``tpdecode init`` writes.
Each section belongs to the stage that reads it, so changing it makes that stage stale.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twophoton_decode.settings.cell_count import CellCountSettings
from twophoton_decode.settings.deep import DeepSettings
from twophoton_decode.settings.dim_cells import DimCellSettings
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.settings.recording import RecordingSettings
from twophoton_decode.settings.run import RunSettings
from twophoton_decode.settings.section import (
    Fraction,
    MayBeInfinite,
    PathText,
    ReadOnly,
    Section,
    Seed,
    TimeBins,
    Times,
    Window,
)
from twophoton_decode.settings.source import Source, Subject

__all__ = [
    "CellCountSettings",
    "DeepSettings",
    "DimCellSettings",
    "Fraction",
    "LogSettings",
    "RecordingSettings",
    "Section",
    "Source",
    "Subject",
    "Window",
]


class ExtractionSettings(Section):
    """Motion correction, ROI detection and classification, by suite2p."""

    spatial_scale: int = Field(
        0,
        ge=0,
        le=4,
        description="size of the cells that suite2p looks for: 1 to 4 are 6, 12, 24, 48 px; 0: "
        "estimated from the movie",
    )
    indicator_decay_s: float = Field(
        1.0, ge=0.01, le=60, description="decay of the calcium indicator, s"
    )
    registration: Literal["tpdecode", "suite2p"] = Field(
        "tpdecode",
        description="program that corrects motion: tpdecode (suite2p's algorithm, faster) or "
        'suite2p; with device = "cuda" always suite2p',
    )
    device: Literal["cpu", "cuda"] = Field("cpu", description="device that suite2p uses")
    nonrigid: bool = Field(True, description="also correct motion within the frame")
    block_size_px: int = Field(
        0,
        ge=0,
        le=10_000,
        description="side of a non-rigid block, 32 px or more; 0: chosen from the field of view",
    )
    threshold_scaling: float = Field(
        1.0, ge=0.01, le=100, description="detection threshold; higher: fewer, more certain ROIs"
    )
    max_overlap: float = Field(
        0.75,
        ge=0,
        le=1,
        description="drop ROIs that overlap others by more than this share; 1: keep all",
    )
    highpass_neuropil_px: int = Field(
        25,
        ge=5,
        le=10_000,
        description="side of the square whose mean detection subtracts from every pixel as "
        "neuropil; increase it for large cells",
    )
    cell_probability: Fraction = Field(
        0.5, description="minimum classifier probability for an ROI to count as a cell"
    )
    red_probability: Fraction = Field(
        0.65,
        description="with a second channel: minimum of inside / (inside + around), in brightness, "
        "for a labelled cell",
    )
    classifier: PathText = Field(
        "",
        description="suite2p classifier that you trust (it is a pickle), relative to the session; "
        "empty: the built-in one",
    )
    suite2p_settings: PathText = Field(
        "",
        description="your own suite2p settings, ops.npy or settings.npy, relative to the session; "
        "`tpdecode extract --suite2p-settings` says what becomes of each; empty: none",
    )
    batch_frames: int = Field(500, ge=50, le=100_000, description="frames in memory at a time")
    memory_gb: float = Field(
        4.0,
        ge=2,
        le=100_000,
        description="memory for ROI detection, GB; longer movies are averaged in coarser bins",
    )
    registration_metrics: bool = Field(
        False, description="compute the registration metrics of suite2p's GUI; needs memory"
    )


class TraceSettings(Section):
    """From fluorescence to the signal used for responses."""

    signal: Literal["dff", "corrected", "deconvolved"] = Field(
        "dff", description="dff (ΔF/F), corrected (F minus neuropil) or deconvolved"
    )
    movie: Literal["raw", "restored"] = Field(
        "raw",
        description="whether responses may come from a movie that `tpdecode restore` made: raw "
        "(no), or restored (yes, and every page says so)",
    )
    neuropil_coefficient: Annotated[float, Field(ge=0, le=1)] | Literal["estimated"] = Field(
        0.7, description='c in F - c Fneu, 0 to 1 for all cells, or "estimated" for each'
    )
    baseline_method: Literal["silent-level", "percentile"] = Field(
        "silent-level",
        description="F0: a percentile in a running window, corrected to the level of the silent "
        "cell by a model of noise and activity (silent-level), or uncorrected (percentile): noise "
        "lowers it, activity raises it",
    )
    baseline_percentile: float = Field(10.0, ge=0, le=50, description="percentile for F0")
    baseline_window_s: float = Field(
        60.0, ge=0.1, le=86_400, description="length of the window for F0, s"
    )


class ResponseSettings(Section):
    """One response per presentation; windows in seconds from the onset."""

    baseline_window_s: Window = Field((-0.5, 0.0), description="baseline before the onset, s")
    response_window_s: Window = Field((0.0, 1.0), description="response after the onset, s")
    false_discovery_rate: Fraction = Field(
        0.05, description="Benjamini-Hochberg over all cell x image pairs"
    )
    responsive_test: Literal["own-null", "mann-whitney", "t-test", "signed-rank"] = Field(
        "own-null",
        description="test of whether a cell responds to an image: repeats of the image against "
        "the cell's presentations of images without a response (own-null), against all its other "
        "presentations (mann-whitney), or against the baseline (t-test, signed-rank)",
    )
    imported_baseline: bool = Field(
        False,
        description="kind = arrays: responses are differences from a baseline before the onset",
    )
    missing_values: list[MayBeInfinite] = Field(
        [],
        max_length=1000,
        description="kind = arrays: values that mean a missing response, if they occur in every "
        "cell or lie beyond all others; NaN always means missing",
    )
    partial_missing: Literal["cell-mean", "drop-cells", "drop-presentations", "refuse"] = Field(
        "cell-mean",
        description="kind = arrays: if a response is missing in some cells, decoders get the "
        "cell's mean over all presentations, or the cell or presentation is dropped, or refused",
    )
    amplitude_floor: float = Field(
        0.0, ge=0, le=1e200, description="minimum mean response of a responsive pair"
    )
    cells: Literal["all", "visually-responsive"] = Field(
        "all", description="cells to keep; visually-responsive: by ANOVA over images"
    )
    cells_file: PathText = Field(
        "",
        description="file that lists the ROIs to use instead of the classified cells, counted from "
        "0: text with one a line, CSV with a column roi, or .npy; relative to the session",
    )
    populations_file: PathText = Field(
        "",
        description="CSV with the columns roi and population (V1, LM, …), ROIs counted from 0, "
        "for comparing populations; relative to the session; empty: planes are populations",
    )
    exclude_bad_motion: bool = Field(
        True, description="leave out presentations with a bad-motion frame in a window"
    )
    time_bins_s: TimeBins = Field(
        [],
        max_length=1001,
        description="edges of time bins from the onset, s, for time courses: [-0.5, 0.0, 0.25]; "
        "empty: none",
    )
    exclude: dict[str, list[str]] = Field(
        {},
        max_length=1000,
        description='values of log columns that exclude a presentation, {moving = ["1"]}',
    )

    @model_validator(mode="before")
    @classmethod
    def _under_its_former_name(cls, given: Any) -> Any:
        """Files of earlier versions name the test `baseline_test`."""
        if isinstance(given, dict) and "baseline_test" in given:
            given = dict(given)
            given.setdefault("responsive_test", given.pop("baseline_test"))
        return given


class ImageSettings(Section):
    """Working size of the pictures."""

    size_px: int = Field(
        32, ge=8, le=256, description="side; larger pictures are centre-cropped and averaged to it"
    )


class DecodingSettings(Section):
    """Reconstruction; no choice below uses the scored images."""

    features: str = Field("gabor", description="feature space: gabor, prior-components or pixels")
    transform: Literal["chosen", "none", "power-0.7", "square-root"] = Field(
        "none",
        description="transform of responses: none, power-0.7, square-root (both keep signs), or "
        "chosen among these inside training",
    )
    folds: int = Field(
        10, ge=2, le=1_000_000, description="folds over images; as many as images: leave one out"
    )
    folds_from: str = Field(
        "",
        max_length=200,
        description="column of the log, or of picture_table under [source], that gives the folds "
        "of reconstructions: images of train and validation train, those of test are tested once; "
        "any other values are folds; empty: folds are drawn",
    )
    near_duplicate_correlation: float = Field(
        0.95,
        ge=0.5,
        le=1,
        description="pictures that correlate above this after small shifts share a fold; 1: "
        "identical ones only",
    )
    permutations: Times = Field(
        1000, description="permutations of images over responses, with refits, for chance"
    )
    refits: Times = Field(
        40,
        description="maximum permutations if each is a full refit: affine decoders except ridge "
        "and all-cells, and any with a chosen transform",
    )
    non_affine_permutations: Times = Field(
        0,
        description="permutations for decoders that are not affine, each of which trains them "
        "anew; 0: none, and no p",
    )
    bootstraps: int = Field(
        1000, ge=100, le=1_000_000, description="resamples of images, for intervals"
    )
    primary_score: Literal["r_average", "r_single"] = Field(
        "r_average", description="score for comparing decoders; choose it beforehand"
    )
    seed: Seed = Field(0, description="seed of folds, permutations and bootstraps")


class EncodingSettings(Section):
    """Encoding models; features, folds and seed are those of [decoding]."""

    selection_threshold: float = Field(
        2.0**0.5,
        ge=0,
        le=1_000_000,
        description="a feature enters a cell's model if their correlation exceeds this many SD "
        "under permuted images",
    )
    refits: int = Field(
        2000,
        ge=100,
        le=10_000_000,
        description="refits of single cells with permuted images, for chance",
    )
    false_discovery_rate: Fraction = Field(
        0.05, description="Benjamini-Hochberg over cells, for having a receptive field"
    )


class Settings(ReadOnly):
    """The whole of ``session.toml``."""

    source: Source = Source()
    subject: Subject = Subject()
    recording: RecordingSettings = RecordingSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    traces: TraceSettings = TraceSettings()
    log: LogSettings = LogSettings()
    responses: ResponseSettings = ResponseSettings()
    images: ImageSettings = ImageSettings()
    decoding: DecodingSettings = DecodingSettings()
    encoding: EncodingSettings = EncodingSettings()
    cell_count: CellCountSettings = CellCountSettings()
    dim_cells: DimCellSettings = DimCellSettings()
    deep: DeepSettings = DeepSettings()
    run: RunSettings = RunSettings()
