"""The paper's figure 3: images beside their reconstructions, and how good these are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.gallery import Row
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.publication.panels import Composed, Panel
from twophoton_decode.figures.publication.pictures import picture_rows
from twophoton_decode.figures.reconstruction.identification import (
    draw_identification,
    identification_table,
)
from twophoton_decode.figures.reconstruction.reconstructions import (
    comparison_in_words,
    draw_scores,
    score_legend,
)
from twophoton_decode.records import Reconstruction
from twophoton_decode.records.table import Column, Table

_SHOWN: Final = 6
_KINDS: Final = {"r_average": "Trial-averaged responses", "r_single": "Single trials"}


def reconstruction_figure(
    made: Mapping[str, Reconstruction], ranked: np.ndarray, best: str, primary_score: str
) -> Composed:
    """Pictures of every decoder, its scores beside chance, and identification.

    Parameters
    ----------
    ranked : ndarray of int, shape (example,)
        Images from the best to the worst.
    best : str
        The decoder that the caption speaks of, by `primary_score`.
    """
    panels = [_pictures(made, ranked), *(_scores(made, score) for score in _KINDS)]
    if any(len(each.pool_name) for each in made.values()):
        panels.append(_identification(made))
    caption = comparison_in_words(made, best, primary_score)
    shown = "Pictures are shown with the mean training image, each on its own grey scale."
    return Composed("3_reconstruction", panels, f"{caption} {shown}")


def _pictures(made: Mapping[str, Reconstruction], ranked: np.ndarray) -> Panel:
    places = np.unique(np.linspace(0, len(ranked) - 1, _SHOWN).round().astype(int))
    chosen = ranked[places]
    first = next(iter(made.values()))
    rows = [Row("shown", first.picture[chosen])]
    rows += [
        Row(name, each.average[chosen], [number(r) for r in each.r_average[chosen]])
        for name, each in made.items()
    ]
    titles = ["best", *[""] * (len(chosen) - 2), "worst"] if len(chosen) > 1 else []
    table: dict[str, Column] = {
        "image": np.tile(chosen, len(made)),
        "image_name": [str(first.image_name[i]) for i in chosen] * len(made),
        "decoder": np.repeat(list(made), len(chosen)),
        "r_average": np.concatenate([each.r_average[chosen] for each in made.values()]),
    }
    height, width = first.picture.shape[1:]
    per_mm = 0.8 * len(rows) * height / width / len(chosen)
    heading = "From trial averages (number: R)"
    return Panel(
        "pictures", heading, lambda part: _draw(part, rows, titles), table, 89, 4 + 4 * len(rows),
        per_mm,
    )  # fmt: skip


def _draw(part: SubFigure, rows: list[Row], titles: list[str]) -> None:
    picture_rows(part, rows, titles)


def _scores(made: Mapping[str, Reconstruction], score: str) -> Panel:
    def draw(part: SubFigure) -> None:
        draw_scores(part.subplots(), made, score)
        score_legend(part, ncols=2, average=score == "r_average")

    return Panel(score, _KINDS[score], draw, _score_table(made, score), 89, 26 + 7 * len(made))


def _score_table(made: Mapping[str, Reconstruction], score: str) -> Table:
    """A row an image and decoder."""
    scores = [getattr(each, score) for each in made.values()]
    return {
        "decoder": np.repeat(list(made), [len(each) for each in scores]),
        "image": np.concatenate([np.arange(len(each)) for each in scores]),
        score: np.concatenate(scores),
    }


def _identification(made: Mapping[str, Reconstruction]) -> Panel:
    pool = next(str(each.pool_name[0]) for each in made.values() if len(each.pool_name))

    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        draw_identification(axes, made, pool, "average")
        axes.set_ylabel("Identified (per cent)")
        style.legend_below(axes, ncols=2)

    table = identification_table(made, [pool])
    kept = np.array([kind == "average" for kind in table["responses"]], bool)
    only = {name: [v for v, keep in zip(column, kept, strict=True) if keep]
            for name, column in table.items()}  # fmt: skip
    return Panel("identification", "Identification", draw, only, 60, 56)
