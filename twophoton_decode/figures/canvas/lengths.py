"""Axes that count pixels, in micrometres or degrees where the size of a pixel is known."""

from __future__ import annotations

import math
from typing import Final

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MultipleLocator

MICROMETRES: Final = "µm"
DEGREES: Final = "°"
_TICKS: Final = 5


def label_lengths(axis: Axis, what: str, unit: str, per_px: float) -> None:
    """Label an axis whose data are pixels, with ticks at round lengths; its limits must be set.

    Parameters
    ----------
    per_px : float
        Units in a pixel; 0: not known, and pixels remain.
    """
    if not per_px:
        axis.set_label_text(f"{what} (px)")
        return
    low, high = axis.get_view_interval()
    axis.set_major_locator(MultipleLocator(_round_step(abs(high - low) * per_px) / per_px))
    # Plus zero, so that no label is "-0".
    axis.set_major_formatter(FuncFormatter(lambda place, _: f"{round(place * per_px, 6) + 0.0:g}"))
    axis.set_label_text(f"{what} ({unit})")


def _round_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, about a fifth of the span."""
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * min((1, 2, 5, 10), key=lambda step: abs(step - rough / power))
