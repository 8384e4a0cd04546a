"""What can honestly be said of degraded pictures: what the design shows, and nothing else.

The word for what a design finds stands in these sentences only where it was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from twophoton_decode.figures.canvas.numbers import counted, interval, number, p_value, signed

Numbers = Mapping[str, Any]
_SHIFT: Final = "30%"
BIASED: Final = (
    "biased: away from zero also for cells that answer to nothing but the picture shown, so that "
    "they are no evidence"
)
_COMPARED: Final = {
    "familiar minus unfamiliar": "with familiar originals than with unfamiliar ones",
    "after minus before": "after the animal saw the originals than before",
    "familiar minus unfamiliar, after minus before": (
        "after than before with familiar originals, compared with unfamiliar ones"
    ),
}


def degraded_sentence(numbers: Numbers) -> str:
    """What the test by design shows; from the numbers of ``summary.json``."""
    if not numbers["design"]:
        return (
            f"{_counts(numbers)} Which originals the animal had seen is not known, so that nothing "
            "is tested, and nothing is claimed beyond the picture shown."
        )
    if not numbers["tested"]:
        return (
            f"{_counts(numbers)} The groups are too small for a test ({_groups(numbers)}; 10 in "
            "each are needed), so that nothing is claimed beyond the picture shown."
        )
    layers = numbers["found_in"]
    if not layers:
        best = _largest(numbers)
        return (
            f"{_counts(numbers)} What is decoded is not shown to lie nearer to the original "
            f"{_COMPARED[numbers['design']]} ({_groups(numbers)}): the largest difference is "
            f"{_difference(numbers, best)}. That is no proof of its absence: see how many pictures "
            "would show it."
        )
    told = "; ".join(_difference(numbers, layer) for layer in layers)
    return (
        f"{_counts(numbers)} What is decoded lies nearer to the original "
        f"{_COMPARED[numbers['design']]} ({_groups(numbers)}): {told}. This is completion as far "
        f"as the design goes: {_as_far(numbers)}{_controls(numbers)}"
    )


def biased_sentence(numbers: Numbers) -> str:
    """The published measures, and that they test nothing."""
    gains = ", ".join(
        f"{layer} {_signed(numbers[layer]['biased_noise_matched_gain'])} and "
        f"{_signed(numbers[layer]['biased_stimulus_driven_gain'])}"
        for layer in numbers["layers"]
    )
    return (
        f"Gains over noise-matched features, and over encoding models that answer to the picture "
        f"shown (r {number(numbers['encoding_r'])} on originals left out): {gains}. Both are "
        f"{BIASED}."
    )


def planning_sentence(numbers: Numbers) -> str:
    """How many pictures a group needs: the layer that needs fewest, and the one that needs most."""
    needed = {
        layer: numbers[layer]["planned_pictures"][_SHIFT]
        for layer in numbers["layers"]
        if _finite(numbers[layer]["planned_pictures"][_SHIFT])
    }
    if not needed:
        return (
            "Planning: in no layer would responses moved by 30 % towards those to the original "
            "shift Δ, as encoding models have it."
        )
    first, last = (pick(needed, key=lambda layer: needed[layer]) for pick in (min, max))
    never = len(numbers["layers"]) - len(needed)
    no_layer = f", {counted(never, 'layer')} would show nothing" if never else ""
    span = "" if first == last else f" to {number(needed[last], 0)} ({last})"
    return (
        f"Planning: if responses to familiar pictures moved by 30 % towards those to the original, "
        f"as encoding models predict them, {number(needed[first], 0)} ({first}){span} pictures in "
        f"each group would be needed{no_layer} (power 80 %, p < 0.05 in one layer that is named "
        "beforehand); other shifts are in the table."
    )


def _counts(numbers: Numbers) -> str:
    return (
        f"{numbers['degraded_pictures']} degraded pictures are decoded from {numbers['cells']} "
        f"cells by fits to {numbers['originals']} originals, never their own."
    )


def _groups(numbers: Numbers) -> str:
    first, second = numbers["group_pictures"]
    if numbers["design"] == "after minus before":
        return f"{first} originals, paired"
    return f"{first} and {second} originals"


def _largest(numbers: Numbers) -> str:
    return max(numbers["layers"], key=lambda layer: _known(numbers[layer]["design_difference"]))


def _difference(numbers: Numbers, layer: str) -> str:
    own = numbers[layer]
    return (
        f"{layer} {signed(own['design_difference'])} (95 % interval "
        f"{interval(own['design_difference_ci95'])}, {p_value(own['design_difference_p'])} over "
        "layers)"
    )


def _as_far(numbers: Numbers) -> str:
    if numbers["design"] == "after minus before":
        return (
            "nothing was assigned at random, so that anything else that changed in between would "
            "look alike"
        )
    return (
        "it holds if which originals were familiar was drawn at random, and familiarity may act "
        "through attention or adaptation as well"
    )


def _controls(numbers: Numbers) -> str:
    """The same difference with random weights and from pixels, in the layer where it is largest."""
    best = _largest(numbers)
    beside = {
        "with random weights": numbers[best].get("random"),
        "from pixels": numbers.get("pixels"),
    }
    told = [f"{_signed(each['design_difference'])} {what}" for what, each in beside.items() if each]
    return f". Beside {best}, it is {' and '.join(told)}." if told else "."


def _signed(value: float | None) -> str:
    return signed(float("nan") if value is None else value)


def _finite(value: float | None) -> bool:
    return value is not None and value == value


def _known(value: float | None) -> float:
    return float("-inf") if value is None or value != value else value
