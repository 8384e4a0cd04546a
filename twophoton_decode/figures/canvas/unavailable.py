"""What stands in place of a figure that the data do not allow."""

from __future__ import annotations

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing


def unavailable(name: str, what: str, reason: str, *, many: bool = False) -> Drawing:
    """The reason in words; `what` begins the caption, as one thing or as `many`."""
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing(name, figure, f"{what} {'are' if many else 'is'} unavailable: {reason}.")
