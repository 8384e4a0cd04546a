"""Scores of every kind of picture apart, as a column of the log or a file names the kinds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.records.table import Table

Scores = Mapping[str, Mapping[str, Mapping[str, float]]]
"""By decoder, category and score."""
TITLES = {"r_average": "R of trial averages", "ssim": "SSIM of trial averages"}


def scores_by_category(scores: Scores) -> Drawing:
    """Mean R and SSIM over the pictures of each category, by decoder."""
    names = list(dict.fromkeys(name for each in scores.values() for name in each))
    with style.applied():
        figure = style.figure(1.5 + 0.2 * len(names))
        panels = figure.subplots(1, len(TITLES), sharey=True)
        style.letter_panels(*panels)
        for axes, (score, title) in zip(panels, TITLES.items(), strict=True):
            for decoder, found in scores.items():
                at = [found.get(name, {}).get(score, np.nan) for name in names]
                colour = style.decoder_colour(decoder)
                axes.plot(at, range(len(names)), "o", ms=5, color=colour, label=decoder, alpha=0.8)
            axes.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
            axes.set_xlabel(title)
        first = next(iter(scores.values()))
        labels = [f"{name} ({first[name]['images']:.0f})" for name in names]
        panels[0].set_yticks(range(len(names)), labels)
        panels[0].set_ylim(len(names) - 0.5, -0.5)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6))
    caption = (
        "Mean scores over the pictures of each category; behind its name, how many it has. "
        "Decoders were fitted to pictures of all categories. Differences between categories are "
        "not tested: pictures of some kinds are easier, whatever the cells know of kinds."
    )
    return Drawing("scores_by_category", figure, caption, _table(scores))


def _table(scores: Scores) -> Table:
    """A row a decoder and category."""
    rows = [
        {"decoder": decoder, "category": name, **each}
        for decoder, found in scores.items()
        for name, each in found.items()
    ]
    return {key: [row[key] for row in rows] for key in rows[0]}
