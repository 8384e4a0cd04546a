"""Which part of a latent diffusion model predicts a population, with what keeps it from a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twophoton_decode.figures.canvas.numbers import counted, interval, number, signed

_DIGITS = 3
_FEWEST = 0.05
"""Share of cells predicted below which means are of cells that tell nothing: there, one part is
"better" than another only because it is pulled further to the mean."""


def population_sentence(name: str, told: Mapping[str, Any]) -> str:
    """Of one population; `told` is its part of the headline."""
    cells = counted(told["cells"], "cell")
    predicted = told["predicted_cells"]
    if not predicted:
        return f"{name} ({cells}): no cell is predicted above chance, so nothing can be said."
    if predicted < _FEWEST * told["cells"]:
        return (
            f"{name} ({cells}): {predicted} predicted, too few for a mean over cells to say which "
            "part predicts better."
        )
    r, less = told["r"], told["less"]
    values = ", ".join(f"{number(r[key])} from {key}" for key in ("z", "c", "pixels"))
    parts = [
        f"{name} ({predicted} of {cells} predicted): mean r {values}; "
        f"{_which('z', 'c', less)}; {_beyond_pixels(less)}"
    ]
    if "denoiser" in r:
        parts.append(_of_denoiser(r["denoiser"], told["chosen"], less))
    return ". ".join(parts) + "."


def _which(a: str, b: str, less: Mapping[str, Any]) -> str:
    """Whether one of two predicts better."""
    found = less[f"{a} less {b}"]
    low, high = _ends(found)
    if low > 0 or high < 0:
        better, worse = (a, b) if low > 0 else (b, a)
        return f"{better} predicts better than {worse} ({_told(found, f'{a} less {b}')})"
    return f"{a} and {b} are not shown to differ ({_told(found, f'{a} less {b}')})"


def _beyond_pixels(less: Mapping[str, Any]) -> str:
    above = [key for key in ("z", "c") if _ends(less[f"{key} less pixels"])[0] > 0]
    told = ", ".join(_told(less[f"{key} less pixels"], f"{key} less pixels") for key in ("z", "c"))
    if not above:
        return f"neither is shown to predict better than pixels ({told})"
    return f"{' and '.join(above)} better than pixels ({told})"


def _of_denoiser(r: float, chosen: str, less: Mapping[str, Any]) -> str:
    """Training counts only where it exceeds every draw of random weights."""
    found = less["denoiser less best random denoiser"]
    low, high = _ends(found)
    verdict = "training is not shown to add to random weights"
    if low > 0:
        verdict = "training adds to what random weights give"
    elif high < 0:
        verdict = "random weights predict better"
    return (
        f"The denoiser's stages reach {number(r)} ({chosen}): {verdict} "
        f"({_told(found, 'less the best of random draws')})"
    )


def _ends(found: Mapping[str, Any]) -> tuple[float, float]:
    """Of an interval; NaN, which claims nothing, where there is none."""
    low, high = (math.nan if each is None else float(each) for each in found["ci95"])
    return low, high


def _told(found: Mapping[str, Any], what: str) -> str:
    ends = _ends(found)
    return f"{what} {signed(found['value'], _DIGITS)}, 95 % interval {interval(ends, _DIGITS)}"
