"""A file's tensors and a network's own: paired in order, or by name, and checked by shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.errors import WeightsError
from twophoton_decode.visible import visible

_NAMED = 10
_LONGEST = 60
_PARALLEL = "module."
_COUNTER = "num_batches_tracked"


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
    """What ``load_state_dict`` takes: every tensor of the network under its own name, no other.

    Networks that were trained on several GPUs have ``module.`` before every name. Counters of
    batches, which change nothing, may be missing.

    Raises
    ------
    WeightsError
        Tensors are missing, are not of the network, or have another shape; all are named.
    """
    own = network.state_dict()
    if held and all(name.startswith(_PARALLEL) for name in held):
        held = {name.removeprefix(_PARALLEL): each for name, each in held.items()}
    counters = {name: each for name, each in own.items() if name.endswith(_COUNTER)}
    held = {**{name: each for name, each in counters.items() if name not in held}, **held}
    shapes = {name: tuple(each.shape) for name, each in held.items()}
    faults = {
        "missing": [name for name in own if name not in held],
        "unexpected": [name for name in held if name not in own],
        "of another shape": [
            f"{name} {shapes[name]}, not {tuple(each.shape)}"
            for name, each in own.items()
            if name in held and shapes[name] != tuple(each.shape)
        ],
    }
    told = [f"{what}: {_listed(names)}" for what, names in faults.items() if names]
    if told:
        raise WeightsError(f"its tensors are not those of the network; {'; '.join(told)}.")
    return dict(held)


def _listed(names: list[str]) -> str:
    shown = [visible(each[:_LONGEST]) for each in names[:_NAMED]]
    more = len(names) - len(shown)
    return f"{len(names)} ({', '.join(shown)}{f' and {more} more' if more else ''})"
