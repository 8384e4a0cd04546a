"""The paper's figure 7: reconstructions stay alike over repeats although the cells differ."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas.gallery import Row
from twophoton_decode.figures.canvas.numbers import counted, number
from twophoton_decode.figures.publication.panels import Composed, Panel
from twophoton_decode.figures.publication.pictures import picture_rows
from twophoton_decode.figures.stability.drop_out import (
    MEASURES,
    draw_drop_out,
    drop_out_in_words,
    drop_out_table,
)
from twophoton_decode.figures.stability.repeats import colour_range, repeats_in_words
from twophoton_decode.figures.stability.similarity import (
    VERSIONS,
    draw_similarity,
    draw_surrogates,
    draw_variability,
    draw_versions,
    stability_in_words,
    surrogates_table,
)
from twophoton_decode.records import Reconstruction, Stability
from twophoton_decode.records.table import Table

_REPEATS = 6
_SHORT = {"r": "R", "similarity": "Similarity"}


def stability_figure(made: Reconstruction, stability: Stability) -> Composed | None:
    """Repeats of one image, similarity and variability, surrogates, and drop-out.

    None where no image has repeats that can be compared.
    """
    if not np.isfinite(stability.reconstruction_similarity).any():
        return None
    panels, said = [], [f"{stability.decoder}. {stability_in_words(stability)}"]
    if stability.typical_image >= 0:
        panels = [_pictures(made, stability), _responses(stability)]
        said.insert(0, repeats_in_words(made, stability))
    panels += [
        _of_one("similarity", "Similarity", draw_similarity, stability,
                _pairs(stability, "similarity", "similarity_other"), 62),
        _of_one("variability", "Variability", draw_variability, stability,
                _pairs(stability, "variability"), 58),
        _of_one("versions", "Similarity with what?", draw_versions, stability,
                _pairs(stability, *VERSIONS), 58),
        _of_one("surrogates", "As alike as responses allow?", draw_surrogates, stability,
                surrogates_table(stability), 48),
    ]  # fmt: skip
    if stability.removed.size > 1 and np.isfinite(stability.dropout_r).any():
        panels += [_drop_out(stability, measure) for measure in MEASURES]
        said.append(drop_out_in_words(stability))
    said.append("A dot is an image; crosses and lines are means.")
    return Composed(f"7_stability_{stability.decoder}", panels, " ".join(said))


def _of_one(
    name: str,
    heading: str,
    draw: Callable[[Axes, Stability], None],
    stability: Stability,
    table: Table,
    tall_mm: float,
) -> Panel:
    """A panel of one pair of axes."""

    def drawn(part: SubFigure) -> None:
        draw(part.subplots(), stability)

    return Panel(name, heading, drawn, table, 60, tall_mm)


def _pairs(stability: Stability, *measures: str) -> Table:
    """A row an image and measure: of responses, and of reconstructions."""
    images = len(stability.repeats)
    of = {what: [getattr(stability, f"{what}_{name}") for name in measures]
          for what in ("response", "reconstruction")}  # fmt: skip
    return {
        "image": np.tile(np.arange(images), len(measures)),
        "measure": np.repeat(measures, images),
        "responses": np.concatenate(of["response"]),
        "reconstructions": np.concatenate(of["reconstruction"]),
    }


def _drop_out(stability: Stability, measure: str) -> Panel:
    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        draw_drop_out(axes, stability, measure)
        axes.set_ylabel(MEASURES[measure])

    table = {
        name: column
        for name, column in drop_out_table(stability).items()
        if name == "cells_removed" or name.startswith(f"{measure}_")
    }
    heading = f"{_SHORT[measure]}, cells left out"
    return Panel(f"drop_out_{measure}", heading, draw, table, 60, 48)


def _pictures(made: Reconstruction, stability: Stability) -> Panel:
    """The picture shown, the average, and single repeats in two rows."""
    image = stability.typical_image
    repeats = stability.typical_repeat[:_REPEATS]
    single = np.asarray(made.single[stability.typical_presentation[:_REPEATS]])
    pictures = [made.picture[image], made.average[image], *single]
    titles = ["shown", "average", *(f"repeat {place + 1}" for place in repeats)]
    r = [np.nan, float(made.r_average[image]), *stability.typical_r[:_REPEATS]]
    across = -(-len(pictures) // 2)
    height, width = made.picture.shape[1:]
    table: Table = {"image": [image] * len(titles), "what": titles, "r": r}
    heading = f"{counted(len(repeats), 'repeat')} of one image (number: R)"
    return Panel(
        "repeats", heading, partial(_draw_pictures, pictures=pictures, titles=titles, r=r,
        across=across), table, 89, 16, 2 * height / width / across,
    )  # fmt: skip


def _draw_pictures(
    part: SubFigure, *, pictures: list[np.ndarray], titles: list[str], r: list[float], across: int
) -> None:
    notes = [number(each) if np.isfinite(each) else "" for each in r]
    rest = slice(across, None)
    upper = Row("", np.array(pictures[:across]), notes[:across])
    lower = Row("", np.array(pictures[rest]), notes[rest])
    top, bottom = part.subfigures(2, 1, squeeze=False).flat
    picture_rows(top, [upper], titles[:across])
    if len(pictures) > across:
        picture_rows(bottom, [lower], titles[rest])


def _responses(stability: Stability) -> Panel:
    """The cells' responses in each repeat, the strongest cell on top."""
    low, high = colour_range(stability.typical_response)
    which = "responsive cell" if stability.typical_responsive else "cell"

    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        drawn = axes.imshow(
            stability.typical_response.T, cmap="magma", vmin=low, vmax=high, aspect="auto"
        )
        repeats = stability.typical_repeat
        axes.set_xticks(range(len(repeats)), [str(place + 1) for place in repeats])
        axes.set(xlabel="Repeat", ylabel="Cell, strongest on top", yticks=[])
        bar = part.colorbar(drawn, ax=axes)
        bar.set_label(f"Response ({stability.response_unit})")
        bar.outline.set_visible(False)

    repeats, cells = len(stability.typical_repeat), stability.typical_cell
    table = {
        "repeat": np.repeat(stability.typical_repeat + 1, len(cells)),
        "cell": np.tile(cells, repeats),
        "response": stability.typical_response.ravel(),
    }
    heading = f"Responses of {counted(len(cells), which)}"
    return Panel("responses", heading, draw, table, 60, 48)
