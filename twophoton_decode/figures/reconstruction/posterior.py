"""How sure a decoder is of each pixel, and whether it is right about that."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from twophoton_decode.errors import RecordError
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import (
    rank_titles,
    score_note,
    show_picture,
)
from twophoton_decode.figures.canvas.numbers import counted, number, percent
from twophoton_decode.figures.canvas.placing import axes_at, text_at
from twophoton_decode.records import Reconstruction
from twophoton_decode.records.table import Column

_LABEL_IN: Final = 0.85
_BAR_IN: Final = 0.5
_GAP_IN: Final = 0.05
_HEAD_IN: Final = 0.38
_NOTE_IN: Final = 0.17
_PANEL_IN: Final = 1.55
_FOOT_IN: Final = 0.55


def posterior_panels(made: Reconstruction) -> Drawing:
    """Reconstructions, their posterior standard deviation, and where the truth lies in it.

    Images from best to worst by R of the trial average. Below, over all pixels of all
    images: how often intervals of each nominal content hold the truth, and the deviations
    of the truth in standard deviations beside the normal density.

    Raises
    ------
    RecordError
        The decoder has no posterior.
    """
    if made.posterior_sd is None:
        raise RecordError(f"{made.decoder} does not say how sure it is: it has no posterior_sd.")
    titles = rank_titles(
        [str(made.image_name[i]) for i in made.posterior_image], made.posterior_rank
    )
    with style.applied():
        figure = _figure(made, titles)
    table: dict[str, Column] = {
        "nominal": np.round(made.posterior_level, 2),
        "held": made.posterior_held,
        "image": np.arange(len(made.image_sd)),
        "mean_sd": made.image_sd,
        "rms_deviation_in_sd": made.image_deviation,
    }
    return Drawing(f"posterior_{made.decoder}", figure, _caption(made), table)


def _figure(made: Reconstruction, titles: list[str]) -> Figure:
    side = (style.WIDTH_IN - _LABEL_IN - _BAR_IN) / len(titles)
    wide = min(side, 1.0) - _GAP_IN
    tall = wide * made.picture.shape[1] / made.picture.shape[2]
    pictures_in = 4 * (tall + _GAP_IN) + _NOTE_IN
    total = _HEAD_IN + pictures_in + _PANEL_IN + 2 * _FOOT_IN
    figure = Figure(figsize=(style.WIDTH_IN, total))
    _pictures(figure, made, titles, (wide, tall, total - _HEAD_IN))
    half = (style.WIDTH_IN - 1.6) / 2
    _draw_content(axes_at(figure, 0.55, _FOOT_IN, half, _PANEL_IN), made)
    _draw_density(axes_at(figure, 1.45 + half, _FOOT_IN, half, _PANEL_IN), made)
    return figure


def _pictures(
    figure: Figure,
    made: Reconstruction,
    titles: list[str],
    size: tuple[float, float, float],
) -> None:
    """Four rows: shown, reconstructed, standard deviation, deviation of the truth."""
    wide, tall, top = size
    chosen, sd = made.posterior_image, made.posterior_relative
    scales = {
        "posterior SD /\nSD of pictures": (sd, "magma", Normalize(sd.min(), sd.max())),
        "true minus\nreconstructed,\nin SD": (
            made.posterior_deviation,
            "RdBu_r",
            Normalize(-3.0, 3.0),
        ),
    }
    for column, title in enumerate(titles):
        middle = _LABEL_IN + column * (wide + _GAP_IN) + wide / 2
        text_at(figure, middle, top + 0.05, title, ha="center", va="bottom")
        note = score_note(float(made.r_average[chosen[column]]))
        under = top - 2 * (tall + _GAP_IN) + 0.02
        text_at(figure, middle, under, note, ha="center", va="top")
    for label, pictures in (("shown", made.picture), ("average of\ntrials", made.average)):
        for axes, picture in zip(
            _row(figure, label, top, wide, tall, len(chosen)), pictures[chosen], strict=True
        ):
            show_picture(axes, picture)
        top -= tall + _GAP_IN
    top -= _NOTE_IN
    for label, (pictures, colours, scale) in scales.items():
        for axes, picture in zip(
            _row(figure, label, top, wide, tall, len(chosen)), pictures, strict=True
        ):
            axes.imshow(picture, cmap=colours, norm=scale, aspect="auto")
            axes.set_axis_off()
        left = _LABEL_IN + len(chosen) * (wide + _GAP_IN) + 0.03
        bar = axes_at(figure, left, top - tall, 0.08, tall)
        figure.colorbar(ScalarMappable(scale, colours), cax=bar)
        top -= tall + _GAP_IN


def _row(
    figure: Figure, label: str, top: float, wide: float, tall: float, columns: int
) -> list[Axes]:
    text_at(figure, 0.05, top - tall / 2, label, va="center")
    lefts = [_LABEL_IN + column * (wide + _GAP_IN) for column in range(columns)]
    return [axes_at(figure, left, top - tall, wide, tall) for left in lefts]


def _draw_content(axes: Axes, made: Reconstruction) -> None:
    axes.plot([0, 1], [0, 1], color=style.FAINT, lw=0.8)
    axes.plot(
        made.posterior_level, made.posterior_held, ".-", ms=4,
        color=style.decoder_colour(made.decoder),
    )  # fmt: skip
    axes.plot(0.9, made.coverage_90, "o", ms=6, mfc="none", color=style.INK)
    axes.set(
        xlim=(0, 1), ylim=(0, 1), xlabel="nominal content of the interval",
        ylabel="share of pixels inside",
    )  # fmt: skip
    axes.set_title("Are the intervals right?")
    axes.annotate(
        f"90 %: {percent(made.coverage_90)}", (0.9, made.coverage_90), (0.97, 0.62),
        ha="right", arrowprops={"arrowstyle": "-", "lw": 0.5},
    )  # fmt: skip


def _draw_density(axes: Axes, made: Reconstruction) -> None:
    edges = made.deviation_edge
    axes.stairs(made.deviation_density, edges, fill=True, color=style.FAINT, label="pixels")
    axes.plot(edges, made.normal_density, color=style.INK, lw=1, label="as predicted")
    axes.set(xlabel="true minus reconstructed, in posterior SD", ylabel="density", xlim=(-5, 5))
    axes.set_title("Deviations of the truth")
    style.legend_below(axes, ncols=2)


def _caption(made: Reconstruction) -> str:
    return (
        f"How sure {made.decoder} is of its reconstructions from trial averages: the posterior "
        f"standard deviation of a pixel is {number(made.relative_sd)} of that of the pictures. "
        "The 90 % "
        f"interval holds {percent(made.coverage_90, 1)} of the pixels of "
        f"{counted(len(made.picture), 'image')} that no fit saw, and "
        f"{percent(made.beyond_three, 1)} lie more "
        "than 3 standard deviations off (0.3 % if Gaussian). Neighbouring pixels go together, so "
        f"these are far fewer independent numbers than pixels.{_certain(made)}"
    )


def _certain(made: Reconstruction) -> str:
    """That some pixels have an interval without width, if they do."""
    if not made.posterior_certain > 0:
        return ""
    return (
        f" {percent(made.posterior_certain, 1)} of the pixels have a posterior standard deviation "
        "of 0: their intervals hold what is exact, and they have no deviation (white, not in the "
        "density)."
    )
