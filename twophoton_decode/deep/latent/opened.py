"""The networks that the decoders of a session share, each opened once for all folds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.latent.codes import Remembered
from twophoton_decode.deep.latent.content import last_layer
from twophoton_decode.deep.latent.denoiser.file import Denoiser, read_denoiser
from twophoton_decode.deep.networks.autoencoders.generator import Generator
from twophoton_decode.deep.networks.autoencoders.named import known_autoencoders, open_autoencoder
from twophoton_decode.deep.networks.named import open_network, split_name
from twophoton_decode.errors import UnknownNameError, WeightsError


@lru_cache(maxsize=2)
def opened_codes(name: str, weights: Path | None, device: str) -> tuple[Generator, Remembered]:
    """The generator of ``[deep]``, which has to have codes, and the codes it has made.

    Errors are those of `open_autoencoder`.
    """
    if split_name(name)[0] not in known_autoencoders():
        # "pixels" is one for other decoders: the error names the setting.
        kind = "autoencoder, whose codes are decoded,"
        raise UnknownNameError(kind, name, known_autoencoders(), "deep.generator")
    generator = open_autoencoder(name, weights, device)
    return generator, Remembered(generator.encode, f"pictures through {name}")


@dataclass(frozen=True, eq=False)
class OpenedDenoiser:
    """A denoiser, and the features of pictures that its conditions are made of."""

    denoiser: Denoiser
    features: Remembered


@lru_cache(maxsize=2)
def opened_denoiser(file: Path, weights: Path | None, device: str) -> OpenedDenoiser:
    """A denoiser of a file with the network that it was trained beside.

    Raises
    ------
    WeightsError
        The file is damaged, or the network's weights are others than those it was trained beside.
    """
    denoiser = read_denoiser(file)
    origin = denoiser.origin
    network = open_network(origin.network, weights)
    if network.sha256 != origin.network_sha256:
        raise WeightsError(
            f"{file} was trained beside {origin.network} with weights {origin.network_sha256}, "
            f"but {network.sha256} are found here. Train a denoiser with these."
        )
    denoiser.network.to(device_of(device))
    make = last_layer(network, origin.network_px, device).features
    return OpenedDenoiser(denoiser, Remembered(make, f"pictures through {origin.network}"))


def refuse_other_codes(
    file: Path, denoiser: Denoiser, generator: Generator, side: int, grey: bool
) -> None:
    """`WeightsError` where a denoiser knows other codes than those that are decoded."""
    origin = denoiser.origin
    trained = origin.autoencoder, origin.autoencoder_sha256, origin.side, origin.grey
    here = generator.name, generator.sha256, side, grey
    what = "autoencoder", "its SHA-256", "side in px", "grey pictures"
    differ = [
        f"{name} {then!r} there, {now!r} here"
        for name, then, now in zip(what, trained, here, strict=True)
        if then != now
    ]
    if differ:
        raise WeightsError(
            f"{file} was trained for other codes: {'; '.join(differ)}. Change generator, input_px "
            "or colour in [deep], or train another: `tpdecode deep train-denoiser FOLDER -o FILE`."
        )
