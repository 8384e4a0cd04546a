"""Shared features, overlapping fields, coverage and fitting error, in four panels."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import count, counted, interval, number, p_value
from twophoton_decode.records import Complementarity
from twophoton_decode.records.declaration import given
from twophoton_decode.records.table import Column, Table

_OWN: Final = style.CELL_COLOUR
_OTHER: Final = style.OTHER_ROI_COLOUR
_CHANCE: Final = style.CONDITION_COLOUR["wrong image"]
_FEWEST_PAIRS: Final = 20
"""Of cells, whose overlap is drawn as a histogram; fewer are told in words."""
_OF_IMAGES: Final = (
    "overlap", "overlap_share", "overlap_random_sets", "overlap_cells", "fitting_error",
    "fitting_error_random", "fitting_error_all", "fitting_cells",
)  # fmt: skip
_OF_REFERENCES: Final = ("overlapping_cells", "local_variability_all")
PARTS: Final = {
    "overlap": "Features shared by two cells",
    "local": "Picture in a receptive field",
    "coverage": "Cells that further images need",
    "fitting": "Images made up of weights",
}
"""What each part shows, in the order of the panels."""


def complementarity_panels(found: Complementarity) -> Drawing:
    """One panel for each part; where a part is missing, its panel says why."""
    with style.applied():
        figure = style.figure(6.6)
        panels = figure.subplots(2, 2).ravel()
        style.letter_panels(*panels)
        for axes, (part, title) in zip(panels, PARTS.items(), strict=True):
            axes.set_title(title)
            if part in found.unavailable:
                style.say_unavailable(axes, found.unavailable[part], letters=48)
            else:
                draw_part(axes, found, part)
    more = {part: part_table(found, part) for part in PARTS if part not in found.unavailable}
    if found.reference is not None:
        more["references"] = _present(found, ("reference", *_OF_REFERENCES))
    return Drawing(
        f"complementarity_{found.decoder}",
        figure,
        complementarity_in_words(found),
        _present(found, _OF_IMAGES),
        more,
    )


def _present(found: Complementarity, names: tuple[str, ...]) -> Table:
    """Those of these fields that are there."""
    values = {name: getattr(found, name) for name in names}
    return {name: each for name, each in values.items() if each is not None}


def draw_part(axes: Axes, found: Complementarity, part: str) -> None:
    """One of `PARTS`, which must be available."""
    draw = {
        "overlap": _draw_overlap,
        "local": _draw_local,
        "coverage": _draw_coverage,
        "fitting": _draw_fitting,
    }[part]
    draw(axes, found)


def _draw_overlap(axes: Axes, found: Complementarity) -> None:
    """Distributions over pairs of cells; ticks: means, and what sets of these sizes give."""
    edges = given(found.overlap_edge)
    if sum(_pairs(found)) < _FEWEST_PAIRS:
        style.say(axes, _few_pairs(found))
        return
    pairs = {
        "pairs with a common image": (given(found.overlap_together), _OWN),
        "pairs without": (given(found.overlap_apart), _OTHER),
    }
    for label, (counts, colour) in pairs.items():
        if counts.sum():
            share = 100 * counts / counts.sum()
            shown = f"{label} ({counts.sum()})"
            axes.stairs(share, edges, color=colour, fill=True, alpha=0.25, label=shown)
            axes.stairs(share, edges, color=colour, lw=1.2)
    means = {
        "mean over images": (found.mean_of("overlap"), _OWN, "-"),
        "as their sizes bring": (found.overlap_by_chance, style.INK, "--"),
        "random sets of the same sizes": (found.mean_of("overlap_random_sets"), _CHANCE, ":"),
    }
    for label, (value, colour, line) in means.items():
        axes.axvline(value, color=colour, ls=line, lw=1.2, label=label)
    both = np.cumsum(sum(counts for counts, _ in pairs.values()))
    # A few pairs far out would leave the others no room.
    end = edges[1 + np.searchsorted(both, 0.999 * both[-1])]
    axes.set_xlim(0, min(1.0, 1.1 * end))
    axes.set_ylim(0, 1.05 * axes.dataLim.y1)
    axes.set_xlabel("Overlap of features (Jaccard index)")
    axes.set_ylabel("Pairs of cells (per cent)")
    style.legend_below(axes)


def _pairs(found: Complementarity) -> tuple[int, int]:
    """How many pairs of cells have an image in common, and how many have none."""
    return int(given(found.overlap_together).sum()), int(given(found.overlap_apart).sum())


def _few_pairs(found: Complementarity) -> str:
    together, apart = _pairs(found)
    return (
        f"{counted(together, 'pair')} of cells with a common image and {apart} without: too few "
        f"for a histogram. Overlap {number(found.mean_of('overlap'))} (mean over images); as "
        f"their sizes bring {number(found.overlap_by_chance)}, random sets of the same sizes "
        f"{number(found.mean_of('overlap_random_sets'))}."
    )


def _draw_local(axes: Axes, found: Complementarity) -> None:
    """Medians over reference cells with their intervals."""
    added, references = given(found.added), len(given(found.reference))
    for middle, ends, colour, label in (
        (found.local_median, found.local_ci95, _OWN, "fields overlap"),
        (found.local_distant_median, found.local_distant_ci95, _CHANCE, "fields apart"),
    ):
        low, high = given(ends).T
        axes.fill_between(added, low, high, color=colour, alpha=0.25, lw=0)
        axes.plot(added, given(middle), "o-", ms=2.5, color=colour, label=label)
    everyone = found.median_of("local_variability_all")
    cells = count(found.median_of("overlapping_cells"))
    axes.axhline(everyone, color=_OWN, ls="--", lw=1, label=f"all that overlap (median {cells})")
    axes.set_ylim(0, 1.1 * axes.dataLim.y1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Cells added to a reference cell")
    axes.set_ylabel("Variability over trials, relative")
    title = counted(references, "reference cell")
    style.legend_below(axes, title=title, title_fontsize=style.SMALL_PT + 0.5)


def _draw_coverage(axes: Axes, found: Complementarity) -> None:
    covered = given(found.covered)
    images = np.arange(1, len(covered) + 1)
    low, high = given(found.covered_random_band).T
    axes.fill_between(images, low, high, color=_CHANCE, alpha=0.3, lw=0, label="95 % of orders")
    axes.plot(images, given(found.covered_random), color=_CHANCE, label="random order")
    axes.plot(images, covered, color=style.INK, label="best reconstructed first")
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    axes.set_xlabel("Images")
    axes.set_ylabel("Distinct responsive cells")
    style.legend_below(axes)


def _draw_fitting(axes: Axes, found: Complementarity) -> None:
    """Each image as a line from its responsive cells to random ones and all; means, quartiles."""
    axes.plot(
        range(3), given(found.fitting_complete), color=style.FAINT, lw=0.4, alpha=0.6, zorder=0
    )
    colours = (_OWN, _CHANCE, style.CONDITION_COLOUR["All"])
    means, quartiles = given(found.fitting_means), given(found.fitting_quartiles)
    for place, (mean, ends, colour) in enumerate(zip(means, quartiles, colours, strict=True)):
        axes.plot([place, place], ends, color=colour, lw=3, solid_capstyle="butt")
        axes.plot(place, mean, "o", ms=6, color=colour, mec=style.INK, mew=0.6)
    cells = count(found.median_of("fitting_cells"))
    axes.set_xticks(range(3), [f"responsive\n(median {cells})", "as many\nothers", "all cells"])
    axes.set_xlim(-0.5, 2.5)
    axes.set_ylim(0, 100)
    axes.set_ylabel("Fitting error (per cent)")


def part_table(found: Complementarity, part: str) -> Table:
    """What one of `PARTS` draws: a row a bin of pairs, a number of cells, a rank, or an image."""
    if part == "overlap":
        edges = given(found.overlap_edge)
        return {
            "overlap_from": edges[:-1],
            "overlap_to": edges[1:],
            "pairs_with_common_image": given(found.overlap_together),
            "pairs_without": given(found.overlap_apart),
        }
    if part == "local":
        near, far = given(found.local_ci95), given(found.local_distant_ci95)
        return {
            "cells_added": given(found.added),
            "variability": given(found.local_median),
            "ci95_low": near[:, 0],
            "ci95_high": near[:, 1],
            "variability_distant": given(found.local_distant_median),
            "distant_ci95_low": far[:, 0],
            "distant_ci95_high": far[:, 1],
        }
    names = {
        "coverage": ("coverage_order", "new_cells", "covered", "covered_random"),
        "fitting": ("fitting_error", "fitting_error_random", "fitting_error_all", "fitting_cells"),
    }[part]
    table: dict[str, Column] = {name: given(getattr(found, name)) for name in names}
    if part == "fitting":
        return {"image": np.arange(len(given(found.fitting_error))), **table}
    return {"images": np.arange(1, len(given(found.covered)) + 1), **table}


def complementarity_in_words(found: Complementarity) -> str:
    """What each part shows, or why it is unavailable."""
    parts = {
        "overlap": _overlap_caption,
        "local": _local_caption,
        "coverage": _coverage_caption,
        "fitting": _fitting_caption,
    }
    said = [
        f"{part.capitalize()} is unavailable: {found.unavailable[part]}"
        if part in found.unavailable
        else text(found)
        for part, text in parts.items()
    ]
    return f"{found.decoder}. {' '.join(said)}"


def _overlap_caption(found: Complementarity) -> str:
    return (
        f"Cells that respond to the same image share {number(found.mean_of('overlap'))} of "
        f"their features (Jaccard index; {number(found.overlap_by_chance)} is what the sizes of "
        f"their sets and each cell's average overlap bring, {p_value(found.overlap_p)} for the "
        f"rest exchanged among cells). Sets and responses come from the same presentations. "
        f"{_superiority_sentence(found)}"
    )


def _superiority_sentence(found: Complementarity) -> str:
    if np.isfinite(found.overlap_superiority):
        return (
            "A pair with a common image overlaps more than one without with probability "
            f"{number(found.overlap_superiority)}."
        )
    together, apart = _pairs(found)
    return (
        "Pairs with a common image cannot be compared with those without: there are "
        f"{together} and {apart}."
    )


def _local_caption(found: Complementarity) -> str:
    added = int(given(found.added)[-1])
    alone = f"{interval(found.local_ratio_alone_ci95)}, {p_value(found.local_ratio_alone_p)}"
    distant = f"{interval(found.local_ratio_distant_ci95)}, {p_value(found.local_ratio_distant_p)}"
    return (
        f"In the receptive field of a reference cell, {counted(added, 'overlapping cell')} change "
        f"the variability over trials by a factor of {number(found.local_ratio_alone)} (95 % "
        f"interval {alone}), which any cells do whose noise averages out; it is "
        f"{number(found.local_ratio_distant)} ({distant}) of what as many distant cells leave. "
        "Factors are medians over reference cells of each one's own ratio; the curves are medians "
        "of the variability itself, and those of their ends have a ratio of "
        f"{number(found.local_ratio_of_curves)}."
    )


def _coverage_caption(found: Complementarity) -> str:
    covered = given(found.covered)
    half, random = found.counts["images_to_half"], found.counts["images_to_half_random"]
    return (
        f"Half of the {counted(int(covered[-1]), 'responsive cell')} are reached by the "
        f"{counted(half, 'image')} reconstructed best ({count(random)} in random order, "
        f"{p_value(found.coverage_p)} for the whole curve)."
    )


def _fitting_caption(found: Complementarity) -> str:
    own, others, everyone = (number(each, 0) for each in given(found.fitting_means))
    return (
        f"The weights of the responsive cells leave {own} % of a test image's features unfitted "
        f"(means over images; bars: quartiles), as many other cells {others} % (difference "
        f"{number(found.fitting_gain, 1)}, 95 % interval {interval(found.fitting_gain_ci95, 1)}, "
        f"{p_value(found.fitting_p)}), all cells {everyone} %."
    )
