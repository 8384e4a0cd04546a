"""What leaks into responses from before: time in the session, and the preceding image."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number, p_value
from twophoton_decode.records import Responses


def session_effects(responses: Responses) -> Drawing:
    """Residuals over time, and how far each cell follows time and the preceding image."""
    if np.isnan(responses.drift_all) and np.isnan(responses.carry_over_all):
        return _unavailable()
    with style.applied():
        figure = style.figure(2.7)
        time, drift, carried = figure.subplots(1, 3, width_ratios=(1.6, 1, 1))
        style.letter_panels(time, drift, carried)
        _draw_time(time, responses)
        _draw_cells(drift, responses, "drift", "Drift per cell (r with time)")
        _draw_cells(carried, responses, "carry_over", "Carry-over per cell (r)")
    table = {"onset_s": responses.onset_s, "mean_residual": responses.residual}
    cells = {
        "cell": np.arange(responses.cells),
        "drift": responses.drift,
        "carry_over": responses.carry_over,
    }
    return Drawing("session_effects", figure, _caption(responses), table, {"cells": cells})


def _unavailable() -> Drawing:
    reason = "drift and carry-over need images shown more than once, and a log with onsets"
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing("session_effects", figure, f"Session effects are unavailable: {reason}.")


def _draw_time(axes: Axes, responses: Responses) -> None:
    unit = responses.response_unit
    axes.axhline(0, color=style.INK, lw=0.5, zorder=0)
    axes.plot(
        responses.onset_s / 60, responses.residual, ".", ms=2, color=style.FAINT,
        label="presentation",
    )  # fmt: skip
    axes.plot(
        responses.residual_part_s / 60, responses.residual_part, color=style.RESPONSE_COLOUR,
        label="mean of neighbours",
    )  # fmt: skip
    axes.set(xlabel="Time in the session (min)", ylabel=f"Response − image mean ({unit})")
    axes.set_title("Mean over cells")
    style.legend_below(axes)


def _draw_cells(axes: Axes, responses: Responses, name: str, label: str) -> None:
    values = getattr(responses, name)
    values = values[np.isfinite(values)]
    if not values.size:
        style.say_unavailable(axes, "not known", letters=20)
        return
    axes.hist(
        values, min(30, max(5, values.size // 3)), color=style.CELL_COLOUR, ec="white", lw=0.3
    )
    axes.axvline(0, color=style.INK, lw=0.5)
    axes.axvline(responses.mean_of(name), color=style.INK, lw=1, ls="--", label="mean")
    axes.set(xlabel=label, ylabel="Cells")
    style.whole_numbers(axes.yaxis)
    style.legend_below(axes)


def _caption(responses: Responses) -> str:
    return (
        "Responses less the cell's mean response to the image. Drift: their mean over cells "
        f"correlates with time at {number(responses.drift_all)} ({p_value(responses.drift_p)}, "
        f"against slow noise; mean over cells {number(responses.mean_of('drift'))}). Carry-over: "
        "they "
        "correlate with the response that the image before gets elsewhere at "
        f"{number(responses.carry_over_all, 3)} ({p_value(responses.carry_over_p)}, more than "
        "with the image after); a negative value means that calcium still decays in the baseline."
    )
