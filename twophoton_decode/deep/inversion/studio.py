"""What inversions of one session share: network, generator, and its pictures as both see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.context import FinerPictures, SessionContext
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.inversion.critic import Critic
from twophoton_decode.deep.inversion.descent import Descent
from twophoton_decode.deep.inversion.encoder import LayerEncoder
from twophoton_decode.deep.inversion.generator import Decoded, Pixels
from twophoton_decode.deep.inversion.inversion import Inversion
from twophoton_decode.deep.networks.autoencoders.named import known_autoencoders, open_autoencoder
from twophoton_decode.deep.networks.named import open_network, split_name
from twophoton_decode.errors import UnknownNameError, WeightsError

PIXELS = "pixels"
SMOOTHNESS = 0.5
"""Weight of the total variation [ours]."""
PULL = 1.0
"""λ of the prior on codes [ours]."""
FOR_PIXELS = Descent("lbfgs", 200)
FOR_CODES = Descent("adam", 40, 0.05)
_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Studio:
    """The parts of an inversion, and features and codes of pictures, each computed once.

    Parameters
    ----------
    encoder : LayerEncoder
    generator : Decoded or None
        None: pixels.
    grey : bool
        Pictures are luma in all three channels.
    finer : FinerPictures
        Those of the session, at the encoder's side.
    """

    encoder: LayerEncoder
    generator: Decoded | None
    grey: bool
    finer: FinerPictures
    seconds: list[float] = field(default_factory=list)
    """How long pictures took that were measured."""
    _known: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What a picture follows from beside the responses and the pictures."""
        network, descent = self.encoder.reader.network, self.descent
        weights = network.sha256 or f"{network.name} {network.drawn_by}"
        coder = self.generator.autoencoder if self.generator else None
        made = coder and (coder.sha256 or f"{coder.name} {coder.drawn_by}")
        sizes = {name: unit.size for name, unit in self.encoder.reader.chosen.items()}
        return repr((weights, made, self.encoder.side, sizes, self.grey, SMOOTHNESS, PULL, descent))

    @property
    def descent(self) -> Descent:
        """How pictures are optimised."""
        return FOR_CODES if self.generator else FOR_PIXELS

    @cached_property
    def pixels(self) -> Pixels:
        """The way without a generator."""
        return Pixels(1 if self.grey else 3, self.encoder.side)

    def inversion(self, *, generator: bool = True) -> Inversion:
        """The parts put together, with the generator if there is one, or without."""
        if generator and self.generator:
            return Inversion(self.encoder, self.generator, Critic(SMOOTHNESS), FOR_CODES)
        return Inversion(self.encoder, self.pixels, Critic(SMOOTHNESS), FOR_PIXELS)

    def pictures(self, images: np.ndarray) -> np.ndarray:
        """Pictures (n, 3, side, side) from 0 to 1."""
        return np.stack([self.finer.picture(image) for image in images.tolist()])

    def layers(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Activities of each layer, (n, units)."""
        rows = self._of("layers", images, lambda shown: _joined(self.encoder.read(shown)))
        sizes = [each.size for each in self.encoder.reader.chosen.values()]
        parts = np.split(rows, np.cumsum(sizes)[:-1], axis=1)
        return dict(zip(self.encoder.names, parts, strict=True))

    def codes(self, images: np.ndarray) -> np.ndarray:
        """Codes of the generator, which has to be there, (n, …)."""
        assert self.generator is not None
        return self._of("codes", images, self.generator.autoencoder.encode)

    def _of(
        self, what: str, images: np.ndarray, make: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """What `make` gives of each picture; those that are asked for anew are kept."""
        new = [each for each in dict.fromkeys(images.tolist()) if (what, each) not in self._known]
        for start in range(0, len(new), _AT_ONCE):
            part = new[start : start + _AT_ONCE]
            made = make(self.pictures(np.array(part)))
            self._known.update({(what, each): row for each, row in zip(part, made, strict=True)})
        return np.stack([self._known[what, each] for each in images.tolist()])


def _joined(layers: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate(list(layers.values()), axis=1)


@lru_cache(maxsize=1)
def studio_of(session: SessionContext) -> Studio:
    """Network, generator and pictures as ``[deep]`` of a session says; the last one is kept.

    Raises
    ------
    UnknownNameError
        No generator or layer of that name.
    WeightsError, MissingExtraError, DeviceError
        Network or generator cannot be had, or not on this device.
    """
    deep, device = session.deep, device_of(session.deep.device)
    network = open_network(deep.networks[0], session.weights)
    encoder = LayerEncoder.of(
        network, deep.inversion_px, deep.units, device, tuple(deep.inversion_layers)
    )
    grey = deep.colour == "grey"
    generator = None
    if deep.generator != PIXELS:
        generator = Decoded(_autoencoder(session), grey)
        generator.autoencoder.latent_shape(encoder.side)
    return Studio(encoder, generator, grey, session.finer(encoder.side))


def _autoencoder(session: SessionContext) -> Any:
    """The generator; where it lacks its weights, what else can be done."""
    name = session.deep.generator
    if split_name(name)[0] not in known_autoencoders():
        known = (*known_autoencoders(), PIXELS)
        raise UnknownNameError("generator", name, known, "deep.generator")
    try:
        return open_autoencoder(name, session.weights, session.deep.device)
    except WeightsError as error:
        raise WeightsError(
            f'{error} Without a generator: generator = "{PIXELS}" in [deep] optimises pixels.'
        ) from error
