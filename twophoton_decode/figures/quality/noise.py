"""Noise level and signal-to-noise ratio of every ROI."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, number, p_value
from twophoton_decode.records import Quality, Traces

# A scale that spans less is easier to read when it is linear.
_WIDE = 10.0


def noise(traces: Traces, quality: Quality) -> Drawing:
    """Distributions over cells and other ROIs, and signal-to-noise against the probability."""
    with style.applied():
        figure = style.figure(2.3)
        level, snr, versus = figure.subplots(1, 3)
        style.letter_panels(level, snr, versus)
        _draw_distribution(level, quality, "noise_level", traces.is_cell, "Noise level ν (%/√Hz)")
        _draw_distribution(snr, quality, "snr", traces.is_cell, "Signal-to-noise ratio")
        _draw_against_probability(versus, traces, quality)
        for axes in (snr.axvline, versus.axhline):
            axes(quality.snr_of_noise, color=style.INK, lw=0.7, ls=":", label="noise alone")
        shown = dict(zip(*reversed(snr.get_legend_handles_labels()), strict=True))
        figure.legend(shown.values(), shown, loc="outside lower center", ncols=len(shown))
    table = {
        "roi": np.arange(traces.is_cell.size),
        "is_cell": traces.is_cell,
        "cell_probability": traces.cell_probability,
        "usable": quality.usable,
        "noise_level_percent": quality.noise_level,
        "snr": quality.snr,
        "peak_dff": quality.peak,
    }
    return Drawing("quality_noise", figure, _caption(traces, quality), table)


def _draw_distribution(
    axes: Axes, quality: Quality, name: str, is_cell: np.ndarray, label: str
) -> None:
    values = getattr(quality, name)
    known = np.isfinite(values) & (values > 0)
    if not known.any():
        style.say_unavailable(axes, "no ROI has ΔF/F", letters=20)
        return
    low, high = 0.95 * values[known].min(), 1.05 * values[known].max()
    wide = high > _WIDE * low
    bins = (np.geomspace if wide else np.linspace)(low, high, 26).tolist()
    kinds = [values[known & is_cell], values[known & ~is_cell]]
    colours = [style.CELL_COLOUR, style.FAINT]
    labels = [counted(kinds[0].size, "cell"), counted(kinds[1].size, "other ROI")]
    axes.hist(kinds, bins, stacked=True, color=colours, label=labels, ec="white", lw=0.3)
    if kinds[0].size:
        axes.axvline(quality.median_of(name), color=style.INK, lw=1, label="median cell")
    if wide:
        axes.set_xscale("log")
        _plain_ticks(axes.xaxis)
    axes.set(xlabel=label, ylabel="ROIs")
    style.whole_numbers(axes.yaxis)


def _draw_against_probability(axes: Axes, traces: Traces, quality: Quality) -> None:
    known = np.isfinite(quality.snr)
    if not known.any():
        style.say_unavailable(axes, "no ROI has ΔF/F", letters=20)
        return
    for chosen, colour in ((~traces.is_cell, style.FAINT), (traces.is_cell, style.CELL_COLOUR)):
        here = known & chosen
        axes.plot(traces.cell_probability[here], quality.snr[here], ".", ms=3, color=colour)
    axes.set_yscale("log")
    _plain_ticks(axes.yaxis)
    axes.set(xlabel="Probability of a cell", ylabel="Signal-to-noise ratio", xlim=(-0.02, 1.02))


def _plain_ticks(axis: Axis) -> None:
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def _caption(traces: Traces, quality: Quality) -> str:
    chosen = traces.is_cell & quality.usable
    if not chosen.any():
        text = "No cell has ΔF/F, so the noise of cells is unknown."
    else:
        text = (
            f"{_over(chosen)}: noise level {_spread(quality, 'noise_level')} %/√Hz (2 is low and "
            f"{quality.high_noise:.0f} "
            f"high, Rupprecht 2025), signal-to-noise ratio {_spread(quality, 'snr')} (99th "
            "percentile of ΔF/F "
            f"less the median, in SD of a frame's noise; dotted: noise alone, "
            f"{number(quality.snr_of_noise, 1)}), largest ΔF/F {_spread(quality, 'peak')}."
        )
    unusable = int((~quality.usable).sum())
    if unusable:
        text += f" {counted(unusable, 'ROI')} without a safe F0 left out."
    return text + _rank_correlation(traces, quality)


def _over(chosen: np.ndarray) -> str:
    cells = int(chosen.sum())
    return "The one cell" if cells == 1 else f"Medians and quartiles of {cells} cells"


def _spread(quality: Quality, name: str) -> str:
    low, middle, high = quality.quartiles_of(name)
    if quality.count_of(name) < 2:
        return number(middle, 1)
    return f"{number(middle, 1)} ({number(low, 1)} to {number(high, 1)})"


def _rank_correlation(traces: Traces, quality: Quality) -> str:
    if not np.isfinite(quality.snr_rank_correlation):
        return ""
    known = np.isfinite(quality.snr) & np.isfinite(traces.cell_probability)
    return (
        f" Over all {known.sum()} ROIs the ratio goes with the classifier's probability at "
        f"ρ = {number(quality.snr_rank_correlation)} ({p_value(quality.snr_rank_p)}, Spearman)."
    )
