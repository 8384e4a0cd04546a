"""The detector that comes with the program: plain numbers in one file, known by its SHA-256."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch

from twophoton_decode.deep.microscope.context.detector import FieldDetector, detector
from twophoton_decode.errors import WeightsError

FILE: Final = Path(__file__).with_name("field_detector.npz")
SHA256: Final = "d74286248ead6c87fdc4cb6fb70f4af45cdf1f316fe232c7e1f394b34d5b9197"
"""Of the file that ``benchmarks/deep/context.py --ship`` wrote: seed 0, 400 fields, 600 steps."""


@lru_cache(maxsize=1)
def shipped_detector() -> FieldDetector:
    """The detector that was trained on simulated fields.

    Raises
    ------
    WeightsError
        The file is gone, or not the one that was shipped.
    """
    try:
        held = FILE.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{FILE} cannot be read ({error.strerror}): install tpdecode again."
        ) from error
    found = hashlib.sha256(held).hexdigest()
    if found != SHA256:
        raise WeightsError(
            f"{FILE} is not the file that was shipped: its SHA-256 is {found}, expected {SHA256}. "
            "Install tpdecode again."
        )
    with np.load(io.BytesIO(held), allow_pickle=False) as arrays:
        return unpacked(dict(arrays))


def packed(model: FieldDetector) -> bytes:
    """The weights as a file of half-precision numbers; the same weights give the same bytes."""
    arrays = {
        name: value.detach().numpy().astype(np.float16) for name, value in model.named_parameters()
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def unpacked(arrays: dict[str, np.ndarray]) -> FieldDetector:
    """A detector with these weights, ready to judge."""
    model = detector()
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(torch.from_numpy(arrays[name].astype(np.float32)))
    return model.eval()
