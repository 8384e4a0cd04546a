"""All that figures show of the cell count, in one record."""

from __future__ import annotations

from dataclasses import replace

from twophoton_decode.analyses.cell_count.shown.contributions import cell_contributions
from twophoton_decode.analyses.cell_count.shown.means import with_means
from twophoton_decode.analyses.cell_count.shown.pictures import few_cell_pictures
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses


def with_shown(
    curves: CellCountCurves, reconstruction: Reconstruction, responses: Responses
) -> CellCountCurves:
    """The record with everything that figures show of it; the responses belong to it.

    Pictures from some of the cells need a decoder's filters, one for each cell.
    """
    curves = with_means(curves)
    if reconstruction.reverse_filter is None:
        return curves
    return replace(
        curves,
        **few_cell_pictures(curves, reconstruction, responses),
        **cell_contributions(reconstruction, responses),
    )
