"""Which cells respond to which images, how strongly, and how sparsely."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, interval, mean, median, number, percent
from twophoton_decode.records import Responses
from twophoton_decode.responses.responsive.sentences import detectable_in_brief
from twophoton_decode.responses.statistics.overlap import PairwiseOverlap, pairwise_overlap

EXPECTED_COLOUR = style.CONDITION_COLOUR["wrong image"]
DETECTABLE_COLOUR = style.RESPONSE_COLOUR


def responsiveness(responses: Responses) -> Drawing:
    """Responsive sets and their overlap, how response strength falls off, and sparseness."""
    undefined = "" if responses.repeats_per_image.max() > 1 else responses.responsiveness_test
    quartiles = np.percentile(-np.sort(-responses.averages(), axis=1), [25, 50, 75], axis=0)
    pairs = pairwise_overlap(responses.responsive)
    with style.applied():
        figure = style.figure(4.3)
        panels = figure.subplots(2, 3).ravel()
        if undefined:
            for axes in panels[[0, 1, 3]]:
                style.say_unavailable(axes, undefined)
        else:
            _draw_sets(panels[0], panels[1], responses)
            _draw_overlap(panels[3], pairs)
        titles = ("Cells per image", "Images per cell", "", "Overlap between images")
        for axes, title in zip(panels, titles, strict=False):
            axes.set_title(title)
        _sorted_responses(panels[2], quartiles, responses)
        _draw_sparseness(panels[4], responses)
        _draw_sparseness_curve(panels[5], responses)
    caption = _undefined_caption(responses, undefined) if undefined else _caption(responses)
    return Drawing("responsiveness", figure, caption, _table(responses, quartiles, undefined))


def _draw_sets(per_image: Axes, per_cell: Axes, responses: Responses) -> None:
    pairs = responses.responsive
    _draw_shares(per_image, pairs.sum(0), responses.cells, "Images")
    per_image.set_xlabel("Responding cells (%)")
    _draw_shares(per_cell, pairs.sum(1), responses.images, "Cells")
    per_cell.set_xlabel("Images responded to (%)")


def _draw_shares(axes: Axes, counts: np.ndarray, of: int, what: str) -> None:
    """Histogram of counts as per cent of `of`; each bar holds equally many possible counts."""
    step = max(1, -(-(int(counts.max()) + 1) // 20))
    edges = 100 * (np.arange(0, counts.max() + step + 1, step) - 0.5) / of
    shares = 100 * counts / of
    axes.hist(shares, edges.tolist(), color=style.CELL_COLOUR, ec="white", lw=0.4)
    axes.axvline(median(shares), color=style.INK, lw=1, label="median")
    axes.legend(loc="upper right")
    axes.set_ylabel(what)


def _sorted_responses(axes: Axes, quartiles: np.ndarray, responses: Responses) -> None:
    rank = np.arange(1, quartiles.shape[1] + 1)
    axes.fill_between(
        rank, quartiles[0], quartiles[2], color=style.INK, alpha=0.2, lw=0, label="quartiles"
    )
    axes.plot(rank, quartiles[1], color=style.INK, label="median over images")
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    _draw_detectable(axes, responses.detectable_response)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("Cell, sorted for each image")
    axes.set_ylabel(f"Response ({responses.response_unit})")
    axes.set_title("Sorted responses")
    axes.legend(loc="upper right")


def _draw_detectable(axes: Axes, detectable: np.ndarray | None) -> None:
    """The smallest mean response that could be found: median over cells, and quartiles."""
    if detectable is None or not np.isfinite(np.median(detectable)):
        return
    low, middle, high = np.percentile(detectable[np.isfinite(detectable)], [25, 50, 75])
    axes.axhspan(low, high, color=DETECTABLE_COLOUR, alpha=0.25, lw=0, zorder=0)
    axes.axhline(middle, color=DETECTABLE_COLOUR, ls="--", lw=1.2, label="detectable (median cell)")


def _draw_overlap(axes: Axes, pairs: PairwiseOverlap) -> None:
    above = np.triu_indices(len(pairs.share), k=1)
    share = 100 * pairs.share[above]
    share = share[np.isfinite(share)]
    if not share.size:
        style.say_unavailable(axes, "fewer than two images have responsive cells")
        return
    weights = np.full(share.size, 100 / share.size)
    axes.hist(share, bins=20, weights=weights, color=style.OTHER_ROI_COLOUR, ec="white", lw=0.4)
    expected = 100 * mean(pairs.share_expected[above])
    axes.axvline(share.mean(), color=style.INK, lw=1, label=f"mean {number(share.mean(), 1)}")
    label = f"independent sets {number(expected, 1)}"
    axes.axvline(expected, color=EXPECTED_COLOUR, ls="--", lw=1, label=label)
    axes.set(xlabel="Common cells (% of both sets)", ylabel="Pairs of images (%)")
    axes.legend(loc="upper right")


def _draw_sparseness(axes: Axes, responses: Responses) -> None:
    kinds = (
        (responses.population_sparseness, style.OTHER_ROI_COLOUR, "population, per image"),
        (responses.lifetime_sparseness, style.RESPONSE_COLOUR, "lifetime, per cell"),
    )
    for values, colour, label in kinds:
        values = values[np.isfinite(values)]
        weights = np.full(values.size, 100 / max(values.size, 1))
        bins = np.linspace(0, 1, 26).tolist()
        axes.hist(values, bins, weights=weights, color=colour, alpha=0.6, label=label)
        if values.size:
            axes.axvline(values.mean(), color=colour, lw=1)
    axes.set(xlim=(0, 1), xlabel="Sparseness", ylabel="Images or cells (%)")
    axes.set_ylim(0, 1.35 * axes.get_ylim()[1])
    axes.set_title("Sparseness of trial averages")
    axes.legend(loc="upper left")


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
    axes.legend(loc="lower left")


def _table(responses: Responses, quartiles: np.ndarray, undefined: str) -> dict[str, np.ndarray]:
    images, cells = responses.responsive.mean(0), responses.responsive.mean(1)
    return {
        "image": np.arange(responses.images),
        "percent_responding": np.full(images.size, np.nan) if undefined else 100 * images,
        "overlap": responses.overlap,
        "overlap_expected": responses.overlap_expected,
        "population_sparseness": responses.population_sparseness,
        "cell": np.arange(responses.cells),
        "percent_of_images": np.full(cells.size, np.nan) if undefined else 100 * cells,
        "lifetime_sparseness": responses.lifetime_sparseness,
        "rank": np.arange(1, responses.cells + 1),
        "response_quartile_1": quartiles[0],
        "response_median": quartiles[1],
        "response_quartile_3": quartiles[2],
        "detectable_response": _of_each_cell(responses),
        "presentations_averaged": responses.repeats_averaged,
        "sparseness": responses.sparseness_of_averages,
        "sparseness_error": responses.sparseness_of_averages_error,
        "sparseness_shuffled": responses.sparseness_of_shuffled,
    }


def _of_each_cell(responses: Responses) -> np.ndarray:
    unknown = np.full(responses.cells, np.nan)
    return unknown if responses.detectable_response is None else responses.detectable_response


def _caption(responses: Responses) -> str:
    per_image, responding = 100 * responses.responsive.mean(0), responses.responsive.any(1).sum()
    return (
        f"An image drives {number(mean(per_image), 1)} % of the "
        f"{counted(responses.cells, 'cell')} on average (median "
        f"{number(median(per_image), 1)} %); {responding} cells "
        f"({percent(responding / responses.cells)}) respond to at least one of "
        f"{counted(responses.images, 'image')} ({detectable_in_brief(responses)}). "
        f"{_detectable_sentence(responses)}{_overlap_sentence(responses)}"
        f"{_sparseness_sentence(responses)}"
    )


def _detectable_sentence(responses: Responses) -> str:
    detectable = responses.detectable_response
    if detectable is None or not np.isfinite(np.median(detectable)):
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
    return (
        f"Two images have {percent(mean(responses.overlap), 1)} of their responsive cells in "
        f"common (95 % interval {interval([100 * e for e in responses.overlap_ci95], 1)} %): "
        f"{number(responses.overlap_ratio)} times as many cells as independent sets of the same "
        f"sizes ({interval(responses.overlap_ratio_ci95)}). "
    )


def _sparseness_sentence(responses: Responses) -> str:
    text = (
        f"Population sparseness is {number(mean(responses.population_sparseness))} on average, "
        f"lifetime sparseness {number(mean(responses.lifetime_sparseness))}"
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
