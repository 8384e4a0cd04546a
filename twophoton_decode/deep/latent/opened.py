"""The autoencoder that decoders of a session share, with the codes it has made."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from twophoton_decode.deep.latent.codes import RememberedCodes
from twophoton_decode.deep.networks.autoencoders.named import open_autoencoder


@lru_cache(maxsize=2)
def opened(name: str, weights: Path | None, device: str) -> RememberedCodes:
    """Opened once for all folds; errors are those of `open_autoencoder`."""
    return RememberedCodes(open_autoencoder(name, weights, device))
