"""Draws of random weights: the spaces a layer is compared with, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import usable_layers
from twophoton_decode.deep.comparison.decoding.scores import LayerScores
from twophoton_decode.deep.comparison.decoding.spaces import NETWORK, RANDOM, Space


def usable_spaces(
    spaces: Sequence[Space], fold: np.ndarray
) -> tuple[dict[str, np.ndarray], list[str]]:
    """As `usable_layers`; what is left out of twins is said once for all draws of a layer."""
    usable, notes = usable_layers(
        {each.key: each.features for each in spaces if each.kind != RANDOM}, fold
    )
    twins = {each.key: each for each in spaces if each.kind == RANDOM}
    kept = usable_layers({key: each.features for key, each in twins.items()}, fold)[0]
    for name in dict.fromkeys(each.name for each in twins.values()):
        left = [
            each.features.shape[1] - len(kept.get(key, ()))
            for key, each in twins.items()
            if each.name == name
        ]
        if any(left):
            units = next(each.features.shape[1] for each in twins.values() if each.name == name)
            span = f"{min(left)} to {max(left)}" if min(left) < max(left) else f"{left[0]}"
            notes.append(
                f"{span} of {units} units of layer {name} with random weights are left out: they "
                "are the same for all training pictures of a fold."
            )
    return usable | kept, notes


def controls_of(spaces: Sequence[Space], layer: Space, control: str) -> list[int]:
    """The spaces that a layer is compared with: of random weights every draw."""
    return [
        place
        for place, space in enumerate(spaces)
        if space.kind == control and (control != RANDOM or space.name == layer.name)
    ]


def two_way_of(scores: Sequence[LayerScores], places: Sequence[int]) -> np.ndarray:
    """Of some spaces, (images, spaces)."""
    return np.stack([scores[place].two_way for place in places], axis=1)


def twin_fields(
    spaces: Sequence[Space], scores: Mapping[str, Sequence[LayerScores]]
) -> dict[str, Any]:
    """Mean, lowest and highest of the twins of every layer; NaN without twins.

    Parameters
    ----------
    scores : mapping
        Of every space, by population.
    """
    twins = [controls_of(spaces, space, RANDOM) for space in spaces if space.kind == NETWORK]

    def spread(of: Callable[[LayerScores], Any], like: Any) -> np.ndarray:
        return np.array([
            [_spread(np.array([of(row[place]) for place in places]), like) for places in twins]
            for row in scores.values()
        ])  # fmt: skip

    some = next(iter(scores.values()))[0]
    return {
        "random_two_way": spread(lambda each: np.nanmean(each.two_way), np.nan),
        "random_unit_r": spread(lambda each: each.match.mean(), np.nan),
        "random_top1": spread(
            lambda each: each.top1.mean(axis=0), np.full(some.top1.shape[1], np.nan)
        ),
    }


def _spread(values: np.ndarray, like: Any) -> np.ndarray:
    """Mean, lowest and highest along the first axis, put last."""
    if not len(values):
        values = np.array([like])
    return np.stack([values.mean(axis=0), values.min(axis=0), values.max(axis=0)], axis=-1)
