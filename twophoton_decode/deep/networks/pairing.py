"""Weights under other names: paired with a network's own in order, and checked by shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.errors import WeightsError


def in_order(network: Any, held: Mapping[str, Any]) -> dict[str, Any]:
    """What ``load_state_dict`` takes: the n-th tensor of the file for the n-th of the network.

    Raises
    ------
    WeightsError
        Other numbers of tensors, or a pair whose shapes differ.
    """
    own = network.state_dict()
    if len(own) != len(held):
        raise WeightsError(
            f"the file holds {len(held)} tensors, the network has {len(own)}: these are weights "
            "of another network."
        )
    for (name, mine), (other, theirs) in zip(own.items(), held.items(), strict=True):
        if tuple(mine.shape) != tuple(theirs.shape):
            raise WeightsError(
                f"{name} is {tuple(mine.shape)} in the network, but {other} in the file is "
                f"{tuple(theirs.shape)}: these are weights of another network."
            )
    return dict(zip(own, held.values(), strict=True))
