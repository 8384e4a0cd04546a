"""The stages from microscope to report, each declared once.

Freshness, ``status``, ``run`` and the commands follow from these declarations. A stage's
function loads when it runs, so that looking at a session stays quick.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from twophoton_decode.pipeline.stage import Result, Stage, Work
from twophoton_decode.pipeline.summary import score_line
from twophoton_decode.settings import Settings


def _step(module: str) -> Callable[[Work], Result]:
    def run(work: Work) -> Result:
        step = importlib.import_module(f"twophoton_decode.pipeline.stages.{module}")
        result: Result = step.run(work)
        return result

    return run


EXTRACT = Stage(
    name="extract",
    file="traces.nc",
    run=_step("extract"),
    sources=("movie", "extraction.classifier"),
    depends_on=(
        "recording.frame_rate_hz", "recording.planes", "recording.channels",
        "recording.functional_channel", "recording.use_planes", "recording.line_offset_px",
        "extraction",
    ),
    revision=3,
)  # fmt: skip
QUALITY = Stage(
    name="quality",
    file="quality.nc",
    run=_step("quality"),
    reads=("extract",),
    depends_on=(
        "traces", "recording.frame_times", "recording.dark_level", "extraction.cell_probability",
    ),
    revision=2,
)  # fmt: skip
RESPOND = Stage(
    name="respond",
    file="responses.nc",
    run=_step("respond"),
    reads=("extract",),
    sources=("log", "images", "responses.cells_file"),
    depends_on=(
        "recording.first_index", "recording.frame_times", "recording.onset_clock",
        "recording.dark_level", "log", "traces", "responses", "images", "source.image_shape",
        "source.image_axes", "source.images", "decoding.seed",
    ),
    revision=7,
)  # fmt: skip
RESPOND_FROM_ARRAYS = Stage(
    name="respond",
    file="responses.nc",
    run=_step("respond_from_arrays"),
    sources=("responses", "images", "labels", "groups"),
    depends_on=(
        "responses", "images", "source.axes", "source.average", "source.join",
        "source.image_shape", "source.image_axes", "source.responses", "source.images",
        "source.labels", "source.groups", "recording.first_index", "log.picture_numbers",
        "log.blank_values", "decoding.seed",
    ),
    revision=5,
)  # fmt: skip
ENCODE = Stage(
    name="encode",
    file="encoding.nc",
    run=_step("encode"),
    reads=("respond",),
    depends_on=(
        "encoding",
        "decoding.features",
        "decoding.folds",
        "decoding.near_duplicate_correlation",
        "decoding.bootstraps",
        "decoding.seed",
    ),
    revision=3,
)
RECONSTRUCT = Stage(
    name="reconstruct",
    file="reconstruction/{decoder}.nc",
    run=_step("reconstruct"),
    reads=("respond",),
    sources=("distractors",),
    depends_on=("decoding", "source.distractors", "source.image_axes"),
    revision=5,
    per_decoder=True,
    told=score_line,
)
SPARSITY = Stage(
    name="sparsity-report",
    file="cell_count/{decoder}.nc",
    run=_step("sparsity"),
    reads=("respond", "reconstruct"),
    depends_on=("cell_count", "decoding.bootstraps", "decoding.seed"),
    revision=4,
    per_decoder=True,
    told=lambda numbers: str(numbers.get("how_many_cells", "")),
)
STABILITY = Stage(
    name="stability-report",
    file="stability/{decoder}.nc",
    run=_step("stability"),
    reads=("respond", "reconstruct"),
    depends_on=("decoding.seed",),
    revision=3,
    per_decoder=True,
)
COMPLEMENTARITY = Stage(
    name="complementarity",
    file="complementarity/{decoder}.nc",
    run=_step("complementarity"),
    reads=("respond", "encode", "reconstruct"),
    depends_on=("decoding.primary_score", "decoding.bootstraps", "decoding.seed"),
    revision=2,
    per_decoder=True,
)
RECOVERY = Stage(
    name="recovery",
    file="recovery.nc",
    run=_step("recovery"),
    reads=("extract",),
    uses=("respond", "encode"),
    sources=("truth",),
    depends_on=("traces",),
)
REPORT = Stage(
    name="report",
    file="",
    run=_step("report"),
    uses=(
        "extract",
        "quality",
        "respond",
        "encode",
        "reconstruct",
        "sparsity-report",
        "stability-report",
        "complementarity",
        "recovery",
    ),
    # The page lists every setting.
    depends_on=tuple(Settings.model_fields),
    revision=4,
)

FROM_RESPONSES = (ENCODE, RECONSTRUCT, SPARSITY, STABILITY, COMPLEMENTARITY, REPORT)


def stages_of(settings: Settings) -> tuple[Stage, ...]:
    """The stages of a session, in order; they depend on where its data come from."""
    if settings.source.kind == "arrays":
        return (RESPOND_FROM_ARRAYS, *FROM_RESPONSES)
    recovery = (RECOVERY,) if settings.source.truth else ()
    if not settings.source.log:
        return (EXTRACT, QUALITY, *recovery, REPORT)
    return (EXTRACT, QUALITY, RESPOND, *FROM_RESPONSES[:-1], *recovery, REPORT)
