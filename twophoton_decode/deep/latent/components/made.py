"""The components of a session's pictures, with and without a denoiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.near_duplicates import NEAR_DUPLICATE
from twophoton_decode.deep.latent.codes import Remembered
from twophoton_decode.deep.latent.components.component import (
    PIXELS,
    C,
    Component,
    Z,
    some_units,
)
from twophoton_decode.deep.latent.components.path import (
    CODE_PLACE,
    Codes,
    noised_codes,
    path_components,
)
from twophoton_decode.deep.latent.content import last_layer
from twophoton_decode.deep.latent.denoiser.file import Denoiser
from twophoton_decode.deep.latent.denoiser.pictures import refuse_known
from twophoton_decode.deep.latent.opened import (
    opened_codes,
    opened_denoiser,
    refuse_other_codes,
)
from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.progress import Progress, silent

_CONTENT_PLACE = CODE_PLACE + 1


@dataclass(frozen=True, eq=False)
class Content:
    """What c is, of every picture.

    Attributes
    ----------
    value : ndarray, shape (picture, component)
    name : str
        The network and its layer, and how many values.
    """

    value: np.ndarray
    name: str


@dataclass(frozen=True, eq=False)
class MadeComponents:
    """Components, and where they come from."""

    components: list[Component]
    generator: Generator
    content: str
    denoiser: Denoiser | None
    notes: Sequence[str]


def components_of(
    session: SessionContext, working: np.ndarray, seed: int, progress: Progress = silent
) -> MadeComponents:
    """Pixels, z and c of the session's pictures; with a denoiser, its stages too.

    Parameters
    ----------
    session : SessionContext
        Told the different pictures.
    working : ndarray, shape (picture, y, x)
        The same at working size.
    seed : int
        Of noise and random weights.

    Raises
    ------
    WeightsError
        Weights are missing, or the denoiser was made for others.
    TrainingError
        The denoiser was trained with some of the pictures.
    """
    deep = session.deep
    finer = session.finer(max(deep.input_px, *working.shape[1:]))
    pictures = np.stack([finer.picture(each) for each in range(len(working))])
    generator, remembered = opened_codes(deep.generator, session.weights, deep.device)
    denoiser, content = _content(session, pictures, generator, progress)
    codes = remembered.of(pictures, progress)
    standard = denoiser.scale.standard(codes) if denoiser else codes
    made = [
        Component(PIXELS, working.reshape(len(working), -1)),
        Component(Z, some_units(standard, deep.units, CODE_PLACE)),
        Component(C, some_units(content.value, deep.units, _CONTENT_PLACE)),
    ]
    if denoiser:
        given = Codes.of(standard, content.value, seed)
        made += noised_codes(given, deep.units)
        made += path_components(denoiser, given, deep.units, seed, progress)
    return MadeComponents(made, generator, content.name, denoiser, finer.notes)


def _content(
    session: SessionContext, pictures: np.ndarray, generator: Generator, progress: Progress
) -> tuple[Denoiser | None, Content]:
    """c of every picture, as the denoiser is told it; without one, a network's last layer."""
    deep, file = session.deep, session.denoiser
    if file is None:
        network = open_network(deep.networks[0], session.weights)
        layer = last_layer(network, deep.input_px, deep.device)
        make = Remembered(layer.features, f"pictures through {network.name}")
        return None, Content(make.of(pictures, progress), f"{network.name}, layer {layer.name}")
    found = opened_denoiser(file, session.weights, deep.device)
    _refuse(file, found.denoiser, generator, pictures, deep.colour == "grey")
    components = found.denoiser.components(found.features.of(pictures, progress))
    origin = found.denoiser.origin
    name = f"{components.shape[1]} components of {origin.network}, layer {origin.layer}"
    return found.denoiser, Content(components, name)


def _refuse(
    file: Path, denoiser: Denoiser, generator: Generator, pictures: np.ndarray, grey: bool
) -> None:
    refuse_other_codes(file, denoiser, generator, pictures.shape[-1], grey)
    refuse_known(denoiser, pictures, NEAR_DUPLICATE, str(file))
