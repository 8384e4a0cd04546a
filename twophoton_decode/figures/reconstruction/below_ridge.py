"""What is said of a decoder that lies below ridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.figures.canvas.numbers import interval, number


def below_ridge_sentence(decoder: str, numbers: Mapping[str, Any]) -> str:
    """How far below, with the interval; empty where it does not lie clearly below.

    Parameters
    ----------
    numbers : mapping
        What ``summary.json`` has of the decoder.
    """
    lag = numbers.get("beyond_ridge")
    if lag is None:
        return ""
    ends = interval(numbers["beyond_ridge_ci95"], 3)
    return (
        f"{decoder} scores {number(-lag, 3)} lower than ridge on the same images (difference "
        f"{number(lag, 3)}, 95 % interval {ends})."
    )
