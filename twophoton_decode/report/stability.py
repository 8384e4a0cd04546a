"""Reconstructions stay alike over repeats although the responses differ."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from twophoton_decode.records import Stability
from twophoton_decode.report import style
from twophoton_decode.report.drawing import Drawing
from twophoton_decode.report.numbers import counted, mean, number, p_value


def similarity_scatter(stability: Stability) -> Drawing:
    """Similarity and variability of reconstructions against those of responses, per image."""
    name = f"stability_{stability.decoder}"
    if not np.isfinite(stability.reconstruction_similarity).any():
        return without_repeats(name, stability)
    with style.applied():
        figure = style.figure(3.3)
        similarity, variability = figure.subplots(1, 2)
        _draw_similarity(similarity, stability)
        _draw_variability(variability, stability)
    return Drawing(name, figure, _caption(stability), _table(stability))


def without_repeats(name: str, stability: Stability) -> Drawing:
    """What stands in place of a figure where no image has repeats to compare."""
    reason = "; ".join(stability.notes) or "no image has two repeats that can be compared"
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing(name, figure, f"Stability is unavailable: {reason}.")


def _draw_similarity(axes: Axes, stability: Stability) -> None:
    axes.axline((0, 0), slope=1, color=style.FAINT, lw=0.8, zorder=0)
    _points(
        axes,
        stability.response_similarity_other,
        stability.reconstruction_similarity_other,
        style.CONDITION_COLOUR["wrong image"],
        "with other images",
    )
    _points(
        axes,
        stability.response_similarity,
        stability.reconstruction_similarity,
        style.RECONSTRUCTION_COLOUR,
        "with the other repeats",
    )
    low = min(0.0, axes.dataLim.x0, axes.dataLim.y0)
    axes.set(xlim=(low - 0.05, 1), ylim=(low - 0.05, 1), aspect="equal")
    axes.set_xlabel("Similarity of responses (r)")
    axes.set_ylabel("Similarity of reconstructions (r)")
    axes.set_title(f"{stability.decoder}: similarity (dot: image, cross: mean)")
    axes.legend(loc="lower right")


def _draw_variability(axes: Axes, stability: Stability) -> None:
    x, y = stability.response_variability, stability.reconstruction_variability
    _points(axes, x, y, style.RECONSTRUCTION_COLOUR, "")
    drawn = np.concatenate([x, y])
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    if drawn.size:
        ends = drawn.min() / 1.3, drawn.max() * 1.3
        axes.plot(ends, ends, color=style.FAINT, lw=0.8, zorder=0)
        axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Variability of responses")
    axes.set_ylabel("Variability of reconstructions")
    axes.set_title("Variability (squared difference, relative)")


def _points(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str, label: str) -> None:
    axes.plot(x, y, "o", ms=3.5, color=colour, alpha=0.7, mec="none", label=label)
    axes.plot(mean(x), mean(y), "+", ms=9, mew=1.5, color=style.INK)


def _table(stability: Stability) -> dict[str, np.ndarray]:
    fields = [
        f"{what}_{kind}"
        for kind in ("similarity", "similarity_other", "variability")
        for what in ("response", "reconstruction")
    ]
    table = {"image": np.arange(len(stability.repeats))}
    return table | {
        field: getattr(stability, field) for field in ("repeats", "responsive_cells", *fields)
    }


def _caption(stability: Stability) -> str:
    pictures, responses = stability.reconstruction_similarity, stability.response_similarity
    compared = np.isfinite(pictures + responses)
    above = int((pictures > responses)[compared].sum())
    return (
        f"Over repeats, reconstructions correlate at {number(mean(pictures))} with the average of "
        f"the other trials ({number(mean(stability.reconstruction_similarity_other))} with other "
        f"images, {p_value(stability.p_reconstruction_over_other)}), responses of responsive cells "
        f"at {number(mean(responses))} ({number(mean(stability.response_similarity_other))} with "
        f"other images); the reconstruction is the more similar of the two in {above} of "
        f"{counted(compared.sum(), 'image')}."
    )
