"""What single cells add to a reconstruction: response × reverse filter, as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import show_picture
from twophoton_decode.figures.canvas.numbers import counted, number, percent
from twophoton_decode.figures.canvas.placing import axes_at, text_at
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses

STRONGEST: Final = 16
"""As many as the paper shows."""


@dataclass(frozen=True)
class _Contributions:
    """The cells that respond most in one presentation; pictures are (cell, y, x).

    `responsive` says which of them respond to the image by the test, without the presentation.
    """

    image: int
    presentation: int
    cells: np.ndarray
    response: np.ndarray
    responsive: np.ndarray
    pictures: np.ndarray
    share: np.ndarray
    shown: np.ndarray
    few: np.ndarray
    every: np.ndarray
    r_few: float
    r_every: float


def cell_contributions(
    responses: Responses, reconstruction: Reconstruction, curves: CellCountCurves
) -> Drawing:
    """What the 16 strongest cells of one presentation add to its picture, cell by cell [paper].

    Strongest are those with the largest response in that presentation, responsive by the
    test or not [ours]: the responsive ones are framed. Shown are a_k w_k = (R_k − R̄_k) w_k of
    the best reconstructed image, in the presentation whose R is the median of that image's,
    on one grey scale with zero in the middle.

    Raises
    ------
    RecordError
        The reconstruction was not made from these responses.
    """
    responses = paired_responses(reconstruction, responses)
    found = _contributions(responses, reconstruction, curves)
    with style.applied():
        figure = _figure(found, str(responses.response_unit), reconstruction.decoder)
    table = {
        "cell": found.cells,
        "response": found.response,
        "responsive": found.responsive,
        "norm": np.sqrt((found.pictures**2).sum(axis=(1, 2))),
        "share_of_reconstruction": found.share,
    }
    name = f"cell_contributions_{reconstruction.decoder}"
    return Drawing(name, figure, _caption(found, responses, reconstruction.decoder), table)


def _contributions(
    responses: Responses, reconstruction: Reconstruction, curves: CellCountCurves
) -> _Contributions:
    image = int(np.nanargmax(curves.r_all))
    fold = int(reconstruction.fold[image])
    trials = np.flatnonzero(responses.image == image)
    m = np.asarray(reconstruction.mean_picture[fold], float)
    shown = reconstruction.picture[image] - m
    every = np.asarray(reconstruction.single[trials], float) - m
    r = correlation(np.broadcast_to(shown.ravel(), (len(trials), m.size)), _rows(every))
    place = int(np.argsort(r, kind="stable")[len(r) // 2])
    trial = int(trials[place])
    response = responses.response[trial]
    cells = np.argsort(-response, kind="stable")[:STRONGEST]
    read = as_decoded(reconstruction, response, fold) - reconstruction.mean_response[fold]
    filters = np.asarray(reconstruction.filters[fold])[cells].astype(float)
    pictures = (read[cells, None] * filters).reshape(-1, *m.shape)
    whole = every[place].ravel() - every[place].mean()
    few = pictures.sum(axis=0)
    return _Contributions(
        image,
        trial,
        cells,
        response[cells],
        responses.responsive_others[trial, cells],
        pictures,
        _rows(pictures) @ whole / max(whole @ whole, np.finfo(float).tiny),
        shown + m,
        few + m,
        every[place] + m,
        float(correlation(shown.reshape(1, -1), few.reshape(1, -1))[0]),
        float(r[place]),
    )


_COLUMNS: Final = 8
_TITLE_IN: Final = 0.27
_GAP_IN: Final = 0.07


def _figure(found: _Contributions, unit: str, decoder: str) -> Figure:
    side = style.WIDTH_IN / _COLUMNS
    width = side - _GAP_IN
    tall = width * found.shown.shape[0] / found.shown.shape[1]
    pitch = tall + _TITLE_IN + _GAP_IN
    rows = 1 + -(-len(found.cells) // _COLUMNS)
    figure = Figure(figsize=(style.WIDTH_IN, rows * pitch + 0.05))

    def place(row: int, column: int, title: str) -> Axes:
        bottom = (rows - 1 - row) * pitch + 0.05
        left = column * side + _GAP_IN / 2
        text_at(figure, left + width / 2, bottom + tall + 0.03, title, ha="center", va="bottom")
        return axes_at(figure, left, bottom, width, tall)

    few = f"{len(found.cells)} strongest\nR = {number(found.r_few)}"
    every = f"all cells\nR = {number(found.r_every)}"
    show_picture(place(0, 0, "shown"), found.shown)
    show_picture(place(0, 1, few), found.few)
    show_picture(place(0, 2, every), found.every)
    middle = (rows - 1) * pitch + 0.05 + tall / 2
    what = f"{decoder}, below: response × reverse filter,\nstrongest response first"
    what += "; framed: responsive to this image" if found.responsive.any() else ""
    text_at(figure, 3.2 * side, middle, what, va="center")
    largest = np.quantile(np.abs(found.pictures), 0.99) or 1.0
    for n, (cell, response) in enumerate(zip(found.cells, found.response, strict=True)):
        axes = place(1 + n // _COLUMNS, n % _COLUMNS, f"cell {cell}\n{response:.3g} {unit}")
        axes.imshow(found.pictures[n], cmap="gray", vmin=-largest, vmax=largest, aspect="auto")
        _frame(axes, responsive=bool(found.responsive[n]))
    return figure


def _frame(axes: Axes, *, responsive: bool) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(responsive)
    axes.spines[:].set(color=style.RESPONSE_COLOUR, linewidth=1.6)


def _caption(found: _Contributions, responses: Responses, decoder: str) -> str:
    return (
        f"What the {counted(len(found.cells), 'cell')} with the strongest "
        f"{'response adds' if len(found.cells) == 1 else 'responses add'} in one "
        f"presentation of {responses.image_name[found.image]} to the reconstruction by "
        f"{decoder}, the strongest first: response less its training mean, times the cell's "
        "reverse filter, all on one grey scale with zero in the middle. "
        f"{_responsive_sentence(found, responses)} {_together(found, responses.cells)} "
        f"(projected on it; mean training image subtracted), R = {number(found.r_few)} against "
        f"{number(found.r_every)}. "
        "The image is the one reconstructed best, the presentation that of median R."
    )


def _responsive_sentence(found: _Contributions, responses: Responses) -> str:
    if responses.repeats_per_image[found.image] < 3:
        return (
            "Whether they respond to it is not tested: without this presentation, that takes two "
            "others."
        )
    some, shown = int(found.responsive.sum()), len(found.cells)
    answer = f"{some} of the {shown} respond to it"
    if shown == 1:
        answer = f"it {'responds' if some else 'does not respond'} to the image"
    return f"By the test of responsive pairs, without this presentation, {answer}."


def _together(found: _Contributions, cells: int) -> str:
    who = "It holds" if len(found.cells) == 1 else "Together they hold"
    of = "the only cell" if cells == 1 else f"all {cells} cells"
    return f"{who} {percent(float(found.share.sum()))} of the reconstruction from {of}"


def _rows(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)
