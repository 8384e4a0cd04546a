"""The order of the stages, from microscope to report; each is declared in a file of its own.

Freshness, ``status``, ``run``, ``summary.json``, the page and the reference follow from the
declarations. Reading them loads no numerical library, so that looking at a session stays quick.
"""

from __future__ import annotations

from twophoton_decode.pipeline.stage import Stage
from twophoton_decode.pipeline.stages.compare_decoders import COMPARE_DECODERS
from twophoton_decode.pipeline.stages.complementarity import COMPLEMENTARITY
from twophoton_decode.pipeline.stages.deep.decode import DEEP_DECODE
from twophoton_decode.pipeline.stages.deep.degraded import DEEP_DEGRADED
from twophoton_decode.pipeline.stages.deep.dim_cells import DEEP_DETECT
from twophoton_decode.pipeline.stages.deep.encode import DEEP_ENCODE
from twophoton_decode.pipeline.stages.deep.features import DEEP_FEATURES
from twophoton_decode.pipeline.stages.deep.frame_responses import FRAME_RESPONSES
from twophoton_decode.pipeline.stages.deep.frames_from_arrays import FRAMES_FROM_ARRAYS
from twophoton_decode.pipeline.stages.deep.movie import DEEP_MOVIE
from twophoton_decode.pipeline.stages.deep.pictures.components import DEEP_COMPONENTS
from twophoton_decode.pipeline.stages.deep.pictures.generated import DEEP_GENERATED
from twophoton_decode.pipeline.stages.deep.pictures.inversion import DEEP_INVERSION
from twophoton_decode.pipeline.stages.deep.pictures.learning_curve import DEEP_LEARNING_CURVE
from twophoton_decode.pipeline.stages.deep.pictures.scores import DEEP_SCORES
from twophoton_decode.pipeline.stages.deep.rsa import DEEP_RSA
from twophoton_decode.pipeline.stages.deep.tags import DEEP_TAGS
from twophoton_decode.pipeline.stages.deep.time_bins import TIME_BINS
from twophoton_decode.pipeline.stages.detect import DETECT
from twophoton_decode.pipeline.stages.encode import ENCODE
from twophoton_decode.pipeline.stages.extract import EXTRACT
from twophoton_decode.pipeline.stages.imported.nwb import TRACES_OF_NWB
from twophoton_decode.pipeline.stages.imported.suite2p import TRACES_OF_SUITE2P
from twophoton_decode.pipeline.stages.quality import QUALITY
from twophoton_decode.pipeline.stages.reconstruct import RECONSTRUCT
from twophoton_decode.pipeline.stages.recovery import RECOVERY
from twophoton_decode.pipeline.stages.register import REGISTER
from twophoton_decode.pipeline.stages.report import REPORT
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.pipeline.stages.respond_from_arrays import RESPOND_FROM_ARRAYS
from twophoton_decode.pipeline.stages.sparsity import SPARSITY
from twophoton_decode.pipeline.stages.stability import STABILITY
from twophoton_decode.settings import Settings

FROM_MOVIE = (REGISTER, DETECT, EXTRACT, QUALITY, DEEP_DETECT)
IMPORTED = {"suite2p": TRACES_OF_SUITE2P, "nwb": TRACES_OF_NWB}
"""What stands for extraction where traces come from elsewhere, by the kind of source."""
FROM_RESPONSES = (
    ENCODE, RECONSTRUCT, SPARSITY, COMPARE_DECODERS, STABILITY, COMPLEMENTARITY,
)  # fmt: skip
DEEP = (
    DEEP_FEATURES, DEEP_DECODE, DEEP_SCORES, DEEP_DEGRADED, DEEP_RSA, DEEP_ENCODE, DEEP_TAGS,
    DEEP_INVERSION, DEEP_GENERATED, DEEP_COMPONENTS, DEEP_LEARNING_CURVE,
)  # fmt: skip
OF_CLIPS = (FRAME_RESPONSES, DEEP_MOVIE)
ALL = (
    *FROM_MOVIE, *IMPORTED.values(), RESPOND, RESPOND_FROM_ARRAYS, TIME_BINS, *OF_CLIPS,
    FRAMES_FROM_ARRAYS, *FROM_RESPONSES, *DEEP, RECOVERY, REPORT,
)  # fmt: skip


def stages_of(settings: Settings) -> tuple[Stage, ...]:
    """The stages of a session, in order; they depend on where its data come from."""
    if settings.source.kind == "arrays" and settings.source.clips:
        return (FRAMES_FROM_ARRAYS, DEEP_MOVIE, REPORT)
    if settings.source.kind == "arrays":
        return (RESPOND_FROM_ARRAYS, *FROM_RESPONSES, *DEEP, REPORT)
    imported = IMPORTED.get(settings.source.kind)
    traces = (imported, QUALITY) if imported else FROM_MOVIE
    recovery = (RECOVERY,) if settings.source.truth else ()
    if settings.source.clips:
        return (*traces, *OF_CLIPS, REPORT)
    bins = (TIME_BINS,) if settings.responses.time_bins_s else ()
    responses = (RESPOND, *bins, *FROM_RESPONSES, *DEEP) if settings.source.log else ()
    return (*traces, *responses, *recovery, REPORT)
