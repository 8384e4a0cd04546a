"""Reconstructions of all decoders by the scores of the field, beside chance and random weights."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, interval, number, signed
from twophoton_decode.records.deep.pictures.picture_scores import PictureScores
from twophoton_decode.records.table import Table

_APART = 0.22
_COLOURS = (style.INK, "#0072B2", "#009E73", "#D55E00")
PIXELS = "pixels"


def scored_pictures(found: PictureScores) -> Drawing:
    """A panel for each score: SSIM, PixCorr, and both kinds of identification by space."""
    with style.applied():
        figure = style.figure(2.2 + 0.5 * len(found.decoder))
        panels = figure.subplots(1, 4, sharey=True, width_ratios=(1, 1, 2, 2))
        style.letter_panels(*panels)
        for axes, score in zip(panels[:2], ("SSIM", "PixCorr"), strict=True):
            _draw(axes, found, score, [PIXELS])
        spaces = [PIXELS, *found.layer.tolist()]
        for axes, score in zip(panels[2:], ("two-way", "top-1"), strict=True):
            _draw(axes, found, score, spaces)
        panels[3].set_xlabel(f"top-1 of {found.candidates}")
        panels[0].set_yticks(range(len(found.decoder)), found.decoder)
        panels[0].set_ylim(len(found.decoder) - 0.4, -0.6)
        handles, labels = panels[2].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=6, columnspacing=1.2)
    return Drawing(
        f"picture_scores_{found.network.replace('@random:', '-random-')}",
        figure,
        _caption(found),
        _table(found),
        {"beyond_random": _beyond_table(found)},
    )


def _draw(axes: Axes, found: PictureScores, score: str, spaces: list[str]) -> None:
    """Means and intervals of a score, a colour a space; open marks: random weights."""
    places = np.linspace(-_APART, _APART, len(spaces)) if len(spaces) > 1 else np.zeros(1)
    for shift, space, colour in zip(places, spaces, _COLOURS[: len(spaces)], strict=True):
        y, column = np.arange(len(found.decoder)) + shift, found.column(score, space)
        axes.hlines(y, *found.picture_score_ci95[:, column].T, color=colour, lw=1.2)
        axes.plot(found.value_mean[:, column], y, "o", ms=4.5, color=colour, label=space)
        if space != PIXELS:
            random = found.value_mean[:, found.column(score, f"{space}, random weights")]
            label = "random weights" if space == spaces[-1] else None
            axes.plot(random, y, "o", ms=4.5, mfc="none", color=colour, label=label)
    rows = np.arange(len(found.decoder))
    axes.vlines(
        found.chance[:, found.column(score, PIXELS)], rows - 0.35, rows + 0.35,
        color=style.FAINT, lw=2, zorder=0, label="chance, wrong images",
    )  # fmt: skip
    axes.set_xlabel(score)


def _caption(found: PictureScores) -> str:
    last = str(found.layer[-1])
    layers = ", ".join(found.layer.tolist())
    rows = [_of_decoder(found, row, last) for row in range(len(found.decoder))]
    return (
        f"Trial-averaged reconstructions of {counted(len(found.image_name), 'image')}, scored as "
        "they are (the mean training image left in), with 95 % intervals over images. Two-way "
        "identification: share of wrong images whose features correlate less with those of the "
        f"reconstruction; in pixels and in layers {layers} of {found.network}; open: the same "
        f"layers with random weights, mean of {counted(len(found.twins), 'draw')}. Grey: SSIM and "
        f"PixCorr with wrong images, and chance. {' '.join(rows)}"
    )


def _of_decoder(found: PictureScores, row: int, last: str) -> str:
    ssim, own = (found.value_mean[row, found.column(*each)]
                 for each in (("SSIM", "pixels"), ("two-way", last)))  # fmt: skip
    wrong = found.chance[row, found.column("SSIM", "pixels")]
    beyond, ends = found.beyond_random[row, -1], found.beyond_random_ci95[row, -1]
    told = (
        ""
        if np.isnan(beyond)
        else f", {signed(beyond, 2)} beyond random weights ({interval(ends)})"
    )
    return (
        f"{found.decoder[row]}: SSIM {number(ssim)} ({number(wrong)} with wrong images), two-way "
        f"{number(own)} in {last}{told}."
    )


def _table(found: PictureScores) -> Table:
    """A row a decoder and column of the record."""
    rows = [
        (decoder, score, space, mean, low, high, chance)
        for decoder, means, ends, chances in zip(
            found.decoder.tolist(), found.value_mean.tolist(), found.picture_score_ci95.tolist(),
            found.chance.tolist(), strict=True,
        )
        for score, space, mean, (low, high), chance in zip(
            found.score.tolist(), found.space.tolist(), means, ends, chances, strict=True
        )
    ]  # fmt: skip
    names = (
        "decoder", "score", "space", "value_mean", "picture_score_ci95_low",
        "picture_score_ci95_high", "chance",
    )  # fmt: skip
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _beyond_table(found: PictureScores) -> Table:
    """A row a decoder and layer: two-way less that with random weights."""
    shape = found.beyond_random.shape
    return {
        "decoder": np.repeat(found.decoder, shape[1]).tolist(),
        "layer": np.tile(found.layer, shape[0]).tolist(),
        "beyond_random": found.beyond_random.ravel().tolist(),
        "beyond_random_ci95_low": found.beyond_random_ci95[..., 0].ravel().tolist(),
        "beyond_random_ci95_high": found.beyond_random_ci95[..., 1].ravel().tolist(),
        "beyond_random_p": found.beyond_random_p.ravel().tolist(),
    }
