"""Scores against the number of training images, in a figure and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, interval, number, signed
from twophoton_decode.records.deep.pictures.learning_curve import LearningCurve
from twophoton_decode.records.table import Table

DIGITS = 3


def learning_panels(found: LearningCurve, sentence: str) -> Drawing:
    """A panel a score: the decoder and ridge against training images, wrong images, features."""
    with style.applied():
        figure = style.figure(2.6)
        panels = figure.subplots(1, len(found.score))
        style.letter_panels(*panels)
        for column, axes in enumerate(panels):
            _draw(axes, found, column)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, columnspacing=1.2)
    caption = (
        f"Reconstructions of the same {counted(len(found.image_name), 'image')} from trial "
        "averages, after training on a quarter, half and all of the other images; bars: 95 % "
        "intervals over images. The mean training image is left in. Dashed: the images as the "
        f"features show them. {sentence}"
    )
    return Drawing(
        f"learning_curve_{found.decoder[0]}", figure, caption, _table(found),
        {"differences": _differences(found)},
    )  # fmt: skip


def _draw(axes: Axes, found: LearningCurve, column: int) -> None:
    x = found.training_images
    for row, name in enumerate(found.decoder.tolist()):
        colour, mean = style.decoder_colour(name), found.value_mean[row, column]
        axes.vlines(x, *found.learning_ci95[row, column].T, color=colour, lw=1.2)
        axes.plot(x, mean, "o-", ms=4, color=colour, label=name)
        label = "wrong images" if row == 0 else None
        axes.plot(x, found.chance[row, column], ":", lw=1, color=colour, label=label)
    axes.axhline(found.ceiling[column], color=style.INK, ls="--", lw=0.8, label="feature ceiling")
    axes.set_xlim(0, None)
    axes.set_xlabel("Training images")
    axes.set_ylabel(str(found.score[column]))


def learning_sentence(numbers: Mapping[str, Any]) -> str:
    """Whether the last doubling of the training images raised each score, and the lead over ridge.

    Parameters
    ----------
    numbers : mapping
        Of the stage's summary.
    """
    images = numbers["training_images"]
    rises = [_rise(name, each) for name, each in numbers["scores"].items()]
    helps = [name for name, each in numbers["scores"].items() if each["doubling_ci95"][0] > 0]
    verdict = (
        f"{' and '.join(helps)} still rose beyond wrong images: more pictures are likely to help"
        if helps
        else "no further rise is shown: more pictures may not help much"
    )
    return (
        f"{numbers['decoder']}: from {number(images[-2], 0)} to {number(images[-1], 0)} training "
        f"images {'; '.join(rises)}; {verdict}."
    )


def _rise(score: str, numbers: Mapping[str, Any]) -> str:
    before, after = (number(each, DIGITS) for each in numbers["mean"][-2:])
    said = (
        f"{score} went from {before} to {after} ({signed(numbers['doubling'], DIGITS)} beyond "
        f"wrong images, {interval(numbers['doubling_ci95'], DIGITS)}; "
        f"{number(numbers['chance'], DIGITS)} with wrong images"
    )
    if numbers["lead"] is None:
        return f"{said})"
    lead = f"{signed(numbers['lead'], DIGITS)} ({interval(numbers['lead_ci95'], DIGITS)})"
    return f"{said}), {lead} from ridge"


def _table(found: LearningCurve) -> Table:
    """A row a decoder, score and share."""
    shape = found.value_mean.shape
    decoder, score, share = (each.ravel() for each in np.indices(shape))
    return {
        "decoder": found.decoder[decoder].tolist(),
        "score": found.score[score].tolist(),
        "training_images": found.training_images[share].tolist(),
        "value_mean": found.value_mean.ravel().tolist(),
        "learning_ci95_low": found.learning_ci95[..., 0].ravel().tolist(),
        "learning_ci95_high": found.learning_ci95[..., 1].ravel().tolist(),
        "chance": found.chance.ravel().tolist(),
    }


def _differences(found: LearningCurve) -> Table:
    """A row a decoder, score and doubling of the training images."""
    decoder, score, step = (each.ravel() for each in np.indices(found.doubling.shape))
    return {
        "decoder": found.decoder[decoder].tolist(),
        "score": found.score[score].tolist(),
        "from_images": found.training_images[step].tolist(),
        "to_images": found.training_images[step + 1].tolist(),
        "doubling": found.doubling.ravel().tolist(),
        "doubling_ci95_low": found.doubling_ci95[..., 0].ravel().tolist(),
        "doubling_ci95_high": found.doubling_ci95[..., 1].ravel().tolist(),
    }
