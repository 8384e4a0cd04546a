"""What a score hides: R by spatial frequency, and what other variants of it would say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.records import Reconstruction
from twophoton_decode.records.table import Column, Table

VARIANTS: Final = {
    "r_average": "R average",
    "r_single": "R single",
    "r_raw": "R single,\nm left in",
    "cd_average": "CD average",
    "cd_single": "CD single",
    "cd_paper": "CD single,\nown mean",
    "ssim": "SSIM average,\nm left in",
}
_FLATTERING: Final = ("r_raw", "cd_paper", "ssim")
SIGNIFICANT: Final = 0.05
LOWEST: Final = -1.0
"""Where the axis of the variants ends: R and SSIM cannot pass it, CD has no lower bound."""


def score_variants(reconstructions: Mapping[str, Reconstruction]) -> Drawing:
    """R of trial averages by octave of spatial frequency, and every variant of the scores.

    Left: means and 95 % intervals, cut at ±1, which R cannot pass. Right: means over images ±
    standard error. Both are widened because images train each other's decoder. The
    three-component baseline is what level and luminance gradient of the reconstruction reach
    alone.
    """
    with style.applied():
        figure = style.figure(2.9)
        octaves, variants = figure.subplots(1, 2, width_ratios=(1, 1.5))
        style.letter_panels(octaves, variants)
        for place, (name, made) in enumerate(reconstructions.items()):
            shift = 0.06 * (place - (len(reconstructions) - 1) / 2)
            _draw_octaves(octaves, name, made, shift)
            _draw_variants(variants, name, made, 1.8 * shift)
        _finish_octaves(octaves, next(iter(reconstructions.values())))
        variants.set_xticks(range(len(VARIANTS)), list(VARIANTS.values()), rotation=35, ha="right")
        variants.set_title("Variants of the scores (bars: SE; shaded: m left in)")
        for column, name in enumerate(VARIANTS):
            if name in _FLATTERING:
                variants.axvspan(
                    column - 0.5, column + 0.5, color=style.FAINT, alpha=0.25, lw=0, zorder=0
                )
        for axes in (octaves, variants):
            axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
        if _passes(reconstructions):
            variants.set_ylim(LOWEST - 0.1, None)
        handles, labels = octaves.get_legend_handles_labels()
        if _beyond(reconstructions):
            handles.append(Line2D([], [], ls="none", marker="v", ms=5, color=style.INK))
            labels.append(f"below {number(LOWEST, 0)}")
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 7))
    return Drawing("score_variants", figure, _caption(reconstructions), _table(reconstructions))


def _draw_octaves(axes: Axes, name: str, made: Reconstruction, shift: float) -> None:
    x = np.arange(len(made.octave_low)) + shift
    middle = made.octave_mean
    colour = style.decoder_colour(name)
    axes.plot(x, middle, "o-", ms=3.5, lw=1, color=colour, label=name)
    if made.r_octave_ci95 is not None:
        axes.vlines(x, *made.r_octave_ci95.T.clip(-1, 1), color=colour, lw=1)
    axes.vlines(-1 + shift, *np.clip(made.r_low_ci95, -1, 1), color=colour, lw=1)
    axes.plot(-1 + shift, made.mean_of("r_low"), "D", ms=4, mfc="white", color=colour)


def _finish_octaves(axes: Axes, made: Reconstruction) -> None:
    edges = [f"{low:g}–{2 * low:g}" for low in made.octave_low]
    edges[-1] = f"≥ {made.octave_low[-1]:g}"
    axes.set_xticks(range(-1, len(edges)), ["three\nlowest", *edges])
    axes.set_xlabel("Spatial frequency (cycles/image)")
    axes.set_ylabel("R average (m subtracted)")
    axes.set_title("R by octave (bars: 95 % interval)")


def _draw_variants(axes: Axes, name: str, made: Reconstruction, shift: float) -> None:
    for column, field in enumerate(VARIANTS):
        colour, middle = style.decoder_colour(name), made.mean_of(field)
        if middle < LOWEST:
            axes.plot(column + shift, LOWEST, "v", ms=5, color=colour)
            continue
        axes.errorbar(
            column + shift, middle, made.error_of(field), fmt="o", ms=3.5, lw=1, color=colour
        )


def _passes(reconstructions: Mapping[str, Reconstruction]) -> bool:
    """Whether a score or its error bar lies below the axis: drawn, it would flatten all others."""
    lows = [
        made.mean_of(field) - np.nan_to_num(made.error_of(field))
        for made in reconstructions.values()
        for field in VARIANTS
    ]
    return any(low < LOWEST for low in lows)


def _beyond(reconstructions: Mapping[str, Reconstruction]) -> list[str]:
    """Each score that lies below the axis, in words."""
    return [
        f"{label.replace(chr(10), ' ')} {number(made.mean_of(field))} of {name}"
        for name, made in reconstructions.items()
        for field, label in VARIANTS.items()
        if made.mean_of(field) < LOWEST
    ]


def _table(reconstructions: Mapping[str, Reconstruction]) -> Table:
    made = list(reconstructions.values())
    table: dict[str, Column] = {"decoder": list(reconstructions)}
    for name in (*VARIANTS, "r_low"):
        table[name] = [each.mean_of(name) for each in made]
        table[f"{name}_se"] = [each.error_of(name) for each in made]
    for octave, low in enumerate(made[0].octave_low):
        table[f"r_octave_from_{low:g}"] = [each.octave_mean[octave] for each in made]
        table[f"r_octave_from_{low:g}_p"] = [
            float("nan") if each.r_octave_p is None else float(each.r_octave_p[octave])
            for each in made
        ]
    return table


def _caption(reconstructions: Mapping[str, Reconstruction]) -> str:
    told = [
        f"{name} reaches R = {number(made.mean_of('r_average'))} in all, "
        f"{number(made.mean_of('r_low'))} by its three lowest components alone{_octaves(made)}"
        for name, made in reconstructions.items()
    ]
    return (
        f"With the mean training image m subtracted, {'; '.join(told)} (left: mean and 95 % "
        f"interval of each{_cut(reconstructions.values())}; tests against zero corrected after "
        "Holm over octaves; right: mean ± standard error over images, widened as the interval of "
        "R is). Scores with m left in (R, "
        "CD about the image's own mean, SSIM) flatter or punish every decoder alike: SSIM is of "
        f"trial averages, data range that of all pictures.{_below(reconstructions)}"
    )


def _below(reconstructions: Mapping[str, Reconstruction]) -> str:
    """What the right panel cannot show, if there is such."""
    if not _passes(reconstructions):
        return ""
    ends, beyond = f"The right axis ends at {number(LOWEST, 0)}", _beyond(reconstructions)
    if not beyond:
        return f" {ends} and cuts standard errors there."
    return f" {ends}; below it (triangles): {', '.join(beyond)}."


def _cut(made: Iterable[Reconstruction]) -> str:
    """That intervals of octaves are cut where R must end, if they are."""
    drawn = [each.r_octave_ci95 for each in made if each.r_octave_ci95 is not None]
    drawn = [ends for ends in drawn if (np.abs(ends) > 1).any()]
    return ", cut at ±1, which R cannot pass: too few images" if drawn else ""


def _octaves(made: Reconstruction) -> str:
    """The octaves in which mean R is above zero, as far as the test can tell."""
    if made.r_octave_p is None:
        return ""
    if np.isnan(made.r_octave_p).all():
        return " (its octaves are not tested)"
    above = made.octave_low[(made.octave_mean > 0) & (made.r_octave_p < SIGNIFICANT)]
    if not above.size:
        return ", and can be told from zero in no octave"
    listed = ", ".join(f"{low:g}" for low in above)
    octaves = "octave" if above.size == 1 else "octaves"
    return f", and is above zero in the {octaves} from {listed} cycles/image"
