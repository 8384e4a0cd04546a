"""Tensors of a file paired with a network's own, in order or by name, and checked by shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.errors import WeightsError

_NAMED = 3


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


def by_name(network: Any, held: Mapping[str, Any]) -> dict[str, Any]:
    """What ``load_state_dict`` takes of a file with the network's own names.

    Names may begin with ``module.``, as those of networks that were trained on several devices.

    Raises
    ------
    WeightsError
        Tensors that are missing, of another shape, or not the network's; they are named.
    """
    own = network.state_dict()
    given = {name.removeprefix("module."): value for name, value in held.items()}
    wrong = [
        f"{name} is {tuple(given[name].shape)}, not {tuple(own[name].shape)}"
        for name in own
        if name in given and own[name].shape != given[name].shape
    ]
    faults = {
        "it lacks": [name for name in own if name not in given],
        "it holds besides": [name for name in given if name not in own],
        "of another shape": wrong,
    }
    said = [f"{what}: {_first(names)}" for what, names in faults.items() if names]
    if said:
        raise WeightsError(f"these are weights of another network; {'; '.join(said)}.")
    return given


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
