"""Images beside their reconstructions, and decoders beside chance and ceiling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import (
    Row,
    gallery,
    rank_titles,
    score_note,
)
from twophoton_decode.figures.canvas.numbers import counted, interval, number, p_value
from twophoton_decode.figures.reconstruction.against_ridge import against_ridge_in_words
from twophoton_decode.records import Reconstruction
from twophoton_decode.records.table import Column, Table

SIGNIFICANT = 0.05


def picture_gallery(
    reconstructions: Mapping[str, Reconstruction],
    chosen: np.ndarray,
    ranks: np.ndarray,
    best: str,
) -> Drawing:
    """Shown images beside each decoder's trial-averaged reconstruction, best to worst.

    Parameters
    ----------
    chosen, ranks : ndarray of int, shape (example,)
        Images at evenly spaced ranks by R averaged over the decoders, and those ranks, from 0.
    best : str
        The decoder that the caption speaks of.
    """
    shown = reconstructions[best]
    names = [str(shown.image_name[i]) for i in chosen]
    rows = [Row("shown", shown.picture[chosen])]
    for decoder, made in reconstructions.items():
        notes = [score_note(r) for r in made.r_average[chosen]]
        rows.append(Row(decoder, made.average[chosen], notes, style.decoder_colour(decoder)))
    with style.applied():
        figure = gallery(rows, rank_titles(names, ranks))
    table: dict[str, Column] = {"image": chosen, "image_name": names, "rank": ranks + 1}
    table |= {f"r_average_{name}": made.r_average[chosen] for name, made in reconstructions.items()}
    first, middle, last = (
        number(reconstructions[best].r_average[i])
        for i in (chosen[0], chosen[len(chosen) // 2], chosen[-1])
    )
    ranked_by = "R" if len(reconstructions) == 1 else f"mean R of {len(reconstructions)} decoders"
    caption = (
        f"Reconstructions from trial-averaged responses for {len(chosen)} of "
        f"{counted(len(shown.picture), 'image')}, from best to worst by {ranked_by}: {best} "
        "reaches "
        f"R = {first} for the best, {middle} for the median and {last} for the worst of them."
    )
    return Drawing("reconstructions", figure, caption, table)


def decoder_comparison(
    reconstructions: Mapping[str, Reconstruction],
    best: str,
    primary_score: str = "r_average",
    over_ridge: Mapping[str, Mapping[str, Any]] | None = None,
) -> Drawing:
    """R of every decoder, averaged over trials and per trial, beside chance and ceilings.

    Dots: images. Large dot and bar: mean over images and its 95 % interval. The
    caption speaks of the decoder `best`, which is so by `primary_score`, and of what is shown
    `over_ridge`, as `against_ridge_in_words` takes it.
    """
    words = comparison_in_words(reconstructions, best, primary_score)
    beside = against_ridge_in_words(over_ridge or {})
    with style.applied():
        figure = style.figure(1.5 + 0.42 * len(reconstructions))
        average, single = figure.subplots(1, 2, sharex=True, sharey=True)
        style.letter_panels(average, single)
        draw_scores(average, reconstructions, "r_average")
        draw_scores(single, reconstructions, "r_single")
        average.set_title("Trial-averaged responses")
        single.set_title("Single trials")
        score_legend(figure, ncols=6, average=True)
    return Drawing(
        "decoders",
        figure,
        f"{words} {beside}".rstrip(),
        {**_comparison_table(reconstructions), **_lead_columns(reconstructions, over_ridge or {})},
    )


def draw_scores(axes: Axes, reconstructions: Mapping[str, Reconstruction], score: str) -> None:
    """A row a decoder: its images, mean and interval, beside chance and ceilings.

    Parameters
    ----------
    score : str
        ``r_average`` or ``r_single``. Of averages there is also R with infinitely many trials
        and that of the three lowest components.
    """
    for row, made in enumerate(reconstructions.values()):
        _scores(axes, row, made, score, style.decoder_colour(made.decoder))
        average = score == "r_average"
        chance = made.chance_r_range if average else made.chance_r_single_range
        _reference(axes, row, chance, made.mean_of("feature_ceiling_r"))
        if average:
            axes.plot(made.r_infinite_trials, row, marker="|", ms=11, mew=1.4, color="#0072B2")
            axes.plot(made.mean_of("r_low"), row, marker="D", ms=4, mfc="white", mec=style.INK)
    # Bars would end right at the edge, as if they were cut off there.
    axes.use_sticky_edges = False
    axes.set_yticks(range(len(reconstructions)), list(reconstructions))
    axes.set_ylim(len(reconstructions) - 0.4, -0.6)
    axes.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xlabel("R (mean training image subtracted)")


def _scores(axes: Axes, row: int, made: Reconstruction, score: str, colour: str) -> None:
    r, ends = getattr(made, score), getattr(made, f"{score}_ci95")
    # Dots spread by rank, the same way in every rendering.
    jitter = row + 0.16 * np.sin(np.arange(r.size) * 2.4)
    axes.plot(r, jitter, ".", ms=4, mec="none", color=colour, alpha=0.55)
    axes.plot(ends, (row, row), color=style.INK, lw=1.6, solid_capstyle="butt")
    axes.plot(made.mean_of(score), row, "o", ms=6, color=colour, mec=style.INK, mew=0.8)


def _reference(axes: Axes, row: int, chance: tuple[float, float], ceiling: float) -> None:
    low, high = chance
    if np.isfinite(low):
        axes.barh(row, high - low, 0.7, left=low, color=style.FAINT, alpha=0.6, zorder=0)
    axes.plot(ceiling, row, marker="|", ms=11, mew=1.4, color=style.INK)


def score_legend(figure: Figure | SubFigure, ncols: int, *, average: bool) -> None:
    """What the marks of `draw_scores` are, below all axes; two are those of averages alone."""

    def mark(marker: str, **options: object) -> Line2D:
        return Line2D([], [], ls="none", marker=marker, **options)  # type: ignore[arg-type]

    entries = {
        "mean, 95 % interval": mark("o", ms=5, color="white", mec=style.INK),
        "image": mark(".", ms=4, color=style.INK, alpha=0.5, mec="none"),
        "permuted images, 95 %": Patch(color=style.FAINT, alpha=0.6),
    }
    if average:
        entries["three lowest components"] = mark("D", ms=4, color="white", mec=style.INK)
        entries["infinitely many trials"] = mark("|", ms=8, mew=1.4, color="#0072B2")
    entries["feature ceiling"] = mark("|", ms=8, mew=1.4, color=style.INK)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=ncols,
        columnspacing=1.2,
        handletextpad=0.3,
    )


def _comparison_table(reconstructions: Mapping[str, Reconstruction]) -> Table:
    made = list(reconstructions.values())
    others = [m.mean_of("wrong_r_average") for m in made]
    shown = {"wrong_image_r": others} if np.isfinite(others).any() else {}
    return {
        "decoder": list(reconstructions),
        "r_average": [m.mean_of("r_average") for m in made],
        "r_average_ci95_low": [m.r_average_ci95[0] for m in made],
        "r_average_ci95_high": [m.r_average_ci95[1] for m in made],
        "r_single": [m.mean_of("r_single") for m in made],
        "r_single_ci95_low": [m.r_single_ci95[0] for m in made],
        "r_single_ci95_high": [m.r_single_ci95[1] for m in made],
        "chance_r": [m.mean_of("chance_r") for m in made],
        "chance_r_single": [m.mean_of("chance_r_single") for m in made],
        **shown,
        "p_value": [m.p_value for m in made],
        "r_low": [m.mean_of("r_low") for m in made],
        "r_infinite_trials": [m.r_infinite_trials for m in made],
        "feature_ceiling_r": [m.mean_of("feature_ceiling_r") for m in made],
    }


def _lead_columns(
    reconstructions: Mapping[str, Reconstruction], over_ridge: Mapping[str, Mapping[str, Any]]
) -> Table:
    """Lead over ridge and its interval, NaN for ridge itself; nothing where none is compared."""
    if not over_ridge:
        return {}
    none = {"over_ridge": np.nan, "over_ridge_ci95": (np.nan, np.nan)}
    each = [over_ridge.get(name, none) for name in reconstructions]
    return {
        "over_ridge": [one["over_ridge"] for one in each],
        "over_ridge_ci95_low": [one["over_ridge_ci95"][0] for one in each],
        "over_ridge_ci95_high": [one["over_ridge_ci95"][1] for one in each],
    }


def comparison_in_words(
    reconstructions: Mapping[str, Reconstruction], name: str, primary_score: str
) -> str:
    """The decoder `name` in numbers, beside chance and ceilings."""
    best = reconstructions[name]
    lead = f"{best.decoder} reconstructs"
    if len(reconstructions) > 1:
        lead = f"{best.decoder}, best of {len(reconstructions)} decoders by {primary_score},"
        lead += " reconstructs"
    return (
        f"{lead} with R = {number(best.mean_of('r_average'))} (95 % interval "
        f"{interval(best.r_average_ci95)}) from trial-averaged responses and "
        f"{number(best.mean_of('r_single'))} ({interval(best.r_single_ci95)}) from single trials; "
        f"{_chance(best)}, its three lowest components alone "
        f"{number(best.mean_of('r_low'))}. {_infinite_trials(best)}; the feature ceiling is "
        f"{number(best.mean_of('feature_ceiling_r'))}.{_p_beside_interval(best)}"
    )


def _chance(made: Reconstruction) -> str:
    """What permuted images give; where there are none, what other images than the shown give."""
    if made.wrong_r_average is None:
        return (
            f"refitted with permuted images it reaches {number(made.mean_of('chance_r'))} on "
            f"average ({p_value(made.p_value, len(made.chance_r))})"
        )
    return (
        f"with other images than the one shown R is {number(made.mean_of('wrong_r_average'))}, "
        f"which is no test ({made.no_chance})"
    )


def _infinite_trials(made: Reconstruction) -> str:
    if made.reverse_filter is None:
        return "What infinitely many trials would give is known of affine decoders only"
    return f"With infinitely many trials this decoder would reach {number(made.r_infinite_trials)}"


def _p_beside_interval(made: Reconstruction) -> str:
    """Why p can be small although the interval reaches zero: they ask different things."""
    if made.r_average_ci95[0] > 0 or not made.p_value < SIGNIFICANT:
        return ""
    return (
        " The small p says that the responses tell these images apart, the interval that R over "
        "other images like them may be zero."
    )
