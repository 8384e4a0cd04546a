"""Feature inversion beside its controls: the pictures, and their scores beside nulls."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number, signed
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.records.table import Column, Table

MOST_PICTURES: Final = 12
_COLOUR: Final = {
    "reconstruction": style.RECONSTRUCTION_COLOUR,
    "control": "#0072B2",
    "alone": style.CELL_COLOUR,
    "cumulative": "#D55E00",
}
_ROW_IN, _ROOM_IN = 0.19, 1.1


def inversion_scores(found: InversionControls) -> Drawing:
    """Every score of every variant: images, their mean, and the mean with another image."""
    rows = len(found.variant)
    with style.applied():
        figure = style.figure(_ROOM_IN + _ROW_IN * rows)
        panels = figure.subplots(1, len(found.score_name), sharey=True)
        style.letter_panels(*panels)
        for column, panel in enumerate(panels):
            _draw_score(panel, found, column)
        panels[0].set_yticks(range(rows), found.variant.tolist())
        panels[0].set_ylim(rows - 0.4, -0.6)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return Drawing("deep_inversion_scores", figure, _score_caption(found), _table(found))


def _draw_score(axes: Axes, found: InversionControls, column: int) -> None:
    labelled: set[str] = set()
    for row, kind in enumerate(found.kind.tolist()):
        values = found.score[row, :, column]
        jitter = row + 0.2 * np.sin(np.arange(values.size) * 2.4)
        colour = _COLOUR[kind]
        axes.plot(values, jitter, ".", ms=3, mec="none", color=colour, alpha=0.5)
        label = "" if kind in labelled else _label(kind)
        axes.plot(found.mean[row, column], row, "o", ms=4.5, color=colour, mec=style.INK,
                  mew=0.6, ls="none", label=label)  # fmt: skip
        null = "" if row else "mean with another image, or one half"
        axes.plot(found.null_mean[row, column], row, "|", ms=8, mew=1.3, color=style.INK,
                  ls="none", label=null)  # fmt: skip
        labelled.add(kind)
    axes.set_title(str(found.score_name[column]).replace(", ", ",\n"))
    axes.axvline(found.mean[0, column], color=style.FAINT, lw=0.7, zorder=0)


def _label(kind: str) -> str:
    return {"alone": "one layer", "cumulative": "layers up to this one"}.get(kind, kind)


def inversion_pictures(found: InversionControls) -> Drawing:
    """What was shown, and what each variant made of it."""
    count = min(MOST_PICTURES, len(found.image_name))
    names = ["shown", *found.variant.tolist()]
    with style.applied():
        figure = style.figure(0.3 + 0.44 * len(names))
        axes = figure.subplots(len(names), count, squeeze=False)
        for row, name in enumerate(names):
            pictures = found.picture if row == 0 else found.made[row - 1]
            for column in range(count):
                axes[row, column].imshow(pictures[column], cmap="gray", vmin=0, vmax=1)
                axes[row, column].set_xticks([])
                axes[row, column].set_yticks([])
            axes[row, 0].set_ylabel(name.replace(", ", ",\n"), rotation=0, ha="right", va="center")
        for column in range(count):
            axes[0, column].set_title(str(found.image_name[column]))
    left = (
        f", the first {count} of {len(found.image_name)}" if count < len(found.image_name) else ""
    )
    caption = (
        f"Pictures of {found.side} px, every one by a fit that never saw the image{left}. "
        f"{_knowledge(found)}"
    )
    return Drawing("deep_inversion_pictures", figure, caption, _picture_table(found))


def _knowledge(found: InversionControls) -> str:
    if not found.knowledge:
        return "Pixels are optimised, without a generator."
    return f"The generator {found.generator} is {found.knowledge}."


def _score_caption(found: InversionControls) -> str:
    told = [
        f"{name} {number(found.mean[row, 0])} ({signed(found.difference[row, 0])}, "
        f"{interval(found.difference_ci95[row, 0])})"
        for row, name in enumerate(found.variant.tolist())
        if found.kind[row] == "control"
    ]
    return (
        f"Feature inversion of {len(found.image_name)} of {found.images} images reaches PixCorr "
        f"{number(found.mean[0, 0])}, and {number(found.null_mean[0, 0])} with another image of "
        f"the fold. In brackets, how much the reconstruction exceeds a control, with the 95 % "
        f"interval paired over images: {'; '.join(told)}. Two-way identification is among the "
        f"images of the fold; layers are those of {found.network}, which the pictures were "
        "optimised in, so that it is no independent judge."
    )


def _table(found: InversionControls) -> Table:
    table: dict[str, Column] = {"variant": found.variant, "kind": found.kind}
    for column, name in enumerate(found.score_name.tolist()):
        key = name.replace(", ", "_").replace("-", "_")
        ends = found.difference_ci95[:, column]
        table |= {
            key: found.mean[:, column],
            f"{key}_other_image": found.null_mean[:, column],
            f"{key}_exceeded_by": found.difference[:, column],
            f"{key}_exceeded_low": ends[:, 0],
            f"{key}_exceeded_high": ends[:, 1],
        }
    return table


def _picture_table(found: InversionControls) -> Table:
    """One row for each image and variant, with its scores."""
    images, variants = len(found.image_name), len(found.variant)
    table: dict[str, Column] = {
        "image": np.tile(found.image_name, variants),
        "fold": np.tile(found.fold, variants),
        "variant": np.repeat(found.variant, images),
    }
    for column, name in enumerate(found.score_name.tolist()):
        table[name.replace(", ", "_").replace("-", "_")] = found.score[:, :, column].ravel()
    return table
