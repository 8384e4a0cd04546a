"""What a picture is about: the last layer of a network, and its components decoded from cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.features.layers import LayerReader
from twophoton_decode.deep.latent.left_out_ridge import LeftOutRidge
from twophoton_decode.stimulus.enlarging import enlarged
from twophoton_decode.stimulus.pictures import area_weights

if TYPE_CHECKING:
    from twophoton_decode.deep.networks.named import Network


@dataclass(frozen=True, eq=False)
class LastLayer:
    """The last layer of a network, all of its units.

    Attributes
    ----------
    name : str
    side : int
        Of the pictures that the network is given, px.
    """

    name: str
    side: int
    _reader: LayerReader

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """Activities (n, units) of pictures (n, 3, any, any) from 0 to 1."""
        read = self._reader.read(_resized(pictures, self.side))
        return read[:, -len(self._reader.chosen[self.name]) :]


def last_layer(network: Network, wanted_px: int, device: str) -> LastLayer:
    """The last layer of `network`, given pictures of about `wanted_px`."""
    side = network.architecture.side(wanted_px)
    # One unit of each layer before it: a reader reads them all.
    reader = LayerReader(network, side, 1, device_of(device))
    name = list(reader.shape)[-1]
    reader.chosen[name] = np.arange(math.prod(reader.shape[name]))
    return LastLayer(name, side, reader)


def _resized(pictures: np.ndarray, side: int) -> np.ndarray:
    before = pictures.shape[-1]
    if before <= side:
        return np.ascontiguousarray(enlarged(pictures, side), np.float32)
    weights = area_weights(before, side)
    return np.ascontiguousarray(weights @ pictures @ weights.T, np.float32)


@dataclass(frozen=True, eq=False)
class Decoded:
    """How left-out decoded components are, each (components,).

    Attributes
    ----------
    spread : ndarray
        Their standard deviation.
    reliability : ndarray
        Their correlation with the true ones, 0 where it is negative.
    """

    spread: np.ndarray
    reliability: np.ndarray

    @classmethod
    def of(cls, decoded: np.ndarray, true: np.ndarray) -> Self:
        """From components (images, components), decoded and true."""
        a, b = (each - each.mean(axis=0) for each in (decoded, true))
        spread, own = (np.sqrt((each**2).mean(axis=0, dtype=float)) for each in (a, b))
        product = spread * own
        r = np.divide((a * b).mean(axis=0), product, out=np.zeros_like(product), where=product > 0)
        return cls(spread, np.clip(r, 0, 1))


@dataclass(frozen=True, eq=False)
class DecodedContent:
    """Responses to components of the last layer, fitted to the training images of one fold.

    Attributes
    ----------
    ridge : LeftOutRidge
    true_spread : ndarray, shape (components,)
        Standard deviation of the components of training images.
    single, average : Decoded
        From single trials, and from means over all trials of an image.
    share : float
        The mean of 1 / trials over images.
    """

    ridge: LeftOutRidge
    true_spread: np.ndarray
    single: Decoded
    average: Decoded
    share: float

    @classmethod
    def fit(cls, training: TrainingResponses, components: np.ndarray) -> Self:
        """Fit components (images, components), one row for each target of `training`."""
        ridge = LeftOutRidge.fit(training, components)
        single = Decoded.of(ridge.left_out(ridge.of_single), ridge.targets[training.target])
        average = Decoded.of(ridge.left_out(ridge.of_average), ridge.targets)
        share = float(np.mean(1 / training.repeats))
        return cls(ridge, ridge.targets.std(axis=0, dtype=float), single, average, share)

    def components(self, R: np.ndarray, trials: int) -> tuple[np.ndarray, np.ndarray]:
        """Components (n, components) of means over so many trials, and how reliable each is.

        They are brought to the standard deviation of training images; those that ridge does not
        decode stand at their mean.
        """
        spread, reliability = self._decoded(trials)
        usable = spread > 1e-6 * self.true_spread
        gain = np.divide(self.true_spread, spread, out=np.zeros_like(spread), where=usable)
        return self.ridge.mean + self.ridge.deviation(R) * gain, np.where(usable, reliability, 0)

    def _decoded(self, trials: int) -> tuple[np.ndarray, np.ndarray]:
        """Spread and reliability, between those of single trials and of averages."""
        if self.share > 1 - 1e-9:
            return self.single.spread, self.single.reliability
        along = float(np.clip((1 / trials - self.share) / (1 - self.share), 0, 1))
        spread = along * self.single.spread + (1 - along) * self.average.spread
        reliability = along * self.single.reliability + (1 - along) * self.average.reliability
        return spread, reliability
