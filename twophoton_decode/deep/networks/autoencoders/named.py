"""Autoencoders by name: NAME with its published weights, NAME@random:SEED with random ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.networks.autoencoders import taesd
from twophoton_decode.deep.networks.named import split_name
from twophoton_decode.deep.weights.find import find_weights
from twophoton_decode.deep.weights.published import Published
from twophoton_decode.deep.weights.read import read_weights
from twophoton_decode.errors import ArgumentError, UnknownNameError, WeightsError

if TYPE_CHECKING:
    import torch

_AT_ONCE = 32
KNOWLEDGE = (
    "an autoencoder: it was trained to give back any picture that it is given, takes no name of a "
    "picture, and has nothing to choose among pictures with; its detail is its own, not the cells'"
)


@dataclass(frozen=True)
class Autoencoder:
    """A kind of autoencoder, with or without weights.

    Attributes
    ----------
    encoder, decoder : callable
        Build the two networks with default initial weights.
    weights : dict of str to Published
        The files of the encoder and of the decoder, under the names by which users add them.
    channels, shrinks : int
        Channels of the code, and pixels beside one place of it.
    """

    name: str
    title: str
    encoder: Callable[[], Any]
    decoder: Callable[[], Any]
    weights: dict[str, Published]
    channels: int
    shrinks: int


def _published(file: str, sha256: str) -> Published:
    return Published(
        sha256=sha256,
        licence="MIT",
        ending=".pth",
        file_name=file,
        source="github.com/madebyollin/taesd",
    )


_BUILT_IN = {
    "taef2": Autoencoder(
        name="taef2",
        title="TAEF2, an autoencoder of pictures",
        encoder=partial(taesd.encoder, 32, pooled=True),
        decoder=partial(taesd.decoder, 32, pooled=True),
        weights={
            "taef2-encoder": _published(
                "taef2_encoder.pth",
                "10a4e1021e89d7551eaf161352da8dbd0b1aa83872ae28b150c1df1ce2f147b6",
            ),
            "taef2-decoder": _published(
                "taef2_decoder.pth",
                "0a44a31e1ae59eb9dbf9359d24942fd3ef5928162c1800d97a28c61d51be0ab5",
            ),
        },
        channels=32,
        shrinks=taesd.DOWNWARDS,
    ),
}


def known_autoencoders() -> tuple[str, ...]:
    """The names that are listed, without importing any library."""
    return tuple(_BUILT_IN)


def autoencoder_of(name: str) -> Autoencoder:
    """The kind of autoencoder of a name, with or without ``@random:SEED``."""
    base, _ = split_name(name)
    if base not in _BUILT_IN:
        raise UnknownNameError("autoencoder", base, known_autoencoders())
    return _BUILT_IN[base]


@dataclass(frozen=True, eq=False)
class OpenAutoencoder:
    """An autoencoder ready for use (see `Generator` for what each attribute is)."""

    name: str
    kind: Autoencoder
    encoder: Any
    decoder: Any
    device: torch.device
    sha256: str = ""
    drawn_by: str = ""
    knowledge: str = KNOWLEDGE

    def latent_shape(self, side: int) -> tuple[int, int, int]:
        """Channels, y and x of the code of a picture of this side, px.

        Raises
        ------
        ArgumentError
            The side is no multiple of what one place of the code stands for.
        """
        shrinks = self.kind.shrinks
        if side < shrinks or side % shrinks:
            raise ArgumentError(
                f"{self.name} takes pictures whose side is a multiple of {shrinks} px; found "
                f"{side} px. Set input_px in [deep]."
            )
        return self.kind.channels, side // shrinks, side // shrinks

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Codes, float32 (n, channels, y, x), of pictures (n, 3, side, side) or (n, side, side)."""
        shape = self.latent_shape(pictures.shape[-1])
        if pictures.ndim == 3:
            pictures = np.repeat(pictures[:, None], 3, axis=1)
        return self._through(self.encoder, pictures, shape)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Pictures, float32 (n, 3, side, side) from 0 to 1, of codes (n, channels, y, x)."""
        side = codes.shape[-1] * self.kind.shrinks
        return self._through(self.decoder, codes, (3, side, side)).clip(0, 1)

    def _through(self, network: Any, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        torch = torch_or_error()
        made = np.empty((len(values), *shape), np.float32)
        with torch.inference_mode():
            for start in range(0, len(values), _AT_ONCE):
                part = np.ascontiguousarray(values[start : start + _AT_ONCE], np.float32)
                found = network(torch.from_numpy(part).to(self.device))
                made[start : start + _AT_ONCE] = found.numpy(force=True)
        return made


def open_autoencoder(
    name: str = "taef2", weights: Path | None = None, device: str = "cpu"
) -> OpenAutoencoder:
    """Build an autoencoder and give it its weights.

    Parameters
    ----------
    name : str
    weights : Path, optional
        File or folder to look into first.
    device : str

    Raises
    ------
    UnknownNameError, MissingExtraError, DeviceError
    WeightsError
        Weights are missing, damaged, or of another network.
    """
    torch = torch_or_error()
    kind, seed, place = autoencoder_of(name), split_name(name)[1], device_of(device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed or 0)
        parts = [build().eval().requires_grad_(False) for build in (kind.encoder, kind.decoder)]
    sha256 = ""
    if seed is None:
        sha256 = " ".join(
            _loaded(part, each, kind, weights)
            for part, each in zip(parts, kind.weights, strict=True)
        )
    encoder, decoder = (part.to(place) for part in parts)
    drawn = "" if seed is None else f"torch {version('torch')}"
    return OpenAutoencoder(name, kind, encoder, decoder, place, sha256, drawn)


def _loaded(part: Any, name: str, kind: Autoencoder, weights: Path | None) -> str:
    """Give half an autoencoder its weights; the SHA-256 of their file."""
    beside = {other: each for other, each in kind.weights.items() if other != name}
    found = find_weights(name, kind.weights[name], weights, beside)
    try:
        part.load_state_dict(read_weights(found.path), strict=True)
    except RuntimeError as error:
        raise WeightsError(f"{found.path} does not fit {name}: {error}") from error
    return found.sha256
