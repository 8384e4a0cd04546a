"""What the controls of feature inversion show, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.figures.canvas.numbers import interval, number, signed

MAIN = "reconstruction"
SCORE = "PixCorr"


def inversion_sentence(numbers: Mapping[str, Any]) -> str:
    """The reconstruction beside its null, and what each control changes."""
    variants = numbers["variants"]
    said = [
        f"PixCorr {number(numbers['pixcorr'])} with the image shown, "
        f"{number(numbers['pixcorr_null'])} with another one ({numbers['images']} images, "
        f"{_generator(numbers)})."
    ]
    said += [
        f"{name}: {number(scores[SCORE]['mean'])} ({_gain(scores[SCORE])})."
        for name, scores in variants.items()
        if name != MAIN and not name.startswith(("only ", "up to "))
    ]
    return " ".join([*said, _layers(variants)]).strip()


def _generator(numbers: Mapping[str, Any]) -> str:
    if numbers["generator"] == "pixels":
        return "no generator"
    return f"generator {numbers['generator']}"


def _gain(score: Mapping[str, Any]) -> str:
    """How much the reconstruction exceeds a variant."""
    ends = interval(score["difference_ci95"])
    return f"reconstruction {signed(score['reconstruction_exceeds_by'])}, {ends}"


def _layers(variants: Mapping[str, Any]) -> str:
    """Whether all layers together exceed the best single one."""
    alone = {name: each[SCORE] for name, each in variants.items() if name.startswith("only ")}
    if not alone:
        return ""
    best = max(alone, key=lambda name: alone[name]["mean"])
    low, high = alone[best]["difference_ci95"]
    told = "exceed" if low > 0 else "fall below" if high < 0 else "cannot be told from"
    return (
        f"All layers together {told} the best single one ({best.removeprefix('only ')}, "
        f"{number(alone[best]['mean'])}; {_gain(alone[best])})."
    )
