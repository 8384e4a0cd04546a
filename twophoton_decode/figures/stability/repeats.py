"""The repeats of one image: which cells respond, and what is reconstructed from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import (
    DISPLAY_NOTE,
    colour_bar,
    score_note,
    show_picture,
)
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import counted, number
from twophoton_decode.figures.canvas.placing import axes_at, text_at
from twophoton_decode.figures.stability.similarity import unavailable, without_repeats
from twophoton_decode.records import Reconstruction, Stability


def repeats_gallery(reconstruction: Reconstruction, stability: Stability) -> Drawing:
    """Reconstructions and responses (cells by repeats) over the repeats of one image."""
    name = f"repeats_{stability.decoder}"
    if stability.typical_image < 0:
        return unavailable(name, "Stability", without_repeats(stability))
    shown = _OneImage.of(reconstruction, stability)
    with style.applied():
        figure = _draw(shown)
    caption = (
        f"{len(shown.repeat)} of {counted(stability.repeats[shown.image], 'repeat')} of "
        f"image {shown.name}, the one of median response similarity among those with many "
        "responsive cells: "
        f"reconstructions correlate at "
        f"{number(stability.reconstruction_similarity[shown.image])} with the average of the other "
        f"trials and at R = {number(float(reconstruction.r_single[shown.image]))} with the picture "
        f"shown, {_responses_compared(stability, shown.image)}."
    )
    return Drawing(name, figure, caption, _table(shown))


def _responses_compared(stability: Stability, image: int) -> str:
    cells = counted(stability.responsive_cells[image], "responsive cell")
    similarity = float(stability.response_similarity[image])
    if not np.isfinite(similarity):
        return f"responses are not compared ({cells})"
    return f"responses of {cells} at {number(similarity)}"


@dataclass(frozen=True)
class _OneImage:
    """What is drawn of one image; cells are sorted, the strongest first."""

    image: int
    name: str
    picture: np.ndarray
    average: np.ndarray
    r_average: float
    single: np.ndarray
    r_single: np.ndarray
    repeat: np.ndarray
    cell: np.ndarray
    responsive: bool
    response: np.ndarray
    mean_response: np.ndarray
    unit: str
    decoder: str

    @classmethod
    def of(cls, made: Reconstruction, stability: Stability) -> _OneImage:
        image = stability.typical_image
        return cls(
            image=image,
            name=str(made.image_name[image]),
            picture=made.picture[image],
            average=made.average[image],
            r_average=float(made.r_average[image]),
            single=np.asarray(made.single[stability.typical_presentation]),
            r_single=stability.typical_r,
            repeat=stability.typical_repeat,
            cell=stability.typical_cell,
            responsive=stability.typical_responsive,
            response=stability.typical_response,
            mean_response=stability.typical_mean_response,
            unit=stability.response_unit,
            decoder=made.decoder,
        )


def _draw(shown: _OneImage) -> Figure:
    columns = len(shown.repeat) + 2
    left, right = 0.95, 0.62
    step = min((style.WIDTH_IN - left - right) / columns, 0.9)
    side, tall = step - 0.06, (step - 0.06) * shown.picture.shape[0] / shown.picture.shape[1]
    foot, strip = 0.36, 1.5
    total = foot + strip + 0.32 + tall + 0.28
    figure = Figure(figsize=(style.WIDTH_IN, total))
    top = total - 0.28 - tall
    titles = ["shown", "average", *(f"repeat {number + 1}" for number in shown.repeat)]
    notes = ["", score_note(shown.r_average), *map(score_note, shown.r_single)]
    pictures = [shown.picture, shown.average, *shown.single]
    bars = [None, shown.mean_response, *shown.response]
    scale = _colour_range(shown.response)
    colour_bar(figure, 0.05, top, tall, style.decoder_colour(shown.decoder))
    text_at(figure, 0.14, top + tall / 2, shown.decoder, va="center")
    text_at(figure, 0.14, foot + strip / 2, _cells_label(shown), va="center")
    for column in range(columns):
        x = left + column * step
        text_at(figure, x + side / 2, top + tall + 0.05, titles[column], ha="center")
        show_picture(axes_at(figure, x, top, side, tall), pictures[column])
        text_at(figure, x + side / 2, top - 0.04, notes[column], ha="center", va="top")
        if bars[column] is not None:
            _heat(axes_at(figure, x, foot, side, strip), bars[column], scale)
    bar = axes_at(figure, left + columns * step + 0.05, foot, 0.07, strip)
    _scale_beside(bar, scale, f"response ({shown.unit})")
    missing = "; white: no response" if np.isnan(shown.response).any() else ""
    text_at(figure, 0.05, 0.04, f"{DISPLAY_NOTE}{missing}", va="bottom", fontsize=style.SMALL_PT)
    return figure


def _cells_label(shown: _OneImage) -> str:
    which = "responsive cell" if shown.responsive else "cell"
    return f"{counted(len(shown.cell), which)},\nstrongest\non top"


def _heat(axes: Axes, response: np.ndarray, scale: tuple[float, float]) -> None:
    axes.imshow(response[:, None], cmap="magma", vmin=scale[0], vmax=scale[1], aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _colour_range(response: np.ndarray) -> tuple[float, float]:
    """From the 1st percentile, or zero if that is higher, to the 99th."""
    low, high = colour_limits(response, 1, 99)
    low = min(low, 0.0)
    return low, high if high > low else low + 1


def _scale_beside(axes: Axes, scale: tuple[float, float], label: str) -> None:
    gradient = np.linspace(*scale, 64)[:, None]
    axes.imshow(gradient, cmap="magma", aspect="auto", origin="lower", extent=(0, 1, *scale))
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.yaxis.set_label_position("right")
    axes.set_ylabel(label)
    axes.spines[:].set_visible(False)


def _table(shown: _OneImage) -> dict[str, np.ndarray]:
    table = {"cell": shown.cell, "response_average": shown.mean_response}
    for repeat, response in zip(shown.repeat, shown.response, strict=True):
        table[f"response_repeat_{repeat + 1}"] = response
    return table | {"repeat": shown.repeat + 1, "r_single": shown.r_single}
