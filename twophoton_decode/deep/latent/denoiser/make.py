"""From a folder of pictures to the file of a denoiser, resumed where it was interrupted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.features.cache import FeatureCache, key_of
from twophoton_decode.deep.latent.content import LastLayer, last_layer
from twophoton_decode.deep.latent.denoiser.file import Denoiser, Origin
from twophoton_decode.deep.latent.denoiser.pictures import TrainingPictures, training_pictures
from twophoton_decode.deep.latent.denoiser.train import Examples, Result, train_denoiser
from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.deep.networks.autoencoders.named import open_autoencoder
from twophoton_decode.deep.networks.named import Network, open_network
from twophoton_decode.deep.training.loop import Budget
from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.colour_pictures import ColourPictures

_AT_ONCE = 16
LEARNING_RATE = 1e-3
_CHECK_EVERY, _PATIENCE = 250, 8


@dataclass(frozen=True)
class Choice:
    """How a denoiser is made.

    Attributes
    ----------
    autoencoder, network : str
        Of codes and of conditions; both may be NAME@random:SEED.
    side : int
        Of the pictures, px.
    grey : bool
        Whether pictures are brought to luma.
    width : int
        See `unet.Shape`.
    steps, seed : int
        Of training.
    device : str
    weights : Path or None
        File or folder of weights to look into first.
    """

    autoencoder: str = "taef2"
    network: str = "efficientnet-lite0"
    side: int = 128
    grey: bool = True
    width: int = 48
    steps: int = 4000
    seed: int = 0
    device: str = "cpu"
    weights: Path | None = None


@dataclass(frozen=True, eq=False)
class Made:
    """A denoiser that was written, and what a reader must know of it."""

    denoiser: Denoiser
    notes: list[str]


def unfinished(file: Path) -> Path:
    """The folder of what has been learned so far for a denoiser that will be `file`."""
    return file.with_name(f".{file.name}.unfinished")


def make_denoiser(
    pictures: ColourPictures, file: Path, choice: Choice, progress: Progress = silent
) -> Made:
    """Train on `pictures` and write `file`; an interrupted call is gone on from.

    Raises
    ------
    TrainingError
        Too few pictures, all alike, or a loss that is not a number.
    WeightsError, DeviceError, UnknownNameError, MissingExtraError
        A network cannot be had, or not on this device.
    KeyboardInterrupt
        After what was made and learned so far has been kept in `unfinished`.
    """
    generator = open_autoencoder(choice.autoencoder, choice.weights, choice.device)
    generator.latent_shape(choice.side)
    network = open_network(choice.network, choice.weights)
    layer = last_layer(network, choice.side, choice.device)
    read = training_pictures(pictures, choice.side, choice.grey, progress)
    cache = FeatureCache(unfinished(file))
    codes, features = (
        _kept(make, name, read.value, cache, progress)
        for make, name in (
            (generator.encode, f"{generator.name} {generator.sha256} {generator.drawn_by}"),
            (layer.features, f"{network.name} {network.sha256} {network.drawn_by}"),
        )
    )
    examples = Examples(codes, features, read.content)
    budget = Budget(choice.steps, LEARNING_RATE, _CHECK_EVERY, _PATIENCE)
    run = TrainingRun(unfinished(file) / "learned", progress, choice.seed, choice.device)
    result = train_denoiser(examples, choice.width, budget, run)
    origin = _origin(choice, generator, network, layer, read, result)
    found = Denoiser(result.network, origin, result.scale, result.components, read.thumbnails)
    found.write(file)
    shutil.rmtree(unfinished(file), ignore_errors=True)
    notes = [*read.notes, *cache.notes, *result.trained.notes, *_learned(origin)]
    return Made(found, notes)


def _kept(
    make: Callable[[np.ndarray], np.ndarray],
    name: str,
    pictures: np.ndarray,
    cache: FeatureCache,
    progress: Progress,
) -> np.ndarray:
    """What `make` gives for pictures, some at a time, from the cache where it is there."""
    found: list[np.ndarray] = []
    for start in range(0, len(pictures), _AT_ONCE):
        progress(start, len(pictures), f"pictures through {name.split()[0]}")
        part = pictures[start : start + _AT_ONCE]
        shape = make(part[:1]).shape[1:] if not found else found[0].shape[1:]
        key = key_of(name, part)
        rows = cache.get(key)
        if rows is None or rows.shape != (len(part), int(np.prod(shape))):
            rows = make(part).reshape(len(part), -1)
            cache.put(key, rows)
        found.append(rows.reshape(len(part), *shape))
    return np.concatenate(found)


def _origin(
    choice: Choice,
    generator: Generator,
    network: Network,
    layer: LastLayer,
    read: TrainingPictures,
    result: Result,
) -> Origin:
    trained = result.trained
    return Origin(
        autoencoder=generator.name,
        autoencoder_sha256=generator.sha256,
        side=choice.side,
        grey=choice.grey,
        network=network.name,
        network_sha256=network.sha256,
        layer=layer.name,
        network_px=layer.side,
        width=choice.width,
        pictures=len(read.value),
        pictures_digest=read.digest,
        seed=choice.seed,
        steps=trained.steps,
        best_step=trained.best_step,
        loss=float(trained.held_out.min()),
        first_loss=float(trained.held_out[0]),
    )


def _learned(origin: Origin) -> list[str]:
    if origin.best_step:
        return []
    return [
        "no step lowered the loss on pictures that were held out: the denoiser only shrinks codes "
        "towards their mean. Give more pictures, or more steps."
    ]
