"""Prediction of single cells from a network's layers, with attention on and off."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.attention.sentences import (
    attention_sentence,
    prediction_sentence,
)
from twophoton_decode.records import AttentionEncoding

BIN_COLOUR: Final = (style.FAINT, "#9ecae1", "#4292c6", "#08519c", "#08306b")
"""Of cells that are not predicted, and of r bins upwards."""
BIN_NAME: Final = ("r ≤ 0", "0–.1", ".1–.2", ".2–.3", ".3–")
_CELLS: Final = (
    "r_off", "r_on", "r_other_map", "r_mean_map", "p_off", "p_on", "p_either", "predicted",
    "delta", "delta_counted", "r_bin", "r_pixels", "noise_ceiling_r",
)  # fmt: skip


def attention_prediction(found: AttentionEncoding) -> Drawing:
    """Layers beside their controls, attention on against off, what counts, r bins, and maps."""
    with style.applied():
        figure = style.figure(4.6)
        top, bottom = figure.subfigures(2, 1, height_ratios=(2.6, 1.3), squeeze=False)[:, 0]
        panels = top.subplots(1, 4)
        style.letter_panels(*panels)
        for axes, draw in zip(panels, (_layers, _on_off, _beyond, _bins), strict=True):
            draw(axes, found)
        _examples(bottom.subplots(1, len(found.example_image) + 1), found)
    table = {"cell": np.arange(len(found.r_on))} | {key: getattr(found, key) for key in _CELLS}
    layers = {
        "layer": found.layer,
        "r": np.array([found.median_of(f"layer_r:{each}") for each in found.layer]),
        "random": np.array([found.median_of(f"layer_r_random:{each}") for each in found.layer]),
    }
    numbers = found.headline
    caption = f"{attention_sentence(numbers)} {prediction_sentence(numbers)}"
    name = f"attention_{_plain(found.network)}"
    return Drawing(name, figure, caption, table, {"layers": layers})


def _plain(network: str) -> str:
    """A network's name as part of a file's name."""
    return network.replace("@random:", "-random-")


def _layers(axes: Axes, found: AttentionEncoding) -> None:
    place = np.arange(len(found.layer))
    kinds = (
        ("layer_r", style.RECONSTRUCTION_COLOUR, found.network),
        ("layer_r_random", style.RANDOM_COLOUR, "random weights"),
    )
    for kind, colour, label in kinds:
        values = [found.median_of(f"{kind}:{name}") for name in found.layer]
        axes.plot(place, values, "o-", ms=3, color=colour, label=label)
    axes.axhline(found.median_of("r_pixels"), color=style.INK, lw=0.8, ls=":", label="pixels")
    ceiling = found.median_of("noise_ceiling_r")
    if np.isfinite(ceiling):
        axes.axhline(ceiling, color=style.FAINT, lw=0.8, label="noise ceiling")
    axes.set_xticks(place, found.layer.tolist(), rotation=60)
    axes.set_ylabel("r, median over cells")
    axes.set_title("Attention off")
    style.legend_below(axes, label_lines=2)


def _on_off(axes: Axes, found: AttentionEncoding) -> None:
    axes.axline((0, 0), slope=1, color=style.FAINT, lw=0.8, zorder=0)
    axes.scatter(found.r_off, found.r_on, s=6, c=bin_colours(found.r_bin), linewidths=0)
    axes.set_xlabel("r, attention off")
    axes.set_ylabel("r, attention on")
    axes.set_title("Each cell")


def _beyond(axes: Axes, found: AttentionEncoding) -> None:
    rows = (
        ("off", found.mean_of("delta"), found.delta_ci95),
        ("another\nmap", found.beyond_other, found.beyond_other_ci95),
        ("mean\nmap", found.beyond_mean, found.beyond_mean_ci95),
    )
    axes.axhline(0, color=style.FAINT, lw=0.8, zorder=0)
    for place, (_, value, (low, high)) in enumerate(rows):
        colour = style.RANDOM_COLOUR if place == 0 else style.CONDITION_COLOUR["Max."]
        axes.plot((place, place), (low, high), color=colour, lw=1.2)
        axes.plot(place, value, "o", ms=4, color=colour)
    axes.set_xticks(range(len(rows)), [label for label, _, _ in rows])
    axes.set(xlim=(-0.5, 2.5))
    axes.set_xlabel("the own map against")
    axes.set_ylabel("Difference of r, mean over cells")
    axes.set_title("Does attention count?")


def _bins(axes: Axes, found: AttentionEncoding) -> None:
    counts = [found.count_of(f"bin:{place}") for place in range(-1, 4)]
    axes.bar(range(len(counts)), counts, color=BIN_COLOUR)
    axes.set_xticks(range(len(counts)), BIN_NAME, rotation=30)
    axes.set_xlabel("r, attention on")
    axes.set_ylabel("Cells")
    style.whole_numbers(axes.yaxis)
    axes.set_title("Cells by r")


def _examples(panels: np.ndarray, found: AttentionEncoding) -> None:
    side = found.example_picture.shape[1]
    for axes, picture, attention in zip(
        panels[:-1], found.example_picture, found.example_map, strict=True
    ):
        axes.imshow(picture, cmap="gray")
        axes.imshow(
            attention, cmap="magma", alpha=0.45, vmin=0, vmax=1, interpolation="bilinear",
            extent=(-0.5, side - 0.5, side - 0.5, -0.5),
        )  # fmt: skip
    panels[-1].imshow(found.mean_map, cmap="magma", vmin=0, vmax=1, interpolation="bilinear")
    for axes in panels:
        axes.set(xticks=[], yticks=[])
    panels[0].set_title("Maps of attention")
    panels[-1].set_title("Mean map")


def bin_colours(r_bin: np.ndarray) -> list[str]:
    """The colour of each cell's r bin; grey where r is not above 0."""
    return [BIN_COLOUR[place + 1] for place in r_bin.tolist()]
