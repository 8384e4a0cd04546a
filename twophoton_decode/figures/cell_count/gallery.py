"""Images beside reconstructions from few cells, from the responsive ones, and from all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from twophoton_decode.analyses.cell_count.order import order_in_words, strongest_first
from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Column, Drawing
from twophoton_decode.figures.canvas.gallery import (
    Row,
    gallery,
    rank_titles,
    score_note,
    spread_over_scores,
)
from twophoton_decode.figures.canvas.numbers import count, counted, number
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses

FEW: Final = 20
"""At most so many are few: the landmark of the paper's release."""
ROUNDING: Final = 1e-3
"""Filters are kept in float32; what differs less is the same reconstruction."""


def cells_gallery(
    responses: Responses, reconstruction: Reconstruction, curves: CellCountCurves
) -> Drawing:
    """Images beside reconstructions from few, from the responsive, and from all cells.

    Each picture is the mean over trials of the single-trial reconstructions. Few: as many as
    the 95 % count, but at most 20, responsive cells first, strongest first. Images with enough
    responsive cells, if there are any, evenly spaced from best to worst by R of all cells.

    Raises
    ------
    RecordError
        The reconstruction was not made from these responses.
    """
    responses = paired_responses(reconstruction, responses)
    candidates = np.flatnonzero(curves.used if curves.used.any() else np.isfinite(curves.r_all))
    places, ranks = spread_over_scores(curves.r_all[candidates])
    chosen = candidates[places]
    names = [str(responses.image_name[i]) for i in chosen]
    rows = [Row("shown", responses.picture[chosen])]
    conditions = _conditions(responses, reconstruction, curves, chosen)
    for made in conditions:
        notes = [
            f"{score_note(r)}\n{counted(round(n, 1), 'cell')}"
            for r, n in zip(made.r, made.cells, strict=True)
        ]
        rows.append(Row(made.label, made.pictures, notes, style.CONDITION_COLOUR[made.colour]))
    with style.applied():
        figure = gallery(rows, rank_titles(names, ranks), reconstruction.decoder)
    table: dict[str, Column] = {"image": chosen, "image_name": names}
    for made in conditions:
        key = made.label.split()[0]
        table |= {f"cells_{key}": made.cells, f"r_{key}": made.r}
    caption = _caption(reconstruction.decoder, responses.cells, conditions)
    apart = np.abs(conditions[-1].r - reconstruction.r_average[chosen]).max()
    if apart > ROUNDING:
        caption += (
            f" {reconstruction.decoder} reads the mean of several trials, which is less noisy, "
            "with other weights than a single trial: from all cells, R differs by up to "
            f"{number(float(apart))} from that of trial averages."
        )
    return Drawing(f"cells_gallery_{reconstruction.decoder}", figure, caption, table)


def from_strongest(
    responses: Responses,
    reconstruction: Reconstruction,
    presentation: int,
    cells: int,
    omitted: str = "mean",
) -> np.ndarray:
    """The picture that the `cells` first cells of one presentation give, shape (y, x).

    Responsive cells come first, the strongest first, then the others, in the order of the
    scored trial. Omitted cells stand at their training mean, or at zero.
    """
    fold = int(reconstruction.fold[reconstruction.image[presentation]])
    deviation = _deviation(responses, reconstruction, presentation, cells, omitted)
    return _picture(reconstruction, fold, deviation)


def _deviation(
    responses: Responses,
    reconstruction: Reconstruction,
    presentation: int,
    cells: int,
    omitted: str,
) -> np.ndarray:
    """What each cell's reverse filter is multiplied by, zero or −R̄ for omitted cells."""
    fold = int(reconstruction.fold[reconstruction.image[presentation]])
    response = responses.response[presentation]
    responsive = responses.responsive_others[presentation]
    kept = strongest_first(response[None], responsive[None])[0, :cells]
    mean = reconstruction.mean_response[fold]
    deviation = np.zeros_like(mean) if omitted == "mean" else -mean
    deviation[kept] = as_decoded(reconstruction, response[kept], fold) - mean[kept]
    return deviation


def _picture(reconstruction: Reconstruction, fold: int, deviation: np.ndarray) -> np.ndarray:
    m = np.asarray(reconstruction.mean_picture[fold])
    added = deviation @ np.asarray(reconstruction.filters[fold])
    return m + added.reshape(m.shape)


@dataclass(frozen=True)
class _Condition:
    """Pictures of the chosen images from some of the cells, and how many those are."""

    label: str
    colour: str
    cells: np.ndarray
    pictures: np.ndarray
    r: np.ndarray


def _conditions(
    responses: Responses,
    reconstruction: Reconstruction,
    curves: CellCountCurves,
    chosen: np.ndarray,
) -> list[_Condition]:
    trials = responses.presentations
    few = np.nanmin([curves.cells_95, FEW, responses.cells])
    counts = {
        ("few cells", "few"): np.full(trials, int(few)),
        ("responsive", "Resp."): responses.responsive_others.sum(axis=1),
        ("all cells", "All"): np.full(trials, responses.cells),
    }
    if not responses.responsive_others.any():
        del counts["responsive", "Resp."]
    made = []
    for (label, colour), cells in counts.items():
        pictures = np.array(
            [_mean_picture(responses, reconstruction, i, cells, curves.omitted) for i in chosen]
        )
        m = np.asarray(reconstruction.mean_picture)[reconstruction.fold[chosen]]
        r = correlation(_rows(reconstruction.picture[chosen] - m), _rows(pictures - m))
        mean_cells = np.array([cells[responses.image == i].mean() for i in chosen])
        made.append(_Condition(label, colour, mean_cells, pictures, r))
    return made


def _mean_picture(
    responses: Responses,
    reconstruction: Reconstruction,
    image: int,
    cells: np.ndarray,
    omitted: str,
) -> np.ndarray:
    trials = np.flatnonzero(responses.image == image).tolist()
    # The mean of the trials' pictures is the picture of their mean: one fold's filters are read.
    made = [_deviation(responses, reconstruction, t, int(cells[t]), omitted) for t in trials]
    return _picture(reconstruction, int(reconstruction.fold[image]), np.mean(made, axis=0))


def _rows(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(float)


def _caption(decoder: str, cells: int, conditions: list[_Condition]) -> str:
    parts = []
    order = order_in_words(any(made.label == "responsive" for made in conditions))
    for made in conditions:
        number_of_cells = float(made.cells.mean())
        what = {
            "few cells": f"{counted(number_of_cells, 'cell')} ({order})",
            "responsive": f"the responsive cells ({count(round(number_of_cells, 1))} on average)",
            "all cells": "the only cell" if cells == 1 else f"all {cells} cells",
        }[made.label]
        parts.append(f"{number(float(made.r.mean()))} from {what}")
    images = counted(len(conditions[0].r), "image")
    return (
        f"{images} reconstructed by {decoder}, mean over the reconstructions of single trials: "
        f"mean R is {', '.join(parts[:-1])} and {parts[-1]}."
    )
