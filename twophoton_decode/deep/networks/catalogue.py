"""Every file of weights that the program knows, by the name under which users add it."""

from __future__ import annotations

from twophoton_decode.deep.networks.autoencoders.named import autoencoder_of, known_autoencoders
from twophoton_decode.deep.networks.named import architecture_of, known_networks
from twophoton_decode.deep.weights.published import Published
from twophoton_decode.errors import UsageError


def listed_files() -> dict[str, Published]:
    """Those that are listed: of every network one, of an autoencoder one for each half."""
    found = {name: architecture_of(name).weights for name in known_networks()}
    found |= _halves()
    return {name: each for name, each in found.items() if each is not None}


def published_file(name: str) -> Published:
    """The file of weights of that name.

    Raises
    ------
    UnknownNameError
    UsageError
        The name is that of an autoencoder, which has two files, or no weights are known.
    """
    if name in known_autoencoders():
        halves = list(autoencoder_of(name).weights)
        raise UsageError(
            f"{name} has {len(halves)} files: add them as {' and '.join(halves)}, each with --file."
        )
    published = _halves().get(name) or architecture_of(name).weights
    if published is None:
        raise UsageError(f"{name}: no weights are known that can be checked.")
    return published


def _halves() -> dict[str, Published]:
    return {
        half: published
        for name in known_autoencoders()
        for half, published in autoencoder_of(name).weights.items()
    }
