"""A log laid over a recorded trace: flips and onsets, what remains between them, jitter."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.canvas.timeline import in_time_unit, time_label
from twophoton_decode.records.movie.clock_alignment import ClockAlignment, TraceExcerpt


def log_alignment(made: ClockAlignment, excerpt: TraceExcerpt) -> Drawing:
    """The trace around the first matched onsets, residuals over time, and their histogram."""
    with style.applied():
        figure = style.figure(4.4)
        above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.25))[:, 0]
        top = above.subplots()
        before, after, jitter = below.subplots(1, 3)
        style.letter_panels(top, before, after, jitter)
        _draw_trace(top, made, excerpt)
        _draw_residuals(before, made, made.before_drift_s, "Offset alone")
        _draw_residuals(after, made, made.residual_s, "Offset and drift")
        _draw_jitter(jitter, made)
    table = {
        "log_s": made.log_s[made.matched_row],
        "flip_s": made.flip_s[made.matched_flip],
        "residual_ms": 1e3 * made.residual_s,
        "residual_without_drift_ms": 1e3 * made.before_drift_s,
    }
    return Drawing("log_alignment", figure, caption(made), table)


def _draw_trace(axes: Axes, made: ClockAlignment, excerpt: TraceExcerpt) -> None:
    axes.plot(excerpt.time_s, excerpt.value, color=style.FAINT, lw=0.7)
    axes.axhline(excerpt.threshold, color=style.INK, lw=0.5, ls=":")
    first, last = excerpt.time_s[[0, -1]]
    axes.set_xlim(first, last)
    matched = made.flip_s[made.matched_flip]
    for times, label, colour, mark in (
        (made.expected_s, "onset by the log", style.RESPONSE_COLOUR, "v"),
        (matched, "matched flip", style.RECONSTRUCTION_COLOUR, "o"),
        (made.extra_flip_s, "extra flip", style.CONDITION_COLOUR["Max."], "x"),
    ):
        shown = times[(times >= first) & (times <= last)]
        if not shown.size:
            continue
        if mark == "v":
            place = np.full(shown.size, 1.04)
            axes.plot(shown, place, mark, ms=4, color=colour, label=label, clip_on=False,
                      transform=axes.get_xaxis_transform())  # fmt: skip
        else:
            place = np.full(shown.size, excerpt.threshold)
            axes.plot(shown, place, mark, ms=4, color=colour, label=label, zorder=3)
    axes.set(xlabel="Time of the trace (s)", ylabel="Trace")
    axes.set_title("First matched onsets", pad=11)
    style.legend_below(axes, ncols=3)


def _draw_residuals(axes: Axes, made: ClockAlignment, residual: np.ndarray, title: str) -> None:
    place = made.expected_s[made.matched_row]
    span = float(place[-1] - place[0])
    axes.axhline(0, color=style.INK, lw=0.5)
    axes.plot(in_time_unit(place, span), 1e3 * residual, ".", ms=2, color=style.CELL_COLOUR)
    axes.set(title=title, xlabel=time_label(span), ylabel="Flip after onset (ms)")


def _draw_jitter(axes: Axes, made: ClockAlignment) -> None:
    late = 1e3 * made.residual_s
    bins = min(40, max(5, late.size // 5))
    axes.hist(late, bins, color=style.CELL_COLOUR, ec="white", lw=0.3)
    axes.set(title="Jitter", xlabel="Flip after onset (ms)", ylabel="Onsets")
    style.whole_numbers(axes.yaxis)


def caption(made: ClockAlignment) -> str:
    """What is seen, in numbers."""
    rows = made.log_s.size
    text = (
        f"{made.matched_row.size} of {rows} onsets have a flip; {made.extra_flip_s.size} flips "
        f"have no onset. Drift of the clocks: {number(1e6 * made.drift, 1)} ppm. "
        f"Jitter: median distance {number(1e3 * made.jitter_s, 2)} ms, at most "
        f"{number(1e3 * max(abs(made.residual_s)), 2)} ms."
    )
    return text + (f" Refused: {'; '.join(made.refused)}." if made.refused else "")
