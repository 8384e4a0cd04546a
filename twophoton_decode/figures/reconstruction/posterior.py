"""How sure a decoder is of each pixel, and whether it is right about that."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from scipy import stats

from twophoton_decode.errors import RecordError
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Column, Drawing
from twophoton_decode.figures.canvas.gallery import (
    rank_titles,
    score_note,
    show_picture,
    spread_over_scores,
)
from twophoton_decode.figures.canvas.numbers import counted, number, percent
from twophoton_decode.figures.canvas.placing import axes_at, text_at
from twophoton_decode.records import Reconstruction

IMAGES: Final = 6
LEVELS: Final = np.arange(0.05, 1.0, 0.05)
"""Nominal contents of the intervals whose true content is drawn."""

_LABEL_IN: Final = 0.85
_BAR_IN: Final = 0.5
_GAP_IN: Final = 0.05
_HEAD_IN: Final = 0.38
_NOTE_IN: Final = 0.17
_PANEL_IN: Final = 1.55
_FOOT_IN: Final = 0.42


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
    deviation = _deviation(made)
    chosen, ranks = spread_over_scores(made.r_average, IMAGES)
    titles = rank_titles([str(made.image_name[i]) for i in chosen], ranks)
    with style.applied():
        figure = _figure(made, deviation, chosen, titles)
    held = np.array([(np.abs(deviation) <= _quantile(level)).mean() for level in LEVELS])
    sd_of_image = made.posterior_sd.mean(axis=(1, 2))
    table: dict[str, Column] = {
        "nominal": np.round(LEVELS, 2),
        "held": held,
        "image": np.arange(len(sd_of_image)),
        "mean_sd": sd_of_image,
        "rms_deviation_in_sd": np.sqrt((deviation**2).mean(axis=(1, 2))),
    }
    return Drawing(f"posterior_{made.decoder}", figure, _caption(made, deviation), table)


def _deviation(made: Reconstruction) -> np.ndarray:
    """The image shown minus its reconstruction, in posterior standard deviations."""
    error = made.picture - made.average
    sd = np.asarray(made.posterior_sd)
    return np.divide(error, sd, out=np.zeros_like(error), where=sd > 0)


def _quantile(level: float) -> float:
    """Standard deviations on both sides that hold `level` of a Gaussian."""
    return float(stats.norm.ppf(0.5 + level / 2))


def _figure(
    made: Reconstruction, deviation: np.ndarray, chosen: np.ndarray, titles: list[str]
) -> Figure:
    side = (style.WIDTH_IN - _LABEL_IN - _BAR_IN) / len(chosen)
    wide = min(side, 1.0) - _GAP_IN
    tall = wide * made.picture.shape[1] / made.picture.shape[2]
    pictures_in = 4 * (tall + _GAP_IN) + _NOTE_IN
    total = _HEAD_IN + pictures_in + _PANEL_IN + 2 * _FOOT_IN
    figure = Figure(figsize=(style.WIDTH_IN, total))
    _pictures(figure, made, deviation, chosen, titles, (wide, tall, total - _HEAD_IN))
    half = (style.WIDTH_IN - 1.6) / 2
    _draw_content(axes_at(figure, 0.55, _FOOT_IN, half, _PANEL_IN), made, deviation)
    _draw_density(axes_at(figure, 1.45 + half, _FOOT_IN, half, _PANEL_IN), deviation)
    return figure


def _pictures(
    figure: Figure,
    made: Reconstruction,
    deviation: np.ndarray,
    chosen: np.ndarray,
    titles: list[str],
    size: tuple[float, float, float],
) -> None:
    """Four rows: shown, reconstructed, standard deviation, deviation of the truth."""
    wide, tall, top = size
    sd = np.asarray(made.posterior_sd)[chosen] / (float(made.picture.std()) or 1.0)
    scales = {
        "posterior SD /\nSD of pictures": (sd, "magma", Normalize(sd.min(), sd.max())),
        "true minus\nreconstructed,\nin SD": (deviation[chosen], "RdBu_r", Normalize(-3.0, 3.0)),
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


def _draw_content(axes: Axes, made: Reconstruction, deviation: np.ndarray) -> None:
    held = [(np.abs(deviation) <= _quantile(level)).mean() for level in LEVELS]
    axes.plot([0, 1], [0, 1], color=style.FAINT, lw=0.8)
    axes.plot(LEVELS, held, ".-", color=style.decoder_colour(made.decoder), ms=4)
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


def _draw_density(axes: Axes, deviation: np.ndarray) -> None:
    edges = np.linspace(-5, 5, 61)
    density, _ = np.histogram(deviation, edges, density=True)
    axes.stairs(density, edges, fill=True, color=style.FAINT, label="pixels")
    axes.plot(edges, stats.norm.pdf(edges), color=style.INK, lw=1, label="as predicted")
    axes.set(xlabel="true minus reconstructed, in posterior SD", ylabel="density", xlim=(-5, 5))
    axes.set_title("Deviations of the truth")
    axes.legend(loc="upper right")


def _caption(made: Reconstruction, deviation: np.ndarray) -> str:
    beyond = float((np.abs(deviation) > 3).mean())
    size = float(np.asarray(made.posterior_sd).mean() / made.picture.std())
    return (
        f"How sure {made.decoder} is of its reconstructions from trial averages: the posterior "
        f"standard deviation of a pixel is {number(size)} of that of the pictures. The 90 % "
        f"interval holds {percent(made.coverage_90, 1)} of the pixels of "
        f"{counted(len(made.picture), 'image')} that no fit saw, and {percent(beyond, 1)} lie more "
        "than 3 standard deviations off (0.3 % if Gaussian). Neighbouring pixels go together, so "
        "these are far fewer independent numbers than pixels."
    )
