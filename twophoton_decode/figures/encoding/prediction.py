"""How well encoding models predict, beside chance and the noise ceiling."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, interval, number
from twophoton_decode.records import Encoding


def prediction_against_ceiling(encoding: Encoding) -> Drawing:
    """Prediction of every cell against its noise ceiling, against chance, and normalised."""
    with style.applied():
        figure = style.figure(3.0)
        ceiling, chance, share = figure.subplots(1, 3)
        style.letter_panels(ceiling, chance, share)
        _draw_ceiling(ceiling, encoding)
        _draw_chance(chance, encoding)
        _draw_normalised(share, encoding)
    keys = ("prediction_r", "prediction_p", "noise_ceiling_r", "prediction_normalised", "has_field")
    table = {"cell": np.arange(len(encoding.has_field))}
    table |= {key: getattr(encoding, key) for key in keys}
    more = {"chance": {"chance_r": encoding.chance_r}}
    return Drawing("encoding_prediction", figure, _caption(encoding), table, more)


def _draw_ceiling(axes: Axes, encoding: Encoding) -> None:
    if not np.isfinite(encoding.noise_ceiling_r).any():
        style.say_unavailable(axes, "no noise ceiling without repeats that agree", letters=24)
        return
    axes.plot((0, 1), (0, 1), color=style.FAINT, lw=0.8, zorder=0)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    for has, colour, label in (
        (False, style.FAINT, "no field"),
        (True, style.CELL_COLOUR, "receptive field"),
    ):
        cells = encoding.has_field == has
        axes.plot(
            encoding.noise_ceiling_r[cells], encoding.prediction_r[cells], "o", ms=3, mec="none",
            alpha=0.8, color=colour, label=label,
        )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(min(-0.2, np.nanmin(encoding.prediction_r) - 0.05), 1))
    axes.set_xlabel("Noise ceiling (r)")
    axes.set_ylabel("Prediction (r), images left out")
    axes.set_title("Prediction of each cell")
    style.legend_below(axes)


def _draw_chance(axes: Axes, encoding: Encoding) -> None:
    r = encoding.prediction_r[np.isfinite(encoding.prediction_r)]
    edges = np.linspace(-1, 1, 41).tolist()
    groups = (
        (encoding.chance_r, style.CONDITION_COLOUR["wrong image"], "images permuted"),
        (r, style.CELL_COLOUR, "as shown"),
    )
    for values, colour, label in groups:
        if values.size:
            weights = np.full(values.size, 100 / values.size)
            axes.hist(
                values, edges, weights=weights, histtype="stepfilled", color=colour, alpha=0.6,
                label=label,
            )  # fmt: skip
    axes.axvline(encoding.median_of("prediction_r"), color=style.INK, lw=1)
    drawn = np.concatenate([r, encoding.chance_r])
    if drawn.size:
        axes.set_xlim(drawn.min() - 0.05, drawn.max() + 0.05)
    axes.set_xlabel("Prediction (r)")
    axes.set_ylabel("Cells (%)")
    axes.set_title("Against chance (line: median)")
    style.legend_below(axes)


def _draw_normalised(axes: Axes, encoding: Encoding) -> None:
    values = encoding.prediction_normalised[np.isfinite(encoding.prediction_normalised)]
    if not values.size:
        style.say_unavailable(axes, "no cell has a noise ceiling of 0.3 or more", letters=24)
        return
    bins = np.arange(np.floor(values.min() * 10), np.ceil(max(values.max(), 1.0) * 10) + 1) / 10
    axes.hist(values, bins.tolist(), color=style.CELL_COLOUR, ec="white", lw=0.4)
    axes.axvline(encoding.median_of("prediction_normalised"), color=style.INK, lw=1)
    axes.axvline(1, color=style.FAINT, lw=0.8, zorder=0)
    axes.set_xlabel("Prediction / noise ceiling")
    axes.set_ylabel("Cells")
    style.whole_numbers(axes.yaxis)
    axes.set_title("Normalised (line: median)")


def _caption(encoding: Encoding) -> str:
    fields, cells = int(encoding.has_field.sum()), len(encoding.has_field)
    return (
        f"Responses to images left out of the fit are predicted at a median r of "
        f"{number(encoding.median_of('prediction_r'))} over {counted(cells, 'cell')} (95 % "
        "interval "
        f"{interval(encoding.prediction_r_ci95)}; {number(encoding.median_of('chance_r'))} with "
        "images "
        f"permuted){_share_of_ceiling(encoding)}; "
        f"{fields} of {cells} are predicted above chance (false discovery rate controlled)."
    )


def _share_of_ceiling(encoding: Encoding) -> str:
    known = int(np.isfinite(encoding.prediction_normalised).sum())
    if not known:
        return ", beside no noise ceiling: no cell has one of 0.3 or more"
    return (
        f", which is {number(encoding.median_of('prediction_normalised'))} of the noise ceiling "
        "(median "
        f"of the {counted(known, 'cell')} with a ceiling of at least 0.3)"
    )
