"""Which words about a picture the cells tell, beside chance and the picture's Gabor energies."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import bare_p, number
from twophoton_decode.records.deep.tag_decoding import TagDecoding
from twophoton_decode.records.table import Table
from twophoton_decode.words import counted

SIGNIFICANT: Final = 0.05
MOST: Final = 40
"""Words in the figure; the table has all."""


def decoded_tags(found: TagDecoding) -> Drawing:
    """Each word's two-way share with its chance, the best told first."""
    rows = np.argsort(-found.auc, kind="stable")[:MOST]
    with style.applied():
        figure = style.figure(1.4 + 0.16 * len(rows))
        axes = figure.subplots()
        _draw(axes, found, rows)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return Drawing("decoded_tags", figure, _caption(found), _table(found))


def _draw(axes: Axes, found: TagDecoding, rows: np.ndarray) -> None:
    place = np.arange(len(rows))
    axes.hlines(place, *found.chance[rows].T, color=style.FAINT, lw=4, label="95 % of chance")
    axes.plot(
        found.gabor_auc[rows], place, "D", ms=4, mfc="white", color=style.INK,
        label="Gabor energies of the pictures",
    )  # fmt: skip
    shown = found.tag_p_holm[rows] < SIGNIFICANT
    colour = style.RESPONSE_COLOUR
    for which, fill, label in (
        (shown, colour, "cells, p < .05 corrected"), (~shown, "white", "cells, not shown"),
    ):  # fmt: skip
        if which.any():
            at = found.auc[rows][which]
            axes.plot(at, place[which], "o", ms=5, mfc=fill, color=colour, label=label)
    axes.axvline(0.5, color=style.INK, lw=0.6, ls=":", zorder=0)
    labels = [f"{found.tag[row]} ({np.count_nonzero(found.has[:, row])})" for row in rows]
    axes.set_yticks(place, labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("Share of pairs of pictures told apart by the word (.5: chance)")


def _caption(found: TagDecoding) -> str:
    shown = found.tag[found.tag_p_holm < SIGNIFICANT].tolist()
    told = f"Told by the cells: {', '.join(shown)}. " if shown else "No word is shown to be told. "
    left = len(found.tag) - MOST
    more = f" The {left} words that are told least are in the table." if left > 0 else ""
    return (
        f"Words that people gave to {counted(len(found.image_name), 'picture')}, told from mean "
        "responses by ridge, each picture by a fit to others; behind a word, how many pictures "
        f"have it. {told}Mean over {counted(len(found.tag), 'word')} {number(found.mean_auc)}, "
        f"p {bare_p(found.mean_tag_p, found.permutations)} with pictures exchanged over the "
        "responses and everything fitted again. A word that Gabor energies of the picture tell as "
        f"well (open diamonds) may be known by its contours, not by what it means.{more}"
    )


def _table(found: TagDecoding) -> Table:
    """A row a word."""
    return {
        "tag": found.tag,
        "pictures": [int(np.count_nonzero(own)) for own in found.has.T],
        "auc": found.auc,
        "gabor_auc": found.gabor_auc,
        "chance_low": found.chance[:, 0],
        "chance_high": found.chance[:, 1],
        "tag_p": found.tag_p,
        "tag_p_holm": found.tag_p_holm,
    }
