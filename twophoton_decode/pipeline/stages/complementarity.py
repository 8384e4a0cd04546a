"""How do the cells that respond to an image share the work of showing it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twophoton_decode.pipeline.stage import Number, Stage, StageInput, StageOutput
from twophoton_decode.records import Complementarity, Encoding, Reconstruction, Responses
from twophoton_decode.statistics.defined import mean, median

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing


FILE = "complementarity/{decoder}.nc"


def run(work: StageInput) -> StageOutput:
    """Overlap of features and of fields, coverage, fitting error; what is missing is said."""
    from threadpoolctl import threadpool_limits

    from twophoton_decode.analyses.complementarity.complementarity import complementarity
    from twophoton_decode.decoding.plug_in_errors import running

    settings = work.settings.decoding
    responses = work.read(Responses, "responses.nc")
    encoding = work.read(Encoding, "encoding.nc")
    reconstruction = work.read(Reconstruction, "reconstruction/{decoder}.nc")
    # Many small products: threads would mostly wait for each other.
    with threadpool_limits(1, user_api="blas"), running(features=reconstruction.features):
        found = complementarity(
            reconstruction,
            responses,
            encoding,
            primary_score=settings.primary_score,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
            progress=work.progress,
        )
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def draw(work: StageInput) -> list[Drawing]:
    """Overlap, variability, coverage and fitting error, a panel each."""
    from twophoton_decode.figures.complementarity import complementarity_panels

    return [complementarity_panels(work.read(Complementarity, FILE))]


def _summary(found: Complementarity) -> dict[str, Any]:
    """Means over images or medians over cells of the parts that there are."""
    summary: dict[str, Any] = {}
    if found.overlap is not None:
        summary |= {
            "feature_overlap": mean(found.overlap),
            "feature_overlap_by_chance": found.overlap_by_chance,
            "feature_overlap_p": found.overlap_p,
        }
    if found.local_variability is not None and found.local_variability_distant is not None:
        summary |= {
            "local_variability_alone": median(found.local_variability[:, 0]),
            "local_variability_overlapping": median(found.local_variability[:, -1]),
            "local_variability_distant": median(found.local_variability_distant[:, -1]),
            "local_ratio_distant_p": found.local_ratio_distant_p,
        }
    if found.covered is not None:
        summary["coverage_p"] = found.coverage_p
    if found.fitting_error is not None and found.fitting_error_random is not None:
        summary |= {
            "fitting_error_percent": mean(found.fitting_error),
            "fitting_error_random_percent": mean(found.fitting_error_random),
            "fitting_gain_ci95": list(found.fitting_gain_ci95),
            "fitting_p": found.fitting_p,
        }
    return summary


COMPLEMENTARITY = Stage(
    name="complementarity",
    command="stability-report",
    title="overlap, coverage and fitting error of the cells that respond to an image",
    section="How do cells share the work?",
    page_place=40,
    run=run,
    draw=draw,
    file=FILE,
    record=Complementarity,
    numbers=(
        Number("feature_overlap", "overlap of the features of cells that respond together"),
        Number("fitting_error_percent", "fitting error of the responding cells, %", ".1f"),
    ),
    reads=("respond", "encode", "reconstruct"),
    depends_on=("decoding.primary_score", "decoding.bootstraps", "decoding.seed"),
    revision=3,
    figure_revision=2,
    per="decoder",
)
