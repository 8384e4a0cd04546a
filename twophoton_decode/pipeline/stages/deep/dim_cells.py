"""Dim cells that suite2p leaves out, judged by the clear cells of the same field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.dim_cells import DimCells
from twophoton_decode.words import counted

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/dim_cells.nc"


def run(work: StageInput) -> StageOutput:
    """Judge candidates plane by plane, and test the activity of those that look like cells."""
    from twophoton_decode.pipeline.deep.candidate_files import candidate_files
    from twophoton_decode.pipeline.deep.dim_cells import find_dim_cells

    found = find_dim_cells(work)
    summary = {
        "suite2p_cells": int(found.clear_cells.sum()),
        "candidates": len(found.plane),
        "likely": int((found.probability >= found.minimum_probability).sum()),
        "dim_cells": int(found.counts.sum()),
        "attention": found.attention.tolist(),
    }
    return StageOutput(
        record=found, files=candidate_files(found), summary=summary, notes=found.notes
    )


def draw(work: StageInput) -> list[Drawing]:
    """What was added on the field of view, and the evidence for it."""
    from twophoton_decode.figures.deep.dim_cells import dim_cells

    return [dim_cells(work.read(DimCells, FILE))]


def _told(numbers: Numbers) -> str:
    found, cells = numbers["dim_cells"], f"suite2p's {counted(numbers['suite2p_cells'], 'cell')}"
    if not numbers["candidates"]:
        return f"no candidates beside {cells}"
    told = (
        f"of {counted(numbers['candidates'], 'candidate')} {numbers['likely']} look like cells of "
        f"this field, and {found or 'none'} of these {'is' if found <= 1 else 'are'} shown to be "
        "active"
    )
    if not found:
        return f"no dim cell counts beside {cells}: {told}"
    return (
        f"{counted(found, 'dim cell')} beside {cells}: {told}. `tpdecode extract SESSION "
        "--add-rois` adds them"
    )


DEEP_DETECT = Stage(
    name="deep-detect",
    command="detect",
    title="dim cells by the context of clear ones",
    section="Dim cells",
    page_place=81,
    run=run,
    draw=draw,
    file=FILE,
    record=DimCells,
    summary_key="deep.detect",
    numbers=(
        Number("candidates", "places that were judged", ".0f"),
        Number("likely", "candidates that look like cells of their field", ".0f"),
        Number("dim_cells", "of these, active ones", ".0f"),
    ),
    reads=("detect",),
    depends_on=("dim_cells", "decoding.seed"),
    on_request=True,
    told=_told,
)
