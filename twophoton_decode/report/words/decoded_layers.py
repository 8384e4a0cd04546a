"""What the page says of a network's layers that were decoded from responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.figures.canvas.numbers import number

Table = Mapping[str, Any]
SIGNIFICANT = 0.05


def deep_decode(summary: Table, best: str) -> str:
    """A sentence for each network: its best layer, and which layers do better than controls."""
    networks = summary.get("deep", {}).get("decode", {})
    return " ".join(
        _decoded_network(name, numbers)
        for name, numbers in networks.items()
        if not numbers.get("unavailable")
    )


def _decoded_network(name: str, numbers: Table) -> str:
    best = numbers["best_layer"]
    scores = numbers[best]
    twin = scores.get("random", {})
    beside = f", {number(twin.get('two_way'))} with random weights" if twin else ""
    layers = {key: each for key, each in numbers.items() if "beyond_pixels" in _dict(each)}
    told = [
        f"better than {what} in {_listed(_better(layers, control))}"
        for control, what in (("random", "random weights"), ("pixels", "pixels"))
        if any(f"beyond_{control}" in each for each in layers.values())
    ]
    return (
        f"Layer {best} of {name} identifies the picture shown in {number(scores['two_way'])} of "
        f"pairs{beside}, pixels in {number(_dict(numbers.get('pixels')).get('two_way'))}, with "
        f"wrong pictures {number(scores.get('wrong_image_two_way'))}; it is {', '.join(told)}."
        f"{_without_picture(_dict(numbers.get('without_picture')))}"
    )


def _without_picture(conditions: Table) -> str:
    """Which layers tell what was expected where no picture was shown; "" without such."""
    told = []
    for name, each in conditions.items():
        layers = _dict(each.get("layers"))
        known = [layer for layer, of in layers.items() if _below(of, "expected_p")]
        also = [layer for layer in known if _below(layers[layer], "blank_p")]
        verb = "tell" if len(known) > 1 else "tells"
        doubt = f"; in {_listed(also)} the blanks nearest in time do so too" if also else ""
        told.append(
            f" Of pictures that were expected, but not shown ({name}), {_listed(known)} {verb} "
            f"which{doubt}."
        )
    return "".join(told)


def _below(numbers: Table, name: str) -> bool:
    value = numbers.get(name)
    return isinstance(value, float | int) and value < SIGNIFICANT


def _dict(value: Any) -> Table:
    return value if isinstance(value, Mapping) else {}


def _better(layers: Table, control: str) -> list[str]:
    """Layers that are decoded better than a control, corrected over layers."""
    return [
        name
        for name, each in layers.items()
        if each.get(f"beyond_{control}", 0) > 0 and _below(each, f"beyond_{control}_p")
    ]


def _listed(layers: list[str]) -> str:
    return ", ".join(layers) if layers else "no layer"
