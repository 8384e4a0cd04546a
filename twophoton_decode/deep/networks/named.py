"""Networks by name: NAME with its published weights, NAME@random:SEED with random ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.networks import (
    attention_branch,
    dinov2_small,
    efficientnet_lite,
    mouse_vision,
    torchvision_nets,
)
from twophoton_decode.deep.networks.architecture import Architecture
from twophoton_decode.deep.weights.find import find_weights
from twophoton_decode.deep.weights.read import read_weights
from twophoton_decode.errors import UnknownNameError, UsageError, WeightsError

if TYPE_CHECKING:
    from torch import nn

_RANDOM = re.compile(r"(?P<name>[^@]+)@random:(?P<seed>0|[1-9][0-9]{0,8})")
_BUILT_IN = {
    each.name: each
    for family in (efficientnet_lite, dinov2_small, attention_branch, mouse_vision)
    for each in family.ARCHITECTURES
}


@dataclass(frozen=True)
class Network:
    """A network ready for use: evaluation mode, weights in place, on the CPU.

    Attributes
    ----------
    name : str
        With ``@random:SEED`` where its weights are random.
    sha256 : str
        Of the file of weights; empty where they are random.
    drawn_by : str
        The libraries that drew random weights, with their versions; empty for weights of a file.
    """

    name: str
    architecture: Architecture
    module: nn.Module
    sha256: str
    drawn_by: str = ""


def known_networks() -> tuple[str, ...]:
    """The names that are listed, without importing any library."""
    return (*_BUILT_IN, *torchvision_nets.USUAL)


def split_name(name: str) -> tuple[str, int | None]:
    """Architecture and seed of its random weights, None for published ones.

    Raises
    ------
    UsageError
        What stands behind an @ is not ``random:SEED``.
    """
    if "@" not in name:
        return name, None
    match = _RANDOM.fullmatch(name)
    if match is None:
        raise UsageError(
            f"the network {name!r}: expected NAME@random:SEED, such as "
            "efficientnet-lite0@random:0; SEED has up to nine digits 0 to 9, no zero in front."
        )
    return match["name"], int(match["seed"])


def random_twin(name: str, seed: int = 0) -> str:
    """The network of the same architecture with random weights."""
    return f"{split_name(name)[0]}@random:{seed}"


def random_twins(name: str, count: int) -> list[str]:
    """`count` of them with seeds from 0; none of a network whose own weights are random."""
    if split_name(name)[1] is not None:
        return []
    return [random_twin(name, seed) for seed in range(count)]


def file_name(name: str) -> str:
    """The name of a network as part of a file's name."""
    return name.replace("@random:", "-random-")


def architecture_of(name: str) -> Architecture:
    """The architecture of a network's name.

    Raises
    ------
    UnknownNameError
        Neither this program nor torchvision has one of that name.
    """
    base, _ = split_name(name)
    if base in _BUILT_IN:
        return _BUILT_IN[base]
    if not torchvision_nets.is_known(base):
        listed = (*known_networks(), "others of torchvision")
        raise UnknownNameError("network", base, listed, unlisted=torchvision_nets.all_names())
    return torchvision_nets.architecture(base)


def open_network(name: str, weights: Path | None = None, beside: Sequence[str] = ()) -> Network:
    """Build a network and give it its weights.

    Parameters
    ----------
    name : str
    weights : Path, optional
        File or folder to look into first.
    beside : sequence of str
        Other networks of the same command, which the file may be meant for instead.

    Raises
    ------
    UnknownNameError, MissingExtraError
    WeightsError
        Weights are missing, damaged, or of another network.
    """
    torch = torch_or_error()
    base, seed = split_name(name)
    architecture = architecture_of(base)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0 if seed is None else seed)
        module = architecture.build().eval().requires_grad_(False)
    if seed is not None:
        return Network(name, architecture, module, "", _drawn_by(architecture))
    if architecture.weights is None:
        raise WeightsError(
            f"{name}: no weights are known that can be checked. {random_twin(name)} needs none."
        )
    others = {each: architecture_of(each).weights for each in beside if split_name(each)[1] is None}
    known = {each: weights for each, weights in others.items() if weights and each != name}
    found = find_weights(name, architecture.weights, weights, known)
    _load(architecture, module, found.path)
    return Network(name, architecture, module, found.sha256)


def refuse_unfit(name: str, file: Path) -> None:
    """`WeightsError` where a file does not hold the weights of a network, by what it holds."""
    architecture = architecture_of(name)
    _load(architecture, architecture.build(), file)


def _load(architecture: Architecture, module: nn.Module, file: Path) -> None:
    """Give a network the weights of a file."""
    held = read_weights(file)
    try:
        module.load_state_dict(architecture.fitted(module, held), strict=True)
    except (RuntimeError, WeightsError) as error:
        raise WeightsError(f"{file} does not fit {architecture.name}: {error}") from error


def _drawn_by(architecture: Architecture) -> str:
    """What random weights follow from beside the seed: other versions may draw others."""
    return ", ".join(
        f"{name} {version(name)}" for name in dict.fromkeys(("torch", architecture.library))
    )
