"""Which cells respond to which images, how strongly, and how sparsely."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import (
    bounded_interval,
    counted,
    number,
    percent,
)
from twophoton_decode.records import Responses

EXPECTED_COLOUR = style.CONDITION_COLOUR["wrong image"]
DETECTABLE_COLOUR = style.RESPONSE_COLOUR


def responsiveness(responses: Responses) -> Drawing:
    """Responsive sets and their overlap, how response strength falls off, and sparseness."""
    undefined = _why_undefined(responses)
    with style.applied():
        figure = style.figure(5.4)
        panels = figure.subplots(2, 3).ravel()
        style.letter_panels(*panels)
        if undefined:
            for axes in panels[[0, 1, 3]]:
                style.say_unavailable(axes, undefined)
        else:
            _draw_sets(panels[0], panels[1], responses)
            draw_overlap(panels[3], responses)
        titles = ("Cells per image", "Images per cell", "", "Overlap between images")
        for axes, title in zip(panels, titles, strict=False):
            axes.set_title(title)
        draw_sorted_responses(panels[2], responses)
        _draw_sparseness(panels[4], responses)
        _draw_sparseness_curve(panels[5], responses)
    return Drawing("responsiveness", figure, responses_in_words(responses), **_tables(responses))


def responses_in_words(responses: Responses) -> str:
    """How many cells respond, how sets overlap, and how sparse responses are."""
    undefined = _why_undefined(responses)
    return _undefined_caption(responses, undefined) if undefined else _caption(responses)


def _why_undefined(responses: Responses) -> str:
    """Why no pair can be called responsive; empty where it can."""
    if responses.repeats_per_image.max() < 2:
        return responses.responsiveness_test.removeprefix("undefined: ")
    return ""


def _draw_sets(per_image: Axes, per_cell: Axes, responses: Responses) -> None:
    pairs = responses.responsive
    middle = 100 * responses.median_of("responding_share")
    draw_shares(per_image, pairs.sum(0), responses.cells, middle, "Images")
    per_image.set_xlabel("Responding cells (%)")
    middle = 100 * responses.median_of("share_of_images")
    draw_shares(per_cell, pairs.sum(1), responses.images, middle, "Cells")
    per_cell.set_xlabel("Images responded to (%)")


def draw_shares(axes: Axes, counts: np.ndarray, of: int, middle: float, what: str) -> None:
    """Histogram of counts as per cent of `of`; each bar holds equally many possible counts."""
    if not counts.any():
        style.say(axes, "no cell responds to an image")
        return
    step = max(1, -(-(int(counts.max()) + 1) // 20))
    edges = 100 * (np.arange(0, counts.max() + step + 1, step) - 0.5) / of
    shares = 100 * counts / of
    axes.hist(shares, edges.tolist(), color=style.CELL_COLOUR, ec="white", lw=0.4)
    axes.axvline(middle, color=style.INK, lw=1, label="median")
    style.legend_below(axes)
    axes.set_ylabel(what)
    style.whole_numbers(axes.yaxis)


def draw_sorted_responses(axes: Axes, responses: Responses) -> None:
    """How the responses to an image fall off, from the strongest cell to the weakest."""
    quartiles = responses.sorted_response
    rank = np.arange(1, quartiles.shape[1] + 1)
    axes.fill_between(
        rank, quartiles[0], quartiles[2], color=style.INK, alpha=0.2, lw=0, label="quartiles"
    )
    axes.plot(rank, quartiles[1], color=style.INK, label="median over images")
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    _draw_detectable(axes, responses)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("Cell, sorted for each image")
    axes.set_ylabel(f"Response ({responses.response_unit})")
    axes.set_title("Sorted responses")
    style.legend_below(axes)


def _draw_detectable(axes: Axes, responses: Responses) -> None:
    """The smallest mean response that could be found: median over cells, and quartiles."""
    if "detectable_response" not in responses.quartiles:
        return
    low, middle, high = responses.quartiles_of("detectable_response")
    axes.axhspan(low, high, color=DETECTABLE_COLOUR, alpha=0.25, lw=0, zorder=0)
    axes.axhline(middle, color=DETECTABLE_COLOUR, ls="--", lw=1.2, label="detectable")


def draw_overlap(axes: Axes, responses: Responses) -> None:
    """How many cells the responsive sets of two images have in common."""
    count = responses.overlap_pairs
    if not count.sum():
        style.say_unavailable(axes, "fewer than two images have responsive cells")
        return
    axes.hist(
        responses.overlap_edge[:-1] * 100, (responses.overlap_edge * 100).tolist(),
        weights=100 * count / count.sum(), color=style.OTHER_ROI_COLOUR, ec="white", lw=0.4,
    )  # fmt: skip
    share, expected = responses.overlap_of_pairs, responses.overlap_of_pairs_expected
    axes.axvline(100 * share, color=style.INK, lw=1, label=f"mean {number(100 * share, 1)}")
    label = f"independent sets {number(100 * expected, 1)}"
    axes.axvline(100 * expected, color=EXPECTED_COLOUR, ls="--", lw=1, label=label)
    axes.set(xlabel="Common cells (% of both sets)", ylabel="Pairs of images (%)")
    style.legend_below(axes)


def _draw_sparseness(axes: Axes, responses: Responses) -> None:
    kinds = (
        ("population_sparseness", style.OTHER_ROI_COLOUR, "population, per image"),
        ("lifetime_sparseness", style.RESPONSE_COLOUR, "lifetime, per cell"),
    )
    for name, colour, label in kinds:
        values = getattr(responses, name)
        values = values[np.isfinite(values)]
        weights = np.full(values.size, 100 / max(values.size, 1))
        bins = np.linspace(0, 1, 26).tolist()
        axes.hist(values, bins, weights=weights, color=colour, alpha=0.6, label=label)
        if values.size:
            axes.axvline(responses.mean_of(name), color=colour, lw=1)
    axes.set(xlim=(0, 1), xlabel="Sparseness", ylabel="Images or cells (%)")
    axes.set_title("Sparseness of trial averages")
    style.legend_below(axes)


def _draw_sparseness_curve(axes: Axes, responses: Responses) -> None:
    count, error = responses.repeats_averaged, responses.sparseness_of_averages_error
    axes.set_title("Sparseness and averaging")
    if count.size < 2:
        style.say_unavailable(axes, "one repeat only" if count.size else "not computed")
        return
    axes.errorbar(
        count,
        responses.sparseness_of_averages,
        np.nan_to_num(error),
        color=style.OTHER_ROI_COLOUR,
        marker="o",
        ms=3,
        label="as shown",
    )
    shuffled = responses.sparseness_of_shuffled
    axes.plot(count, shuffled, "o--", ms=3, color=EXPECTED_COLOUR, label="images shuffled")
    axes.set_xscale("log", base=2)
    axes.set_xticks(count, [str(each) for each in count])
    axes.xaxis.set_minor_locator(axes.xaxis.get_major_locator())
    axes.set(ylim=(0, 1), xlabel="Presentations averaged", ylabel="Population sparseness")
    style.legend_below(axes)


def _tables(responses: Responses) -> dict[str, Any]:
    """What is drawn: a row an image; and a row a cell, a rank, a number of repeats averaged."""
    quartiles = responses.sorted_response
    images = {
        "image": np.arange(responses.images),
        "percent_responding": 100 * responses.responding_share,
        "overlap": responses.overlap,
        "overlap_expected": responses.overlap_expected,
        "population_sparseness": responses.population_sparseness,
    }
    cells = {
        "cell": np.arange(responses.cells),
        "percent_of_images": 100 * responses.share_of_images,
        "lifetime_sparseness": responses.lifetime_sparseness,
        "detectable_response": _of_each_cell(responses),
    }
    ranks = {
        "rank": np.arange(1, responses.cells + 1),
        "response_quartile_1": quartiles[0],
        "response_median": quartiles[1],
        "response_quartile_3": quartiles[2],
    }
    averaged = {
        "presentations_averaged": responses.repeats_averaged,
        "sparseness": responses.sparseness_of_averages,
        "sparseness_error": responses.sparseness_of_averages_error,
        "sparseness_shuffled": responses.sparseness_of_shuffled,
    }
    return {"table": images, "more": {"cells": cells, "ranks": ranks, "averaged": averaged}}


def _of_each_cell(responses: Responses) -> np.ndarray:
    unknown = np.full(responses.cells, np.nan)
    return unknown if responses.detectable_response is None else responses.detectable_response


def _caption(responses: Responses) -> str:
    responding = responses.counts["responding_cells"]
    return (
        f"An image drives {number(100 * responses.mean_of('responding_share'), 1)} % of the "
        f"{counted(responses.cells, 'cell')} on average (median "
        f"{number(100 * responses.median_of('responding_share'), 1)} %); {responding} cells "
        f"({percent(responding / responses.cells)}) respond to at least one of "
        f"{counted(responses.images, 'image')} ({responses.detectable}). "
        f"{_detectable_sentence(responses)}{_overlap_sentence(responses)}"
        f"{_sparseness_sentence(responses)}"
    )


def _detectable_sentence(responses: Responses) -> str:
    if "detectable_response" not in responses.quartiles:
        return ""
    return (
        "About one in three mean responses of the detectable size is found (dashed: median over "
        "cells, shaded: quartiles), most at two to three times it. "
    )


def _undefined_caption(responses: Responses, undefined: str) -> str:
    return f"Responsiveness is unavailable ({undefined}). {_sparseness_sentence(responses)}"


def _overlap_sentence(responses: Responses) -> str:
    if not np.isfinite(responses.overlap).any():
        return ""
    shares = [100 * end for end in responses.overlap_ci95]
    return (
        f"Two images have {percent(responses.mean_of('overlap'), 1)} of their responsive cells in "
        f"common (95 % interval, in per cent: {bounded_interval(shares, 0, 100, 1)}), "
        f"{number(responses.overlap_ratio)} times as many cells as independent sets of the same "
        f"sizes ({bounded_interval(responses.overlap_ratio_ci95, 0)}). "
    )


def _sparseness_sentence(responses: Responses) -> str:
    text = (
        f"Population sparseness is {number(responses.mean_of('population_sparseness'))} on "
        "average, "
        f"lifetime sparseness {number(responses.mean_of('lifetime_sparseness'))}"
    )
    count = responses.repeats_averaged
    if count.size < 2:
        return f"{text}."
    own, shuffled = responses.sparseness_of_averages, responses.sparseness_of_shuffled
    return (
        f"{text}; averaging takes population sparseness from {number(own[0])} for single "
        f"presentations to {number(own[-1])} for averages of {count[-1]}, and to "
        f"{number(shuffled[-1])} if images are shuffled: compare sessions at equal repeats only."
    )
