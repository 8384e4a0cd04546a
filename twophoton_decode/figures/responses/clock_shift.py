"""Whether responses move against the onsets over the session, as with a clock that is wrong."""

from __future__ import annotations

import numpy as np

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.records import Responses


def clock_shift(responses: Responses) -> Drawing:
    """How much later responses come in each part of the session, and the line through it."""
    assert responses.clock_part_s is not None
    assert responses.clock_part_shift_s is not None
    assert responses.clock_part_error_s is not None
    middle = responses.clock_part_s / 60
    shift, error = responses.clock_part_shift_s, responses.clock_part_error_s
    ends = responses.onset_s[[0, -1]] / 60
    from_mean = ends - responses.onset_s.mean() / 60
    lines = [from_mean * each for each in responses.clock_shift_ci95]
    with style.applied():
        figure = style.figure(2.0)
        axes = figure.subplots()
        axes.axhline(0, color=style.INK, lw=0.5, zorder=0)
        axes.errorbar(middle, shift, 1.96 * error, fmt="o", ms=3, lw=1, color=style.INK)
        axes.plot(ends, from_mean * responses.clock_shift_s_per_min, color=style.RESPONSE_COLOUR)
        axes.fill_between(
            ends, np.min(lines, axis=0), np.max(lines, axis=0), color=style.RESPONSE_COLOUR,
            alpha=0.2, lw=0,
        )  # fmt: skip
        axes.set(xlabel="Time in the session (min)", ylabel="Responses come later by (s)")
    low, high = responses.clock_shift_ci95
    caption = (
        "How much later after the onsets responses come than on average over the session, in "
        "successive parts (95 % interval). Line: a clock that runs evenly, "
        f"{responses.clock_shift_s_per_min:.3g} s per minute (95 % interval {low:.3g} to "
        f"{high:.3g})."
    )
    table = {"time_s": responses.clock_part_s, "shift_s": shift, "standard_error_s": error}
    return Drawing("clock_shift", figure, caption, table)
