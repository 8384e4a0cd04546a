"""Every section, default, unit and comment of ``session.toml``; no reading or writing.

The description of a field becomes its comment in the file that ``tpdecode init`` writes.
Each section belongs to the stage that reads it, so changing it makes that stage stale.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twophoton_decode.settings.log import LogSettings
from twophoton_decode.settings.recording import RecordingSettings
from twophoton_decode.settings.section import (
    CountFromOne,
    Fraction,
    MayBeInfinite,
    PathText,
    Section,
    Seed,
    Times,
    Window,
)
from twophoton_decode.settings.source import Source, Subject

__all__ = [
    "CellCountSettings",
    "DecodingSettings",
    "EncodingSettings",
    "ExtractionSettings",
    "Fraction",
    "ImageSettings",
    "LogSettings",
    "RecordingSettings",
    "ResponseSettings",
    "RunSettings",
    "Section",
    "Settings",
    "Source",
    "Subject",
    "TraceSettings",
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
        description="who corrects motion: tpdecode, by suite2p's algorithm and faster, or suite2p "
        "itself, as always on a CUDA device",
    )
    device: Literal["cpu", "cuda"] = Field("cpu", description="what suite2p computes on")
    nonrigid: bool = Field(True, description="correct motion within the frame as well")
    block_size_px: int = Field(
        0,
        ge=0,
        le=10_000,
        description="side of a non-rigid block, 32 px or more; 0: chosen from the field of view",
    )
    threshold_scaling: float = Field(1.0, ge=0.01, le=100, description="higher: fewer, surer ROIs")
    max_overlap: float = Field(
        0.75,
        ge=0,
        le=1,
        description="an ROI of which a larger share lies in others is dropped; 1: none is",
    )
    highpass_neuropil_px: int = Field(
        25,
        ge=5,
        le=10_000,
        description="detection takes the mean of so wide a square off every pixel, as neuropil; "
        "wider for large cells",
    )
    cell_probability: Fraction = Field(
        0.5, description="minimum classifier probability for an ROI to count as a cell"
    )
    red_probability: Fraction = Field(
        0.65,
        description="with a second channel: brightness inside over inside plus around that makes "
        "a labelled cell",
    )
    classifier: PathText = Field(
        "",
        description="a suite2p classifier you trust (it is a pickle), relative to the session; "
        "empty: the built-in one",
    )
    batch_frames: int = Field(500, ge=50, le=100_000, description="frames in memory at a time")
    memory_gb: float = Field(
        4.0,
        ge=2,
        le=100_000,
        description="memory that ROI detection may use; a long movie is averaged in coarser bins",
    )
    registration_metrics: bool = Field(
        False, description="compute what suite2p's GUI shows about registration; takes memory"
    )


class TraceSettings(Section):
    """From fluorescence to the signal that responses are taken from."""

    signal: Literal["dff", "corrected", "deconvolved"] = Field(
        "dff", description="dff (ΔF/F), corrected (F minus neuropil) or deconvolved"
    )
    neuropil_coefficient: Annotated[float, Field(ge=0, le=1)] | Literal["estimated"] = Field(
        0.7, description='c in F - c Fneu, 0 to 1 for all cells, or "estimated" for each'
    )
    baseline_method: Literal["silent-level", "percentile"] = Field(
        "silent-level",
        description="F0: a percentile in a running window, brought to the level of the silent cell "
        "by a model of noise and activity (silent-level), or as it is (percentile), which noise "
        "lowers and activity raises",
    )
    baseline_percentile: float = Field(10.0, ge=0, le=50, description="that percentile")
    baseline_window_s: float = Field(
        60.0, ge=0.1, le=86_400, description="length of that window, s"
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
        description="which cells respond to an image: its repeats against the cell's "
        "presentations of images that it ignores (own-null) or all its others (mann-whitney), "
        "or over repeats against the baseline (t-test, signed-rank)",
    )
    imported_baseline: bool = Field(
        False,
        description="kind = arrays: the responses are differences to a baseline before the onset",
    )
    missing_values: list[MayBeInfinite] = Field(
        [],
        max_length=1000,
        description="kind = arrays: values that mean a missing response where they stand in every "
        "cell, or lie beyond all others; NaN always does",
    )
    partial_missing: Literal["cell-mean", "drop-cells", "drop-presentations", "refuse"] = Field(
        "cell-mean",
        description="kind = arrays: what decoders get where a response is missing in some cells: "
        "the cell's mean over all presentations, or nothing of that cell or presentation",
    )
    amplitude_floor: float = Field(
        0.0, ge=0, le=1e200, description="a responsive pair's mean response exceeds this"
    )
    cells: Literal["all", "visually-responsive"] = Field(
        "all", description="which cells to keep; visually-responsive: ANOVA over images"
    )
    cells_file: PathText = Field(
        "",
        description="list of the ROIs to use instead of the classified cells, the first ROI being "
        "0: text with one a line, CSV with a column roi, or .npy; relative to the session",
    )
    exclude_bad_motion: bool = Field(
        True, description="leave out presentations with a frame of bad motion in a window"
    )
    exclude: dict[str, list[str]] = Field(
        {},
        max_length=1000,
        description='log columns whose values exclude a presentation, {moving = ["1"]}',
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
    """How the pictures are brought to working size."""

    size_px: int = Field(
        32, ge=8, le=256, description="larger pictures are centre-cropped and averaged to this side"
    )


class DecodingSettings(Section):
    """Reconstruction; every choice below is made without looking at scored images."""

    features: str = Field("gabor", description="feature space: gabor, prior-components or pixels")
    transform: Literal["chosen", "none", "power-0.7", "square-root"] = Field(
        "none",
        description="of the responses: none, power-0.7, square-root (both keep signs), or chosen "
        "among these inside training",
    )
    folds: int = Field(
        10, ge=2, le=1_000_000, description="folds over images; the number of images: leave one out"
    )
    near_duplicate_correlation: float = Field(
        0.95,
        ge=0.5,
        le=1,
        description="pictures that correlate above this after small shifts show nearly the same "
        "and share a fold; 1: identical ones only",
    )
    permutations: Times = Field(
        1000, description="of the images over the responses, all refitted, for chance"
    )
    refits: Times = Field(
        40,
        description="permutations at most where each is a refit of its own: of all decoders but "
        "ridge and all-cells, and of a chosen transform",
    )
    non_affine_permutations: Times = Field(
        0,
        description="permutations for decoders that are not affine, each of which trains them "
        "anew; 0: none, and no p",
    )
    bootstraps: int = Field(
        1000, ge=100, le=1_000_000, description="resamplings of images, for intervals"
    )
    primary_score: Literal["r_average", "r_single"] = Field(
        "r_average", description="the score by which decoders are compared, named beforehand"
    )
    seed: Seed = Field(0, description="seed of folds, permutations and bootstraps")


class EncodingSettings(Section):
    """Encoding models; features, folds and seed are those of [decoding]."""

    selection_threshold: float = Field(
        2.0**0.5,
        ge=0,
        le=1_000_000,
        description="a cell's features correlate with it by so many SD under permuted images",
    )
    refits: int = Field(
        2000,
        ge=100,
        le=10_000_000,
        description="refits of single cells with permuted images, for chance",
    )
    false_discovery_rate: Fraction = Field(
        0.05, description="Benjamini-Hochberg over cells: which have a receptive field"
    )


class CellCountSettings(Section):
    """How many cells are enough?"""

    minimum_responsive: CountFromOne = Field(
        10, description="responsive cells an image needs (paper: 10, awake 5)"
    )
    omitted: Literal["mean", "zero"] = Field(
        "mean", description="omitted cells stand at their training mean, or at zero"
    )
    derangements: int = Field(1000, ge=200, le=1_000_000, description="exchanges with wrong images")
    largest_count: Times = Field(
        0,
        description="evaluate curves up to this many cells, then once with all; 0: for every "
        "number of cells",
    )
    random_draws: int = Field(
        20, ge=1, le=10_000, description="draws of random cells, for the control"
    )
    compared_counts: list[CountFromOne] = Field(
        [5, 10, 20, 50, 100],
        max_length=1000,
        description="numbers of cells at which controls are tested",
    )
    refitted_count: Times = Field(
        100, description="refit decoders to up to this many cells; 0: not at all"
    )
    learning_curves: bool = Field(
        True, description="refit with fewer training images, and with fewer repeats"
    )


class RunSettings(Section):
    """What `tpdecode run` does; choosing work makes no result stale."""

    decoders: list[str] = Field(
        ["all-cells", "cell-selection", "ridge", "bayes"],
        min_length=1,
        max_length=1000,
        description="the decoders to run",
    )


class Settings(BaseModel):
    """The whole of ``session.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
    run: RunSettings = RunSettings()
