"""Whether responses move against the onsets over the session, as with a clock that is wrong."""

from __future__ import annotations

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.records import Responses
from twophoton_decode.records.declaration import given
from twophoton_decode.records.table import Column


def clock_shift(responses: Responses) -> Drawing:
    """How much later responses come in each part of the session, and the line through it."""
    middle, ends = given(responses.clock_part_s) / 60, given(responses.clock_line_time_s) / 60
    shift = given(responses.clock_part_shift_s)
    low, high = given(responses.clock_part_low_s), given(responses.clock_part_high_s)
    with style.applied():
        figure = style.figure(2.0)
        axes = figure.subplots()
        axes.axhline(0, color=style.INK, lw=0.5, zorder=0)
        error = shift - low, high - shift
        axes.errorbar(middle, shift, error, fmt="o", ms=3, lw=1, color=style.INK)
        axes.plot(ends, given(responses.clock_line_s), color=style.RESPONSE_COLOUR)
        axes.fill_between(
            ends, given(responses.clock_line_low_s), given(responses.clock_line_high_s),
            color=style.RESPONSE_COLOUR, alpha=0.2, lw=0,
        )  # fmt: skip
        axes.set(xlabel="Time in the session (min)", ylabel="Responses come later by (s)")
    caption = (
        "How much later after the onsets responses come than on average over the session, in "
        "successive parts (95 % interval). Line: a clock that runs evenly, "
        f"{responses.clock_shift_s_per_min:.3g} s per minute (95 % interval "
        f"{responses.clock_shift_ci95[0]:.3g} to {responses.clock_shift_ci95[1]:.3g})."
    )
    table: dict[str, Column] = {
        "time_s": given(responses.clock_part_s),
        "shift_s": shift,
        "standard_error_s": given(responses.clock_part_error_s),
    }
    return Drawing("clock_shift", figure, caption, table)
