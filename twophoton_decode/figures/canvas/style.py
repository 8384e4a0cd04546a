"""One look for every figure: sizes, type, and one colour for each thing that is compared.

The hues are those of Okabe & Ito, which people with any colour vision tell apart.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from contextlib import AbstractContextManager
from string import ascii_lowercase
from types import MappingProxyType
from typing import Any, Final

import matplotlib.style
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

WIDTH_IN: Final = 7.2
"""Width of a figure in inches: two columns of a journal."""

TEXT_PT: Final = 7.0
SMALL_PT: Final = 6.0
LETTER_PT: Final = 9.0
_LETTER_PT: Final = (-18.0, 6.0)
_UNDER_AXIS_PT: Final = 25.0

INK: Final = "#1d1d1f"
FAINT: Final = "#b5b5ba"

CONDITION_COLOUR: Final = {
    "All": "#0072B2",
    "Resp.": "#E69F00",
    "Max.": "#D55E00",
    "few": INK,
    "wrong image": "#8a8a90",
}
RESPONSE_COLOUR: Final = "#CC79A7"
RECONSTRUCTION_COLOUR: Final = "#009E73"
CELL_COLOUR: Final = "#E69F00"
RANDOM_COLOUR: Final = "#8a8a90"
OTHER_ROI_COLOUR: Final = "#56B4E9"

_DECODER_COLOUR: Final = {
    "all-cells": "#56B4E9",
    "cell-selection": "#CC79A7",
    "ridge": "#009E73",
    "lasso": "#D55E00",
    "elastic-net": "#E69F00",
    "bayes": "#0072B2",
    "end-to-end": "#882255",
    "latent": "#332288",
    "latent-diffusion": "#AA4499",
    "feature-inversion": "#88CCEE",
}
_OTHER_DECODERS: Final = ("#44AA99", "#999933", "#117733", "#661100")

_SETTINGS: Final[dict[str, Any]] = {
    "font.family": ["DejaVu Sans"],
    "font.size": TEXT_PT,
    "axes.titlesize": TEXT_PT + 0.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 6.0,
    "axes.labelsize": TEXT_PT,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": SMALL_PT + 0.5,
    "ytick.labelsize": SMALL_PT + 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "legend.fontsize": SMALL_PT + 0.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.3,
    "text.color": INK,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "image.interpolation": "nearest",
}
_SIZES: Final = (
    "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize",
)  # fmt: skip
_FILES: Final[dict[str, Any]] = {
    # Text stays text, so that a journal or Illustrator can edit it; the PDF holds the font.
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "tpdecode",
}


def applied(own: Mapping[str, Any] = MappingProxyType({})) -> AbstractContextManager[None]:
    """Within this context figures get the style, whatever the user's own matplotlibrc says.

    `own` are settings of a style file that the user named, as `read_style` gives them.
    """
    settings = {**_SETTINGS, **_sizes(own), **own, **_FILES}
    return matplotlib.style.context(settings, after_reset=True)


def _sizes(own: Mapping[str, Any]) -> dict[str, float]:
    """The sizes of type, all larger or smaller by as much as the user's `font.size` is."""
    scale = own.get("font.size", TEXT_PT) / TEXT_PT
    return {key: scale * _SETTINGS[key] for key in _SIZES}


def figure(height_in: float) -> Figure:
    """An empty figure of full width; its axes arrange themselves."""
    return Figure(figsize=(WIDTH_IN, height_in), layout="constrained")


def letter_panels(*panels: Axes) -> None:
    """Bold letters from a on, all at the same place left above their panels.

    They belong to the figure, so that panels hold only what they show. A panel that gets no
    title keeps room for the letter.
    """
    for place, axes in enumerate(panels):
        axes.set_title(" ")
        figure = axes.get_figure(root=True)
        assert figure is not None
        left, up = _LETTER_PT
        above = ScaledTranslation(left / 72, up / 72, figure.dpi_scale_trans)
        figure.text(
            0, 1, ascii_lowercase[place], transform=axes.transAxes + above, fontweight="bold",
            fontsize=LETTER_PT, ha="right", va="baseline",
        )  # fmt: skip


def legend_below(axes: Axes, ncols: int = 1, *, label_lines: int = 1, **options: Any) -> Legend:
    """A legend below the label of the x axis, where it covers no data."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    down = (_UNDER_AXIS_PT + (label_lines - 1) * TEXT_PT * 1.2) * rcParams["font.size"] / TEXT_PT
    below = ScaledTranslation(0, -down / 72, figure.dpi_scale_trans)
    return axes.legend(
        loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=axes.transAxes + below,
        borderaxespad=0, ncols=ncols, **options,
    )  # fmt: skip


def whole_numbers(*axes: Axis) -> None:
    """Ticks at whole numbers, for axes that count."""
    for axis in axes:
        axis.set_major_locator(MaxNLocator("auto", integer=True))


def decoder_colour(name: str) -> str:
    """The colour of a decoder: the same in every figure and every session."""
    code = sum(ord(letter) * place for place, letter in enumerate(name, start=1))
    return _DECODER_COLOUR.get(name, _OTHER_DECODERS[code % len(_OTHER_DECODERS)])


def say_unavailable(axes: Axes, reason: str, letters: int = 36) -> None:
    """Write into empty axes why they are empty, in lines of so many letters."""
    say(axes, f"unavailable: {reason}", letters)


def say(axes: Axes, text: str, letters: int = 36) -> None:
    """Words instead of a drawing, in lines of so many letters."""
    axes.set_axis_off()
    text = textwrap.fill(text, letters)
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", parse_math=False)
