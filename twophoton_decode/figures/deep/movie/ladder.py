"""Decoders of clips from the plainest to the temporal one, beside their nulls."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.movie.sentences import LABELS, movie_sentence
from twophoton_decode.records.deep.movie_decoding import MovieDecoding
from twophoton_decode.records.table import Table

_SHOWN: Final = ("video_r", "motion_r", "energy_r", "identification")
_NULLS: Final = (("s", "#D55E00"), ("^", "#CC79A7"))
_LAST, _OTHER = "#882255", "#0072B2"
_CHANCE: Final = 0.5


def ladder_figure(found: MovieDecoding) -> Drawing:
    """Each score by decoder, with its interval and nulls."""
    with style.applied():
        figure = style.figure(2.9)
        panels = figure.subplots(1, len(_SHOWN), sharey=True)
        style.letter_panels(*panels)
        for axes, score in zip(panels, _SHOWN, strict=True):
            _draw(axes, found, score)
        panels[0].set_yticks(range(len(found.rung)), found.rung.tolist())
        panels[0].invert_yaxis()
        marks, labels = panels[0].get_legend_handles_labels()
        figure.legend(marks, labels, loc="outside lower center", ncols=3)
    return Drawing(
        "deep_movie", figure, movie_sentence(found.headline), ladder_table(found),
        {"clips": clip_table(found)},
    )  # fmt: skip


def _draw(axes: Axes, found: MovieDecoding, score: str) -> None:
    place = found.score.tolist().index(score)
    rows = np.arange(len(found.rung))
    colours = [_OTHER] * (len(rows) - 1) + [_LAST]
    low, high = found.value_ci95[:, place].T
    axes.hlines(rows, low, high, color=colours, lw=1.2)
    axes.scatter(
        found.value_mean[:, place], rows, s=16, color=colours, zorder=3,
        label="mean over clips, 95 % interval",
    )  # fmt: skip
    for (mark, colour), name, values in zip(_NULLS, found.null, found.null_mean, strict=True):
        axes.scatter(
            values[:, place], rows, s=12, marker=mark, facecolor="none", edgecolor=colour,
            linewidths=0.8, label=str(name),
        )  # fmt: skip
    chance = _CHANCE if score == "identification" else 0.0
    axes.axvline(chance, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xlabel(LABELS[score])


def ladder_table(found: MovieDecoding) -> Table:
    """A row for each decoder and score."""
    rungs, scores = len(found.rung), len(found.score)
    nulls = zip(found.null.tolist(), found.null_mean, strict=True)
    return {
        "decoder": np.repeat(found.rung, scores),
        "score": np.tile(found.score, rungs),
        "mean": found.value_mean.ravel(),
        "ci95_low": found.value_ci95[..., 0].ravel(),
        "ci95_high": found.value_ci95[..., 1].ravel(),
        "gain_of_last": found.gain.ravel(),
        "gain_ci95_low": found.gain_ci95[..., 0].ravel(),
        "gain_ci95_high": found.gain_ci95[..., 1].ravel(),
        **{name.replace(" ", "_"): values.ravel() for name, values in nulls},
    }


def clip_table(found: MovieDecoding) -> Table:
    """A row for each clip: its fold, and the scores of the last decoder."""
    return {
        "clip": found.clip_name,
        "fold": found.fold,
        "frames": found.clip_frames,
        "content": found.content,
        **dict(zip(found.score.tolist(), found.value[-1], strict=True)),
    }
