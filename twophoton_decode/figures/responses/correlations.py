"""Noise and signal correlations between cells, and how they relate to each other and distance."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.lengths import MICROMETRES, label_lengths
from twophoton_decode.figures.canvas.numbers import interval, number
from twophoton_decode.records import Responses


def correlations(responses: Responses, pixel_um: float = 0.0) -> Drawing:
    """Distributions over pairs of cells, noise against signal correlation, and distance."""
    if not responses.noise_pairs.sum():
        return _unavailable()
    with style.applied():
        figure = style.figure(2.9)
        draw = [_draw_pairs, _draw_relation]
        draw += [_draw_distance] if responses.distance_edge.size > 1 else []
        panels = figure.subplots(1, len(draw))
        style.letter_panels(*panels)
        for axes, fill in zip(panels, draw, strict=True):
            fill(axes, responses)
        if responses.distance_edge.size > 1:
            label_lengths(panels[-1].xaxis, "Distance", MICROMETRES, pixel_um)
    more = {"distance": _distance_table(responses), "cells": _cells_table(responses)}
    return Drawing("correlations", figure, _caption(responses), _table(responses), more)


def _unavailable() -> Drawing:
    reason = "noise correlations need two cells that vary and images shown more than once"
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing("correlations", figure, f"Correlations are unavailable: {reason}.")


def _draw_pairs(axes: Axes, responses: Responses) -> None:
    edges = responses.correlation_edge
    kinds = (
        (responses.shuffled_pairs, style.FAINT, "noise, trials shuffled"),
        (responses.noise_pairs, style.RESPONSE_COLOUR, "noise"),
        (responses.signal_pairs, style.RECONSTRUCTION_COLOUR, "signal"),
    )
    filled = np.flatnonzero(sum(count for count, _, _ in kinds))
    for count, colour, label in kinds:
        height = 100 * count / max(count.sum(), 1)
        axes.stairs(height, edges, color=colour, fill=colour == style.FAINT, label=label)
    axes.axvline(0, color=style.INK, lw=0.5, zorder=0)
    axes.set(xlim=(edges[filled[0]], edges[filled[-1] + 1]))
    axes.set(xlabel="Correlation of two cells", ylabel="Pairs (%)")
    axes.set_title("Pairs of cells")
    style.legend_below(axes)


def _draw_relation(axes: Axes, responses: Responses) -> None:
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.plot(
        responses.relation_signal, responses.relation_noise, "o-", ms=3,
        color=style.RESPONSE_COLOUR,
    )  # fmt: skip
    axes.set(xlabel="Signal correlation", ylabel="Noise correlation")
    axes.set_title("Alike cells share noise?")


def _draw_distance(axes: Axes, responses: Responses) -> None:
    centre = (responses.distance_edge[1:] + responses.distance_edge[:-1]) / 2
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    kinds = (
        (responses.noise_by_distance, style.RESPONSE_COLOUR, "noise"),
        (responses.signal_by_distance, style.RECONSTRUCTION_COLOUR, "signal"),
    )
    for values, colour, label in kinds:
        axes.plot(centre, values, "o-", ms=3, color=colour, label=label)
    axes.set_ylabel("Mean correlation")
    axes.set_title("In the field of view")
    style.legend_below(axes)


def _table(responses: Responses) -> dict[str, np.ndarray]:
    """A row a bin of correlation."""
    edges = responses.correlation_edge
    return {
        "correlation_from": edges[:-1],
        "correlation_to": edges[1:],
        "noise_pairs": responses.noise_pairs,
        "shuffled_noise_pairs": responses.shuffled_pairs,
        "signal_pairs": responses.signal_pairs,
        "noise_by_signal": responses.noise_by_signal,
    }


def _distance_table(responses: Responses) -> dict[str, np.ndarray]:
    """A row a bin of the distance between two cells."""
    distance = responses.distance_edge
    return {
        "distance_from_px": distance[:-1],
        "distance_to_px": distance[1:],
        "noise_by_distance": responses.noise_by_distance,
        "signal_by_distance": responses.signal_by_distance,
    }


def _cells_table(responses: Responses) -> dict[str, np.ndarray]:
    return {
        "cell": np.arange(responses.cells),
        "mean_noise_correlation": responses.noise_correlation,
        "mean_signal_correlation": responses.signal_correlation,
    }


def _caption(responses: Responses) -> str:
    text = (
        "Noise correlations of two cells are "
        f"{number(responses.mean_of('noise_correlation'), 3)} on "
        f"average (95 % interval {interval(responses.noise_correlation_ci95, 3)}; "
        f"{number(responses.shuffled_noise_correlation, 3)} with each cell's trials shuffled "
        f"within images), signal correlations {number(responses.mean_of('signal_correlation'), 3)} "
        f"({interval(responses.signal_correlation_ci95, 3)}; between halves of the trials, so "
        f"that they share no noise). Over pairs, noise and signal correlation correlate at "
        f"{number(responses.signal_noise_correlation)} "
        f"({interval(responses.signal_noise_correlation_ci95)})"
    )
    if responses.distance_edge.size < 2:
        return f"{text}."
    return (
        f"{text}, noise correlation and distance at "
        f"{number(responses.noise_distance_correlation)} "
        f"({interval(responses.noise_distance_correlation_ci95)})."
    )
