"""The file of a trained denoiser: plain arrays and a line of JSON; nothing in it is ever run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.latent.denoiser.condition import Components
from twophoton_decode.deep.latent.denoiser.unet import Shape, build
from twophoton_decode.deep.weights.find import sha256_of
from twophoton_decode.errors import WeightsError
from twophoton_decode.files.atomic import replacing

FORMAT = 1
THUMBNAIL_PX = 32
_WEIGHT = "weight/"
_HOW = "Make one with `tpdecode deep train-denoiser FOLDER -o FILE`."


@dataclass(frozen=True)
class Origin:
    """What a denoiser was made of and for; a decoder that has other parts refuses it.

    Attributes
    ----------
    autoencoder, autoencoder_sha256 : str
        Whose codes it knows.
    side : int
        Of the pictures, px.
    grey : bool
        Whether pictures were brought to luma.
    network, network_sha256, layer : str
        What conditions are made of.
    network_px : int
        Side of the pictures that this network was given.
    width : int
        See `unet.Shape`.
    pictures : int
        Trained with, those held out included.
    pictures_digest : str
        A hash of their pixels.
    seed, steps, best_step : int
        The training: its seed, the steps that were done, and the one whose weights are here.
    loss, first_loss : float
        On pictures that were held out: with these weights, and before training.
    """

    autoencoder: str
    autoencoder_sha256: str
    side: int
    grey: bool
    network: str
    network_sha256: str
    layer: str
    network_px: int
    width: int
    pictures: int
    pictures_digest: str
    seed: int
    steps: int
    best_step: int
    loss: float
    first_loss: float


@dataclass(frozen=True, eq=False)
class CodeScale:
    """Mean and standard deviation of codes in each channel, (channels,)."""

    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def of(cls, codes: np.ndarray) -> Self:
        """Of codes (n, channels, y, x)."""
        mean, sd = (each(axis=(0, 2, 3), dtype=np.float64) for each in (codes.mean, codes.std))
        return cls(mean.astype(np.float32), np.where(sd > 0, sd, 1).astype(np.float32))

    def standard(self, codes: np.ndarray) -> np.ndarray:
        """Codes with mean 0 and SD 1 in each channel."""
        return np.asarray((codes - self.mean[:, None, None]) / self.sd[:, None, None], np.float32)

    def back(self, standard: np.ndarray) -> np.ndarray:
        """Codes of standardised ones."""
        return np.asarray(standard * self.sd[:, None, None] + self.mean[:, None, None], np.float32)


@dataclass(frozen=True, eq=False)
class Denoiser:
    """A denoiser ready for use, or to be written.

    Attributes
    ----------
    network : torch.nn.Module
        In evaluation mode.
    origin : Origin
    scale : CodeScale
    components : Components
    thumbnail : ndarray of uint8, shape (pictures, 32, 32)
        The pictures it was trained with, by which test pictures among them are found.
    sha256 : str
        Of the file it was read from; empty before.
    """

    network: Any
    origin: Origin
    scale: CodeScale
    components: Components
    thumbnail: np.ndarray
    sha256: str = ""

    def write(self, file: Path) -> None:
        """Write it, whole or not at all."""
        arrays: dict[str, Any] = {
            f"{_WEIGHT}{name}": value.detach().cpu().numpy()
            for name, value in self.network.state_dict().items()
        }
        arrays |= {
            "format": np.array(FORMAT),
            "origin": np.array(json.dumps(asdict(self.origin))),
            "code_mean": self.scale.mean,
            "code_sd": self.scale.sd,
            "condition_mean": self.components.mean,
            "condition_direction": self.components.direction,
            "thumbnail": self.thumbnail,
        }
        with replacing(file) as temporary, temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)


def read_denoiser(file: Path) -> Denoiser:
    """The denoiser in `file`.

    Raises
    ------
    WeightsError
        There is no such file, or it is damaged, not safe to read, or no denoiser's.
    """
    if not file.is_file():
        raise WeightsError(f"{file}: there is no such file of a denoiser. {_HOW}")
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        if int(arrays["format"]) != FORMAT:
            raise ValueError(f"its format is {arrays['format']}, expected {FORMAT}")
        return _from(arrays, sha256_of(file))
    except Exception as error:
        # Damage shows in many ways.
        raise WeightsError(f"{file} cannot be read as a denoiser: {error}. {_HOW}") from error


def _from(arrays: Mapping[str, np.ndarray], sha256: str) -> Denoiser:
    torch = torch_or_error()
    told = json.loads(str(arrays["origin"]))
    origin = Origin(**{each.name: told[each.name] for each in fields(Origin)})
    components = Components(arrays["condition_mean"], arrays["condition_direction"])
    scale = CodeScale(arrays["code_mean"], arrays["code_sd"])
    network = build(Shape(len(scale.mean), 2 * components.count, origin.width), 0)
    weights = {
        name.removeprefix(_WEIGHT): torch.from_numpy(value)
        for name, value in arrays.items()
        if name.startswith(_WEIGHT)
    }
    if not all(bool(torch.isfinite(each).all()) for each in weights.values()):
        raise ValueError("some of its weights are not finite")
    network.load_state_dict(weights, strict=True)
    network.eval().requires_grad_(False)
    return Denoiser(network, origin, scale, components, arrays["thumbnail"], sha256)
