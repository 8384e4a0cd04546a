"""What can honestly be said of decoded layers, in a sentence made from their numbers."""

from __future__ import annotations

from typing import Final

from twophoton_decode.figures.canvas.numbers import interval, number, signed
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding

SIGNIFICANT: Final = 0.05
_CONTROL: Final = {
    "random": "the same layer with random weights",
    "pixels": "pixels",
    "gabor": "Gabor energies",
}


def layers_sentence(found: FeatureDecoding) -> str:
    """Which layer identifies pictures best, and of every layer whether it beats its controls."""
    network = [place for place, kind in enumerate(found.kind.tolist()) if kind == "network"]
    best = max(network, key=lambda place: float(found.two_way_mean[0, place]))
    ends = interval(found.two_way_ci95[0, best])
    told = [_against(found, column, name) for column, name in enumerate(found.control.tolist())]
    return (
        f"From {found.cells[0]} cells and {len(found.image_name)} pictures, layer "
        f"{found.space[best]} of {found.network} identifies the picture shown best: two-way "
        f"{number(found.two_way_mean[0, best])} (95 % interval {ends}; "
        f"{number(found.two_way_wrong[0, best, 0])} with wrong pictures, "
        f"{_controls_of(found, best)}). {' '.join(told)} {_verdict(found)}"
    )


def _controls_of(found: FeatureDecoding, best: int) -> str:
    """Two-way of what stands beside the best layer."""
    line = found.layer.tolist().index(found.space[best])
    mean, *ends = found.random_two_way[0, line].tolist()
    told = [f"{number(mean)} with random weights{_spread(found, ends)}"] if mean == mean else []
    return ", ".join(told + [
        f"{number(found.two_way_mean[0, place])} by {_CONTROL[kind]}"
        for place, kind in enumerate(found.kind.tolist())
        if kind in ("pixels", "gabor")
    ])  # fmt: skip


def _spread(found: FeatureDecoding, ends: list[float]) -> str:
    """Where the draws of random weights lie."""
    if len(found.twins) < 2:
        return ""
    return f", {interval(ends)} over {len(found.twins)} draws of them"


def _against(found: FeatureDecoding, column: int, control: str) -> str:
    """Layers that do better than a control, worse, and neither."""
    sorted_out: dict[str, list[str]] = {"better": [], "worse": [], "neither": []}
    for line, layer in enumerate(found.layer.tolist()):
        gain, p = found.difference[0, line, column], found.difference_p[0, line, column]
        side = "neither" if not p < SIGNIFICANT else "better" if gain > 0 else "worse"
        sorted_out[side].append(f"{layer} ({signed(gain)})")
    better, worse, neither = (", ".join(each) for each in sorted_out.values())
    parts = [f"better for {better}" if better else "better for no layer"]
    parts += [f"worse for {worse}"] * bool(worse) + [f"not told apart for {neither}"] * bool(
        neither
    )
    return f"Compared with {_CONTROL[control]}, it is {'; '.join(parts)}."


def _verdict(found: FeatureDecoding) -> str:
    """What follows, and what does not."""
    shown = ", ".join(_beating_all(found))
    if shown and "random" in found.control.tolist():
        return f"So what the network learned counts in {shown}{_for_which_weights(found)}."
    if shown:
        return f"Better than all of these: {shown}. Nothing was learned by this network."
    return (
        "So no layer is decoded better than all of its controls: that it identifies pictures does "
        "not show that the cells are like the network."
    )


def _for_which_weights(found: FeatureDecoding) -> str:
    """For which random weights a difference holds."""
    if len(found.twins) < 2:
        return ", as far as one draw of random weights can tell"
    return " (tested for new pictures and for new draws of random weights)"


def _beating_all(found: FeatureDecoding) -> list[str]:
    """Layers that do better than every control that is there."""
    better = (found.difference[0] > 0) & (found.difference_p[0] < SIGNIFICANT)
    if not found.control.size:
        return []
    return [layer for layer, own in zip(found.layer.tolist(), better, strict=True) if own.all()]


def gains_sentence(found: FeatureDecoding) -> str:
    """How trained and random weights differ between populations; "" with one population."""
    names = found.population.tolist()
    told = []
    for row, other in enumerate(found.pair.tolist()):
        layers = ", ".join(
            f"{layer} {signed(found.gain_difference[row, line])} "
            f"({interval(found.gain_difference_ci95[row, line])})"
            for line, layer in enumerate(found.layer.tolist())
        )
        told.append(f"{names[other]} minus {names[1]}: {layers}")
    if not told:
        return ""
    return (
        " What trained weights gain over random ones, compared between populations, which "
        f"cancels how easy features are: {'; '.join(told)}."
    )


def categories_sentence(found: FeatureDecoding) -> str:
    """How well categories are told apart that trained nothing; "" without categories."""
    two_way, ends = found.category_two_way, found.category_two_way_ci95
    if two_way is None or ends is None:
        return ""
    network = [place for place, kind in enumerate(found.kind.tolist()) if kind == "network"]
    best = max(network, key=lambda place: float(two_way[place]))
    return (
        f" Categories that trained nothing are identified best by layer {found.space[best]}: "
        f"two-way {number(two_way[best])} (95 % interval "
        f"{interval(ends[best])})."
    )


def ceiling_sentence(found: FeatureDecoding) -> str:
    """What repeats allow, or that there are none."""
    known = [value for value in found.two_way_repeat[0].tolist() if value == value]
    if not known:
        return " Without repeats there is no ceiling."
    return (
        " Ceilings (open circles): what half of the trials decode, found among what the other "
        "halves decode; and the r that infinitely many trials would give."
    )
