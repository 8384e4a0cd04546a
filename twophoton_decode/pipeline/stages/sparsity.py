"""How many cells are enough?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.inputs.decoder_context import session_context, time_allowed
from twophoton_decode.pipeline.stage import Number, Stage, StageInput, StageOutput
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses, Traces

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "cell_count/{decoder}.nc"
LANDMARK = 20
"""Strongest cells that the paper's release names."""


def run(work: StageInput) -> StageOutput:
    """Score against number of cells, beside the same for wrong images."""
    from twophoton_decode.analyses.cell_count.curves import cell_count_curves
    from twophoton_decode.analyses.slow import pictures_of_curves, require_time
    from twophoton_decode.kernels.threads import one_thread_each

    responses = work.read(Responses, "responses.nc")
    reconstruction = work.read(Reconstruction, "reconstruction/{decoder}.nc")
    pictures = pictures_of_curves(responses, work.settings.cell_count)
    require_time(reconstruction, pictures, work.settings.deep.most_hours)
    # What is worth several threads has them of its own.
    with one_thread_each():
        curves = cell_count_curves(
            reconstruction,
            responses,
            work.settings.cell_count,
            bootstraps=work.settings.decoding.bootstraps,
            seed=work.settings.decoding.seed,
            progress=work.progress,
            session=session_context(work, responses),
        )
    curves = replace(curves, informative_doubles=_doubles(work, responses, curves))
    return StageOutput(
        record=curves,
        summary=_summary(curves),
        notes=[*([curves.unavailable] if curves.unavailable else []), *_predicted(curves)],
    )


def _predicted(curves: CellCountCurves) -> list[str]:
    """What differs for a decoder that is not affine."""
    if not curves.predicted:
        return []
    counts = ", ".join(map(str, curves.cells.tolist()))
    return [
        f"{curves.decoder} is not affine: it predicted again from {counts} cells, the others at "
        f"{'zero' if curves.omitted == 'zero' else 'their training mean'}. Single contributions, "
        "their order and pictures from few cells are unavailable: they need one picture per cell; "
        f"{curves.decoder} has none."
    ]


def draw(work: StageInput) -> list[Drawing]:
    """Pictures from few cells, the curve, its controls, single cells, refits."""
    from twophoton_decode.figures.cell_count.contributions import cell_contributions
    from twophoton_decode.figures.cell_count.controls import cell_controls, cell_refits
    from twophoton_decode.figures.cell_count.curve import cell_count_curve
    from twophoton_decode.figures.cell_count.gallery import cells_gallery

    reconstruction = work.read(Reconstruction, "reconstruction/{decoder}.nc")
    curves = work.read(CellCountCurves, FILE)
    return [
        *([] if curves.predicted else [cells_gallery(reconstruction, curves)]),
        cell_count_curve(curves),
        cell_controls(curves),
        *([] if curves.predicted else [cell_contributions(reconstruction, curves)]),
        *([] if curves.not_refitted else [cell_refits(curves)]),
    ]


def _doubles(work: StageInput, responses: Responses, curves: CellCountCurves) -> float:
    """Informative cells that may be further ROIs of one soma; NaN for imported responses."""
    from twophoton_decode.analyses.one_soma import possible_doubles

    if curves.informative is None or (responses.roi < 0).any():
        return float("nan")
    return possible_doubles(work.read(Traces, "traces.nc"), responses, curves.informative)


def _summary(curves: CellCountCurves) -> dict[str, Any]:
    """Means over images; Resp. and Max. over those with enough responsive cells.

    `r_all_used` is R from every cell on these images: what `r_max` is to be compared with. The
    number of informative cells is NaN, in ``summary.json`` null, where none can be told.
    """
    from twophoton_decode.figures.cell_count.how_many_cells import how_many_cells

    def mean(values: np.ndarray) -> float:
        return float(np.mean(values)) if values.size else float("nan")

    told = curves.informative_cells_told
    near = (curves.compared_with == "random") & (curves.compared_cells == LANDMARK)
    return {
        "r_all": mean(curves.r_all),
        "r_all_used": mean(curves.r_all[curves.used]),
        "r_responsive": mean(curves.r_responsive[curves.used]),
        "r_max": mean(curves.r_max[curves.used]),
        "cells_max": mean(curves.cells_max[curves.used]),
        "cells_heldout": mean(curves.cells_heldout),
        "how_many_cells": how_many_cells(curves),
        "informative_cells": curves.informative_cells if told else float("nan"),
        "informative_cells_ci95": list(curves.informative_cells_ci95),
        "informative_cells_told": told,
        "strong_cells": curves.strong_cells,
        "strong_cells_ci95": list(curves.strong_cells_ci95),
        "omitted": curves.omitted,
        "cells_95": curves.cells_95,
        "cells_95_ci95": list(curves.cells_95_ci95),
        "cells_95_stays": curves.cells_95_stays,
        "max_gain": curves.max_gain,
        "max_gain_p": curves.max_gain_p,
        "images_used": int(curves.used.sum()),
        "p_max_all": curves.p_max_all,
        "p_responsive_all": curves.p_responsive_all,
        "p_heldout_all": curves.p_heldout_all,
        "r_20_over_random": mean(curves.compared_gain[near]),
        "r_20_over_random_p": mean(curves.compared_p_holm[near]),
        "r_refitted_20": mean(curves.r_refitted[:, LANDMARK : LANDMARK + 1]),
    }


SPARSITY = Stage(
    name="sparsity-report",
    title="score against number of cells",
    section="How many cells are enough?",
    page_place=10,
    run=run,
    draw=draw,
    file=FILE,
    record=CellCountCurves,
    summary_key="sparsity",
    numbers=(
        Number(
            "informative_cells",
            "cells that can be shown to carry the picture",
            ".0f",
            column="informative",
            told_by="informative_cells_told",
        ),
        Number(
            "strong_cells", "strongest cells that give 95 % of R", ".0f", column="strong for 95 %"
        ),
    ),
    reads=("respond", "reconstruct"),
    depends_on=("cell_count", "decoding.bootstraps", "decoding.seed"),
    own=time_allowed,
    revision=6,
    figure_revision=2,
    per="decoder",
    told=lambda numbers: str(numbers.get("how_many_cells", "")),
)
